// SPDX-License-Identifier: Apache-2.0
//
// The files here are written by hand after KerasTuner's format; tests/e2e has a whole project.
#include "import/keras_tuner.hpp"

#include "space/definition.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/study.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::import {
namespace {

using study::TrialState;
using support::contains;

const std::string kX =
    R"({"class_name": "Float", "config": {"name": "x", "default": 0.0, "conditions": [],
        "min_value": 0.0, "max_value": 1.0, "step": null, "sampling": "linear"}})";

std::string oracle(const std::string& space = kX, const std::string& more = "\"seed\": 5") {
  return R"({"hyperparameters": {"space": [)" + space + R"(], "values": {}}, )" + more + "}";
}

struct TrialText {
  std::string id = "0";
  std::string values = R"({"x": 0.5})";
  std::string metrics = R"({"loss": {"direction": "min", "observations": [
                           {"value": [0.5], "step": 0}]}})";
  std::string score = "0.5";
  std::string status = "COMPLETED";
  std::string message = "null";
  std::string space{};

  KerasTunerFile file() const {
    return {"trial_" + id, R"({"trial_id": ")" + id + R"(", "hyperparameters": {"space": [)" +
                               space + R"(], "values": )" + values +
                               R"(}, "metrics": {"metrics": )" + metrics + R"(}, "score": )" +
                               score + R"(, "best_step": 0, "status": ")" + status +
                               R"(", "message": )" + message + "}"};
  }
};

ImportedStudy parsed(const std::string& oracle_text, const std::vector<TrialText>& trials,
                     const std::string& objective = "") {
  std::vector<KerasTunerFile> files;
  for (const TrialText& trial : trials) files.push_back(trial.file());
  return parse_keras_tuner({"oracle", oracle_text}, files, objective);
}

std::string problem(const std::string& oracle_text, const std::vector<TrialText>& trials,
                    const std::string& objective = "") {
  return support::error_of(DODONA_E_INVALID, [&] { parsed(oracle_text, trials, objective); });
}

std::string entry(const std::string& kind, const std::string& config) {
  return R"({"class_name": ")" + kind + R"(", "config": {)" + config + "}}";
}

TEST(KerasTuner, TakesEveryKindOfDefinition) {
  const std::string when = R"("conditions": [{"class_name": "Parent",
                               "config": {"name": "opt", "values": ["sgd", "rms"]}}])";
  const std::pair<std::string, std::string> all[] = {
      {entry("Int", R"("name": "n", "min_value": 1, "max_value": 9, "step": 1,
                       "sampling": "linear", "default": null)"),
       "int n in [1, 9], default 1"},
      {entry("Int", R"("name": "m", "min_value": 2, "max_value": 64, "step": 2,
                       "sampling": "log", "default": 8)"),
       "int m in [2, 64], log, step 2, default 8"},
      {entry("Float", R"("name": "f", "min_value": 1, "max_value": 10.0, "step": null,
                         "sampling": "reverse_log", "default": 2)"),
       "float f in [1, 10], reverse_log, default 2"},
      {entry("Choice", R"("name": "opt", "values": ["adam", "sgd", "rms", "sgd"],
                          "default": "sgd", "ordered": false)"),
       "choice opt of {adam, sgd, rms}, default sgd"},
      {entry("Choice", R"("name": "k", "values": [3, 5], "default": null, "ordered": true)"),
       "choice k of {3, 5}, default 3"},
      {entry("Boolean", R"("name": "b", "default": true)"), "boolean b, default true"},
      {entry("Fixed", R"("name": "c", "value": "relu")"), "fixed c of {relu}, default relu"},
      {entry("Float", R"("name": "mom", "min_value": 0.0, "max_value": 0.9, "step": 0.1,
                         "sampling": null, "default": 0.30000000000000004, )" +
                          when),
       "float mom in [0, 0.9], step 0.1, default 0.3, when opt is sgd or rms"}};
  std::string list;
  for (const auto& each : all) list += (list.empty() ? "" : ", ") + each.first;
  const ImportedStudy project = parsed(oracle(list), {TrialText{.values = "{}"}});
  ASSERT_EQ(project.space.size(), std::size(all));
  for (std::size_t i = 0; i < project.space.size(); ++i) {
    EXPECT_EQ(space::to_text(project.space[i]), all[i].second);
  }
  EXPECT_TRUE(project.space[4].ordered);
  EXPECT_TRUE(project.notes.empty());
}

TEST(KerasTuner, MovesADefaultIntoItsRangeAndSaysSo) {
  const ImportedStudy project =
      parsed(oracle(entry("Int", R"("name": "n", "min_value": 1, "max_value": 6, "step": 2,
                             "default": 99)")),
             {TrialText{.values = "{}"}});
  EXPECT_EQ(project.space[0].initial.whole(), 5);
  ASSERT_EQ(project.notes.size(), 1U);
  EXPECT_EQ(project.notes[0], "the default 99 of \"n\" is not one of its values; it is 5 now");
}

TEST(KerasTuner, AddsWhatOnlyATrialDefinesAndKeepsTheFirstDefinition) {
  const std::string wider = R"({"class_name": "Float", "config": {"name": "x",
                                "min_value": 0, "max_value": 9}})";
  const ImportedStudy project =
      parsed(oracle(), {TrialText{.values = R"({"x": 0.5, "b": true})",
                                  .space = wider + ", " + entry("Boolean", R"("name": "b")")}});
  ASSERT_EQ(project.space.size(), 2U);
  EXPECT_EQ(project.space[0].high.real(), 1.0);
  EXPECT_EQ(project.trials[0].assignments.size(), 2U);
}

TEST(KerasTuner, LeavesInactiveAndUndefinedValuesOut) {
  const std::string conditional =
      entry("Boolean", R"("name": "nesterov", "conditions": [{"class_name": "Parent",
                          "config": {"name": "opt", "values": ["sgd"]}}])");
  const ImportedStudy project = parsed(
      oracle(entry("Choice", R"("name": "opt", "values": ["adam", "sgd"])") + ", " + conditional),
      {TrialText{.values = R"({"opt": "adam", "nesterov": true, "ghost": 1})"}});
  ASSERT_EQ(project.trials[0].assignments.size(), 1U);
  EXPECT_EQ(project.notes, std::vector<std::string>{
                               "the values of \"ghost\" are left out: it is not in the space"});
}

TEST(KerasTuner, LeavesATrialOutThatTheSpaceCannotHold) {
  const ImportedStudy project =
      parsed(oracle(), {TrialText{.id = "0", .values = R"({"x": 2.5})"}, TrialText{.id = "1"}});
  ASSERT_EQ(project.trials.size(), 1U);
  EXPECT_EQ(project.trials[0].assignments[0].cell.real(), 0.5);
  ASSERT_EQ(project.notes.size(), 1U);
  EXPECT_TRUE(contains(project.notes[0],
                       "trial_0:1:68: hyperparameters.values.x: 2.5 is not a "
                       "value of float x in [0, 1]"))
      << project.notes[0];
}

TEST(KerasTuner, KeepsAllObservationsOfAllExecutions) {
  const ImportedStudy project = parsed(oracle(),
                                       {TrialText{.metrics = R"({
           "acc": {"direction": "max", "observations": [{"value": [0.25, 0.75], "step": 4},
                   {"value": [0.75, NaN], "step": 3}, {"value": [0.0, 1.0], "step": 5.0}]},
           "loss": {"direction": "min", "observations": [{"value": [-Infinity], "step": 4},
                    {"value": [Infinity], "step": null}]}})",
                                                  .score = "0.5"}},
                                       "acc");
  ASSERT_EQ(project.trials.size(), 1U);
  const ImportedTrial& trial = project.trials[0];
  ASSERT_EQ(trial.executions.size(), 2U);
  using Metrics = ImportedTrial::Metrics;
  EXPECT_EQ(trial.executions[0].at(0), (Metrics{{"loss", INFINITY}}));
  EXPECT_EQ(trial.executions[0].at(3), (Metrics{{"acc", 0.75}}));
  EXPECT_EQ(trial.executions[0].at(4), (Metrics{{"acc", 0.25}, {"loss", -INFINITY}}));
  EXPECT_TRUE(std::isnan(trial.executions[1].at(3)[0].second));
  EXPECT_EQ(trial.executions[1].at(5), (Metrics{{"acc", 1.0}}));
  EXPECT_EQ(project.objective.direction, study::Direction::kMaximize);
  EXPECT_EQ(trial.objectives,
            (std::vector<double>{-0.5}));  // steps 4 and 5 have the same mean: the first one counts
  EXPECT_EQ(trial.best_step, 4U);
  EXPECT_EQ(trial.metrics, (Metrics{{"acc", 0.5}, {"loss", -INFINITY}}));
}

TEST(KerasTuner, TranslatesEveryStatus) {
  const std::string bare = "{}";
  const ImportedStudy project =
      parsed(oracle(kX, R"("retry_queue": ["5"])"),
             {TrialText{.id = "0"}, TrialText{.id = "1", .score = "null", .status = "RUNNING"},
              TrialText{.id = "2", .metrics = bare, .score = "null", .status = "IDLE"},
              TrialText{.id = "3",
                        .metrics = bare,
                        .score = "null",
                        .status = "FAILED",
                        .message = R"("NaN \"here\"\nand there")"},
              TrialText{.id = "4", .score = "NaN", .status = "INVALID"},
              TrialText{.id = "5", .score = "NaN", .status = "INVALID"},
              TrialText{.id = "6", .score = "0.5", .status = "STOPPED"},
              TrialText{.id = "7", .metrics = bare, .score = "NaN"}});
  const TrialState states[] = {TrialState::kCompleted, TrialState::kRunning, TrialState::kWaiting,
                               TrialState::kFailed,    TrialState::kInvalid, TrialState::kRunning,
                               TrialState::kStopped,   TrialState::kInvalid};
  ASSERT_EQ(project.trials.size(), std::size(states));
  for (std::size_t i = 0; i < std::size(states); ++i) {
    EXPECT_EQ(project.trials[i].state, states[i]) << i;
    const bool scored = i == 0 || i == 6;
    EXPECT_EQ(!project.trials[i].objectives.empty(), scored) << i;
  }
  EXPECT_EQ(project.trials[3].message, "NaN \"here\"\nand there");
  EXPECT_EQ(project.trials[7].message, "\"loss\" was never finite");
}

TEST(KerasTuner, OrdersTrialsByTheirStart) {
  const ImportedStudy project = parsed(oracle(kX, R"("start_order": ["b", "gone", "a"])"),
                                       {TrialText{.id = "c", .values = R"({"x": 0.3})"},
                                        TrialText{.id = "a", .values = R"({"x": 0.1})"},
                                        TrialText{.id = "b", .values = R"({"x": 0.2})"}});
  std::vector<double> xs;
  for (const ImportedTrial& trial : project.trials) xs.push_back(trial.assignments[0].cell.real());
  EXPECT_EQ(xs, (std::vector<double>{0.2, 0.1, 0.3}));
}

TEST(KerasTuner, ReadsWhatHyperbandKeepsAmongTheValues) {
  const std::string promoted = R"({"x": 0.5, "tuner/epochs": 9, "tuner/initial_epoch": 3,
                                   "tuner/bracket": 2, "tuner/round": 1, "tuner/trial_id": "a"})";
  const ImportedStudy project = parsed(
      oracle(), {TrialText{.id = "a", .values = R"({"x": 0.5, "tuner/epochs": 3})"},
                 TrialText{.id = "b", .values = promoted},
                 TrialText{.id = "c", .values = promoted, .score = "null", .status = "RUNNING"}});
  EXPECT_EQ(project.trials[0].budget, 3U);
  EXPECT_EQ(project.trials[0].resume_of, study::kNoTrial);
  EXPECT_EQ(project.trials[1].budget, 9U);
  EXPECT_EQ(project.trials[1].start_step, 3U);
  EXPECT_EQ(project.trials[1].resume_of, 0U);
  EXPECT_EQ(project.trials[2].budget, 9U);
  EXPECT_EQ(project.trials[2].start_step, 0U);  // there is no checkpoint to go on from
  EXPECT_EQ(project.trials[2].resume_of, study::kNoTrial);
  EXPECT_TRUE(project.notes.empty());
}

TEST(KerasTuner, FindsTheObjectiveByTheScores) {
  const auto two = [](const std::string& id, const std::string& a, const std::string& b,
                      const std::string& score) {
    const auto one = [](const std::string& name, const std::string& value) {
      return "\"" + name + R"(": {"direction": "min", "observations": [{"value": [)" + value +
             R"(], "step": 0}]})";
    };
    return TrialText{
        .id = id, .metrics = "{" + one("a", a) + ", " + one("b", b) + "}", .score = score};
  };
  const TrialText either = two("0", "1.0", "1.0", "1.0");
  EXPECT_EQ(parsed(oracle(), {either, two("1", "1.0", "2.0", "2.0")}).objective.name, "b");
  EXPECT_EQ(parsed(oracle(), {either}, "a").objective.name, "a");
  EXPECT_EQ(problem(oracle(), {either}),
            "oracle: the scores are those of several metrics; say which metric decides with "
            "--objective: a or b");
  EXPECT_TRUE(contains(problem(oracle(), {two("0", "1.0", "2.0", "3.0")}),
                       "not those of one metric; a sum of objectives is not imported"));
  EXPECT_TRUE(contains(problem(oracle(), {two("0", "1.0", "2.0", "NaN")}), "no trial has a score"));
  EXPECT_TRUE(contains(problem(oracle(), {either}, "bb"), "no trial has the metric \"bb\""));
  EXPECT_TRUE(contains(problem(oracle(), {}), "no trial has a score; say which metric decides"));
  EXPECT_EQ(parsed(oracle(), {}, "val_accuracy").objective.direction, study::Direction::kMaximize);
  TrialText sum{.metrics = R"({"multi_objective": {"direction": "min", "observations": [
                              {"value": [0.5], "step": 0}]}})"};
  EXPECT_TRUE(contains(problem(oracle(), {sum}), "the objective is a sum of metrics"));
}

TEST(KerasTuner, NamesFileLineAndKeyOfWhatIsWrong) {
  const auto with = [](auto member, const std::string& text) {
    TrialText trial;
    trial.*member = text;
    return trial;
  };
  const auto observed = [](const std::string& list) {
    return R"({"loss": {"direction": "min", "observations": )" + list + "}}";
  };
  const std::vector<TrialText> good = {TrialText{}};
  const std::pair<std::string, std::string> all[] = {
      {problem("{\"hyperparameters\": {\n  \"space\": [NaNs]}}", good), "oracle:2:16: "},
      {problem(R"({"seed": 1})", good), R"(oracle:1:1: lacks "hyperparameters")"},
      {problem(oracle(kX, R"("seed": "a")"), good), "seed: is a string; it should be an integer"},
      {problem(oracle(entry("Lambda", "")), good), "space[0].class_name: \"Lambda\" is not one of"},
      {problem(oracle(entry("Float", R"("name": "x", "min_value": 0.0)")), good),
       "hyperparameters.space[0].config: lacks \"max_value\""},
      {problem(oracle(entry("Float", R"("name": "x", "min_value": 0.0, "max_value": Infinity)")),
               good),
       "config.max_value: is a string; it should be a number"},
      {problem(oracle(entry("Int", R"("name": "n", "min_value": 3, "max_value": 1)")), good),
       "min_value 3 is above max_value 1"},
      {problem(oracle(entry("Choice", R"("name": "c", "values": [1, 2], "default": 3)")), good),
       "config.default: 3 is not one of the values of choice c of {1, 2}"},
      {problem(oracle(entry("Boolean", R"("name": "b", "conditions": [{"class_name": "Parent",
                                          "config": {"name": "a", "values": [1]}}])")),
               good),
       "hyperparameters.space[0]: hyperparameter \"b\" depends on \"a\""},
      {problem(oracle(), {with(&TrialText::status, "DONE")}), "trial_0:2:101: status: \"DONE\""},
      {problem(oracle(), {with(&TrialText::metrics, observed(R"([{"value": [], "step": 0}])"))}),
       "metrics.metrics.loss.observations[0].value: is empty"},
      {problem(oracle(), {with(&TrialText::metrics, observed(R"([{"value": [1], "step": 0.5}])"))}),
       "observations[0].step: 0.5 is not a whole number of 0 or more"},
      {problem(oracle(), {with(&TrialText::metrics,
                               observed(R"([{"value": 1, "step": 2}, {"value": 1, "step": 2}])"))}),
       "observations[1]: has the step of an observation before it"},
      {problem(oracle(), {TrialText{}, TrialText{}}), "trial_id: another trial has this id"}};
  for (const auto& [message, part] : all) EXPECT_TRUE(contains(message, part)) << message;
}

TEST(KerasTuner, MakesALogOfTrialsThatNoOracleProposed) {
  const ImportedStudy project = parsed(
      oracle(), {TrialText{.id = "0", .score = "null", .status = "RUNNING"}, TrialText{.id = "1"}});
  study::Names names;
  const std::vector<study::Event> events = events_of(project, StudyOptions(), names);
  std::vector<std::size_t> kinds;
  for (const study::Event& event : events) kinds.push_back(event.body.index());
  // created, configured, space grown; twice enqueued, proposed, started, reported; finished
  EXPECT_EQ(kinds, (std::vector<std::size_t>{0, 1, 2, 3, 6, 7, 9, 3, 6, 7, 9, 10}));
  const auto& second = std::get<study::Proposed>(events[8].body);
  EXPECT_EQ(second.enqueued, 7U);
  EXPECT_EQ(second.seen, 0U);  // with a lag: trial 0 has had no turn yet
  EXPECT_EQ(std::get<study::Created>(events[0].body).seed, 5U);
}

// ---- the facade --------------------------------------------------------------------------------

TEST(ImportKerasTuner, MakesAStudyOnce) {
  const support::TemporaryDirectory directory;
  directory.write("kt/hello/oracle.json", oracle());
  for (const char* id : {"10", "2"}) {
    directory.write(std::string("kt/hello/trial_") + id + "/trial.json",
                    TrialText{.id = id}.file().text);
  }
  directory.write("kt/hello/trial_3/checkpoint", "no trial.json beside it");
  const std::string from = (directory / "kt/hello/").string();
  const KerasTunerImport options{.directory = (directory / "runs").string()};
  const ImportSummary summary = import_keras_tuner(from, options);
  EXPECT_EQ(summary.directory, (directory / "runs/hello").string());
  EXPECT_EQ(summary.trials, 2U);
  EXPECT_EQ(summary.unfinished, 0U);
  EXPECT_EQ(summary.objectives.at(0).name, "loss");
  const Study study = open(summary.directory);
  EXPECT_EQ(study.seed(), 5U);
  EXPECT_EQ(study.trials().size(), 2U);
  EXPECT_EQ(study.reports().size(), 2U);
  EXPECT_GT(study.trials()[1].finished_unix_nanos, 0);
  EXPECT_TRUE(
      contains(support::error_of(DODONA_E_STATE, [&] { import_keras_tuner(from, options); }),
               "runs/hello already; choose another project_name"));
}

TEST(ImportKerasTuner, WritesNothingForWhatItRefuses) {
  const support::TemporaryDirectory directory;
  directory.write("kt/oracle.json", oracle());
  directory.write("kt/trial_0/trial.json", "{}");
  const KerasTunerImport options{.directory = (directory / "runs").string()};
  const auto refused = [&](const std::string& from, const KerasTunerImport& given) {
    return support::error_of(DODONA_E_INVALID, [&] { import_keras_tuner(from, given); });
  };
  EXPECT_TRUE(contains(refused((directory / "kt").string(), options), "trial.json:1:1: lacks"));
  EXPECT_TRUE(contains(refused(directory.string(), options), "has no oracle.json; give"));
  KerasTunerImport named = options;
  named.project_name = "a/b";
  EXPECT_TRUE(contains(refused((directory / "kt").string(), named), "project_name: "));
  EXPECT_FALSE(std::filesystem::exists(directory / "runs"));
}

}  // namespace
}  // namespace dodona::import
