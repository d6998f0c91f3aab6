// SPDX-License-Identifier: Apache-2.0
#include "tuner/enqueued.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/params.hpp"

#include <dodona/tuner.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

using support::contains;
using support::error_of;

std::size_t logged(const OpenStudy& study) {
  return study.journal.with_state([](const study::State& now) { return now.enqueued().size(); });
}

void grow(OpenStudy& study) {
  study.space.add({{std::nullopt, support::real("x", 0, 1)}},
                  [&](std::uint32_t first, const std::vector<Param>& params) {
                    study.journal.append(study::kNoTrial, study::SpaceGrown{first, params});
                  });
}

TEST(EnqueuedValues, WaitForTheSpace) {
  OpenStudy study(support::ladder_options());
  EnqueuedValues values(study);
  values.add({{"x", 0.5}});
  EXPECT_EQ(logged(study), 0U);
  grow(study);
  values.release();
  EXPECT_EQ(logged(study), 1U);
  values.add({{"x", 0.25}});
  EXPECT_EQ(logged(study), 2U);
}

TEST(EnqueuedValues, NameWhatIsNotInTheSpace) {
  OpenStudy study(support::ladder_options());
  grow(study);
  EnqueuedValues values(study);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  values.add({{"y", 0.5}});
                                }),
                       "there is no hyperparameter \"y\""));
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  values.add({{"x", 2.0}});
                                }),
                       "2 is not a value of"));
  EXPECT_EQ(logged(study), 0U);
}

// A second search must not run them again.
TEST(EnqueuedValues, LogTheInitialOnesOnce) {
  TunerOptions options = support::ladder_options();
  options.study.initial = {{{"x", 0.5}}};
  OpenStudy study(options);
  grow(study);
  EnqueuedValues values(study);
  values.release();
  values.release();
  EXPECT_EQ(logged(study), 1U);
}

// Such values once waited for the next search.
TEST(EnqueuedValues, GivenWhileThereIsNoHyperparameterYetAreTakenOnceThereIs) {
  Tuner tuner(support::ladder_options());
  tuner.search([&](HyperParameters& hp) {
    static int trial = 0;
    if (++trial == 2) tuner.enqueue(Values({{"late", 0.55}}));
    return trial < 3 ? 1.0 : hp.real("late", {.min = 0, .max = 1});
  });
  EXPECT_EQ(tuner.trials()[3].values.real("late"), 0.55);
}

}  // namespace
}  // namespace dodona::tuner
