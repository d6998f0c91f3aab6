// SPDX-License-Identifier: Apache-2.0
#include "document/document.hpp"

#include "base/file.hpp"
#include "support/error_of.hpp"
#include "support/example_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/tuner.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::document {
namespace {

using support::contains;
using support::error_of;
using Sets = std::vector<std::string>;

StudyOptions parse(const std::string& text, const Sets& sets = {}) {
  base::JsonDocument document = base::parse_json(text, "f");
  apply_sets(document, sets);
  return parse_document(document, support::example_catalogue());
}

std::string problem(const std::string& text, const Sets& sets = {},
                    dodona_status code = DODONA_E_INVALID) {
  return error_of(code, [&] { parse(text, sets); });
}

const char* const kFull = R"({
  "project_name": "fashion", "directory": "runs", "seed": 18446744073709551615, "store": "memory",
  "objective": {"name": "score", "direction": "max"},
  "max_trials": 30, "max_seconds": 0.5, "max_steps": 10, "executions_per_trial": 2,
  "parallel_trials": 3, "threads_per_trial": 4, "devices": ["cuda:0", "cuda:0", "any"],
  "oracle": {"plugin": "idle", "options": {"count": 5}},
  "hypermodel": {"plugin": "net", "options": {"data": "images"}},
  "sinks": [{"plugin": "org.example.log"}],
  "space": [{"name": "bias", "type": "boolean", "default": true}],
  "allow_new_entries": false, "tune_new_entries": false, "warm_start": "runs/other",
  "retry": {"max_retries_per_trial": 1, "max_consecutive_failed_trials": null}
})";

// ---- reading and writing -----------------------------------------------------------------------

TEST(Document, FillsInWhatIsLeftOut) {
  const StudyOptions options = parse("{}");
  EXPECT_EQ(options.project_name, "untitled_project");
  EXPECT_EQ(options.objective.name, "default_objective");
  EXPECT_EQ(options.max_trials, 10U);
  EXPECT_EQ(options.oracle.plugin, "auto");
  EXPECT_FALSE(options.hypermodel);
  EXPECT_EQ(document_text(options), document_text(StudyOptions()));
}

TEST(Document, SetsEveryKey) {
  const StudyOptions options = parse(kFull);
  EXPECT_EQ(options.project_name, "fashion");
  EXPECT_EQ(options.directory, "runs");
  EXPECT_EQ(options.seed, UINT64_MAX);
  EXPECT_EQ(options.store, "memory");
  EXPECT_EQ(options.objective.name, "score");
  EXPECT_EQ(options.objective.direction, Direction::kMax);
  EXPECT_EQ(options.max_trials, 30U);
  EXPECT_EQ(options.max_seconds, 0.5);
  EXPECT_EQ(options.max_steps, 10U);
  EXPECT_EQ(options.executions_per_trial, 2U);
  EXPECT_EQ(options.parallel_trials, 3U);
  EXPECT_EQ(options.threads_per_trial, 4U);
  EXPECT_EQ(options.devices, (std::vector<std::string>{"cuda:0", "cuda:0", "any"}));
  EXPECT_FALSE(options.allow_new_entries);
  EXPECT_FALSE(options.tune_new_entries);
  EXPECT_EQ(options.warm_start, "runs/other");
  EXPECT_EQ(options.oracle.options,
            R"({"count": 5, "rate": 0.5, "mode": "fast", "loud": false, "layers": [1, 2]})");
  ASSERT_TRUE(options.hypermodel);
  EXPECT_EQ(options.hypermodel->options, R"({"data": "images"})");
  ASSERT_EQ(options.sinks.size(), 1U);
  EXPECT_EQ(options.sinks[0].plugin, "org.example.log");
  EXPECT_EQ(space_of(options).at(0).param.name, "bias");
  EXPECT_EQ(options.max_retries_per_trial, 1U);
  EXPECT_EQ(options.max_consecutive_failed_trials, 0U);
}

TEST(Document, ThatIsWrittenIsCompleteAndReadsBackAsTheSame) {
  for (const std::string text : {"{}", kFull}) {
    const std::string written = document_text(parse(text));
    EXPECT_EQ(document_text(parse(written)), written);
  }
  EXPECT_TRUE(contains(document_text(parse(kFull)), "\"rate\": 0.5"));  // an option's default
}

TEST(Document, TakesNullForNoLimit) {
  const StudyOptions options = parse(
      R"({"seed": null, "max_trials": null, "max_seconds": null, "max_steps": null,
          "threads_per_trial": null, "hypermodel": null, "warm_start": null})");
  EXPECT_FALSE(options.seed);
  EXPECT_EQ(options.warm_start, "");
  EXPECT_EQ(options.max_trials + options.max_steps + options.threads_per_trial, 0U);
  EXPECT_EQ(options.max_seconds, 0.0);
}

// ---- what is wrong -----------------------------------------------------------------------------

TEST(Document, PointsAtKeysThatItDoesNotKnow) {
  EXPECT_EQ(problem(R"({"max_trails": 5})"),
            "f:1:2: max_trails: there is no key \"max_trails\" (did you mean \"max_trials\"?)");
  EXPECT_EQ(problem(R"({"max_retries_per_trial": 1})"),
            "f:1:2: max_retries_per_trial: there is no key \"max_retries_per_trial\" here "
            "(did you mean \"retry.max_retries_per_trial\"?)");
  EXPECT_EQ(problem(R"({"retry": {"max_retries": 1}})"),
            "f:1:12: retry.max_retries: there is no key \"max_retries\" (did you mean "
            "\"max_retries_per_trial\"?)");
  EXPECT_EQ(problem(R"({"retry": {"often": 1}})"),
            "f:1:12: retry.often: there is no key \"often\"; the keys here are "
            "max_retries_per_trial, max_losses or max_consecutive_failed_trials");
  EXPECT_TRUE(contains(problem("[]"), "f:1:1: is a list; it should be an object: {"));
  EXPECT_TRUE(contains(problem(R"({"retry": 3})"), "f:1:11: retry: is an integer"));
  EXPECT_TRUE(contains(problem(R"({"oracle": {"plugin": "idle", "option": {}}})"),
                       "did you mean \"options\"?"));
}

TEST(Document, SaysKindsAndBoundsOfNumbers) {
  EXPECT_EQ(problem(R"({"max_trials": 0})"),
            "f:1:16: max_trials: 0 is below the smallest value, 1 (null: no limit)");
  EXPECT_EQ(problem(R"({"parallel_trials": 1025})"),
            "f:1:21: parallel_trials: 1025 is above the largest value, 1024");
  EXPECT_EQ(problem(R"({"seed": -1})"),
            "f:1:10: seed: -1 is below the smallest value, 0 (null: a random one, which the "
            "study keeps)");
  EXPECT_EQ(problem(R"({"max_trials": 10.0})"),
            "f:1:16: max_trials: is a real number; it should be an integer (null: no limit)");
  EXPECT_EQ(problem(R"({"parallel_trials": null})"),
            "f:1:21: parallel_trials: is null; it should be an integer");
  EXPECT_EQ(problem(R"({"max_trials": 9223372036854775808})"),
            "f:1:16: max_trials: 9223372036854775808 is above the largest value, "
            "9223372036854775807 (null: no limit)");
  EXPECT_EQ(problem(R"({"max_seconds": 0})"),
            "f:1:17: max_seconds: 0.0 is not above 0 (null: no limit)");
  EXPECT_EQ(problem(R"({"max_seconds": "1"})"),
            "f:1:17: max_seconds: is a string; it should be a number (null: no limit)");
  EXPECT_TRUE(contains(problem(R"({"max_seconds": 1e10})"), "above the largest value, 1000000000"));
}

TEST(Document, LetsAnEditorFindItsSchema) {
  const std::string text = R"({"$schema": "dodona.schema.json", "max_trials": 3})";
  EXPECT_EQ(parse(text).max_trials, 3U);
  EXPECT_FALSE(contains(document_text(parse(text)), "schema"));
  EXPECT_TRUE(contains(problem(R"({"$schema": 3})"), "f:1:13: $schema: is an integer"));
}

TEST(Document, WantsSinksThatDiffer) {
  EXPECT_EQ(problem(R"({"sinks": ["log", {"plugin": "org.example.log"}]})"),
            "f:1:19: sinks[1]: is the same as sinks[0]: the same plugin with the same options; "
            "remove one, or give it other options");
}

TEST(Document, ChecksInitialValuesAgainstItsSpace) {
  const std::string space =
      R"("space": [{"name": "n", "type": "int", "min_value": 1, "max_value": 3}])";
  EXPECT_EQ(problem("{" + space + ",\n\"initial\": [{\"n\": 2},\n{\"n\": 9}]}"),
            "f:3:7: initial[1].n: 9 is not a value of int n in [1, 3], default 1");
  // Another name may be the hypermodel's.
  EXPECT_EQ(parse("{" + space + R"(, "initial": [{"m": 9}]})").initial.size(), 1U);
}

TEST(Document, WantsASlotForEachParallelTrial) {
  EXPECT_EQ(problem(R"({"parallel_trials": 3, "devices": ["cuda:0", "cuda:1"]})"),
            "f:1:35: devices: names 2 devices, and each of the 3 parallel_trials needs one; "
            "a device that two may share is named twice");
  EXPECT_EQ(parse(R"({"parallel_trials": 2, "devices": ["a", "a"]})").devices.size(), 2U);
  EXPECT_EQ(parse(R"({"parallel_trials": 2, "devices": ["a", "b", "c"]})").devices.size(), 3U);
  EXPECT_EQ(problem(R"({"devices": ["a", ""]})"), "f:1:19: devices[1]: is empty");
  EXPECT_TRUE(contains(problem(R"({"devices": "cuda:0"})"), "devices: is a string"));
  EXPECT_TRUE(contains(problem(R"({"devices": [0]})"), "devices[0]: is an integer"));
}

TEST(Document, SaysWhatTextsMayBe) {
  EXPECT_EQ(problem(R"({"store": "sqllite"})"),
            "f:1:11: store: \"sqllite\" is not one of sqlite or memory (did you mean "
            "\"sqlite\"?)");
  EXPECT_EQ(problem(R"({"project_name": "a/b"})"),
            "f:1:18: project_name: \"a/b\" has a slash; `directory` says where the project lies");
  EXPECT_EQ(problem(R"({"project_name": ")" + std::string(201, 'a') + R"("})"),
            "f:1:18: project_name: \"" + std::string(32, 'a') +
                "...\" has 201 bytes; a name has at most 200");
  EXPECT_EQ(parse(R"({"project_name": ")" + std::string(200, 'a') + R"("})").project_name.size(),
            200U);
  EXPECT_EQ(problem(R"({"directory": ""})"), "f:1:15: directory: is empty");
  EXPECT_EQ(problem(R"({"directory": "a\u0000b"})"),
            "f:1:15: directory: has a character of code 0");
}

TEST(Document, RefusesAHomeThatNobodyExpands) {
  for (const char* key : {"directory", "warm_start"}) {
    const std::string error = problem(std::string("{\"") + key + R"(": "~/runs"})");
    EXPECT_TRUE(contains(error, "\"~/runs\" begins with ~, which only a shell expands; give \"" +
                                    *base::home_expanded("~/runs") + "\""))
        << error;
  }
}

TEST(Document, AsksForNoOracleThatItDoesNotNameWhereNoneIsUsed) {
  const plugin::Catalogue none;
  const base::JsonDocument document = base::parse_json(R"({"max_trials": 3})", "study");
  EXPECT_EQ(parse_document(document, none, Plugins::kNamed).max_trials, 3U);
  EXPECT_THROW(parse_document(document, none), Error);
  EXPECT_THROW(
      parse_document(base::parse_json(R"({"oracle": "idle"})", "study"), none, Plugins::kNamed),
      Error);
}

TEST(Document, KnowsTheDirectionOfKnownMetricsAlone) {
  EXPECT_EQ(parse(R"({"objective": "val_accuracy"})").objective.direction, Direction::kMax);
  EXPECT_EQ(parse(R"({"objective": {"name": "val_loss"}})").objective.direction, Direction::kMin);
  EXPECT_EQ(problem(R"({"objective": "goodness"})"),
            "f:1:15: objective: it is not known whether less or more of \"goodness\" is better; "
            "give {\"name\": \"goodness\", \"direction\": \"min\"}, or \"max\"");
  EXPECT_TRUE(contains(problem(R"({"objective": ["loss", "loss"]})"), "\"loss\" stands twice"));
  EXPECT_TRUE(contains(problem(R"({"objective": []})"), "is empty; it should be the metrics"));
  EXPECT_TRUE(contains(problem(R"({"objective": 3})"), "f:1:15: objective: is an integer"));
  EXPECT_TRUE(contains(problem(R"({"objective": {"direction": "min"}})"), "lacks \"name\""));
  EXPECT_TRUE(
      contains(problem(R"({"objective": {"name": ""}})"), "f:1:24: objective.name: is empty"));
  EXPECT_TRUE(contains(problem(R"({"objective": {"name": "a", "direction": "up"}})"),
                       "\"up\" is not one of min or max"));
}

TEST(Document, TakesTheSumOfMetricsAsAnObjective) {
  const Objective sum =
      parse(R"({"objective": {"sum": ["loss", {"name": "b", "direction": "max"}]}})").objective;
  EXPECT_EQ(sum.name, "multi_objective");
  EXPECT_EQ(sum.direction, Direction::kMin);
  EXPECT_EQ(sum.sum, (std::vector<Objective>{{"loss", Direction::kMin}, {"b", Direction::kMax}}));
  EXPECT_EQ(problem(R"({"objective": {"sum": []}})"),
            "f:1:23: objective.sum: is empty; it should be metrics whose sum decides");
  EXPECT_EQ(problem(R"({"objective": {"sum": ["loss", "loss"]}})"),
            "f:1:32: objective.sum[1]: \"loss\" stands twice");
  EXPECT_EQ(problem(R"({"objective": {"sum": [{"sum": ["loss"]}]}})"),
            "f:1:24: objective.sum[0]: is a sum within a sum; give all its terms");
  EXPECT_TRUE(contains(problem(R"({"objective": {"sum": ["loss"], "name": "x"}})"), "\"name\""));
}

TEST(Document, ReadsLimits) {
  const auto limits =
      parse(R"({"limits": [{"metric": "size", "max": 5}, {"metric": "r", "min": -1, "max": 2}]})")
          .limits;
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(limits[0], (MetricLimit{.metric = "size", .min = {}, .max = 5.0}));
  EXPECT_EQ(limits[1], (MetricLimit{.metric = "r", .min = -1.0, .max = 2.0}));
  EXPECT_EQ(problem(R"({"limits": [{"metric": "size"}]})"),
            "f:1:13: limits[0]: has no bound; give min or max, for example {\"metric\": \"size\", "
            "\"max\": 5}");
  EXPECT_EQ(problem(R"({"limits": [{"metric": "size", "min": 3, "max": 2.5}]})"),
            "f:1:39: limits[0].min: 3.0 is above max, 2.5; no trial could keep it");
  EXPECT_EQ(problem(R"({"limits": [{"metric": "a", "max": 1}, {"metric": "a", "min": 0}]})"),
            "f:1:40: limits[1]: the metric \"a\" has two limits; give min and max in one");
  EXPECT_TRUE(contains(problem(R"({"limits": [{"metric": "a", "maximum": 1}]})"), "maximum"));
  EXPECT_TRUE(contains(problem(R"({"limits": [{"max": 1}]})"), "lacks \"metric\""));
}

TEST(Document, ReadsHowOftenATrialIsSaved) {
  using Every = std::optional<Checkpoint>;
  const auto every = [](const std::string& text) { return parse(text).checkpoint; };
  EXPECT_EQ(every("{}"), Every({.steps = 0, .seconds = 60.0}));
  EXPECT_EQ(every(R"({"store": "memory"})"), Every());
  EXPECT_EQ(every(R"({"checkpoint": null})"), Every());
  EXPECT_EQ(every(R"({"checkpoint": null, "store": "memory"})"), Every());
  EXPECT_EQ(every(R"({"checkpoint": {"steps": 5}})"), Every({.steps = 5, .seconds = 0.0}));
  EXPECT_EQ(every(R"({"checkpoint": {"seconds": 0.5}})"), Every({.steps = 0, .seconds = 0.5}));
  for (const char* text : {"{}", R"({"checkpoint": null})", R"({"checkpoint": {"steps": 5}})",
                           R"({"store": "memory"})"}) {
    EXPECT_EQ(every(document_text(parse(text))), every(text));
  }
  StudyOptions in_memory;
  in_memory.store = "memory";
  EXPECT_EQ(checked(in_memory, support::example_catalogue()).checkpoint, Every());
  const std::string remedy = "; give one of them, for example {\"seconds\": 60}";
  EXPECT_EQ(problem(R"({"checkpoint": {}})"),
            "f:1:16: checkpoint: says neither steps nor seconds" + remedy);
  EXPECT_EQ(problem(R"({"checkpoint": {"steps": 1, "seconds": 1}})"),
            "f:1:16: checkpoint: says both steps and seconds" + remedy);
  EXPECT_EQ(problem(R"({"checkpoint": {"steps": 0}})"),
            "f:1:26: checkpoint.steps: 0 is below the smallest value, 1 (null: never)");
  EXPECT_EQ(problem(R"({"checkpoint": {"seconds": 0}})"),
            "f:1:28: checkpoint.seconds: 0.0 is not above 0 (null: never)");
  EXPECT_TRUE(contains(problem(R"({"checkpoint": {"minutes": 1}})"), "checkpoint.minutes"));
  EXPECT_EQ(problem(R"({"checkpoint": {"seconds": 60}, "store": "memory"})"),
            "f:1:16: checkpoint: the store is memory, which writes nothing, so no state of a trial "
            "can be saved; leave checkpoint out, or give store \"sqlite\"");
}

TEST(Document, ReadsTheMetricForSteps) {
  const StudyOptions options =
      parse(R"({"objective": {"name": "gain", "direction": "max"}, "stop_on": "gain"})");
  EXPECT_EQ(options.stop_on, Objective("gain", Direction::kMax)) << "as the objective says";
  EXPECT_EQ(parse(R"({"stop_on": "val_accuracy"})").stop_on,
            Objective("val_accuracy", Direction::kMax));
  EXPECT_EQ(parse(R"({"stop_on": null})").stop_on, std::nullopt);
  EXPECT_TRUE(contains(problem(R"({"stop_on": "goodness"})"), "\"direction\": \"min\""));
  const study::Objective logged = objective_of(document_text(options));
  EXPECT_EQ(logged, objective_of(options));
}

TEST(Document, NeedsASpaceWhereNewEntriesAreNotTuned) {
  for (const std::string key : {"allow_new_entries", "tune_new_entries"}) {
    EXPECT_EQ(problem("{\"" + key + "\": false}"),
              "f:1:" + std::to_string(key.size() + 6) + ": " + key +
                  ": false leaves nothing to tune without `space`; give the "
                  "hyperparameters there");
    EXPECT_TRUE(contains(problem("{\"" + key + "\": 0}"), key + ": "));
  }
  EXPECT_TRUE(parse(R"({"allow_new_entries": true})").allow_new_entries);
}

TEST(Document, ChecksPluginsAndTheirOptions) {
  EXPECT_TRUE(contains(problem(R"({"oracle": "idel"})", {}, DODONA_E_PLUGIN), "f:1:12: oracle: "));
  EXPECT_TRUE(contains(problem(R"({"sinks": [{"plugin": "lag"}]})", {}, DODONA_E_PLUGIN),
                       "f:1:23: sinks[0].plugin: "));
  // A plugin of another role is not found either.
  EXPECT_EQ(problem(R"({"oracle": "net"})", {}, DODONA_E_PLUGIN),
            "f:1:12: oracle: \"net\" is a hypermodel, not an oracle; name it under hypermodel");
  EXPECT_EQ(problem(R"({"hypermodel": "idle"})", {}, DODONA_E_PLUGIN),
            "f:1:16: hypermodel: \"idle\" is an oracle, not a hypermodel; name it under oracle or "
            "stopper");
  EXPECT_TRUE(contains(problem(R"({"oracle": {"plugin": "idle", "options": {"count": 12}}})"),
                       "f:1:52: oracle.options.count: "));
  EXPECT_TRUE(contains(problem(R"({"hypermodel": "net"})"), "\"data\""));
  EXPECT_TRUE(contains(problem(R"({"oracle": {"options": {}}})"), "lacks \"plugin\""));
  EXPECT_TRUE(contains(problem(R"({"oracle": ["idle"]})"),
                       "it should be the name of a plugin or an object of plugin and options"));
  // The default oracle must be there too.
  const plugin::Catalogue none;
  const base::JsonDocument document = base::parse_json("{}", "f");
  EXPECT_TRUE(contains(error_of(DODONA_E_PLUGIN, [&] { parse_document(document, none); }),
                       "f:1:1: oracle: "));
}

// ---- --set -------------------------------------------------------------------------------------

TEST(Document, TakesSetsOnTop) {
  const StudyOptions options =
      parse(R"({"oracle": "idle", "max_trials": 3})",
            {"max_trials=4", "max_trials=5", "oracle.options.count=7", "oracle.options.mode=exact",
             "retry.max_retries_per_trial=2", "project_name=2024", "hypermodel.plugin=net",
             "hypermodel.options.data=a=b", R"(space=[{"name": "b", "type": "boolean"}])"});
  EXPECT_EQ(options.max_trials, 5U);
  EXPECT_EQ(options.oracle.options,
            R"({"count": 7, "rate": 0.5, "mode": "exact", "loud": false, "layers": [1, 2]})");
  EXPECT_EQ(options.max_retries_per_trial, 2U);
  EXPECT_EQ(options.project_name, "2024");  // a text, though it looks like a number
  EXPECT_EQ(options.hypermodel->options, R"({"data": "a=b"})");
  EXPECT_EQ(space_of(options).size(), 1U);
}

TEST(Document, SaysWhichSetIsWrong) {
  EXPECT_EQ(problem("{}", {"max_trials"}),
            "--set max_trials: should be path=value, for example max_trials=5");
  EXPECT_EQ(problem("{}", {"=5"}), "--set =5: should be path=value, for example max_trials=5");
  EXPECT_TRUE(problem("{}", {"a..b=1"}).starts_with("--set a..b=1: "));
  EXPECT_TRUE(problem("{}", {"sinks[0]=log"}).starts_with("--set sinks[0]=log: "));
  EXPECT_EQ(problem(R"({"max_trials": 5})", {"max_trials=0"}),
            "--set max_trials=0: max_trials: 0 is below the smallest value, 1 (null: no limit)");
  EXPECT_EQ(problem("{}", {"project_name=\xE9t\xE9"}),
            "--set \"project_name=\uFFFDt\uFFFD\": should be UTF-8");
  // An equals sign within a quoted key is not the one.
  EXPECT_TRUE(contains(problem("{}", {R"(["a=b"]=1)"}), "there is no key \"a=b\""));
}

// ---- an application's options ------------------------------------------------------------------

TEST(Document, LeavesWhatIsCompleteAsItIs) {
  for (const std::string text : {kFull, R"({"objective": {"sum": ["loss", "accuracy"]}})"}) {
    const StudyOptions options = parse(text);
    const StudyOptions again = checked(options, support::example_catalogue());
    EXPECT_EQ(document_text(again), document_text(options));
    EXPECT_EQ(again.objective, options.objective);
  }
}

TEST(Document, ChecksAnApplicationsOptionsAlike) {
  const auto refusal = [](const auto& change) {
    StudyOptions options;
    change(options);
    return error_of(DODONA_E_INVALID, [&] { checked(options, support::example_catalogue()); });
  };
  using Options = StudyOptions&;
  EXPECT_EQ(refusal([](Options options) { options.parallel_trials = 0; }),
            "StudyOptions: parallel_trials: 0 is below the smallest value, 1");
  EXPECT_TRUE(contains(refusal([](Options options) { options.oracle.options = "{"; }),
                       "StudyOptions.oracle.options:1:"));
  EXPECT_TRUE(contains(refusal([](Options options) { options.oracle.options = R"({"n": 1})"; }),
                       "oracle.options.n"));
  EXPECT_TRUE(contains(refusal([](Options options) { options.space = "{}"; }),
                       "StudyOptions.space:1:1: is an object; it should be a list"));
  EXPECT_TRUE(contains(refusal([](Options options) { options.max_seconds = -1; }), "max_seconds"));
  EXPECT_TRUE(contains(refusal([](Options options) { options.objective.name = ""; }),
                       "objective.name: is empty"));
  EXPECT_TRUE(contains(refusal([](Options options) {
                         options.objective = Objective::sum_of({Objective::sum_of({{}})});
                       }),
                       "a sum within a sum"));
}

// An application's `val_accuracy` once was minimised, a study file's maximised.
TEST(Document, InfersTheDirectionOfAnApplicationsObjectiveAsOfAFiles) {
  const auto direction_of = [](const Objective& objective) {
    return checked({.objective = objective}, support::example_catalogue()).objective.direction;
  };
  EXPECT_EQ(direction_of("val_accuracy"), Direction::kMax);
  EXPECT_EQ(direction_of(Objective{"val_loss"}), Direction::kMin);
  EXPECT_EQ(direction_of({"val_accuracy", Direction::kMin}), Direction::kMin);
  EXPECT_EQ(direction_of({}), Direction::kMin);
  StudyOptions named;
  named.objective.name = "val_accuracy";
  EXPECT_EQ(direction_of(named.objective), Direction::kMax);
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { direction_of("goodness"); }),
            "StudyOptions: objective: it is not known whether less or more of \"goodness\" is "
            "better; give {\"name\": \"goodness\", \"direction\": \"min\"}, or \"max\"");
}

TEST(Document, TellsItsObjectiveWithoutPlugins) {
  const std::string written = document_text(parse(kFull));
  EXPECT_EQ(objective_of(written).name, "score");
  EXPECT_EQ(objective_of(written).direction, study::Direction::kMaximize);
  const StudyOptions sum = parse(R"({"objective": {"sum": ["loss", "accuracy"]}})");
  EXPECT_EQ(to_facade(objective_of(document_text(sum))), sum.objective);
}

TEST(Document, IsReadFromAFile) {
  const support::TemporaryDirectory directory;
  PluginSources sources;
  sources.defaults = false;
  sources.modules = {support::example_module()};
  const std::string path = directory.write("study.json", R"({"oracle": "idle"})");
  const TunerOptions options = read_study_file(path, {"max_trials=2"}, sources);
  EXPECT_EQ(options.study.oracle.plugin, "idle");
  EXPECT_EQ(options.study.max_trials, 2U);
  EXPECT_EQ(options.plugins.modules, sources.modules);
  const std::string missing = (directory / "missing.json").string();
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { read_study_file(missing, {}, sources); }),
                       missing));
}

// ---- constraints -------------------------------------------------------------------------------

TEST(Document, ReadsConstraints) {
  const StudyOptions options = parse(R"({"space": [
    {"name": "a", "type": "int", "min_value": 1, "max_value": 9},
    {"name": "b", "type": "int", "min_value": 1, "max_value": 9}],
    "constraints": ["a >= b", "later < a"]})");
  EXPECT_EQ(options.constraints, (std::vector<std::string>{"a >= b", "later < a"}));
  EXPECT_EQ(document_text(parse(document_text(options))), document_text(options));
}

TEST(Document, RefusesAConstraintThatCannotBeRead) {
  const std::string space = R"({"space": [{"name": "a", "type": "int", "min_value": 1,
 "max_value": 9}],
 "constraints": [)";
  EXPECT_EQ(problem(space + "\"a < 3\",\n \"a <\"]}"),
            "f:4:2: constraints[1]: column 4 of \"a <\": a name, number or text is missing before "
            "the end");
  EXPECT_EQ(problem(space + "\"a == 'x'\"]}"),
            "f:3:18: constraints[0]: column 1 of \"a == 'x'\": a is a number, and 'x' is a text: "
            "they cannot be compared");
  EXPECT_TRUE(contains(problem(space + "3]}"), "f:3:18: constraints[0]"));
  EXPECT_TRUE(contains(problem(space + "\"\"]}"), "f:3:18: constraints[0]"));
}

}  // namespace
}  // namespace dodona::document
