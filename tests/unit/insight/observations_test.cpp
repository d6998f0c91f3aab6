// SPDX-License-Identifier: Apache-2.0
#include "insight/observations.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::insight {
namespace {

// A log of finished trials over one number.
class Log {
 public:
  Log() {
    study::SpaceGrown grown;
    grown.params.push_back(support::real("x", 0, 1));
    add(study::kNoTrial, study::Created{7, "test", {}});
    add(study::kNoTrial, std::move(grown));
  }
  void trial(double x, double score, std::uint64_t budget = 0,
             study::TrialState end = study::TrialState::kCompleted) {
    const std::uint64_t id = state.trials().size();
    const std::vector<Assignment> values = {{0, Cell::real(x)}};
    study::Proposed proposed;
    proposed.assignments = values;
    proposed.budget = budget;
    study::Finished finished;
    finished.state = end;
    finished.assignments = values;
    finished.objectives = study::Numbers{score};
    add(id, std::move(proposed));
    add(id, study::Started{});
    add(id, std::move(finished));
  }
  study::State state;

 private:
  void add(std::uint64_t trial, study::Body body) {
    state.apply({state.events(), trial, 1, std::move(body)});
  }
};

TEST(Observations, AreTrialsWithAScore) {
  Log log;
  log.trial(0.25, 1.0);
  log.trial(0.5, 9.0, 0, study::TrialState::kFailed);
  log.trial(0.75, 2.0, 0, study::TrialState::kStopped);
  const Observations all = observe(log.state, space_of(log.state));
  EXPECT_EQ(all.trials, (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(all.values, (std::vector<double>{1.0, 2.0}));
  EXPECT_EQ(all.units, (std::vector<double>{0.25, 0.75}));
  EXPECT_EQ(observe(log.state, space_of(log.state), 1).size(), 0U);
}

TEST(Observations, OfDifferentBudgetsAreComparedWithin) {
  Log log;
  for (int i = 0; i < 3; ++i) log.trial(0.1 * i, 10.0 + i, 1);
  for (int i = 0; i < 3; ++i) log.trial(0.1 * i, 1.0 + i, 9);
  EXPECT_EQ(observe(log.state, space_of(log.state)).values,
            (std::vector<double>{-1, 0, 1, -1, 0, 1}));
}

TEST(Observations, OfDivergedTrialsAreDrawnIn) {
  Log log;
  for (int i = 0; i < 9; ++i) log.trial(0.1 * i, i);
  log.trial(0.9, 1e12);
  const Observations all = observe(log.state, space_of(log.state));
  EXPECT_EQ(all.clipped, 1U);
  EXPECT_LT(all.values.back(), 100.0);
}

TEST(Observations, HaveDefaultsForWhatATrialNeverMet) {
  Log log;
  log.trial(0.25, 1.0);
  Space space = space_of(log.state);
  space.add(support::real("later", 0, 2));
  const Point point = complete_point(space, log.state.trials()[0]);
  EXPECT_TRUE(point.active(1));
  EXPECT_EQ(units_of(space, point), (std::vector<double>{0.25, 0.0}));
}

}  // namespace
}  // namespace dodona::insight
