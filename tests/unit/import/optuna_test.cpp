// SPDX-License-Identifier: Apache-2.0
//
// Journals here are written by hand after Optuna's operations; tests/e2e reads those of Optuna.
#include "import/optuna.hpp"

#include "space/definition.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/study.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace dodona::import {
namespace {

using study::TrialState;
using support::contains;

std::string operation(int code, const std::string& members) {
  return R"({"op_code": )" + std::to_string(code) + R"(, "worker_id": "w-1", )" + members + "}\n";
}
std::string new_study(const std::string& name = "s", const std::string& directions = "1") {
  return operation(0, R"("study_name": ")" + name + R"(", "directions": [)" + directions + "]");
}
const std::string kNewTrial =
    operation(4, R"("study_id": 0, "datetime_start": "2026-11-30T21:37:45.562315")");

std::string param(int trial, const std::string& name, const std::string& value,
                  const std::string& kind, const std::string& attributes) {
  std::string text = R"({"name": ")" + kind;
  text += R"(Distribution", "attributes": {)" + attributes;
  text += "}}";
  std::string distribution;
  for (const char c : text) {
    if (c == '"') distribution += '\\';
    distribution += c;
  }
  return operation(5, R"("trial_id": )" + std::to_string(trial) + R"(, "param_name": ")" + name +
                          R"(", "param_value_internal": )" + value + R"(, "distribution": ")" +
                          distribution + "\"");
}
const std::string kUnit = R"("low": 0.0, "high": 1.0, "step": null, "log": false)";

std::string end(int trial, const std::string& state, const std::string& values) {
  return operation(6, R"("trial_id": )" + std::to_string(trial) + R"(, "state": )" + state +
                          R"(, "values": )" + values +
                          R"(, "datetime_complete": "2026-11-30T21:37:47.562315")");
}

ImportedStudy made(const std::string& journal, const OptunaChoice& choice = {}) {
  return study_of(parse_optuna_journal(journal, "j"), choice, nullptr);
}

std::string problem(const std::string& journal, const OptunaChoice& choice = {}) {
  return support::error_of(DODONA_E_INVALID, [&] { made(journal, choice); });
}

TEST(Optuna, TakesEveryKindOfDistribution) {
  const std::pair<std::string, std::string> all[] = {
      {param(0, "f", "0.5", "Float", kUnit), "float f in [0, 1], default 0"},
      {param(0, "g", "0.30000000000000004", "Float",
             R"("low": 0.0, "high": 1.0, "step": 0.1, "log": false)"),
       "float g in [0, 1], step 0.1, default 0"},
      {param(0, "h", "0.01", "Float", R"("low": 1e-05, "high": 1, "step": null, "log": true)"),
       "float h in [1e-05, 1], log, default 1e-05"},
      {param(0, "i", "7.0", "Int", R"("low": 1, "high": 10, "step": 3, "log": false)"),
       "int i in [1, 10], step 3, default 1"},
      {param(0, "j", "8.0", "Int", R"("low": 1, "high": 64, "step": 1, "log": true)"),
       "int j in [1, 64], log, default 1"},
      {param(0, "b", "0", "Categorical", R"("choices": [true, false])"),
       "boolean b, default false"},
      {param(0, "c", "1", "Categorical", R"("choices": ["adam", "sgd"])"),
       "choice c of {adam, sgd}, default adam"},
      {param(0, "d", "1", "Categorical", R"("choices": [1, 2.5])"),
       "choice d of {1, 2.5}, default 1"},
      {param(0, "e", "0", "Categorical", R"("choices": [null, true, 1, 2.5, NaN, "s"])"),
       "choice e of {null, true, 1, 2.5, NaN, s}, default null"},
      {param(0, "k", "0", "Categorical", R"("choices": [64])"), "fixed k of {64}, default 64"},
      {param(0, "l", "2", "DiscreteUniform", R"("low": 0, "high": 4, "q": 2)"),
       "float l in [0, 4], step 2, default 0"},
      {param(0, "m", "2", "LogUniform", R"("low": 1, "high": 4)"),
       "float m in [1, 4], log, default 1"}};
  std::string journal = new_study() + kNewTrial;
  for (const auto& each : all) journal += each.first;
  const ImportedStudy study = made(journal + end(0, "1", "[0.25]"));
  ASSERT_EQ(study.space.size(), std::size(all));
  std::string values;
  for (std::size_t i = 0; i < std::size(all); ++i) {
    EXPECT_EQ(space::to_text(study.space[i]), all[i].second);
    const Cell cell = study.trials[0].assignments.at(i).cell;
    values += space::to_text(value_of(study.space[i], cell)) + " ";
  }
  EXPECT_EQ(values, "0.5 0.3 0.01 7 8 true sgd 2.5 null 64 2 2 ");
  ASSERT_EQ(study.notes.size(), 1U);
  EXPECT_TRUE(contains(study.notes[0], "\"e\" are of several types; they are texts now: null, "));
}

TEST(Optuna, TranslatesStatesValuesAttributesAndTimes) {
  const std::string x = "Float";
  std::string journal = new_study("s", "2");
  for (int i = 0; i < 5; ++i) journal += kNewTrial + param(i, "x", "0.5", x, kUnit);
  const auto attribute = [](int code, const char* kind, const std::string& text) {
    return operation(code, std::string(R"("trial_id": 0, ")") + kind + R"(": {)" + text + "}");
  };
  journal +=
      attribute(8, "user_attr", R"("size": 3)") + attribute(8, "user_attr", R"("host": "a\nb")") +
      attribute(8, "user_attr", R"("list": [1, 2])") +
      attribute(9, "system_attr", R"("constraints": [-0.5])") +
      operation(7, R"("trial_id": 0, "step": 0, "intermediate_value": NaN)") +
      operation(7, R"("trial_id": 0, "step": 4, "intermediate_value": 0.75)") +
      operation(7, R"("trial_id": 0, "step": 5, "intermediate_value": 0.5)") +
      end(0, "1", "[0.75]") + end(0, "3", "null") +  // it has ended: the second counts nothing
      end(1, "2", "[0.5]") + end(2, "3", "null") + end(3, "1", "[Infinity]");
  const ImportedStudy study = made(journal, {.study = "s", .objectives = {"acc"}});
  EXPECT_EQ(study.objective.name, "acc");
  EXPECT_EQ(study.objective.direction, study::Direction::kMaximize);
  ASSERT_EQ(study.objective.limits.size(), 1U);
  const TrialState states[] = {TrialState::kCompleted, TrialState::kStopped, TrialState::kFailed,
                               TrialState::kInvalid, TrialState::kRunning};
  ASSERT_EQ(study.trials.size(), std::size(states));
  for (std::size_t i = 0; i < std::size(states); ++i) EXPECT_EQ(study.trials[i].state, states[i]);
  const ImportedTrial& first = study.trials[0];
  EXPECT_EQ(first.objectives, (std::vector<double>{-0.75}));
  EXPECT_EQ(first.best_step, 4U);
  EXPECT_EQ(first.metrics,
            (ImportedTrial::Metrics{{"acc", 0.75}, {"size", 3.0}, {"constraint_0", -0.5}}));
  EXPECT_EQ(first.notes, (std::vector<std::pair<std::string, std::string>>{{"host", "a\nb"},
                                                                           {"list", "[1, 2]"}}));
  EXPECT_EQ(first.executions.at(0).at(5), (ImportedTrial::Metrics{{"acc", 0.5}}));
  EXPECT_TRUE(std::isnan(first.executions.at(0).at(0).at(0).second));
  EXPECT_EQ(first.finished_nanos - first.started_nanos, 2'000'000'000);
  EXPECT_EQ(study.trials[3].message, "\"acc\" was never finite");
}

TEST(Optuna, TakesATrialThatIsThereAtOnceAndSeveralObjectives) {
  const std::string distribution =
      R"({\"name\": \"FloatDistribution\", \"attributes\": {\"low\": 0, )"
      R"(\"high\": 1, \"step\": null, \"log\": false}})";
  const ImportedStudy study = made(
      new_study("s", "1, 2") +
      operation(3, R"("study_id": 0, "system_attr": {"study:metric_names": ["loss", "acc"]})") +
      operation(4, R"("study_id": 0, "datetime_start": null, "state": 1, "value": null, )"
                   R"("values": [0.5, 0.75], "distributions": {"x": ")" +
                       distribution +
                       R"("}, "params": {"x": 0.25}, "user_attrs": {}, )"
                       R"("system_attrs": {}, "intermediate_values": {"3": 1})"));
  ASSERT_EQ(study.trials.size(), 1U);
  EXPECT_EQ(study.objective.name, "loss");
  EXPECT_EQ(study.objective.others.at(0).name, "acc");
  EXPECT_EQ(study.trials[0].objectives, (std::vector<double>{0.5, -0.75}));
}

TEST(Optuna, EnqueuesWhatWaitsAndTellsWhatItLeavesOut) {
  const auto waiting = [](const std::string& values) {
    return operation(4, R"("study_id": 0, "datetime_start": null, "state": 4, "values": null, )"
                        R"("system_attrs": {"fixed_params": )" +
                            values + "}");
  };
  const std::string journal = new_study() + kNewTrial + param(0, "x", "0.5", "Float", kUnit) +
                              end(0, "1", "[1]") + waiting(R"({"x": 1, "y": 2})") + kNewTrial +
                              param(2, "x", "5", "Float", kUnit) + end(2, "1", "[1]") + kNewTrial +
                              param(3, "x", "0.25", "Float", kUnit) + end(3, "1", "[1]");
  const ImportedStudy study = made(journal);
  ASSERT_EQ(study.trials.size(), 2U);
  EXPECT_TRUE(study.trials[0].notes.empty());
  ASSERT_EQ(study.trials[1].notes.size(), 1U);
  EXPECT_EQ(study.trials[1].notes[0],
            std::make_pair(std::string("optuna_number"), std::string("3")));
  ASSERT_EQ(study.enqueued.size(), 1U);
  EXPECT_EQ(study.enqueued[0].assignments.at(0).cell.real(), 1.0);
  ASSERT_EQ(study.notes.size(), 4U);
  EXPECT_TRUE(contains(study.notes[2], "trial 3 of Optuna is trial 1 here"));
  EXPECT_TRUE(contains(study.notes[3], "the values of 1 trial that waits are enqueued"));
  EXPECT_TRUE(contains(study.notes[0], "a value that waits is left out: j:5: y = 2"));
  EXPECT_TRUE(contains(study.notes[1], "a trial is left out: j:6: 5.0 is not a value of float x"));
}

TEST(Optuna, FindsOnWhatAHyperparameterDepends) {
  std::string journal = new_study();
  const std::string opt = R"("choices": ["adam", "sgd"])";
  const std::string layers = R"("low": 1, "high": 4, "step": 1, "log": false)";
  for (int i = 0; i < 4; ++i) {
    journal += kNewTrial + param(i, "opt", std::to_string(i % 2), "Categorical", opt) +
               param(i, "layers", std::to_string(1 + i / 2), "Int", layers);
    if (i % 2 == 1) journal += param(i, "momentum", "0.5", "Float", kUnit);
    if (i / 2 == 1) journal += param(i, "units_1", "0.5", "Float", kUnit);
    journal += end(i, "1", "[1]");
  }
  journal += kNewTrial + end(4, "3", "null");  // it failed before it asked: that tells nothing
  const ImportedStudy study = made(journal);
  ASSERT_EQ(study.space.size(), 4U);
  EXPECT_EQ(space::to_text(study.space[2].conditions), "when opt is sgd");
  EXPECT_EQ(space::to_text(study.space[3].conditions), "when layers is 2 or 3 or 4");
  EXPECT_EQ(study.notes.size(), 2U);
}

TEST(Optuna, JoinsRangesThatChanged) {
  const ImportedStudy study =
      made(new_study() + kNewTrial + param(0, "x", "0.5", "Float", kUnit) + end(0, "1", "[1]") +
           kNewTrial +
           param(1, "x", "7", "Float", R"("low": 0.5, "high": 8, "step": null, "log": false)") +
           end(1, "1", "[1]"));
  EXPECT_EQ(space::to_text(study.space.at(0)), "float x in [0, 8], default 0");
  EXPECT_EQ(study.notes,
            (std::vector<std::string>{"\"x\" has different ranges; it has all of them now"}));
}

TEST(Optuna, PassesOverWhatOptunaPassesOver) {
  const std::string journal =
      new_study("gone") + new_study("s") + new_study("s", "2") + operation(1, R"("study_id": 0)") +
      kNewTrial +  // of the study that is deleted
      operation(4, R"("study_id": 1, "datetime_start": null)") + end(9, "1", "[1]") +
      operation(2, R"("study_id": 1, "user_attr": {"a": {"b": 1}})") + "\n" +
      R"({"op_code": 6, "trial_id": 0, "sta)";  // somebody writes it just now
  const ImportedStudy study = made(journal);
  EXPECT_EQ(study.objective.direction, study::Direction::kMinimize);
  ASSERT_EQ(study.trials.size(), 1U);
  EXPECT_EQ(study.trials[0].state, TrialState::kRunning);
}

TEST(Optuna, NamesFileLineAndKeyOfWhatIsWrong) {
  const std::string open = new_study() + kNewTrial;
  const std::pair<std::string, std::string> all[] = {
      {open + "{]\n", "j:3:2: "},
      {open + "[]\n", "j:3:1: is a list; it should be an object"},
      {open + operation(10, R"("study_id": 0)"), "j:3:13: op_code: 10 is no operation of Optuna"},
      {open + operation(5, R"("trial_id": 0)"), "j:3:1: lacks \"distribution\""},
      {open + end(0, "7", "null"), "state: 7 is no state; they are 0 to 4"},
      {open + end(0, "1", "[1, 2]"), "values: has 2 numbers; the study has 1 objectives"},
      {open + end(0, "1", "[\"a\"]"), "values[0]: is a string; it should be a number"},
      {open + operation(7, R"("trial_id": 0, "step": -1, "intermediate_value": 1)"),
       "step: -1 is no step"},
      {open + operation(6, R"("trial_id": 0, "state": 0, "datetime_start": "now")"),
       "datetime_start: \"now\" is no time; it should be as 2026-"},
      {open + param(0, "x", "1", "Beta", kUnit), "j:3: \"x\":1:10: name: "},
      {open + param(0, "x", "1", "Float", R"("low": 2, "high": 1)"),
       "j:2: hyperparameter \"x\": min_value 2 is above max_value 1"},
      {open + param(0, "x", "1", "Categorical", R"("choices": [])"), "choices: is empty"},
      {open + param(0, "x", "1", "Float", kUnit) + kNewTrial +
           param(1, "x", "1", "Int", R"("low": 0, "high": 1)"),
       "j:4: \"x\" is an int, and in j:2 it is a float"},
      {new_study("s", "0"), "directions[0]: 0 is no direction"},
      {"", "j:1:1: there is no study"}};
  for (const auto& [journal, fragment] : all) {
    const std::string said = problem(journal);
    EXPECT_TRUE(contains(said, fragment)) << said << "\nfor " << fragment;
  }
  const std::string two = new_study("first") + new_study("second");
  EXPECT_TRUE(contains(problem(two), "j: there are 2 studies; choose one with --study: first or "));
  EXPECT_TRUE(contains(problem(two, {"secnd", {}}), "(did you mean \"second\"?)"));
  EXPECT_TRUE(contains(problem(open, {"", {"a", "b"}}), "1 objectives, and --objective gives 2"));
}

TEST(Optuna, MakesAStudyThatIsRead) {
  const support::TemporaryDirectory directory;
  directory.write("j", new_study("toy", "2") + kNewTrial + param(0, "x", "0.5", "Float", kUnit) +
                           end(0, "1", "[0.25]"));
  const OptunaImport options{.directory = (directory / "runs").string()};
  const ImportSummary summary = import_optuna((directory / "j").string(), options);
  EXPECT_EQ(summary.directory, (directory / "runs/toy").string());
  EXPECT_EQ(summary.trials, 1U);
  const Study study = open(summary.directory);
  EXPECT_EQ(study.trials().at(0).score, 0.25);
  EXPECT_EQ(study.trials()[0].finished_unix_nanos - study.trials()[0].started_unix_nanos,
            2'000'000'000);
  EXPECT_TRUE(
      contains(support::error_of(DODONA_E_STATE,
                                 [&] { import_optuna((directory / "j").string(), options); }),
               "runs/toy already; choose another project_name"));
}

}  // namespace
}  // namespace dodona::import
