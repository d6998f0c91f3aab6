// SPDX-License-Identifier: Apache-2.0
//
// Models that were kept, and models trained anew, as an application has them.
#include "support/error_of.hpp"
#include "support/keeper.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::Keeper;

// Four trials with x of 0, 0.1, 0.2 and 0.3, of which two are kept.
class ModelsTest : public ::testing::Test {
 protected:
  ModelsTest() {
    options_ = support::ladder_options();
    options_.study.store = "sqlite";
    options_.study.directory = directory_.string();
    options_.study.project_name = "p";
    options_.study.objective = {"loss", Direction::kMin};
    options_.study.max_trials = 4;
    options_.study.keep = 2;
  }

  std::string text(const std::string& path) const {
    std::ifstream file(directory_ / path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  support::TemporaryDirectory directory_;
  TunerOptions options_;
  Keeper keeper_;
};

TEST_F(ModelsTest, LoadsTheModelsOfTheBestTrialsAsTheyWereAtTheirBestStep) {
  Tuner tuner(options_);
  tuner.search(keeper_);
  const auto models = tuner.best_models(keeper_, 2);
  ASSERT_EQ(models.size(), 2U);
  EXPECT_DOUBLE_EQ(models[0]->x, 0.0);
  EXPECT_DOUBLE_EQ(models[1]->x, 0.1);
  EXPECT_EQ(models[1]->step, 3U);
  EXPECT_EQ(models[1]->loaded_from, path("p/trials/1/best"));
  const auto best = tuner.best_model<Keeper>();
  EXPECT_EQ(best->step, 3U);
}

TEST_F(ModelsTest, LoadsThemFromAStudyThatIsOnlyRead) {
  { Tuner(options_).search(keeper_); }
  EXPECT_EQ(open(path("p")).best_model<Keeper>()->step, 3U);
}

TEST_F(ModelsTest, TellsTheLayersOfAModelOfTheApplication) {
  Tuner tuner(options_);
  const ModelSummary before = tuner.summary_of(keeper_);
  EXPECT_EQ(before.trial, std::nullopt);
  EXPECT_EQ(before.hypermodel, "");
  ASSERT_EQ(before.layers.size(), 2U);
  EXPECT_EQ(before.layers[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(before.parameters(), 2U);
  EXPECT_EQ(before.trainable(), 1U);
  tuner.search(keeper_);
  EXPECT_EQ(tuner.summary_of(keeper_).trial, 0U);
  EXPECT_EQ(open(path("p")).summary_of(keeper_, 3).trial, 3U);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { tuner.summary_of(keeper_, 4); }),
                       "there is no trial 4: the study has 4"));
}

TEST_F(ModelsTest, SaysWhyThereIsNoModel) {
  Tuner tuner(options_);
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { tuner.best_model<Keeper>(); }), "no trial"));
  tuner.search(keeper_);
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { tuner.best_models(keeper_, 3); }),
                       "no model of trial 2 was kept"));
  options_.study.store = "memory";
  Tuner forgetful(options_);
  forgetful.search(keeper_);
  EXPECT_TRUE(
      contains(error_of(DODONA_E_STATE, [&] { forgetful.best_model<Keeper>(); }), "memory"));
}

TEST_F(ModelsTest, TrainsTheBestTrialAnewOnAllData) {
  Tuner tuner(options_);
  tuner.search(keeper_);
  std::vector<std::uint64_t> steps;
  RetrainOptions options;
  options.path = path("again");
  options.on_report = [&](std::uint64_t step, const Metrics&) {
    steps.push_back(step);
    return true;
  };
  const Retrained done = tuner.retrain(keeper_, options);
  EXPECT_EQ(done.trial, 0U);
  EXPECT_EQ(done.steps, 3U);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(done.metrics, (Metrics{{"train_loss", 0.0}}));
  EXPECT_EQ(done.model<Keeper>()->step, 3U);
  EXPECT_EQ(text("again/state"), "0 3\n");
  EXPECT_TRUE(contains(text("again/trial.json"), "\"trial\": 0"));
  // The validation loss of the search, and of this training, which held no data back.
  EXPECT_TRUE(contains(text("again/trial.json"), "\"retrained\": {"));
  EXPECT_TRUE(contains(text("again/trial.json"), "\"all_data\": true"));
  EXPECT_TRUE(contains(text("again/trial.json"), "\"score\": null"));
  EXPECT_EQ(tuner.trials().size(), 4U);
}

TEST_F(ModelsTest, TrainsAnotherTrialForOtherSteps) {
  Tuner tuner(options_);
  tuner.search(keeper_);
  RetrainOptions options;
  options.trial = 2;
  options.steps = 4;
  options.all_data = false;
  const Retrained done = tuner.retrain(keeper_, options);
  EXPECT_EQ(done.metrics, (Metrics{{"train_loss", 0.2 + 0.1}, {"loss", 0.2 + 0.1}}));
  options.trial = 7;
  EXPECT_TRUE(
      contains(error_of(DODONA_E_INVALID, [&] { tuner.retrain(keeper_, options); }), "no trial 7"));
}

TEST_F(ModelsTest, SavesWhereTheTrainingWasStopped) {
  Tuner tuner(options_);
  tuner.search(keeper_);
  RetrainOptions options;
  options.path = path("again");
  options.on_report = [](std::uint64_t step, const Metrics&) { return step < 2; };
  EXPECT_EQ(tuner.retrain(keeper_, options).steps, 2U);
  EXPECT_EQ(text("again/state"), "0 2\n");
}

TEST_F(ModelsTest, CallsAFunctionWithTheBestValues) {
  options_.study.store = "memory";
  Tuner tuner(options_);
  const auto function = [](HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}) + 1; };
  tuner.search(function);
  const Retrained done = tuner.retrain(function);
  EXPECT_EQ(done.metrics, (Metrics{{"loss", 1.0}}));
  EXPECT_EQ(done.object, nullptr);
}

TEST_F(ModelsTest, ExportsOverAnEarlierExportAlone) {
  { Tuner(options_).search(keeper_); }
  const Study study = open(path("p"));
  study.export_model(path("model"), 1);
  EXPECT_EQ(text("model/state"), "0.1 3\n");
  study.export_model(path("model"));
  EXPECT_EQ(text("model/state"), "0 3\n");
  std::filesystem::create_directory(path("mine"));
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { study.export_model(path("mine")); }),
                       "is no exported model"));
  EXPECT_TRUE(std::filesystem::is_empty(path("mine")));
}

}  // namespace
}  // namespace dodona
