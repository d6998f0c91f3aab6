// SPDX-License-Identifier: Apache-2.0
#include "schedule/checkpoints.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"
#include "unit/schedule/scheduler_fixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace dodona::schedule {
namespace {

class CheckpointsTest : public ::testing::Test {
 protected:
  // A best checkpoint of a trial, as an execution leaves it.
  void save(std::uint64_t trial) {
    std::filesystem::create_directories(
        best_checkpoint(trial_directory(directory_.string(), trial)));
  }
  bool kept(std::uint64_t trial) const {
    return std::filesystem::exists(best_checkpoint(trial_directory(directory_.string(), trial)));
  }

  support::TemporaryDirectory directory_;
};

TEST_F(CheckpointsTest, PrefersTheEarlierOfEquals) {
  Checkpoints checkpoints(directory_.string(), 1);
  for (const std::uint64_t trial : {0u, 1u}) {
    save(trial);
    checkpoints.ended(trial, TrialState::kCompleted, 2.0, 0.0);
  }
  EXPECT_TRUE(kept(0));
  EXPECT_FALSE(kept(1));
}

TEST_F(CheckpointsTest, CountsATrialThatWasStoppedButNoneWithoutAScore) {
  Checkpoints checkpoints(directory_.string(), 2);
  save(0);
  checkpoints.ended(0, TrialState::kStopped, 2.0, 0.0);
  save(1);
  checkpoints.ended(1, TrialState::kInvalid, std::nan(""), 0.0);
  EXPECT_TRUE(kept(0));
  EXPECT_FALSE(kept(1));
}

// Of several objectives the worst front goes first, and of a front the one with the least room.
TEST_F(CheckpointsTest, KeepsThoseWithinTheLimitsFirst) {
  Checkpoints checkpoints(directory_.string(), 1);
  const std::pair<double, double> trials[] = {{1.0, 0.5}, {9.0, 0.0}, {0.0, 0.25}};
  for (std::uint64_t trial = 0; trial < 3; ++trial) {
    save(trial);
    checkpoints.ended(trial, TrialState::kCompleted, trials[trial].first, trials[trial].second);
  }
  EXPECT_FALSE(kept(0));
  EXPECT_TRUE(kept(1));
  EXPECT_FALSE(kept(2));
}

TEST_F(CheckpointsTest, KeepsTheFrontOfSeveralObjectives) {
  Checkpoints checkpoints(directory_.string(), 3);
  const study::Numbers trials[] = {{0.0, 9.0}, {5.0, 5.0}, {9.0, 0.0}, {6.0, 6.0}, {1.0, 8.0}};
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    save(trial);
    checkpoints.ended(trial, TrialState::kCompleted, trials[trial], 0.0);
  }
  EXPECT_TRUE(kept(0));
  EXPECT_TRUE(kept(1));
  EXPECT_TRUE(kept(2));
  EXPECT_FALSE(kept(3)) << "trial 1 beats it";
  EXPECT_FALSE(kept(4)) << "it stands beside trial 0";
}

// Three trials, of which the second has not ended, and fewer to be kept than before.
TEST_F(CheckpointsTest, DropsAtTheBeginningWhatIsNotToBeKept) {
  study::State state;
  const auto apply = [&](std::uint64_t trial, study::Body body) {
    study::Event event;
    event.sequence = state.events();
    event.trial = trial;
    event.body = std::move(body);
    state.apply(event);
  };
  apply(study::kNoTrial, study::Created{1, "0"});
  for (const std::uint64_t trial : {0u, 1u, 2u}) {
    save(trial);
    apply(trial, study::Proposed{});
    apply(trial, study::Started{0, 0});
    study::Finished finished;
    finished.state = TrialState::kCompleted;
    finished.objectives = 3.0 - static_cast<double>(trial);
    if (trial != 1) apply(trial, finished);
  }
  std::filesystem::create_directories(directory_ / "trials/notes");
  Checkpoints checkpoints(directory_.string(), 1);
  checkpoints.begin(state);
  EXPECT_FALSE(kept(0));
  EXPECT_TRUE(kept(1));
  EXPECT_TRUE(kept(2));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "trials/notes"));
  save(3);
  checkpoints.ended(3, TrialState::kCompleted, 0.5, 0.0);
  EXPECT_FALSE(kept(2));
  EXPECT_TRUE(kept(3));
}

TEST_F(CheckpointsTest, SaysThatTheDiskRefusesACopy) {
  const Checkpoints checkpoints(directory_.string(), 1);
  save(0);
  const std::string file = directory_ / "trials/1";
  std::ofstream(file) << "no directory";
  EXPECT_TRUE(support::contains(
      support::error_of(DODONA_E_IO, [&] { checkpoints.inherit(0, 1, 1); }), file));
}

// ---- models that are kept ----------------------------------------------------------------------

// Trial 1 is to go on where trial 0 ended. The model saves the number of steps that it did in all.
class CheckpointTest : public SchedulerTest {
 protected:
  CheckpointTest() {
    plan_.keeps_last = true;
    plan_.max_trials = 2;
    plan_.executions = 2;
    oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
      proposal.budget = trial == 0 ? 3 : 5;
      if (trial == 0) return;
      proposal.resume_of = 0;
      proposal.start_step = 3;
    };
  }

  bool train(study::Run& run) {
    std::uint64_t done = 0;
    if (!run.resume_directory.empty()) std::ifstream(run.resume_directory + "/steps") >> done;
    starts_.push_back(done);
    EXPECT_EQ(done, run.start_step);
    while (done < run.budget) {
      const NamedMetric loss{"loss", 1.0 / static_cast<double>(++done)};
      run.report(done, {&loss, 1});
      const std::string to = run.save_directory();
      if (to.empty()) continue;
      EXPECT_TRUE(std::filesystem::is_empty(to));
      std::ofstream(to + "/steps") << done;
      run.saved();
      EXPECT_EQ(run.save_directory(), "");
    }
    return true;
  }
  End search() {
    return run([this](study::Run& each) { return train(each); });
  }

  support::TemporaryDirectory directory_;
  std::vector<std::uint64_t> starts_;
};

TEST_F(CheckpointTest, GoesOnFromTheLastStateOfEachExecution) {
  plan_.directory = directory_.string();
  search();
  EXPECT_EQ(starts_, (std::vector<std::uint64_t>{0, 0, 3, 3}));
  EXPECT_EQ(trial(1).best_step, 5u);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "trials/1/1/last/steps"));
}

// A model whose patience ended exactly at the checkpoint reported nothing after its promotion, and
// the trial failed; three of them ended the search.
TEST_F(CheckpointTest, KeepsTheScoreOfTheTrialBeforeWhereNothingIsLeftToDo) {
  plan_.directory = directory_.string();
  plan_.keep = 2;
  plan_.max_trials = 3;
  oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
    proposal.budget = 3 + 2 * trial;
    if (trial == 0) return;
    proposal.resume_of = trial - 1;
    proposal.start_step = proposal.budget - 2;
  };
  std::vector<std::string> resumed;
  run([&](study::Run& each) {
    if (each.trial == 0) return train(each);
    resumed.push_back(each.resume_directory);
    return true;
  });
  EXPECT_EQ(resumed.size(), 4U);
  for (const std::string& from : resumed) EXPECT_NE(from, "");
  for (const std::uint64_t id : {1U, 2U}) {
    EXPECT_EQ(trial(id).state, study::TrialState::kCompleted) << trial(id).message;
    EXPECT_EQ(trial(id).score, trial(0).score);
    ASSERT_EQ(trial(id).metrics.size(), 1U);
    EXPECT_EQ(trial(id).metrics[0].value, trial(0).metrics[0].value);
    EXPECT_EQ(trial(id).executions, trial(0).executions);
    EXPECT_EQ(trial(id).best_step, 3U);
    const std::string kept = directory_ / ("trials/" + std::to_string(id));
    EXPECT_TRUE(std::filesystem::exists(kept + "/1/last/steps"));
    EXPECT_EQ(std::filesystem::exists(kept + "/best/steps"), id == 1) << "two are kept";
  }
}

// The limit was lowered below what the trial before had done.
TEST_F(CheckpointTest, KeepsTheScoreOfTheTrialBeforeWhereTheLimitLeavesNothingToDo) {
  plan_.directory = directory_.string();
  plan_.max_steps = 3;
  search();
  EXPECT_EQ(starts_, (std::vector<std::uint64_t>{0, 0})) << "the model was not asked again";
  EXPECT_EQ(trial(1).state, study::TrialState::kCompleted) << trial(1).message;
  EXPECT_EQ(trial(1).budget, 3U);
  EXPECT_EQ(trial(1).score, trial(0).score);
  EXPECT_EQ(trial(1).assignments, (Values{{0, Cell::real(0.01)}}));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "trials/1/1/last/steps"));
}

TEST_F(CheckpointTest, RefusesAProposalThatTheLimitLeavesNothingOf) {
  plan_.max_steps = 3;
  oracle_.shape = [](std::uint64_t, study::Proposed& proposal) { proposal.start_step = 3; };
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { search(); }),
            "the proposal is refused: start_step 3 is not below budget 3, which max_steps limits, "
            "and it goes on from no trial");
  EXPECT_TRUE(state_.trials().empty());
}

// The score of the trial before once stood beside values that nobody had tried.
TEST_F(CheckpointTest, RefusesOtherValuesWhereTheLimitLeavesNothingToDo) {
  plan_.directory = directory_.string();
  plan_.max_steps = 3;
  oracle_.shape = [](std::uint64_t trial, study::Proposed& proposal) {
    if (trial == 0) return;
    proposal.resume_of = 0;
    proposal.start_step = 3;
    proposal.assignments[0].cell = Cell::real(0.75);
  };
  const auto reads = [this](study::Run& each) {
    each.asker().get("x");
    return train(each);
  };
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { run(reads); }),
            "the proposal is refused: start_step 3 is not below budget 3, which max_steps limits, "
            "and its values are not those of trial 0, from which it goes on");
  EXPECT_EQ(state_.trials().size(), 1U);
}

TEST_F(CheckpointTest, RefusesARepetitionWithOtherValues) {
  plan_.directory = directory_.string();
  oracle_.shape = [&](std::uint64_t trial, study::Proposed& proposal) {
    if (trial == 0) return;
    proposal.repeat_of = 0;
    proposal.assignments[0].cell = Cell::real(0.75);
  };
  const auto reads = [this](study::Run& each) {
    each.asker().get("x");
    return train(each);
  };
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { run(reads); }),
            "the proposal is refused: it repeats trial 0 and has other values");
  EXPECT_EQ(state_.trials().size(), 1U);
}

// A trial that reported nothing although it began anew said nothing of the objective.
TEST_F(CheckpointTest, FailsWhereNothingIsReportedWithoutACheckpoint) {
  run([&](study::Run& each) { return each.trial > 0 || train(each); });
  EXPECT_EQ(trial(1).state, study::TrialState::kFailed);
}

TEST_F(CheckpointTest, StartsOverWhereNothingWasKept) {
  search();  // in memory
  EXPECT_EQ(starts_, (std::vector<std::uint64_t>{0, 0, 0, 0}));
  EXPECT_EQ(trial(1).best_step, 5u);
  plan_.max_trials = 3;
  plan_.max_steps = 3;  // which trial 0 had done
  search();
  EXPECT_EQ(trial(2).best_step, 3u);
}

TEST_F(CheckpointTest, KeepsNothingOnceNothingCanGoOn) {
  plan_.directory = directory_.string();
  plan_.max_trials = 0;
  oracle_.on_propose = [](std::uint64_t trial) {
    return trial < 2 ? study::Answer::kProposed : study::Answer::kExhausted;
  };
  EXPECT_EQ(search(), End::kExhausted);
  EXPECT_EQ(starts_.back(), 3u);
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "trials"));
}

TEST_F(CheckpointTest, HasADirectoryForWhoeverAsksForOne) {
  plan_.directory = directory_.string();
  plan_.executions = 1;
  run([&](study::Run& each) {
    if (each.trial == 1) each.make_directory();
    EXPECT_EQ(std::filesystem::exists(directory_ / "trials/1"), each.trial == 1);
    EXPECT_EQ(each.directory, directory_.string() + "/trials/" + std::to_string(each.trial));
    const NamedMetric loss{"loss", 1.0};
    each.finish({&loss, 1});
    return true;
  });
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/1")) << "nothing was left in it";
}

TEST_F(CheckpointTest, IsNotAskedForByOthers) {
  plan_.directory = directory_.string();
  plan_.keeps_last = false;
  search();
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
}

// Every trial has two executions of three steps, whose losses are given, and saves where it is.
class BestTest : public SchedulerTest {
 protected:
  BestTest() {
    plan_.directory = directory_.string();
    plan_.executions = 2;
    plan_.keep = 2;
  }

  using Losses = std::vector<double>;
  void search(const std::vector<std::vector<Losses>>& losses) {
    plan_.max_trials = losses.size();
    run([&](study::Run& each) {
      const std::string where = std::to_string(each.execution) + " ";
      std::uint64_t step = 0;
      for (const double value : losses[each.trial][each.execution]) {
        const NamedMetric loss{"loss", value};
        each.report(++step, {&loss, 1});
        const std::string to = each.save_directory();
        if (to.empty()) continue;
        std::ofstream(to + "/where") << where << step;
        each.saved();
      }
      return true;
    });
  }

  // Where the best model of a trial was saved: "execution step", or "" if none is kept.
  std::string best(std::uint64_t id) const {
    const std::string path = best_checkpoint(trial_directory(directory_.string(), id));
    std::string where;
    if (std::ifstream file(path + "/where"); file) std::getline(file, where);
    return where;
  }

  support::TemporaryDirectory directory_;
};

TEST_F(BestTest, IsTheModelAtTheLowestObjectiveOfAllExecutions) {
  plan_.keep = kKeepAll;
  search({{{3, 1, 2}, {5, 4, 3}}, {{3, 2, 2}, {5, 1, 4}}});
  EXPECT_EQ(best(0), "0 2");
  EXPECT_EQ(best(1), "1 2");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0/best.new"));
}

TEST_F(BestTest, StaysForTheBestTrialsAlone) {
  search({{{3}, {3}}, {{1}, {1}}, {{4}, {4}}, {{2}, {2}}});
  EXPECT_EQ(best(1), "0 1");
  EXPECT_EQ(best(3), "0 1");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/2"));
}

TEST_F(BestTest, GoesWithATrialThatFails) {
  plan_.max_trials = 1;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    each.report(1, {&loss, 1});
    std::ofstream(each.save_directory() + "/where") << "1";
    each.saved();
    EXPECT_EQ(best(0), "1");
    throw std::runtime_error("out of cheese");
    return false;
  });
  EXPECT_EQ(trial(0).state, TrialState::kFailed);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials/0"));
}

TEST_F(BestTest, IsNoneWhereNoneIsToBeKept) {
  plan_.keep = 0;
  search({{{3}, {3}}});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "trials"));
}

TEST_F(BestTest, IsTheLastOneTooAtTheEndOfTheBudget) {
  plan_.keeps_last = true;
  oracle_.shape = [](std::uint64_t, study::Proposed& proposal) { proposal.budget = 3; };
  search({{{3, 2, 1}, {3, 2, 4}}});
  EXPECT_EQ(best(0), "0 3");
  for (const char* execution : {"0", "1"}) {
    std::string where;
    std::ifstream file(directory_ / "trials/0" / execution / "last/where");
    std::getline(file, where);
    EXPECT_EQ(where, std::string(execution) + " 3");
  }
}

TEST_F(BestTest, OfAModelThatReportsNothingIsTheOneAtItsEnd) {
  plan_.max_trials = 1;
  plan_.executions = 1;
  run([&](study::Run& each) {
    const NamedMetric loss{"loss", 1.0};
    each.finish({&loss, 1});
    std::ofstream(each.save_directory() + "/where") << "end";
    each.saved();
    return true;
  });
  EXPECT_EQ(best(0), "end");
}

}  // namespace
}  // namespace dodona::schedule
