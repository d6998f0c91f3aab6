// SPDX-License-Identifier: Apache-2.0
#include "host/scoreboard.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

using Style = Scoreboard::Style;
using Texts = std::vector<std::string>;

// A search as the scoreboard hears of it: trials of x, of which less loss is better.
class Search {
 public:
  explicit Search(Style style, Goal goal = {{"loss", Direction::kMin}, 10, 4, 0.0, 1})
      : board(std::move(goal), style) {}

  void start(std::uint64_t trial, double now, std::uint32_t execution = 0,
             std::uint32_t attempt = 0, std::uint64_t from = 0) {
    Progress progress = blank(Progress::Kind::kStarted, trial);
    progress.step = from;
    progress.execution = execution;
    progress.attempt = attempt;
    const Result result = result_of(trial, TrialState::kRunning, std::nullopt);
    progress.result = &result;
    board.apply(progress, now);
  }
  void report(std::uint64_t trial, std::uint64_t step, std::optional<double> score, double now) {
    Progress progress = blank(Progress::Kind::kReported, trial);
    progress.step = step;
    progress.score = score;
    board.apply(progress, now);
  }
  void finish(std::uint64_t trial, std::optional<double> score, double now,
              TrialState state = TrialState::kCompleted) {
    ++finished;
    if (score && (!best || *score < best->second)) best = {trial, *score};
    Progress progress = blank(Progress::Kind::kFinished, trial);
    const Result result = result_of(trial, state, score);
    progress.result = &result;
    board.apply(progress, now);
  }

  void change(bool paused, std::uint64_t max_trials, double now) {
    Progress progress;
    progress.kind = Progress::Kind::kChanged;
    progress.paused = paused;
    progress.max_trials = max_trials;
    board.apply(progress, now);
  }

  Texts lines() {
    Texts texts;
    for (const Line& line : board.take_lines()) texts.push_back(line.text);
    return texts;
  }
  Texts frame(double now, std::size_t rows) const {
    Texts texts;
    for (const Line& line : board.frame(now, rows)) texts.push_back(line.text);
    return texts;
  }

  std::uint64_t finished = 0;
  std::optional<std::pair<std::uint64_t, double>> best;
  Scoreboard board;

 private:
  Progress blank(Progress::Kind kind, std::uint64_t trial) const {
    Progress progress;
    progress.kind = kind;
    progress.trial = trial;
    progress.trials_finished = finished;
    if (best) {
      progress.best_trial = best->first;
      progress.best_score = best->second;
    }
    return progress;
  }
  static Result result_of(std::uint64_t trial, TrialState state, std::optional<double> score) {
    Result result;
    result.trial = trial;
    result.state = state;
    result.score = score;
    result.best_step = score ? 4 : 0;
    result.values = Values({{"x", 0.5}});
    result.message = score ? "" : "out of\ncheese";
    return result;
  }
};

TEST(Scoreboard, TellsAPlainStory) {
  Search search(Style::kPlain);
  search.start(0, 0);
  search.report(0, 1, 0.75, 0.5);
  search.report(0, 3, 0.25, 1.5);
  search.finish(0, 0.25, 2);
  search.start(1, 2);
  search.finish(1, std::nullopt, 4, TrialState::kFailed);
  EXPECT_EQ(
      search.lines(),
      (Texts{"trial 0 started: x 0.5", "trial 0 step 1/4: loss 0.75", "trial 0 step 3/4: loss 0.25",
             "trial 0 completed: loss 0.25 at step 4, 2.0 s; 1/10 trials, best 0.25 "
             "(trial 0), 30.0 trials/min, elapsed 0:02, left 0:18",
             "trial 1 started: x 0.5",
             "trial 1 failed: out of cheese; 2/10 trials, best 0.25 (trial 0), 30.0 "
             "trials/min, elapsed 0:04, left 0:16"}));
  EXPECT_TRUE(search.lines().empty());
}

TEST(Scoreboard, SaysWhichAttemptAndExecutionStarts) {
  Search search(Style::kPlain, {{"loss", Direction::kMin}, 10, 0, 0.0, 2});
  search.start(0, 0);
  search.start(0, 1, 1);
  search.start(0, 2, 0, 1);
  EXPECT_EQ(search.lines(),
            (Texts{"trial 0 started: x 0.5", "trial 0 started, execution 2/2: x 0.5",
                   "trial 0 started again, attempt 1: x 0.5"}));
}

TEST(Scoreboard, SaysFromWhichStepATrialGoesOn) {
  Search search(Style::kPlain, {{"loss", Direction::kMin}, 10, 0, 0.0, 2});
  search.start(0, 0, 0, 0, 12);
  search.start(0, 1, 1, 1, 3);
  EXPECT_EQ(search.lines(),
            (Texts{"trial 0 goes on from step 12: x 0.5",
                   "trial 0 goes on from step 3, attempt 1, execution 2/2: x 0.5"}));
}

TEST(Scoreboard, SaysThatAStudyGoesOn) {
  Search search(Style::kLive);
  search.finished = 3;
  search.start(3, 0);
  search.finish(3, 0.5, 1);
  const Texts lines = search.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "going on with a study of 3 finished trials");
}

TEST(Scoreboard, DrawsWhatRuns) {
  Search search(Style::kLive);
  search.start(0, 0);
  search.start(1, 1);
  search.report(0, 2, 0.5, 2);
  EXPECT_TRUE(search.lines().empty());
  EXPECT_EQ(search.frame(3, 10),
            (Texts{"trial 0  [==========>         ]  step 2/4  0:03  loss 0.5  x 0.5",
                   "trial 1  [>                   ]  step 0/4  0:02  x 0.5",
                   "0/10 trials, elapsed 0:03, left 0:57"}));
  search.finish(0, 0.25, 4);
  EXPECT_EQ(search.lines(), (Texts{"trial 0 completed: loss 0.25 at step 4, 4.0 s  x 0.5"}));
  EXPECT_EQ(search.frame(4, 10).size(), 2U);
}

TEST(Scoreboard, CountsExecutionsInItsBar) {
  Search search(Style::kLive, {{"loss", Direction::kMin}, 10, 4, 0.0, 2});
  search.start(0, 0);
  search.start(0, 5, 1);
  search.report(0, 4, 0.5, 6);
  EXPECT_EQ(search.frame(8, 2)[0],
            "trial 0  [====================]  step 4/4  execution 2/2  0:08  loss 0.5  x 0.5");
}

TEST(Scoreboard, DrawsNoMoreRowsThanItMay) {
  Search search(Style::kLive);
  for (std::uint64_t trial = 0; trial < 5; ++trial) search.start(trial, 0);
  EXPECT_EQ(search.frame(1, 6).size(), 6U);
  const Texts four = search.frame(1, 4);
  ASSERT_EQ(four.size(), 4U);
  EXPECT_TRUE(four[1].starts_with("trial 1"));
  EXPECT_EQ(four[2], "... and 3 more running");
  EXPECT_EQ(search.frame(1, 2)[0], "... and 5 more running");
  EXPECT_EQ(search.frame(1, 1).size(), 1U);
  EXPECT_EQ(search.frame(1, 0).size(), 1U);
}

TEST(Scoreboard, ExpectsTheEndByWhicheverLimitComesFirst) {
  Search search(Style::kLive, {{"loss", Direction::kMin}, 0, 0, 100.0, 1});
  search.start(0, 0);
  search.finish(0, 0.5, 10);
  EXPECT_EQ(search.frame(10, 1)[0],
            "1 trials, best 0.5 (trial 0), 6.0 trials/min, elapsed 0:10, left 1:30");
  Search both(Style::kLive, {{"loss", Direction::kMin}, 2, 0, 100.0, 1});
  both.start(0, 0);
  both.finish(0, 0.5, 10);
  EXPECT_TRUE(both.frame(10, 1)[0].ends_with("left 0:10"));
  // Nothing is said before there is a rate.
  EXPECT_EQ(Search(Style::kLive).frame(0, 1)[0], "0/10 trials, elapsed 0:00");
}

TEST(Scoreboard, CountsLinesThatNobodyCouldRead) {
  Search search(Style::kLive);
  for (std::uint64_t trial = 0; trial < Scoreboard::kLinesMax + 100; ++trial) {
    search.finish(trial, 0.5, 0);
  }
  const Texts lines = search.lines();
  ASSERT_EQ(lines.size(), Scoreboard::kLinesMax + 1);
  EXPECT_EQ(lines.back(), "... and 100 more trials finished");
  EXPECT_TRUE(search.lines().empty());
}

TEST(Scoreboard, TellsOfAFastSearchWhatMatters) {
  Search search(Style::kPlain, {{"loss", Direction::kMin}, 0, 0, 0.0, 1});
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    search.start(trial, 0);
    search.finish(trial, 0.5, 0);
  }
  EXPECT_EQ(search.lines().size(), 21U);  // the best, and 20 others
  search.finish(100, 0.25, 0);
  EXPECT_TRUE(search.lines().at(0).starts_with("trial 100 completed"));  // an improvement
  search.finish(101, 0.5, 0);
  EXPECT_TRUE(search.lines().empty());
  search.finish(102, std::nullopt, 0, TrialState::kFailed);  // failures have lines of their own
  EXPECT_EQ(search.lines().size(), 1U);
  search.board.close(0);
  EXPECT_TRUE(search.lines().empty());  // the last line said it all
  search.finish(103, 0.5, 0);
  search.board.close(0);
  search.board.close(0);
  EXPECT_EQ(search.lines(), (Texts{"104 trials, best 0.25 (trial 100), elapsed 0:00"}));
}

TEST(Allowance, IsTwentyAtOnceAndOneASecond) {
  Allowance allowance;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(allowance.take(0));
  EXPECT_FALSE(allowance.take(0.5));
  EXPECT_TRUE(allowance.take(1));
  EXPECT_FALSE(allowance.take(2, 1));  // one is kept back
  EXPECT_TRUE(allowance.take(3, 1));
  EXPECT_TRUE(allowance.take(1000));  // no more than twenty are saved up
  for (int i = 0; i < 19; ++i) EXPECT_TRUE(allowance.take(1000));
  EXPECT_FALSE(allowance.take(1000));
}

TEST(Scoreboard, TonesWhatIsBestAndWhatIsBad) {
  Search search(Style::kLive);
  search.start(0, 0);
  search.finish(0, 0.5, 1);
  search.finish(1, 0.75, 2);
  search.finish(2, std::nullopt, 3, TrialState::kInvalid);
  const std::vector<Line> lines = search.board.take_lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].tone, Tone::kGood);
  EXPECT_EQ(lines[1].tone, Tone::kPlain);
  EXPECT_EQ(lines[2].tone, Tone::kBad);
}

TEST(Scoreboard, ShowsAPauseAndOtherLimits) {
  Search search(Style::kLive);
  search.start(0, 0);
  search.finish(0, 0.5, 1);
  search.lines();
  search.change(true, 20, 2);
  EXPECT_EQ(search.lines(), (Texts{"paused: no trial begins until it goes on"}));
  EXPECT_EQ(search.frame(4, 9).back(),
            "1/20 trials, best 0.5 (trial 0), 15.0 trials/min, elapsed 0:04, paused");
  search.change(false, 20, 4);
  search.change(false, 20, 4);
  EXPECT_EQ(search.lines(), (Texts{"goes on"}));
}

}  // namespace
}  // namespace dodona::host
