// SPDX-License-Identifier: Apache-2.0
//
// The oracle `auto` as built, through its C table.
#include "support/built_plugin.hpp"
#include "support/front_oracle.hpp"
#include "support/model_oracle.hpp"
#include "support/oracle_properties.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona {
namespace {

const dodona_descriptor& automatic() {
  return support::plugin("auto");
}

// The model that the note of the 25th proposal names.
std::string model_after_initial(const Space& space, std::uint64_t max_trials,
                                std::uint64_t objectives = 1,
                                const std::vector<Limit>& limits = {}) {
  testing::OracleStudy study(
      automatic(), space, {.max_trials = max_trials, .objectives = objectives, .limits = limits});
  for (std::uint64_t id = 0; id < 25; ++id) {
    EXPECT_EQ(study.ask(), testing::Answer::kProposed);
    study.finish(id, support::bumpy(study.trials()[id]));
  }
  const std::string& note = study.trials().back().note;
  return note.substr(0, note.find(','));
}

TEST(Auto, ExhaustsFiniteSpacesExactly) {
  support::expect_exhausts_finite_spaces(automatic(), 8);
  support::expect_exhausts_finite_spaces(automatic(), 1000, {}, 2);
}

TEST(Auto, TellsStudySeedsApart) {
  support::expect_seeds_apart(automatic(), 1);
}

TEST(Auto, IsAFoldOfTheLogOnSpacesOfAllKinds) {
  support::expect_fold(automatic(), 3, 60);
  support::expect_fold(automatic(), 1000, 8);
}

TEST(Auto, TakesAGaussianProcessForAFewHundredTrials) {
  EXPECT_EQ(model_after_initial(support::square(), 200), R"({"model":"Gaussian process")");
}

TEST(Auto, TakesTheParzenEstimatorForManyTrials) {
  EXPECT_EQ(model_after_initial(support::square(), 100'000), R"({"model":"Parzen estimator")");
}

TEST(Auto, TakesGaussianProcessesForAFewHundredTrialsOfFrontsAndLimits) {
  const std::vector<Limit> limits{{"mb", 0.0, 5.0}};
  EXPECT_EQ(model_after_initial(support::square(), 200, 2), R"({"model":"Gaussian process")");
  EXPECT_EQ(model_after_initial(support::square(), 0, 3), R"({"model":"Gaussian process")");
  EXPECT_EQ(model_after_initial(support::square(), 200, 1, limits),
            R"({"model":"Gaussian process")");
}

TEST(Auto, TakesTheParzenEstimatorForAThousandTrialsOfFronts) {
  EXPECT_EQ(model_after_initial(support::square(), 1000, 2), R"({"model":"Parzen estimator")");
}

TEST(Auto, BreedsForManyTrialsOfFrontsAndLimits) {
  const std::string first = R"({"model":"initial design")";  // of 50 trials
  EXPECT_EQ(model_after_initial(support::square(), 100'000, 2), first);
  testing::OracleStudy study(automatic(), support::front_space(),
                             {.max_trials = 100'000, .objectives = 2});
  for (std::uint64_t id = 0; id < 60; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    study.finish(id, support::bumpy(study.trials()[id]));
  }
  EXPECT_EQ(study.trials().back().note,
            R"({"model":"NSGA-II","delegate":"nsga2",)"
            R"("reason":"100000 trials with 2 objectives suit breeding"})");
}

TEST(Auto, IsAFoldOfFrontsAndLimits) {
  support::expect_fold_of_fronts(automatic(), 12, 40);
}

TEST(Auto, FindsAFront) {
  support::expect_finds_a_front(automatic(), 150);
}

TEST(Auto, KeepsLimits) {
  support::expect_keeps_limits(automatic(), 150);
}

TEST(Auto, ProposesTheBitsOfTheOneThatItChose) {
  testing::OracleStudy study(automatic(), support::square(), {.max_trials = 60});
  testing::OracleStudy chosen(support::plugin("bayesian"), support::square(), {.max_trials = 60});
  for (std::uint64_t id = 0; id < 60; ++id) {
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    ASSERT_EQ(chosen.ask(), testing::Answer::kProposed);
    for (std::size_t i = 0; i < 2; ++i) {
      ASSERT_EQ(study.trials()[id].point[i], chosen.trials()[id].point[i]) << id;
    }
    study.finish(id, support::bumpy(study.trials()[id]));
    chosen.finish(id, support::bumpy(chosen.trials()[id]));
  }
}

TEST(Auto, SaysInEachNoteWhatItChoseAndWhy) {
  testing::OracleStudy study(automatic(), support::square(), {.max_trials = 4});
  ASSERT_EQ(study.ask(), testing::Answer::kProposed);
  EXPECT_EQ(study.trials().back().note, R"({"model":"Sobol sequence","delegate":"sobol",)"
                                        R"("reason":"4 trials are too few for a model"})");
}

TEST(Auto, NeedsNoModelWhereEveryPointHasATrial) {
  Space space;
  space.add(support::integer("a", 1, 6));
  space.add(support::integer("b", 1, 6));
  const std::string model = model_after_initial(space, 36);
  EXPECT_TRUE(model == R"({"model":"Sobol sequence")" || model == R"({"model":"random")") << model;
}

}  // namespace
}  // namespace dodona
