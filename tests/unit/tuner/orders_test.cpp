// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/status.hpp>
#include <dodona/study.hpp>
#include <dodona/tuner.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

class OrdersTest : public ::testing::Test {
 protected:
  OrdersTest() {
    options_.study.store = "sqlite";
    options_.study.directory = directory_.string();
    options_.study.project_name = "p";
    options_.study.objective = {"acc", Direction::kMax};
    options_.study.max_trials = 4;
  }

  static double ask_for_x(AskedTrial& trial) { return trial.real("x", {.min = 0, .max = 1}); }

  const support::TemporaryDirectory directory_;
  const std::string project_ = (directory_ / "p").string();
  TunerOptions options_ = support::ladder_options();
};

using Notes = std::vector<std::pair<std::string, std::string>>;

TEST_F(OrdersTest, GoThroughTheOwner) {
  Tuner tuner(options_);
  AskedTrial trial = tuner.ask();
  ask_for_x(trial);
  EXPECT_TRUE(trial.report(1, {{"acc", 0.25}}));
  EXPECT_TRUE(stop_trial(project_, 0));
  EXPECT_FALSE(trial.report(2, {{"acc", 0.5}}));
  tuner.tell_stopped(trial);
  EXPECT_EQ(tuner.trials()[0].score, 0.5);
  EXPECT_THROW(stop_trial(project_, 0), Error);  // it has ended
  EXPECT_THROW(tuner.stop_trial(7), Error);

  enqueue_values(project_, R"({"x": 0.125})");
  AskedTrial next = tuner.ask();
  EXPECT_EQ(ask_for_x(next), 0.125);
  keep_note(project_, 1, "look");
  EXPECT_EQ(tuner.trials()[1].notes, (Notes{{"note", "look"}}));
  ASSERT_EQ(tuner.trials()[0].notes.size(), 1U);
  EXPECT_EQ(tuner.trials()[0].notes[0].first, "dodona.action");
}

TEST_F(OrdersTest, GoIntoTheLogOfAStudyThatNobodyOwns) {
  {
    Tuner tuner(options_);
    AskedTrial trial = tuner.ask();
    ask_for_x(trial);
    tuner.tell(trial, 0.5);
  }
  EXPECT_FALSE(stop_trial(project_, 0));
  keep_note(project_, 0, "old");
  keep_note(project_, {}, "all");
  enqueue_values(project_, R"({"x": 0.25})");
  for (const char* values : {"", "[]", "{}", R"({"x": 7})", R"({"y": 0})", R"({"x": null})"}) {
    support::error_of(DODONA_E_INVALID, [&] { enqueue_values(project_, values); });
  }
  EXPECT_THROW(keep_note(project_, 9, "none"), Error);
  EXPECT_THROW(keep_note(project_, 0, ""), Error);
  EXPECT_THROW(keep_note(project_, 0, std::string(5000, 'x')), Error);
  EXPECT_THROW(keep_note((directory_ / "none").string(), {}, "x"), Error);

  const Study study = open(project_);
  EXPECT_EQ(study.trials()[0].notes, (Notes{{"note", "old"}}));
  EXPECT_EQ(study.origin().notes, (Notes{{"note", "all"}}));
  Tuner again(options_);
  AskedTrial next = again.ask();
  EXPECT_EQ(ask_for_x(next), 0.25);
}

}  // namespace
}  // namespace dodona
