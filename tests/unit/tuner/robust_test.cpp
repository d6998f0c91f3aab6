// SPDX-License-Identifier: Apache-2.0
#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace dodona {
namespace {

// A study in memory has no directory.
TEST(Robust, IsTheOrderOfWhatAModelExpects) {
  for (const char* oracle : {"bayesian", "random"}) {
    TunerOptions options;
    options.study.oracle = oracle;
    options.study.store = "memory";
    options.study.max_trials = 12;
    options.study.seed = 5;
    options.study.confirm = 1;
    Tuner tuner(options);
    double noise = 0.0;
    tuner.search([&](HyperParameters& hp) {
      noise = noise > 0 ? -0.1 : 0.1;
      return std::abs(hp.real("x", {.max = 1}) - 0.3) + noise;
    });
    const std::vector<Result> best = tuner.best(robust);
    ASSERT_EQ(best.size(), 12U);
    EXPECT_EQ(best[0].expected.has_value(), oracle == std::string("bayesian"));
    for (std::size_t i = 1; i < best.size(); ++i) {
      if (best[i].expected) {
        EXPECT_LE(*best[i - 1].expected, *best[i].expected);
      } else {
        EXPECT_LE(*best[i - 1].score, *best[i].score);
      }
    }
    EXPECT_EQ(tuner.best(robust, 2).size(), 2U);
  }
}

}  // namespace
}  // namespace dodona
