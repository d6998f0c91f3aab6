// SPDX-License-Identifier: Apache-2.0
//
// The facade as an application uses it.
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <filesystem>
#include <latch>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::ladder_options;
using support::TemporaryDirectory;

double parabola(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  return (x - 0.3) * (x - 0.3);
}

// Options of a study on the disk.
TunerOptions options_in(const TemporaryDirectory& directory, std::uint64_t max_trials) {
  TunerOptions options = ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.project_name = "p";
  options.study.max_trials = max_trials;
  return options;
}

// ---- a search ----------------------------------------------------------------------------------

TEST(Tuner, TunesAFunction) {
  Tuner tuner(ladder_options());
  const Summary summary = tuner.search(parabola);
  EXPECT_EQ(summary.end, End::kMaxTrials);
  EXPECT_EQ(summary.completed, 10U);
  EXPECT_EQ(summary.stopped + summary.failed + summary.unfinished, 0U);
  ASSERT_TRUE(summary.best);
  EXPECT_EQ(summary.best->trial, 3U);
  EXPECT_DOUBLE_EQ(tuner.best_hyperparameters().real("x"), 0.3);
  EXPECT_EQ(tuner.seed(), 7U);
  const std::vector<HyperParameter> space = tuner.space();
  ASSERT_EQ(space.size(), 1U);
  EXPECT_EQ(space[0].name, "x");
  const std::vector<Result> best = tuner.best(2);
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].trial, 3U);
  EXPECT_NEAR(*best[1].score, 0.01, 1e-12);
  EXPECT_EQ(tuner.trials().size(), 10U);
}

TEST(Tuner, MaximisesWhereMoreIsBetter) {
  TunerOptions options = ladder_options();
  options.study.objective = {"accuracy", Direction::kMax};
  Tuner tuner(options);
  const Summary summary = tuner.search([](HyperParameters& hp) { return 1 - parabola(hp); });
  ASSERT_TRUE(summary.best);
  EXPECT_EQ(summary.best->trial, 3U);
  EXPECT_DOUBLE_EQ(*summary.best->score, 1.0);
  EXPECT_EQ(tuner.objective().direction, Direction::kMax);
}

TEST(Tuner, MinimisesTheSumOfMetrics) {
  TunerOptions options = ladder_options();
  options.study.objective =
      Objective::sum_of({{"size", Direction::kMin}, {"accuracy", Direction::kMax}});
  Tuner tuner(options);
  const Summary summary = tuner.search([](HyperParameters& hp) {
    return std::map<std::string, double>{{"accuracy", 1 - parabola(hp)}, {"size", 2.0}};
  });
  ASSERT_TRUE(summary.best);
  EXPECT_EQ(summary.best->trial, 3U);
  EXPECT_DOUBLE_EQ(*summary.best->score, 1.0);
  ASSERT_EQ(tuner.objective().sum.size(), 2U);
  EXPECT_EQ(tuner.objective().sum[1].direction, Direction::kMax);
}

TEST(Tuner, TakesMetricsByName) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 1;
  Tuner tuner(options);
  tuner.search([](HyperParameters& hp) {
    return std::map<std::string, double>{{"loss", parabola(hp)}, {"size", 12}};
  });
  const Result result = tuner.trials().at(0);
  const std::map<std::string, double> metrics(result.metrics.begin(), result.metrics.end());
  EXPECT_EQ(metrics.at("size"), 12.0);
  EXPECT_EQ(metrics.at("loss"), result.score);
}

// Shows its space by being built, and reports as many steps as it may.
struct Net {
  struct Model {
    double rate;
  };
  Model build(HyperParameters& hp) {
    ++built;
    return {hp.real("rate", {.min = 0, .max = 1})};
  }
  void fit(Model& model, Trial& trial) {
    for (std::uint64_t step = 1; step <= trial.budget(); ++step) {
      trial.report(step, {{"loss", model.rate - static_cast<double>(step)}});
    }
  }
  int built = 0;
};

TEST(Tuner, TunesAnObjectOfAClassUpToItsBudget) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 2;
  options.study.max_steps = 4;
  Tuner tuner(options);
  Net net;
  tuner.search(net);
  EXPECT_EQ(net.built, 3);  // once to see the space
  for (const Result& result : tuner.trials()) {
    EXPECT_EQ(result.state, TrialState::kCompleted);
    EXPECT_EQ(result.best_step, 4U);
  }
  EXPECT_DOUBLE_EQ(tuner.trials()[1].values.real("rate"), 0.1);
}

TEST(Tuner, GivesPluginsTheirOptions) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 2;
  options.study.max_steps = 4;
  options.study.oracle.options = R"({"stop_at": 2})";
  Tuner stopper(options);
  EXPECT_EQ(stopper.search(Net{}).stopped, 2U);
  EXPECT_EQ(stopper.trials()[0].state, TrialState::kStopped);
  EXPECT_EQ(stopper.trials()[0].best_step, 2U);

  options = ladder_options();
  options.study.hypermodel = PluginUse{"parabola", R"({"target": 0.7})"};
  Tuner tuner(options);
  EXPECT_EQ(tuner.search().best->trial, 7U);
}

TEST(Tuner, NeedsAHypermodelToSearchWithoutOne) {
  Tuner tuner(ladder_options());
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { tuner.search(); }),
                       "hypermodel is missing: what is to be tuned?"));
}

TEST(Tuner, RunsTrialsAndExecutionsAsTheOptionsSay) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 3;
  options.study.parallel_trials = 2;
  options.study.threads_per_trial = 3;
  options.study.devices = {"left", "right"};
  options.study.executions_per_trial = 2;
  Tuner tuner(options);
  std::barrier meet(2);
  std::mutex mutex;
  std::set<std::uint64_t> seeds;
  tuner.search([&](Trial& trial) {
    trial.hp().boolean("b");
    // The first runs alone, as it shows the space; the others are here at the same time.
    if (trial.id() > 0) meet.arrive_and_wait();
    EXPECT_EQ(trial.threads(), 3U);
    EXPECT_EQ(trial.devices().size(), 1U);
    {
      const std::lock_guard lock(mutex);
      seeds.insert(trial.seed());
    }
    trial.finish({{"loss", trial.execution() == 0 ? 1.0 : 3.0}});
  });
  EXPECT_EQ(seeds.size(), 6U);
  for (const Result& result : tuner.trials()) {
    EXPECT_EQ(result.score, 2.0);
    EXPECT_TRUE(seeds.contains(result.seed));
  }
}

// Alone in its process: oneTBB warned, once, of more threads than there are.
TEST(Tuner, PrintsNothing) {
  TunerOptions options = ladder_options();
  options.study.threads_per_trial = 1000;
  options.study.max_trials = 2;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Tuner(options).search([](Trial& trial) {
    EXPECT_EQ(trial.threads(), 1000U);
    throw std::runtime_error("a failure is no reason");
  });
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(Tuner, KeepsSpaceEntriesOfTheStudyFile) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 2;
  options.study.space = R"([{"name": "rate", "type": "fixed", "value": 0.25}])";
  Tuner tuner(options);
  tuner.search(Net{});
  EXPECT_EQ(tuner.trials()[1].values.real("rate"), 0.25);

  options.study.space = R"([{"name": "rat", "type": "boolean"}])";
  Tuner misspelt(options);
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { misspelt.search(Net{}); }),
            "space[0]: the hypermodel has no hyperparameter \"rat\" (did you mean \"rate\"?)");
}

// ---- the space ---------------------------------------------------------------------------------

// Values that a model read of a given space with get were once in no result.
TEST(Tuner, ShowsAndTrainsWithWhatAModelReadsOfTheGivenSpace) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 4;
  options.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1},
                      {"name": "kind", "type": "choice", "values": ["a", "b"]}])";
  Tuner tuner(options);
  const auto read = [](HyperParameters& hp) {
    return hp.get<double>("x") + (hp.get<std::string>("kind") == "a" ? 0 : 1);
  };
  EXPECT_EQ(tuner.search(read).completed, 4U);
  for (const Result& result : tuner.trials()) {
    EXPECT_DOUBLE_EQ(result.values.real("x"), static_cast<double>(result.trial) / 10);
    EXPECT_TRUE(result.values.contains("kind"));
  }
  EXPECT_EQ(tuner.best_hyperparameters().real("x"), 0.0);
  EXPECT_EQ(tuner.best_hyperparameters().text("kind"), "a");
  for (const auto& [name, value] : tuner.best_hyperparameters().entries()) {
    EXPECT_TRUE(name == "x" || name == "kind") << name;
  }
  EXPECT_TRUE(contains(to_csv(tuner.trials()), ",x,kind")) << to_csv(tuner.trials());
  EXPECT_TRUE(contains(to_json(tuner.trials()), R"("kind": "a")")) << to_json(tuner.trials());
  const Retrained again = tuner.retrain(read, {.trial = 3});
  ASSERT_EQ(again.metrics.size(), 1U);
  EXPECT_EQ(again.metrics[0].second, tuner.trials()[3].score);
}

// The same of a class that shows its space by being built.
struct Reader {
  struct Model {
    double rate;
  };
  Model build(HyperParameters& hp) {
    hp.integer("layers", {.min = 1, .max = 3});
    return {hp.get<double>("rate")};
  }
  void fit(Model& model, Trial& trial) { trial.report(1, {{"loss", model.rate}}); }
};

TEST(Tuner, TakesAGivenSpaceThatAClassReads) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 3;
  options.study.space = R"([{"name": "rate", "type": "float", "min_value": 0, "max_value": 1}])";
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(Reader{}).completed, 3U);
  EXPECT_EQ(tuner.trials()[2].values.real("rate"), 0.2);
  EXPECT_EQ(tuner.space().size(), 2U);
}

// Two blocks of one kind, each with conditions of its own, and one name under two conditions.
struct Blocks {
  void declare(HyperParameters& hp) { ask(hp); }
  double run(HyperParameters& hp) { return ask(hp); }

  static double block(HyperParameters& hp, const char* name) {
    const auto scope = hp.name_scope(name);
    const std::string kind = hp.choice("kind", {"tree", "net", "line"});
    EXPECT_EQ(hp.get<std::string>("kind"), kind);
    if (auto tree = hp.when("kind", "tree")) hp.integer("depth", {.min = 1, .max = 8});
    if (auto other = hp.when("kind", {"net", "line"})) {
      const auto inner = hp.name_scope("inner");
      EXPECT_FALSE(hp.contains("kind"));
      hp.boolean("wide");
      if (auto wide = hp.when("wide", true)) hp.integer("units", {.min = 8, .max = 64});
    }
    if (auto net = hp.when("kind", "net")) hp.integer("depth", {.min = 20, .max = 40});
    EXPECT_EQ(hp.contains("depth"), kind != "line");
    const std::int64_t depth = hp.contains("depth") ? hp.get<std::int64_t>("depth") : 0;
    EXPECT_EQ(depth >= 20, kind == "net");
    return static_cast<double>(depth);
  }
  static double ask(HyperParameters& hp) { return block(hp, "first") + block(hp, "second"); }
};

TEST(Tuner, KeepsConditionsAndNamesOfNestedScopesApart) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 10;
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(Blocks{}).completed, 10U);
  std::vector<std::string> names;
  for (const HyperParameter& each : tuner.space()) {
    std::string name = each.name;
    for (const auto& [parent, values] : each.when) name += "|" + to_text(values[0]);
    names.push_back(std::move(name));
  }
  std::vector<std::string> expected;
  for (const std::string block : {"first/", "second/"}) {
    for (const char* name :
         {"kind", "depth|tree", "inner/wide|net", "inner/units|net|true", "depth|net"}) {
      expected.push_back(block + name);
    }
  }
  EXPECT_EQ(names, expected);
  for (const Result& result : tuner.trials()) {
    // An inactive value stands nowhere, and each name once, in the order of the space.
    const bool wide =
        result.values.contains("first/inner/wide") && result.values.boolean("first/inner/wide");
    EXPECT_EQ(result.values.contains("first/inner/units"), wide);
    EXPECT_EQ(result.values.contains("first/inner/wide"),
              result.values.text("first/kind") != "tree");
    EXPECT_EQ(result.values.contains("first/depth"), result.values.text("first/kind") != "line");
    std::size_t next = 0;
    for (const auto& entry : result.values.entries()) {
      const auto place = std::find_if(
          names.begin() + static_cast<std::ptrdiff_t>(next), names.end(),
          [&](const std::string& each) { return each.substr(0, each.find('|')) == entry.first; });
      ASSERT_NE(place, names.end()) << entry.first;
      next = static_cast<std::size_t>(place - names.begin()) + 1;
    }
  }
}

TEST(Tuner, FixesAParentFromTheStudyFile) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 5;
  options.study.space = R"([{"name": "first/kind", "type": "fixed", "value": "line"},
                      {"name": "second/depth", "type": "int", "min_value": 3, "max_value": 5,
                       "when": {"second/kind": ["tree"]}}])";
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(Blocks{}).completed, 5U);
  for (const Result& result : tuner.trials()) {
    EXPECT_EQ(result.values.text("first/kind"), "line");
    EXPECT_FALSE(result.values.contains("first/depth"));
    if (result.values.text("second/kind") != "tree") continue;
    EXPECT_GE(result.values.integer("second/depth"), 3);
    EXPECT_LE(result.values.integer("second/depth"), 5);
  }
}

// The value of a plain if: drawn from seed, trial and name, and tuned from the next proposal on.
TEST(Tuner, DrawsWhatATrialMeetsFirstAndTunesItFromThenOn) {
  const auto model = [](HyperParameters& hp) {
    const double x = hp.real("x", {.min = 0, .max = 1});
    return x > 0.15 ? hp.real("late", {.min = 0, .max = 1}) : x;
  };
  TunerOptions options = ladder_options();
  options.study.max_trials = 6;
  Tuner tuner(options);
  tuner.search(model);
  const std::vector<Result> trials = tuner.trials();
  ASSERT_EQ(tuner.space().size(), 2U);
  EXPECT_FALSE(trials[1].values.contains("late"));
  const double drawn = trials[2].values.real("late");
  EXPECT_NE(drawn, 0.2);
  for (std::size_t i = 3; i < 6; ++i) {
    EXPECT_DOUBLE_EQ(trials[i].values.real("late"), static_cast<double>(i) / 10);
  }
  Tuner same(options);
  same.search(model);
  EXPECT_EQ(same.trials()[2].values.real("late"), drawn);
  options.study.seed = 8;
  Tuner other(options);
  other.search(model);
  EXPECT_NE(other.trials()[2].values.real("late"), drawn);
}

TEST(Tuner, AnswersAskedTrialsInsideNameScopes) {
  Tuner tuner(ladder_options());
  for (int i = 0; i < 3; ++i) {
    AskedTrial trial = tuner.ask();
    ASSERT_TRUE(trial);
    {
      const auto scope = trial.name_scope("a");
      trial.choice("kind", {"x", "y"});
      if (auto y = trial.when("kind", "y")) trial.real("width", {.min = 0, .max = 1});
    }
    EXPECT_TRUE(trial.contains("a/kind"));
    EXPECT_FALSE(trial.contains("kind"));
    tuner.tell(trial, 1.0);
  }
  EXPECT_EQ(tuner.space().at(0).name, "a/kind");
}

constexpr const char* kOnlyX =
    R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])";

TEST(Tuner, EndsWhereAModelAsksForMoreThanIsAllowed) {
  TunerOptions options = ladder_options();
  options.study.allow_new_entries = false;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }),
                       "allow_new_entries: false leaves nothing to tune without `space`"));
  options.study.space = kOnlyX;
  Tuner declared(options);
  const std::string refused = "allow_new_entries is false, but the hypermodel asks for ";
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { declared.search(Net{}); }),
                       "space[0]: the hypermodel has no hyperparameter \"x\""));
  struct Wide {
    void declare(HyperParameters& hp) { run(hp); }
    double run(HyperParameters& hp) {
      return hp.real("x", {.max = 9}) + hp.real("y", {.max = 9}) + hp.real("z", {.max = 9});
    }
  };
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { declared.search(Wide{}); }),
                       refused + "\"y\", \"z\","));
  EXPECT_TRUE(declared.trials().empty());

  // Met in the middle of a trial: that one fails for good, and the search with it.
  for (const std::uint32_t lag : {0U, 2U}) {
    options.study.lag = lag;
    options.study.max_retries_per_trial = 3;
    Tuner tuner(options);
    const auto late = [](HyperParameters& hp) {
      const double x = hp.real("x", {.min = 0, .max = 1});
      return x > 0.25 ? hp.real("late", {.max = 1}) : x;
    };
    EXPECT_TRUE(
        contains(error_of(DODONA_E_INVALID, [&] { tuner.search(late); }), refused + "\"late\""));
    ASSERT_EQ(tuner.trials().size(), 4U);
    EXPECT_EQ(tuner.trials()[3].state, TrialState::kFailed);
    EXPECT_EQ(tuner.trials()[3].attempt, 0U);
    EXPECT_TRUE(contains(tuner.trials()[3].message, refused)) << tuner.trials()[3].message;
    EXPECT_EQ(tuner.space().size(), 1U);
    EXPECT_EQ(tuner.search(parabola).completed, 9U);  // with a model that asks for no more
  }
}

TEST(Tuner, KeepsNewEntriesAtTheirDefaultsWhereTheyAreNotTuned) {
  TunerOptions options = ladder_options();
  options.study.tune_new_entries = false;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }), "tune_new_entries"));
  options.study.space = kOnlyX;
  Tuner tuner(options);
  tuner.search([](HyperParameters& hp) {
    const double x = hp.real("x", {.min = 0, .max = 9});
    const std::string optimizer = hp.choice("optimizer", {"adam", "sgd"}, "sgd");
    EXPECT_EQ(optimizer, "sgd");
    if (auto sgd = hp.when("optimizer", "sgd")) {
      EXPECT_EQ(hp.real("momentum", {.max = 1, .initial = 0.5}), 0.5);
    }
    if (auto adam = hp.when("optimizer", "adam")) ADD_FAILURE() << "adam is not the default";
    return x;
  });
  EXPECT_EQ(tuner.trials()[4].values.real("x"), 0.4);
  for (const HyperParameter& each : tuner.space()) {
    EXPECT_EQ(each.type, each.name == "x" ? "float" : "fixed") << each.name;
  }
}

TEST(Tuner, RefusesWhatAnAskedTrialMayNotHave) {
  TunerOptions options = ladder_options();
  options.study.allow_new_entries = false;
  options.study.space = kOnlyX;
  Tuner tuner(options);
  AskedTrial trial = tuner.ask();
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { trial.real("y", {.max = 1}); }), "\"y\""));
  tuner.tell(trial, trial.real("x", {.max = 1}));
  EXPECT_EQ(tuner.trials()[0].state, TrialState::kCompleted);
}

// ---- failures ----------------------------------------------------------------------------------

TEST(Tuner, FailsATrialThatThrowsAlone) {
  Tuner tuner(ladder_options());
  const Summary summary = tuner.search([](Trial& trial) {
    HyperParameters hp = trial.hp();
    const double loss = parabola(hp);
    if (trial.id() == 3) throw std::runtime_error("out of cheese");
    if (trial.id() == 4) throw 42;
    if (trial.id() == 6) trial.finish({{"loss", NAN}});
    if (trial.id() != 6) trial.finish({{"loss", loss}});
  });
  EXPECT_EQ(summary.end, End::kMaxTrials);
  EXPECT_EQ(summary.completed, 7U);
  EXPECT_EQ(summary.failed, 3U);
  const std::vector<Result> trials = tuner.trials();
  EXPECT_EQ(trials[3].state, TrialState::kFailed);
  EXPECT_TRUE(contains(trials[3].message, "out of cheese")) << trials[3].message;
  EXPECT_FALSE(trials[3].score);
  EXPECT_EQ(trials[4].state, TrialState::kFailed);
  EXPECT_FALSE(trials[4].message.empty());
  EXPECT_EQ(trials[6].state, TrialState::kInvalid);
  EXPECT_EQ(summary.best->trial, 2U);
  EXPECT_EQ(tuner.best().size(), 7U);
}

TEST(Tuner, EndsAfterFailuresInARow) {
  TunerOptions options = ladder_options();
  options.study.max_consecutive_failed_trials = 2;
  Tuner tuner(options);
  const auto broken = [](Trial& trial) {
    throw std::runtime_error("broken " + std::to_string(trial.id()));
  };
  const Summary summary = tuner.search(broken);
  EXPECT_EQ(summary.end, End::kFailures);
  EXPECT_EQ(summary.failed, 2U);
  EXPECT_TRUE(contains(summary.message, "broken 1")) << summary.message;
  EXPECT_FALSE(summary.best);
  EXPECT_EQ(error_of(DODONA_E_STATE, [&] { tuner.best_hyperparameters(); }),
            "no trial of the study has a score yet");
}

TEST(Tuner, TriesAFailedTrialAgain) {
  TunerOptions options = ladder_options();
  options.study.max_trials = 1;
  options.study.max_retries_per_trial = 1;
  Tuner tuner(options);
  tuner.search([](Trial& trial) {
    if (trial.attempt() == 0) throw std::runtime_error("bad luck");
    trial.finish({{"loss", 1.0}});
  });
  EXPECT_EQ(tuner.trials()[0].state, TrialState::kCompleted);
  EXPECT_EQ(tuner.trials()[0].attempt, 1U);
}

TEST(Tuner, RefusesOptionsThatAreWrong) {
  TunerOptions options = ladder_options();
  options.study.parallel_trials = 0;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }), "parallel_trials"));
  options = ladder_options();
  options.study.oracle.plugin = "laddder";
  EXPECT_TRUE(
      contains(error_of(DODONA_E_PLUGIN, [&] { Tuner{options}; }), "did you mean \"ladder\"?"));
}

// ---- ending and going on -----------------------------------------------------------------------

TEST(Tuner, StopsAndGoesOnWithTheSameValues) {
  Tuner tuner(ladder_options());
  const Summary first = tuner.search([&](Trial& trial) {
    HyperParameters hp = trial.hp();
    const double loss = parabola(hp);
    if (trial.id() == 2) tuner.stop();
    trial.report(1, {{"loss", loss}});  // throws Cancelled in trial 2
    EXPECT_NE(trial.id(), 2U);
  });
  EXPECT_EQ(first.end, End::kInterrupted);
  EXPECT_EQ(first.completed, 2U);
  EXPECT_EQ(first.unfinished, 1U);
  const double x = tuner.trials()[2].values.real("x");

  const Summary second = tuner.search(parabola);
  EXPECT_EQ(second.end, End::kMaxTrials);
  EXPECT_EQ(second.completed, 10U);
  EXPECT_EQ(tuner.trials()[2].values.real("x"), x);
  EXPECT_EQ(tuner.trials()[2].attempt, 0U);
}

// It once ended the next search.
TEST(Tuner, StopsNothingWhileIdle) {
  Tuner tuner(ladder_options());
  tuner.stop();
  EXPECT_EQ(tuner.search(parabola).completed, 10U);
}

// The tuner was once gone under the feet of its search.
TEST(Tuner, EndsASearchOfAnotherThreadBeforeItIsGone) {
  const TemporaryDirectory directory;
  std::latch running(1);
  std::thread searcher;
  Summary summary;
  {
    Tuner tuner(options_in(directory, 0));
    Tuner* const its = &tuner;
    searcher = std::thread([&, its] {
      summary = its->search([&](HyperParameters& hp) {
        if (hp.real("x", {.min = 0, .max = 1}) > 0.15) {
          static std::once_flag once;
          std::call_once(once, [&] { running.count_down(); });
        }
        return 1.0;
      });
    });
    running.wait();
  }
  EXPECT_NO_THROW(Tuner{options_in(directory, 0)});  // the directory is free
  searcher.join();
  EXPECT_EQ(summary.end, End::kInterrupted);
}

TEST(Tuner, RunsOneSearchAtATime) {
  Tuner tuner(ladder_options());
  const Summary summary = tuner.search([&](HyperParameters& hp) {
    EXPECT_EQ(error_of(DODONA_E_STATE, [&] { tuner.search(parabola); }),
              "a search of this tuner is running");
    return parabola(hp);
  });
  EXPECT_EQ(summary.completed, 10U);
}

TEST(Tuner, EndsAtMaxSecondsAndKeepsWhatTrialsHave) {
  TunerOptions options = ladder_options();
  options.study.max_seconds = 1e-6;
  Tuner tuner(options);
  const Summary summary = tuner.search([](Trial& trial) {
    trial.hp().boolean("b");
    while (!trial.cancelled()) std::this_thread::yield();
    trial.report(1, {{"loss", 0.5}});
  });
  EXPECT_EQ(summary.end, End::kMaxSeconds);
  // None, where the time was over before the first began.
  EXPECT_LE(summary.stopped, 1U);
  EXPECT_EQ(summary.stopped, tuner.trials().size());
}

TEST(Tuner, GoesOnWithAStudyOnTheDisk) {
  const TemporaryDirectory directory;
  std::set<std::uint64_t> ran;
  const auto counted = [&](Trial& trial) {
    ran.insert(trial.id());
    HyperParameters hp = trial.hp();
    trial.finish({{"loss", parabola(hp)}});
  };
  {
    Tuner tuner(options_in(directory, 3));
    tuner.search(counted);
    EXPECT_EQ(tuner.directory(), (directory / "p").string());
    EXPECT_THROW(Tuner{options_in(directory, 3)}, Error);  // in use
  }
  ran.clear();
  TunerOptions options = options_in(directory, 5);
  options.study.seed.reset();
  Tuner tuner(options);
  EXPECT_EQ(tuner.seed(), 7U);
  EXPECT_EQ(tuner.trials().size(), 3U);
  EXPECT_EQ(tuner.space().size(), 1U);
  EXPECT_EQ(tuner.search(counted).completed, 5U);
  EXPECT_EQ(ran, (std::set<std::uint64_t>{3, 4}));
}

TEST(Tuner, RefusesToChangeWhatScoresWereMadeWith) {
  const TemporaryDirectory directory;
  { Tuner(options_in(directory, 1)).search(parabola); }
  TunerOptions options = options_in(directory, 1);
  options.study.seed = 8;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }), "has seed 7, not 8"));
  options = options_in(directory, 1);
  options.study.objective.direction = Direction::kMax;
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{options}; }),
                       "has the objective min loss, not max loss; go on with that one"));
  options.overwrite = true;
  Tuner tuner(options);
  EXPECT_EQ(tuner.objective().direction, Direction::kMax);
}

TEST(Tuner, BeginsAnewWithOverwrite) {
  const TemporaryDirectory directory;
  { Tuner(options_in(directory, 2)).search(parabola); }
  TunerOptions options = options_in(directory, 2);
  options.overwrite = true;
  Tuner tuner(options);
  EXPECT_TRUE(tuner.trials().empty());
}

TEST(Tuner, WritesNothingWithTheMemoryStore) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, 3);
  options.study.store = "memory";
  Tuner tuner(options);
  tuner.search([](Trial& trial) {
    EXPECT_EQ(trial.directory(), "");
    HyperParameters hp = trial.hp();
    trial.finish({{"loss", parabola(hp)}});
  });
  EXPECT_EQ(tuner.directory(), "");
  EXPECT_TRUE(directory.empty());
}

TEST(Tuner, GivesEachTrialADirectoryThatStaysIfUsed) {
  const TemporaryDirectory directory;
  Tuner tuner(options_in(directory, 2));
  tuner.search([&](Trial& trial) {
    const std::filesystem::path own(trial.directory());
    EXPECT_TRUE(std::filesystem::is_directory(own));
    if (trial.id() == 1) std::filesystem::create_directory(own / "kept");
    HyperParameters hp = trial.hp();
    trial.finish({{"loss", parabola(hp)}});
  });
  EXPECT_FALSE(std::filesystem::exists(directory / "p/trials/0"));
  EXPECT_TRUE(std::filesystem::exists(directory / "p/trials/1/kept"));
}

// ---- side by side, displays, sinks -------------------------------------------------------------

TEST(Tuner, RunsBesideOthersInOneProcess) {
  std::barrier meet(2);
  const auto search = [&](Tuner& tuner, double target) {
    tuner.search([&meet, target](Trial& trial) {
      meet.arrive_and_wait();  // every trial of one beside the same trial of the other
      const double x = trial.hp().real("x", {.min = 0, .max = 1});
      trial.finish({{"loss", std::abs(x - target)}});
    });
  };
  Tuner low(ladder_options());
  Tuner high(ladder_options());
  std::thread other([&] { search(high, 0.8); });
  search(low, 0.2);
  other.join();
  EXPECT_EQ(low.best(1)[0].trial, 2U);
  EXPECT_EQ(high.best(1)[0].trial, 8U);
}

TEST(Tuner, MovesWithItsStudy) {
  Tuner first(ladder_options());
  first.search(parabola);
  Tuner second = std::move(first);
  EXPECT_EQ(second.trials().size(), 10U);
  second = Tuner(ladder_options());
  EXPECT_TRUE(second.trials().empty());
}

TEST(Tuner, TellsDisplaysWhatHappened) {
  std::string story;
  TunerOptions options = ladder_options();
  options.study.max_trials = 2;
  options.study.max_steps = 2;
  options.on_progress = [&](const Progress& progress) {
    story += std::to_string(progress.trial);
    switch (progress.kind) {
      case Progress::Kind::kStarted:
        story += "started ";
        ASSERT_NE(progress.result, nullptr);
        EXPECT_EQ(progress.result->state, TrialState::kRunning);
        break;
      case Progress::Kind::kReported:
        story += "step" + std::to_string(progress.step) + " ";
        EXPECT_EQ(progress.result, nullptr);
        EXPECT_TRUE(progress.score);
        break;
      case Progress::Kind::kFinished:
        story += "finished" + std::to_string(progress.trials_finished) + " ";
        ASSERT_NE(progress.result, nullptr);
        EXPECT_EQ(progress.result->state, TrialState::kCompleted);
        EXPECT_EQ(progress.best_trial, 0U);
        EXPECT_EQ(progress.best_score, -2.0);
        break;
      case Progress::Kind::kChanged:
        ADD_FAILURE() << "nothing changed";
        break;
    }
  };
  Tuner(options).search(Net{});
  EXPECT_EQ(story, "0started 0step1 0step2 0finished1 1started 1step1 1step2 1finished2 ");
}

// An exception of a display once failed trials, or the search.
TEST(Tuner, SetsADisplayAsideThatThrows) {
  std::vector<std::string> log;
  int calls = 0;
  TunerOptions options = ladder_options();
  options.on_progress = [&](const Progress&) {
    if (++calls == 4) throw 42;
  };
  options.on_log = [&](dodona_level, const std::string& line) { log.push_back(line); };
  EXPECT_EQ(Tuner(options).search(parabola).completed, 10U);
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(log, (std::vector<std::string>{"on_progress: is not called any more, as it threw"}));

  log.clear();
  options.on_progress = [](const Progress&) { throw std::runtime_error("no screen"); };
  EXPECT_EQ(Tuner(options).search(parabola).completed, 10U);
  EXPECT_EQ(
      log,
      (std::vector<std::string>{"on_progress: is not called any more, as it threw: no screen"}));
}

}  // namespace
}  // namespace dodona
