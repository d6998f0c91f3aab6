// SPDX-License-Identifier: Apache-2.0
#include "document/resume.hpp"

#include "base/json.hpp"
#include "document/document.hpp"
#include "support/error_of.hpp"
#include "support/example_module.hpp"
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

// No plugin is there: choices are compared as they stand.
const plugin::Catalogue& catalogue() {
  static const plugin::Catalogue none;
  return none;
}

std::string problem(const State& state, const StudyOptions& now) {
  return error_of(DODONA_E_INVALID,
                  [&] { check_resume(state, now, catalogue(), "runs/p", false); });
}

TEST(Resume, TakesTheSameSettingsAndOtherLimits) {
  StudyOptions options;
  const State state = study_of(options, 2);
  options.seed = 7;
  options.max_trials = 100;
  options.parallel_trials = 4;
  EXPECT_NO_THROW(check_resume(state, options, catalogue(), "runs/p", false));
}

// Logs of 0.1 have no checksum: a value may be damaged.
TEST(Resume, NamesTheFileOfADocumentThatCannotBeRead) {
  const StudyOptions options;
  std::string document = document_text(options);
  document.replace(document.find("sqlite"), 6, "sqli|e");
  State state;
  study::Event event;
  event.sequence = 0;
  event.body = study::Configured{document};
  state.apply(event);
  event.sequence = 1;
  event.trial = 0;
  event.body = study::Proposed{};
  state.apply(event);
  const std::string message =
      error_of(DODONA_E_IO, [&] { check_resume(state, options, catalogue(), "runs/p", false); });
  EXPECT_TRUE(contains(message, "cannot use the study document:")) << message;
  EXPECT_TRUE(contains(message, "store: \"sqli|e\" is not one of")) << message;
  EXPECT_TRUE(contains(message, "it lies in \"runs/p/study.db\", which is damaged")) << message;
}

TEST(Resume, TakesAStudyThatCrashedBeforeItsDocument) {
  EXPECT_NO_THROW(check_resume(State(), StudyOptions(), catalogue(), "runs/p", false));
}

TEST(Resume, RefusesAnotherSeedEvenIfChangesAreAccepted) {
  StudyOptions options;
  const State state = study_of(options, 0);
  options.seed = 8;
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] { check_resume(state, options, catalogue(), "runs/p", true); }),
            "the study in runs/p has seed 7, not 8; leave seed out to go on, or begin anew with "
            "overwrite");
}

TEST(Resume, RefusesAnotherObjectiveUnlessChangesAreAccepted) {
  StudyOptions options;
  options.objective = {"loss", dodona::Direction::kMin};
  const State empty = study_of(options, 0);
  const State state = study_of(options, 1);
  options.objective = {"loss", dodona::Direction::kMax};
  EXPECT_TRUE(contains(problem(state, options), "has the objective min loss, not max loss;"));
  EXPECT_NO_THROW(check_resume(state, options, catalogue(), "runs/p", true));
  // A wrong objective, refused before the first trial, stood in the way of the right one.
  EXPECT_NO_THROW(check_resume(empty, options, catalogue(), "runs/p", false));
}

TEST(Resume, RefusesAnotherOracleOnceItHasProposed) {
  StudyOptions options;
  const State without = study_of(options, 0);
  const State with = study_of(options, 1);
  options.oracle.plugin = "random";
  EXPECT_NO_THROW(check_resume(without, options, catalogue(), "runs/p", false));
  EXPECT_TRUE(contains(problem(with, options), "was made with oracle "));
  EXPECT_NO_THROW(check_resume(with, options, catalogue(), "runs/p", true));
}

TEST(Resume, RefusesAnotherLagEvenIfChangesAreAccepted) {
  StudyOptions options;
  const State state = study_of(options, 1);
  options.lag = 2;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] { check_resume(state, options, catalogue(), "runs/p", true); }),
                       "go on with that one, or begin anew with overwrite"));
}

// A study of the oracle idle, whose document and identity are those given.
State idle_study(std::string document, const std::string& id = "org.example.idle") {
  State state;
  const std::vector<study::PluginIdentity> plugins = {{DODONA_ROLE_ORACLE, id, "0.0.9", "old"}};
  std::uint64_t sequence = 0;
  for (study::Body body : {study::Body(study::Created{7, "0.1.0"}),
                           study::Body(study::Configured{std::move(document), plugins}),
                           study::Body(study::Proposed{})}) {
    study::Event event;
    event.trial = sequence == 2 ? 0 : study::kNoTrial;
    event.sequence = sequence++;
    event.body = std::move(body);
    state.apply(event);
  }
  return state;
}

StudyOptions idle_settings(const std::string& options) {
  const auto document = base::parse_json(
      R"({"oracle": {"plugin": "idle", "options": )" + options + "}}", "study.json");
  return parse_document(document, support::example_catalogue());
}

// An upgrade once refused every study: the old document lacks the option that is new.
TEST(Resume, CompletesTheStudysOptionsByTheTableOfToday) {
  const StudyOptions now = idle_settings(R"({"count": 4})");
  std::string document = document_text(now);
  const std::string option = R"("mode": "fast",)";
  const std::size_t at = document.find(option);
  ASSERT_NE(at, std::string::npos) << document;
  document.erase(at, option.size());
  const auto check = [&](const StudyOptions& options) {
    check_resume(idle_study(document), options, support::example_catalogue(), "runs/p", false);
  };
  EXPECT_NO_THROW(check(now));
  const StudyOptions exact = idle_settings(R"({"count": 4, "mode": "exact"})");
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { check(exact); }),
                       "go on with that one, or all the same with --accept-changes"));
}

TEST(Resume, RefusesAnotherPluginOfTheSameNameUnlessChangesAreAccepted) {
  const StudyOptions now = idle_settings("{}");
  const State state = idle_study(document_text(now), "com.other.idle");
  const auto check = [&](bool accept_changes) {
    check_resume(state, now, support::example_catalogue(), "runs/p", accept_changes);
  };
  const std::string message = error_of(DODONA_E_INVALID, [&] { check(false); });
  EXPECT_TRUE(contains(message, "(com.other.idle), not "));
  EXPECT_TRUE(contains(message, "(org.example.idle); go on with that one"));
  EXPECT_NO_THROW(check(true));
}

TEST(Resume, TakesAPluginByItsIdInsteadOfItsName) {
  StudyOptions now = idle_settings("{}");
  const State state = idle_study(document_text(now));
  now.oracle.plugin = "org.example.idle";
  EXPECT_NO_THROW(check_resume(state, now, support::example_catalogue(), "runs/p", false));
}

TEST(Resume, NamesPluginsOfAnotherVersionOrBuild) {
  const study::PluginIdentity idle{"o", "org.example.idle", "1.0", "aa"};
  study::PluginIdentity rebuilt = idle;
  rebuilt.build_id = "bb";
  study::PluginIdentity newer = idle;
  newer.version = "1.1";
  EXPECT_EQ(changed_builds({idle}, {idle}), "");
  EXPECT_EQ(changed_builds({}, {idle}), "");
  EXPECT_EQ(changed_builds({idle}, {rebuilt}), "org.example.idle 1.0 (another build)");
  EXPECT_EQ(changed_builds({idle}, {newer}), "org.example.idle 1.1 (was 1.0)");
}

TEST(Resume, NamesWhatWasTakenOutOfTheSpace) {
  StudyOptions options;
  options.space = R"([{"name": "a", "type": "boolean"}, {"name": "b", "type": "boolean"}])";
  State state = study_of(options, 1);
  study::Event grown;
  grown.sequence = state.events();
  grown.body = study::SpaceGrown{0, {support::boolean("a"), support::boolean("b")}};
  state.apply(grown);
  EXPECT_TRUE(taken_out(state, options, "runs/p").empty());
  options.space = R"([{"name": "b", "type": "boolean"}])";
  EXPECT_EQ(taken_out(state, options, "runs/p"), std::vector<std::string>{"a"});
  EXPECT_TRUE(taken_out(State(), options, "runs/p").empty());
}

TEST(Resume, WritesObjectivesInWords) {
  const study::ObjectiveTerm loss{"loss", Direction::kMinimize};
  const study::ObjectiveTerm accuracy{"accuracy", Direction::kMaximize};
  EXPECT_EQ(to_text(study::Objective(accuracy)), "max accuracy");
  EXPECT_EQ(to_text(study::Objective({loss, accuracy})), "sum of min loss, max accuracy");
}

TEST(Resume, NamesTheConstraintsThatWereTakenOut) {
  StudyOptions options;
  options.space = R"([{"name": "a", "type": "int", "min_value": 1, "max_value": 9}])";
  options.constraints = {"a > 1", "a < 9"};
  State state = study_of(options, 1);
  study::Event grown;
  grown.sequence = state.events();
  grown.body = study::SpaceGrown{0, {support::integer("a", 1, 9)}, {"a > 1", "a < 9"}};
  state.apply(grown);
  EXPECT_TRUE(constraints_taken_out(state, options, "runs/p").empty());
  options.constraints = {"a != 5", "a < 9"};
  EXPECT_EQ(constraints_taken_out(state, options, "runs/p"), std::vector<std::string>{"a > 1"});
  EXPECT_TRUE(constraints_taken_out(State(), options, "runs/p").empty());
}

}  // namespace
}  // namespace dodona::document
