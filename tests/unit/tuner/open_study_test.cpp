// SPDX-License-Identifier: Apache-2.0
#include "tuner/open_study.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace dodona::tuner {
namespace {

using support::contains;
using support::error_of;
using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory, std::uint64_t max_trials) {
  TunerOptions options = support::ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.max_trials = max_trials;
  return options;
}

// It once was three failed trials.
TEST(OpenStudy, RefusesARangeThatChangedBeforeAnyTrialFails) {
  for (const std::uint32_t lag : {0U, 2U}) {
    const TemporaryDirectory directory;
    TunerOptions options = options_in(directory, 3);
    options.study.lag = lag;
    const auto in = [](double high) {
      return [high](HyperParameters& hp) { return hp.real("x", {.min = 0, .max = high}); };
    };
    {
      Tuner tuner(options);
      tuner.search(in(1));
    }
    options.study.max_trials = 6;
    Tuner tuner(options);
    EXPECT_TRUE(contains(error_of(DODONA_E_SPACE_CONFLICT, [&] { tuner.search(in(2)); }),
                         "\"x\" is float x in [0, 1], default 0 in the study, and now asked for"));
    const Summary summary = tuner.search(in(1));
    EXPECT_EQ(summary.failed, 0U);
    EXPECT_EQ(summary.completed, 6U);
    for (const Result& trial : tuner.trials()) EXPECT_EQ(trial.attempt, 0U);
  }
}

TEST(OpenStudy, MentionsWhatWasTakenOutOfTheSpace) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, 3);
  options.study.space = R"([{"name": "x", "type": "boolean"}, {"name": "y", "type": "boolean"}])";
  {
    Tuner tuner(options);
    tuner.search([](HyperParameters& hp) { return hp.get<bool>("x") ? 1.0 : 0.0; });
  }
  options.study.space = R"([{"name": "x", "type": "boolean"}])";
  std::string log;
  options.on_log = [&](dodona_level, const std::string& line) { log += line; };
  const OpenStudy study(options);
  EXPECT_TRUE(contains(log, "\"y\" is no longer given by the study file")) << log;
}

}  // namespace
}  // namespace dodona::tuner
