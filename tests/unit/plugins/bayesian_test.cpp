// SPDX-License-Identifier: Apache-2.0
//
// The oracle `bayesian` as built, through its C table.
#include "support/built_plugin.hpp"
#include "support/front_oracle.hpp"
#include "support/model_oracle.hpp"
#include "support/oracle_properties.hpp"

#include <dodona/pareto.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using testing::OracleStudy;

const dodona_descriptor& bayesian() {
  return support::plugin("bayesian");
}

using support::bowl;
using support::square;

dodona_status code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return DODONA_OK;
}

// The model takes over where there is next to nothing to learn from.
const testing::OracleSettings kEarly{.options = {{"initial_points", std::int64_t{2}}}};

TEST(Bayesian, ExhaustsFiniteSpacesExactly) {
  support::expect_exhausts_finite_spaces(bayesian(), 12);
  support::expect_exhausts_finite_spaces(bayesian(), 1000, kEarly, 2);
}

TEST(Bayesian, ExhaustsConstrainedSpacesExactly) {
  support::expect_exhausts_constrained_spaces(bayesian(), 40);
}

TEST(Bayesian, SearchesWithinConstraints) {
  support::expect_searches_within_constraints(bayesian());
}

TEST(Bayesian, IsAFoldOfTheLogOfFronts) {
  support::expect_fold_of_fronts(bayesian(), 12, 40);
}

TEST(Bayesian, FindsAFront) {
  support::expect_finds_a_front(bayesian(), 60);
}

TEST(Bayesian, KeepsLimits) {
  support::expect_keeps_limits(bayesian(), 60);
}

TEST(Bayesian, LeavesFailures) {
  support::expect_leaves_failures(bayesian());
}

TEST(Bayesian, TellsStudySeedsApart) {
  support::expect_seeds_apart(bayesian(), 1);
}

TEST(Bayesian, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  support::expect_fold(bayesian(), 6, 60);
  support::expect_fold(bayesian(), 1000, 6, kEarly);
}

TEST(Bayesian, FindsTheBottomOfABowl) {
  // 40 random points come within 2; the worst of 10 seeds: 1e-18.
  EXPECT_LT(support::best_of_bowl(bayesian(), 40), 1e-6);
}

TEST(Bayesian, RunningTrialsKeepEachOtherApart) {
  OracleStudy study(bayesian(), square(), {.parallel_trials = 8});
  for (std::uint64_t id = 0; id < 12; ++id) {
    study.ask();
    study.finish(id, bowl(study.trials()[id]));
  }
  for (int i = 0; i < 8; ++i) study.ask();
  for (std::uint64_t a = 12; a < 20; ++a) {
    for (std::uint64_t b = 12; b < a; ++b) {
      const Point& p = study.trials()[a].point;
      const Point& q = study.trials()[b].point;
      EXPECT_GT(std::hypot(p[0].real() - q[0].real(), p[1].real() - q[1].real()), 1e-3);
    }
  }
}

TEST(Bayesian, LeavesARegionWhereTrialsFail) {
  // All that has x < 2.5 fails, and the objective falls towards there.
  OracleStudy study(bayesian(), square());
  int late_failures = 0;
  for (std::uint64_t id = 0; id < 60; ++id) {
    study.ask();
    const double x = study.trials()[id].point[0].real();
    const bool fails = x < 2.5;
    late_failures += fails && id >= 30 ? 1 : 0;
    study.finish(id, fails ? std::numeric_limits<double>::quiet_NaN() : x,
                 fails ? DODONA_FAILED : DODONA_COMPLETED);
  }
  EXPECT_LT(late_failures, 20);  // of 30; the worst of 10 seeds: 11
}

// Trials fail for lack of memory, by a crash or by time: one as the other.
TEST(Bayesian, LearnsWhereTrialsFail) {
  // Trials fail where x + y > 10; the objective falls towards there, by the outcome of each.
  for (const dodona_outcome outcome :
       {DODONA_OUTCOME_CRASH, DODONA_OUTCOME_MEMORY, DODONA_OUTCOME_TIME}) {
    OracleStudy study(bayesian(), square(), {.seed = 3});
    int late_failures = 0;
    double best = 0;
    for (std::uint64_t id = 0; id < 50; ++id) {
      study.ask();
      const double sum = study.trials()[id].point[0].real() + study.trials()[id].point[1].real();
      if (sum > 10) {
        late_failures += id >= 25 ? 1 : 0;
        study.finish(id, {{}, {}, outcome}, DODONA_FAILED);
      } else {
        best = std::min(best, -sum);
        study.finish(id, -sum);
      }
    }
    EXPECT_LT(late_failures, 13) << outcome;  // of 25
    EXPECT_LT(best, -9.9) << outcome;
  }
}

testing::Result result_of(std::vector<double> objectives, std::vector<double> excesses = {}) {
  return {std::move(objectives), std::move(excesses)};
}

// The best result within a limit lies on it: the bottom of the bowl at (3, 2) breaks x >= 4.
TEST(Bayesian, FindsTheBestThatKeepsALimit) {
  OracleStudy study(bayesian(), square(),
                    {.max_trials = 50, .limits = {{.metric = "x", .low = 4}}});
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t id = 0; id < 50; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    const double excess = (4 - study.trials()[id].point[0].real()) / 4;
    const double value = bowl(study.trials()[id]);
    study.finish(id, result_of({value}, {excess}));
    if (excess <= 0) best = std::min(best, value);
  }
  EXPECT_LT(best, 1.01);  // at (4, 2)
}

// 3 % of the space keep the limit, and none of the first trials does.
TEST(Bayesian, SearchesForWhatKeepsTheLimitsBeforeAnythingDoes) {
  OracleStudy study(bayesian(), square(),
                    {.max_trials = 40, .limits = {{.metric = "far", .high = 2}}});
  int kept = 0;
  for (std::uint64_t id = 0; id < 40; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    const Point& point = study.trials()[id].point;
    const double far = std::hypot(point[0].real() - 8, point[1].real() - 12);
    kept += far <= 2 ? 1 : 0;
    study.finish(id, result_of({bowl(study.trials()[id])}, {(far - 2) / 2}));
  }
  EXPECT_GE(kept, 10);  // 40 random points: 2
}

double volume_of(const OracleStudy& study, const std::vector<double>& reference) {
  std::vector<double> rows;
  for (const OracleStudy::Trial& trial : study.trials()) {
    const std::vector<double>& row = trial.result.objectives;
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return hypervolume({rows, reference.size()}, reference);
}

// Squared distances from corners: fronts are the segment, or triangle, between them.
TEST(Bayesian, FindsFrontsOfTwoThreeAndMoreObjectives) {
  const std::vector<std::pair<double, double>> corners{{0, 5}, {5, 5}, {2.5, 10}, {2.5, 5}};
  for (const std::size_t m : {2U, 3U, 4U}) {
    OracleStudy study(bayesian(), square(), {.max_trials = 40, .objectives = m});
    OracleStudy random(support::plugin("random"), square(), {.max_trials = 40, .objectives = m});
    for (OracleStudy* each : {&study, &random}) {
      for (std::uint64_t id = 0; id < 40; ++id) {
        ASSERT_EQ(each->ask(), testing::Answer::kProposed);
        const Point& point = each->trials()[id].point;
        std::vector<double> y;
        for (std::size_t k = 0; k < m; ++k) {
          y.push_back(std::pow(point[0].real() - corners[k].first, 2) +
                      std::pow(point[1].real() - corners[k].second, 2));
        }
        each->finish(id, result_of(std::move(y)));
      }
    }
    const std::vector<double> reference(m, 40);
    EXPECT_GT(volume_of(study, reference), volume_of(random, reference)) << m;
  }
}

TEST(Bayesian, IsAFoldOfTheLogWithSeveralObjectivesAndLimits) {
  for (const std::uint64_t objectives : {1U, 2U, 4U}) {
    testing::OracleSettings settings = kEarly;
    settings.objectives = objectives;
    settings.limits = {{.metric = "a", .high = 1}, {.metric = "b", .low = 2, .high = 5}};
    support::expect_fold(bayesian(), 3, 24, settings);
  }
}

TEST(Bayesian, RunningTrialsOfAFrontKeepEachOtherApart) {
  for (const std::uint64_t objectives : {2U, 3U}) {
    OracleStudy study(bayesian(), square(), {.parallel_trials = 8, .objectives = objectives});
    for (std::uint64_t id = 0; id < 12; ++id) {
      study.ask();
      study.finish(id, bowl(study.trials()[id]));
    }
    for (int i = 0; i < 8; ++i) study.ask();
    for (std::uint64_t a = 12; a < 20; ++a) {
      for (std::uint64_t b = 12; b < a; ++b) {
        const Point& p = study.trials()[a].point;
        const Point& q = study.trials()[b].point;
        EXPECT_GT(std::hypot(p[0].real() - q[0].real(), p[1].real() - q[1].real()), 1e-4);
      }
    }
  }
}

// One draw in 50 keeps the constraints; all proposals do, and the best of what is left is found.
TEST(Bayesian, ProposesNothingThatBreaksAConstraint) {
  Space space = square();
  space.add(support::integer("n", 1, 20));
  space.add_constraint("x + y <= -2 or (x - 8) * (x - 8) + y < n");
  OracleStudy study(bayesian(), space, {.max_trials = 50});
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t id = 0; id < 50; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    const OracleStudy::Trial& trial = study.trials()[id];
    EXPECT_TRUE(space.is_feasible(trial.point)) << id;
    const double value = bowl(trial) + 0.1 * static_cast<double>(trial.point[2].whole());
    best = std::min(best, value);
    study.finish(id, value);
  }
  RandomStream random(5, 0, Purpose::kProposal);
  EXPECT_LT(best, 16);
  EXPECT_EQ(study.replay_mismatch(random), "");
}

TEST(Bayesian, GoesOnWhenEveryTrialFailsOrTies) {
  support::expect_endurance(bayesian());
}

// The better category looks worse wherever the other one was searched: its bottom is elsewhere.
TEST(Bayesian, ComesBackToOtherCategories) {
  Space space;
  space.add(support::real("x", 0, 1));
  space.add(support::real("y", 0, 1));
  space.add(support::choice("kind", {support::text("a"), support::text("b"), support::text("c")}));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    OracleStudy study(bayesian(), space, {.seed = seed, .max_trials = 60});
    double best = std::numeric_limits<double>::infinity();
    bool told = false;
    for (std::uint64_t id = 0; id < 60; ++id) {
      ASSERT_EQ(study.ask(), testing::Answer::kProposed);
      const Point& point = study.trials()[id].point;
      const double kind = static_cast<double>(point[2].whole());
      const double bottom = 0.9 - 0.4 * kind, x = point[0].real() - bottom;
      const double y = point[1].real() - bottom;
      const double value = 0.5 * kind + (x * x + y * y) * (kind == 0 ? 40 : 4);
      best = std::min(best, value);
      told = told || study.trials()[id].note.find("at another value") != std::string::npos;
      study.finish(id, value);
    }
    // The bottoms of the others are 0.5 and 1; the worst of 10 seeds: 1e-5.
    EXPECT_LT(best, 1e-3) << seed;
    EXPECT_TRUE(told);
  }
}

// The same plugin for every x86-64 processor, whichever the kernel picks here.
TEST(Bayesian, ProposesInThePlainLibraryToo) {
  if (support::variant_of("bayesian").empty()) {
    GTEST_SKIP() << "the plain library is the one that all other tests use";
  }
  OracleStudy study(support::plugin_in(DODONA_PLUGINS "/bayesian.so"), square(),
                    {.max_trials = 30});
  for (std::uint64_t id = 0; id < 12; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    study.finish(id, bowl(study.trials()[id]));
  }
}

// 20,000 values once took 20 s a proposal; a table of all their pairs would be 80 GB here.
TEST(Bayesian, TakesAChoiceOfManyValues) {
  support::expect_takes_many_values(bayesian(), 100'000);
}

TEST(Bayesian, EstimatesInUnitsOfTheObjective) {
  for (const char* name : {"bayesian", "auto"}) {
    OracleStudy study(support::plugin(name), square(), {.max_trials = 40});
    const auto at = [](double x, double y) {
      Point point(2);
      point.set(0, Cell::real(x));
      point.set(1, Cell::real(y));
      return point;
    };
    EXPECT_EQ(code_of([&] { study.estimate({at(0, 0)}); }), DODONA_E_STATE) << name;
    for (std::uint64_t id = 0; id < 30; ++id) {
      const auto k = static_cast<double>(id);
      if (id < 20) {
        study.enqueue(at(std::fmod(k * 3.7, 15) - 5, std::fmod(k * 2.3, 15)));
      } else {
        study.ask();
      }
      study.finish(id, 100 + bowl(study.trials()[id]));
    }
    const auto estimates = study.estimate({at(3, 2), at(4, 4), study.trials()[0].point});
    EXPECT_NEAR(estimates[0].mean, 100, 0.1) << name;
    EXPECT_NEAR(estimates[1].mean, 105, 1) << name;
    EXPECT_NEAR(estimates[2].mean, study.trials()[0].objective, 0.1) << name;
    EXPECT_LT(estimates[0].deviation, 0.5) << name;
    EXPECT_LT(estimates[0].deviation, estimates[1].deviation) << name;
  }
}

TEST(Bayesian, SaysHowAProposalCameAbout) {
  OracleStudy study(bayesian(), square(), {.options = {{"initial_points", std::int64_t{4}}}});
  std::string notes;
  for (std::uint64_t id = 0; id < 9; ++id) {
    study.ask();
    study.finish(id, bowl(study.trials()[id]));
    notes += study.trials()[id].note + "\n";
  }
  EXPECT_EQ(study.trials()[0].note, R"({"model":"initial design"})");
  EXPECT_NE(notes.find(R"("model":"Gaussian process","log_expected_improvement":)"),
            std::string::npos);
  EXPECT_NE(notes.find(R"("model":"quadratic around the best")"), std::string::npos);
}

}  // namespace
}  // namespace dodona
