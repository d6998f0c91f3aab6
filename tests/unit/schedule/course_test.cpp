// SPDX-License-Identifier: Apache-2.0
#include "schedule/course.hpp"

#include "store/memory_store.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace dodona::schedule {
namespace {

using support::error_of;

// A study in memory with one hyperparameter, whose trials the test runs.
class CourseTest : public ::testing::Test {
 protected:
  CourseTest() {
    plan_.rule.name = store_->names().intern("loss");
    plan_.declared = true;
    plan_.max_trials = 2;
    const Param x = support::real("x", 0, 1);
    space_.add({{x, x}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }
  Course& course() {
    if (!course_) {
      course_ = std::make_unique<Course>(
          plan_, Course::Runs::kHere, journal_, space_, oracle_, std::vector<study::Oracle*>(),
          Course::Ears{[this](const Notice& notice) { notices_.push_back(notice.kind); }, {}});
      course_->open();
    }
    return *course_;
  }
  std::uint64_t next() {
    std::uint64_t trial = study::kNoTrial;
    EXPECT_EQ(course().next(trial), Course::Next::kTrial);
    return trial;
  }
  Course::Next answer() {
    std::uint64_t trial = 0;
    return course().next(trial);
  }
  static study::Finished failed() {
    study::Finished result;
    result.state = study::TrialState::kFailed;
    return result;
  }

  Plan plan_;
  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  support::FakeOracle oracle_;
  std::vector<Notice::Kind> notices_;
  std::unique_ptr<Course> course_;
};

TEST_F(CourseTest, LeadsATrialFromItsProposalToItsEnd) {
  const std::uint64_t trial = next();
  EXPECT_EQ(course().out(), 1U);
  study::TrialScore score(plan_.rule);
  course().enter(trial);
  {
    const auto run = course().begin({trial, 0, 0}, score);
    const study::NamedMetric loss{"loss", 0.5};
    EXPECT_EQ(run->report(1, {&loss, 1}), study::Verdict::kContinue);
    run->close();
  }
  const std::uint64_t changes = course().changes();
  course().finish(trial, score.outcome(store_->names()));
  EXPECT_EQ(course().changes(), changes + 1);
  course().wait_for_change(changes);  // does not wait
  EXPECT_EQ(course().out(), 0U);
  EXPECT_EQ(state_.best(), trial);
  using Kind = Notice::Kind;
  EXPECT_EQ(notices_, (std::vector<Kind>{Kind::kStarted, Kind::kReported, Kind::kFinished}));
}

TEST_F(CourseTest, GivesADroppedTrialFirst) {
  next();
  EXPECT_EQ(next(), 1U);
  EXPECT_EQ(answer(), Course::Next::kMaxTrials);
  course().drop(0);
  EXPECT_TRUE(course().has_reruns());
  EXPECT_EQ(next(), 0U);
  course().drop(1);
  EXPECT_TRUE(course().claim(1));
  EXPECT_FALSE(course().claim(1));
}

TEST_F(CourseTest, GivesATrialThatWasProposedBeforeAnError) {
  oracle_.shape = [&](std::uint64_t, study::Proposed& proposal) {
    journal_.append(0, proposal);  // as an oracle that proposes and then fails
    throw Error(DODONA_E_PLUGIN, "dizzy");
  };
  EXPECT_EQ(error_of(DODONA_E_PLUGIN, [&] { answer(); }), "dizzy");
  EXPECT_EQ(next(), 0U);
}

TEST_F(CourseTest, GivesNoTrialWhileItIsPaused) {
  EXPECT_EQ(next(), 0U);
  course().drop(0);
  const std::uint64_t changes = course().changes();
  course().pause(true);
  EXPECT_EQ(answer(), Course::Next::kWait) << "nor one that runs again";
  course().wait_for_change(changes);  // does not wait
  course().pause(false);
  EXPECT_EQ(next(), 0U);
}

TEST_F(CourseTest, GoesByTheLimitsOfTheMoment) {
  EXPECT_EQ(next(), 0U);
  course().set({1, 0.0, 1, 1});
  EXPECT_EQ(answer(), Course::Next::kMaxTrials);
  course().set({0, 0.0, 5, 1});
  EXPECT_EQ(course().workers(), 5U);
  for (std::uint64_t trial = 1; trial < 9; ++trial) EXPECT_EQ(next(), trial);
}

TEST_F(CourseTest, KeepsTheFirstReasonAndTheHardestEnding) {
  course().end_with(End::kMaxTrials, Ending::kNoNewTrials);
  course().end_with(End::kExhausted, Ending::kStopTrials);
  course().end_with(End::kFailures, Ending::kNoNewTrials);
  EXPECT_EQ(course().ending(), Ending::kStopTrials);
  EXPECT_EQ(answer(), Course::Next::kEnded);
  EXPECT_EQ(course().close(), End::kMaxTrials);
}

TEST_F(CourseTest, ThrowsTheFirstErrorAtTheEnd) {
  course().fail_with(std::make_exception_ptr(Error(DODONA_E_IO, "full")), Ending::kNoNewTrials);
  course().fail_with(std::make_exception_ptr(Error(DODONA_E_PLUGIN, "dizzy")), Ending::kInterrupt);
  EXPECT_EQ(course().ending(), Ending::kInterrupt);
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { course().close(); }), "full");
}

TEST_F(CourseTest, AsksWhatCameInTheMeantimeBeforeEachProposal) {
  int asked = 0;
  plan_.before_proposal = [&] { ++asked; };
  next();
  next();
  EXPECT_EQ(asked, 2);
}

TEST_F(CourseTest, EndsAfterTooManyFailures) {
  plan_.max_trials = 9;
  plan_.max_consecutive_failures = 2;
  course().finish(next(), failed());
  EXPECT_EQ(course().ending(), Ending::kNone);
  course().finish(next(), failed());
  EXPECT_EQ(course().close(), End::kFailures);
}

}  // namespace
}  // namespace dodona::schedule
