// SPDX-License-Identifier: Apache-2.0
#include "document/resume.hpp"

#include "document/document.hpp"
#include "support/error_of.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::document {
namespace {

using study::Direction;
using study::State;
using support::contains;
using support::error_of;

// The state of a study that was made with `options`, and has proposed `trials` trials.
State study_of(const StudyOptions& options, int trials) {
  State state;
  std::uint64_t sequence = 0;
  const auto add = [&](std::uint64_t trial, study::Body body) {
    study::Event event;
    event.sequence = sequence++;
    event.trial = trial;
    event.body = std::move(body);
    state.apply(event);
  };
  add(study::kNoTrial, study::Created{7, "0.1.0"});
  add(study::kNoTrial, study::Configured{document_text(options)});
  for (int i = 0; i < trials; ++i) add(static_cast<std::uint64_t>(i), study::Proposed{});
  return state;
}

std::string problem(const State& state, const StudyOptions& now) {
  return error_of(DODONA_E_INVALID, [&] { check_resume(state, now, "runs/p", false); });
}

TEST(Resume, TakesTheSameOptionsAndOtherLimits) {
  StudyOptions options;
  const State state = study_of(options, 2);
  options.seed = 7;
  options.max_trials = 100;
  options.parallel_trials = 4;
  EXPECT_NO_THROW(check_resume(state, options, "runs/p", false));
}

TEST(Resume, TakesAStudyThatCrashedBeforeItsDocument) {
  EXPECT_NO_THROW(check_resume(State(), StudyOptions(), "runs/p", false));
}

TEST(Resume, RefusesAnotherSeedEvenIfChangesAreAccepted) {
  StudyOptions options;
  const State state = study_of(options, 0);
  options.seed = 8;
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { check_resume(state, options, "runs/p", true); }),
            "the study in runs/p has seed 7, not 8; leave seed out to go on, or begin anew with "
            "overwrite");
}

TEST(Resume, RefusesAnotherObjectiveUnlessChangesAreAccepted) {
  StudyOptions options;
  options.objective = {"loss", dodona::Direction::kMin};
  const State state = study_of(options, 0);
  options.objective = {"loss", dodona::Direction::kMax};
  EXPECT_TRUE(contains(problem(state, options), "has the objective min loss, not max loss;"));
  EXPECT_NO_THROW(check_resume(state, options, "runs/p", true));
}

TEST(Resume, RefusesAnotherOracleOnceItHasProposed) {
  StudyOptions options;
  const State without = study_of(options, 0);
  const State with = study_of(options, 1);
  options.oracle.plugin = "random";
  EXPECT_NO_THROW(check_resume(without, options, "runs/p", false));
  EXPECT_TRUE(contains(problem(with, options), "was made with oracle "));
  EXPECT_NO_THROW(check_resume(with, options, "runs/p", true));
}

TEST(Resume, RefusesAnotherLagEvenIfChangesAreAccepted) {
  StudyOptions options;
  const State state = study_of(options, 1);
  options.lag = 2;
  EXPECT_TRUE(
      contains(error_of(DODONA_E_INVALID, [&] { check_resume(state, options, "runs/p", true); }),
               "go on with that one, or begin anew with overwrite"));
}

TEST(Resume, NamesWhatWasTakenOutOfTheSpace) {
  StudyOptions options;
  options.space = R"([{"name": "a", "type": "boolean"}, {"name": "b", "type": "boolean"}])";
  State state = study_of(options, 1);
  study::Event grown;
  grown.sequence = state.events();
  grown.body = study::SpaceGrown{0, {support::boolean("a"), support::boolean("b")}};
  state.apply(grown);
  EXPECT_TRUE(taken_out(state, options).empty());
  options.space = R"([{"name": "b", "type": "boolean"}])";
  EXPECT_EQ(taken_out(state, options), std::vector<std::string>{"a"});
  EXPECT_TRUE(taken_out(State(), options).empty());
}

TEST(Resume, WritesObjectivesInWords) {
  const study::ObjectiveTerm loss{"loss", Direction::kMinimize};
  const study::ObjectiveTerm accuracy{"accuracy", Direction::kMaximize};
  EXPECT_EQ(to_text(study::Objective(accuracy)), "max accuracy");
  EXPECT_EQ(to_text(study::Objective({loss, accuracy})), "sum of min loss, max accuracy");
}

}  // namespace
}  // namespace dodona::document
