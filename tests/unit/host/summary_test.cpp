// SPDX-License-Identifier: Apache-2.0
#include "host/summary.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

Outcome outcome() {
  Outcome out;
  out.objectives = {{"val_accuracy", Direction::kMax}};
  out.directory = "runs/fashion";
  out.files = {"study.db", "trials/"};
  out.summary.end = End::kMaxTrials;
  out.summary.completed = 7;
  out.summary.seconds = 65.4;
  Result best;
  best.trial = 5;
  best.state = TrialState::kCompleted;
  best.score = 0.8812;
  best.values = Values({{"lr", 0.003}, {"units", std::int64_t{96}}});
  out.summary.best = best;
  out.summary.front = 1;
  return out;
}

TEST(Summary, EndsWithTheBestTrial) {
  EXPECT_EQ(summary_text(outcome()),
            "written to runs/fashion (study.db, trials/)\n"
            "7 trials: 7 completed; max_trials reached after 1:05\n"
            "hyperparameters of trial 5:\n"
            "  lr     0.003\n"
            "  units  96\n"
            "best val_accuracy 0.8812 (trial 5)\n");
}

TEST(Summary, PutsConstantsTogether) {
  Outcome out = outcome();
  const auto fixed = [](const char* name, HyperParameterValue value) {
    HyperParameter param;
    param.name = name;
    param.type = "fixed";
    param.values = {value};
    return param;
  };
  out.space = {fixed("units", std::int64_t{96}), fixed("clip", 0.5), fixed("lr", 0.003)};
  out.space.back().values.emplace_back(0.01);  // chosen
  out.summary.best->values =
      Values({{"lr", 0.003}, {"units", std::int64_t{96}}, {"clip", 0.5}, {"late", true}});
  const std::string text = summary_text(out);
  EXPECT_NE(text.find("hyperparameters of trial 5:\n"
                      "  lr    0.003\n"
                      "  late  true\n"
                      "  constants: units 96, clip 0.5\n"
                      "best val_accuracy"),
            std::string::npos)
      << text;
  EXPECT_NE(summary_text(out, 25).find("  constants: units 96,\n  clip 0.5\n"), std::string::npos);
  EXPECT_EQ(summary_json(out).find("constants"), std::string::npos);
}

TEST(Summary, NamesTheOracleThatProposedForTheOther) {
  Outcome out = outcome();
  out.summary.delegate = "bayesian";
  out.summary.reason = "few\ntrials";
  EXPECT_NE(summary_text(out).find("proposed by bayesian: few trials\n"), std::string::npos);
  EXPECT_NE(summary_json(out).find("\"delegate\": \"bayesian\", \"reason\": \"few\\ntrials\","),
            std::string::npos);
}

TEST(Summary, CountsWhatElseHappened) {
  Outcome out = outcome();
  out.directory.clear();
  out.summary.end = End::kInterrupted;
  out.summary.stopped = 1;
  out.summary.failed = 2;
  out.summary.unfinished = 3;
  out.summary.best.reset();
  EXPECT_EQ(summary_text(out),
            "nothing was written (memory store)\n"
            "13 trials: 7 completed, 1 stopped early, 2 failed, 3 unfinished; interrupted after "
            "1:05\n");
}

TEST(Summary, IsOneLineOfJson) {
  const std::string text = summary_json(outcome());
  EXPECT_EQ(
      text.find(
          R"({"directory": "runs/fashion", "end": "max_trials reached", )"
          R"("completed": 7, "stopped": 0, "failed": 0, "unfinished": 0, )"
          R"("seconds": 65.4, "message": "", "delegate": null, "reason": null, )"
          R"("objective": {"name": "val_accuracy", "direction": "max"}, "front": 1, "best": )"),
      0U)
      << text;
  EXPECT_NE(text.find("\"trial\": 5"), std::string::npos) << text;
  Outcome none = outcome();
  none.directory.clear();
  none.summary.best.reset();
  const std::string empty = summary_json(none);
  EXPECT_TRUE(empty.starts_with("{\"directory\": null,"));
  EXPECT_TRUE(empty.ends_with(", \"best\": null}\n"));
}

TEST(Summary, HasAReasonForEveryEnd) {
  for (const End end :
       {End::kMaxTrials, End::kExhausted, End::kMaxSeconds, End::kInterrupted, End::kFailures}) {
    EXPECT_FALSE(reason(end).empty());
  }
}

TEST(Summary, ListsFilesForPeople) {
  const support::TemporaryDirectory directory;
  for (const char* name : {"log.jsonl", "study.db", "study.db-wal", "study.db-shm", "study.lock",
                           ".dodona-1.tmp", "a/b", "z"}) {
    directory.write(name);
  }
  std::filesystem::create_directory(directory / "trials");  // empty
  EXPECT_EQ(files_written(directory.string()),
            (std::vector<std::string>{"study.db", "a/", "log.jsonl", "z"}));
  EXPECT_TRUE(files_written((directory / "missing").string()).empty());
}

TEST(Summary, TellsOfTheFrontOfSeveralObjectives) {
  Outcome several = outcome();
  several.objectives.push_back({"model_mb", Direction::kMin});
  several.summary.front = 3;
  EXPECT_TRUE(summary_text(several).ends_with(
      "best val_accuracy 0.8812 (trial 5); 3 trials on the front of val_accuracy and model_mb\n"))
      << summary_text(several);
  EXPECT_NE(
      summary_json(several).find(R"("objective": [{"name": "val_accuracy", "direction": "max"}, )"
                                 R"({"name": "model_mb", "direction": "min"}], "front": 3,)"),
      std::string::npos)
      << summary_json(several);
}

}  // namespace
}  // namespace dodona::host
