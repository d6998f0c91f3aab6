// SPDX-License-Identifier: Apache-2.0
#include "tuner/enqueued.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/params.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/tuner.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

using support::contains;
using support::error_of;

std::size_t logged(const OpenStudy& study) {
  return study.journal.with_state([](const study::State& now) { return now.enqueued().size(); });
}

void grow(OpenStudy& study) {
  study.space.add({{std::nullopt, support::real("x", 0, 1)}}, [&](const space::Growth& growth) {
    study.journal.append(study::kNoTrial, growth);
  });
}

using Names = EnqueuedValues::Names;

const study::State::EnqueuedValues& last(const OpenStudy& study) {
  return study.state.enqueued().back();
}

TEST(EnqueuedValues, StandInTheLogByNameWhereTheSpaceIsNotKnown) {
  OpenStudy study(support::ladder_options());
  EnqueuedValues values(study);
  values.add({{"x", 0.5}});
  EXPECT_TRUE(last(study).assignments.empty());
  EXPECT_EQ(last(study).later, (std::vector<study::LaterValue>{{"x", 0.5}}));
  grow(study);
  values.add({{"x", 0.25}, {"y", 1.0}});
  EXPECT_EQ(last(study).assignments, (std::vector<Assignment>{{0, Cell::real(0.25)}}));
  EXPECT_EQ(last(study).later, (std::vector<study::LaterValue>{{"y", 1.0}}));
}

TEST(EnqueuedValues, NameWhatIsNotInACompleteSpace) {
  OpenStudy study(support::ladder_options());
  grow(study);
  EnqueuedValues values(study);
  values.check(Names::kComplete);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  values.add({{"y", 0.5}});
                                }),
                       "there is no hyperparameter \"y\""));
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  values.add({{"x", 2.0}});
                                }),
                       "2 is not a value of"));
  EXPECT_EQ(logged(study), 0U);
}

TunerOptions options_of_rate() {
  TunerOptions options = support::ladder_options();
  options.study.space = R"([{"name": "rate", "type": "float", "min_value": 0, "max_value": 1}])";
  return options;
}

TunerOptions options_of_grid() {
  TunerOptions options = support::ladder_options();
  options.study.space =
      R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1, "step": 0.1}])";
  return options;
}

double square(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1, .step = 0.1});
  return x * x;
}

// They were once neither checked nor on the disk before a search.
TEST(EnqueuedValues, AreCheckedAgainstAGivenSpaceBeforeASearch) {
  Tuner tuner(options_of_rate());
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] {
                       tuner.enqueue(Values({{"rat", 0.5}}));
                     }),
            "enqueue: there is no hyperparameter \"rat\" (did you mean \"rate\"?)");
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  tuner.enqueue(Values({{"rate", 2.0}}));
                                }),
                       "2 is not a value of"));
  tuner.enqueue(Values({{"rate", 0.75}}));
  tuner.search([](HyperParameters& hp) { return hp.real("rate", {.min = 0, .max = 1}); });
  EXPECT_EQ(tuner.trials()[0].values.real("rate"), 0.75);
  EXPECT_EQ(tuner.trials()[1].values.real("rate"), 0.1) << "the ladder's";
}

// The directory of a tuner that is open is what a kill would leave.
TEST(EnqueuedValues, SurviveAKillBeforeASearch) {
  const support::TemporaryDirectory directory;
  for (const bool given : {true, false}) {
    TunerOptions options = given ? options_of_rate() : support::ladder_options();
    options.study.store = "sqlite";
    options.study.max_trials = 3;
    options.study.directory = directory.string();
    options.study.project_name = given ? "given" : "not_given";
    Tuner tuner(options);
    tuner.enqueue(Values({{"rate", 0.75}}));
    const std::string left = options.study.project_name + "_left";
    std::filesystem::copy(directory / options.study.project_name, directory / left);
    options.study.project_name = left;
    Tuner again(options);
    again.search([](HyperParameters& hp) { return hp.real("rate", {.min = 0, .max = 1}); });
    EXPECT_EQ(again.trials()[given ? 0 : 1].values.real("rate"), 0.75);
  }
}

// A second search must not run them again, though it knows more of the space.
TEST(EnqueuedValues, LogTheInitialOnesOnce) {
  TunerOptions options = support::ladder_options();
  options.study.initial = {{{"x", 1}, {"late", 0.5}}};
  OpenStudy study(options);
  EnqueuedValues values(study);
  values.check(Names::kOpen);
  values.begin();
  grow(study);
  values.check(Names::kOpen);
  values.begin();
  EXPECT_EQ(logged(study), 1U);
}

// A float near the grid is logged as the grid's value.
TEST(EnqueuedValues, LogTheInitialOnesOnceThoughTheGridMovedThem) {
  TunerOptions options = options_of_grid();
  options.study.initial = {{{"x", 0.1 + 0.2}}};
  options.study.max_trials = 1;
  options.study.store = "sqlite";
  const support::TemporaryDirectory directory;
  options.study.directory = directory.string();
  for (int search = 0; search < 2; ++search) Tuner(options).search(square);
  EXPECT_EQ(logged(OpenStudy(options)), 1U);
}

// ---- of a search that cannot begin -------------------------------------------------------------

// Makes a study, lets `begin` throw, and says how many values the log has then.
template <class Begin>
std::size_t logged_where_refused(TunerOptions options, const std::string& message, Begin&& begin) {
  const support::TemporaryDirectory directory;
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  {
    Tuner tuner(options);
    const std::string error = error_of(DODONA_E_INVALID, [&] { begin(tuner); });
    EXPECT_TRUE(contains(error, message)) << error;
  }
  return logged(OpenStudy(options));
}

struct Declaring {
  static double run(HyperParameters& hp) { return square(hp); }
  static void declare(HyperParameters& hp) { square(hp); }
};

TEST(EnqueuedValues, AreNotLoggedWhereOneOfTheInitialOnesIsImpossible) {
  TunerOptions options = support::ladder_options();
  options.study.initial = {{{"x", 0.5}}, {{"xx", 0.5}}};
  EXPECT_EQ(logged_where_refused(options, "initial[1]: there is no hyperparameter \"xx\"",
                                 [](Tuner& tuner) { tuner.search(Declaring()); }),
            0U);
}

TEST(EnqueuedValues, AreNotLoggedWhereAPluginIsRefused) {
  TunerOptions options = options_of_grid();
  options.study.initial = {{{"x", 0.5}}};
  options.study.stopper = PluginUse{"ladder"};
  const std::string message = "stopper: \"ladder\" proposes";
  EXPECT_EQ(logged_where_refused(options, message, [](Tuner& tuner) { tuner.search(square); }), 0U);
  EXPECT_EQ(logged_where_refused(options, message, [](Tuner& tuner) { tuner.ask(); }), 0U);
}

// ---- of names that the space does not have -----------------------------------------------------

TEST(EnqueuedValues, ThatNoTrialCanAskForAreNotSaidToWait) {
  std::string log;
  TunerOptions options = support::ladder_options();
  options.study.max_trials = 1;
  options.on_log = [&](dodona_level, const std::string& line) {
    if (contains(line, "enqueue: these")) log += line + "\n";
  };
  const Values given({{"x", 5.0}, {"y", 0.5}});
  Tuner declares(options);
  declares.enqueue(given);
  declares.search(Declaring());
  EXPECT_TRUE(contains(log, "enqueue: these values count in no trial: \"x\": 5 is not a value of"));
  EXPECT_TRUE(contains(log, ", \"y\"\n")) << log;
  log.clear();
  Tuner open(options);
  open.enqueue(given);
  open.search(square);
  EXPECT_EQ(log, "enqueue: these values count once a trial asks for them: \"x\", \"y\"\n");
  log.clear();
  open.search(square);
  EXPECT_TRUE(log.starts_with("enqueue: these values count in no trial: \"x\": 5 is not")) << log;
  EXPECT_FALSE(contains(log, ", \"y\"\n")) << log;
  EXPECT_TRUE(log.ends_with("enqueue: these values count once a trial asks for them: \"y\"\n"))
      << log;
}

// A search of a function takes what asked trials refuse.
TEST(EnqueuedValues, MustBeInAGivenSpaceWhereTrialsAreAskedFor) {
  TunerOptions options = options_of_grid();
  options.study.initial = {{{"x", 0.5}, {"y", 0.5}}};
  options.study.max_trials = 1;
  EXPECT_EQ(Tuner(options).search(square).completed, 1U);
  Tuner tuner(options);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { tuner.ask(); }),
                       "initial[0]: there is no hyperparameter \"y\""));
}

// ---- of a function that does not declare -------------------------------------------------------

double kinds(HyperParameters& hp) {
  const std::string kind = hp.choice("kind", {"flat", "wide", "deep"});
  if (auto wide = hp.when("kind", "wide")) return hp.real("width", {.min = 0, .max = 1});
  if (auto deep = hp.when("kind", "deep")) {
    return hp.real("depth", {.min = 0, .max = 1}) + hp.real("rate", {.min = 0, .max = 1});
  }
  return 1.0;
}

const Values kDeep({{"kind", std::string("deep")}, {"depth", 0.25}, {"rate", 0.75}});

void expect_deep(const Result& trial) {
  EXPECT_EQ(trial.values.text("kind"), "deep");
  EXPECT_EQ(trial.values.real("depth"), 0.25);
  EXPECT_EQ(trial.values.real("rate"), 0.75);
}

// A conditional value once ended the search with an error.
TEST(EnqueuedValues, OfAConditionCountInTheTrialThatMeetsThem) {
  TunerOptions options = support::ladder_options();
  options.study.max_trials = 3;
  options.study.initial = {kDeep.entries()};
  std::string log;
  options.on_log = [&](dodona_level level, const std::string& line) {
    if (level >= DODONA_WARN) log += line + "\n";
  };
  Tuner initial(options);
  EXPECT_EQ(initial.search(kinds).completed, 3U);
  expect_deep(initial.trials()[1]);
  options.study.initial.clear();
  Tuner before(options);
  before.enqueue(kDeep);
  before.search(kinds);
  expect_deep(before.trials()[1]);
  Tuner during(options);
  during.search([&](Trial& trial) {
    if (trial.id() == 1) during.enqueue(kDeep);
    HyperParameters hp = trial.hp();
    return kinds(hp);
  });
  expect_deep(during.trials()[2]);
  EXPECT_EQ(log, "");
}

TEST(EnqueuedValues, OfAConditionCountForTrialsThatAreAskedFor) {
  Tuner tuner(support::ladder_options());
  tuner.enqueue(kDeep);
  {
    AskedTrial first = tuner.ask();
    tuner.tell(first, kinds(first));
  }
  AskedTrial second = tuner.ask();
  tuner.tell(second, kinds(second));
  expect_deep(tuner.trials()[1]);
}

TEST(EnqueuedValues, AreNamedAtTheEndWhereNoTrialAskedForThem) {
  std::string log;
  TunerOptions options = support::ladder_options();
  options.study.max_trials = 3;
  options.study.initial = {{{"kind", "deep"}, {"dept", 0.5}, {"rate", 5.0}}, {{"zebra", 1}}};
  options.on_log = [&](dodona_level level, const std::string& line) {
    if (level >= DODONA_WARN) log += line + "\n";
  };
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(kinds).end, End::kMaxTrials);
  EXPECT_EQ(tuner.trials()[1].values.text("kind"), "deep");
  EXPECT_EQ(log,
            "enqueue: no trial has asked for these values: \"dept\" (did you mean \"depth\"?), "
            "\"rate\": 5 is not a value of float rate in [0, 1], default 0, when "
            "kind is deep, \"zebra\"\n");
  log.clear();
  EXPECT_EQ(tuner.search(kinds).end, End::kMaxTrials) << "it once threw, as 5 is no value of rate";
  EXPECT_TRUE(
      log.starts_with("enqueue: these values count in no trial: \"rate\": 5 is not a value"))
      << log;
}

// Such values once waited for the next search.
TEST(EnqueuedValues, GivenWhileThereIsNoHyperparameterYetAreTakenOnceThereIs) {
  Tuner tuner(support::ladder_options());
  tuner.search([&](HyperParameters& hp) {
    static int trial = 0;
    if (++trial == 2) tuner.enqueue(Values({{"late", 0.55}}));
    return trial < 3 ? 1.0 : hp.real("late", {.min = 0, .max = 1});
  });
  EXPECT_EQ(tuner.trials()[3].values.real("late"), 0.55);
}

TEST(EnqueuedValues, KeepTheConstraints) {
  TunerOptions options = support::ladder_options();
  options.study.space = R"([{"name": "a", "type": "int", "min_value": 0, "max_value": 9},
                            {"name": "b", "type": "int", "min_value": 0, "max_value": 9}])";
  options.study.constraints = {"a >= b"};
  OpenStudy study(options);
  EnqueuedValues values(study);
  const auto refused = [&](const NamedValues& given) {
    return error_of(DODONA_E_INVALID, [&] { values.add(given); });
  };
  // Before a search, by what the options give.
  EXPECT_EQ(refused({{"a", std::int64_t{1}}, {"b", std::int64_t{2}}}),
            "enqueue: the values break the constraint \"a >= b\", where a is 1 and b is 2");
  EXPECT_EQ(refused({{"b", std::int64_t{2}}}), "nothing was thrown");
  EXPECT_EQ(logged(study), 1U);
}

TEST(EnqueuedValues, AreRefusedWhereNoCompletionKeepsTheConstraints) {
  TunerOptions options = support::ladder_options();
  options.study.space = R"([{"name": "a", "type": "int", "min_value": 0, "max_value": 9},
                            {"name": "b", "type": "int", "min_value": 0, "max_value": 9}])";
  options.study.constraints = {"a > b + 3"};
  OpenStudy study(options);
  EnqueuedValues values(study);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID,
                                [&] {
                                  values.add({{"a", std::int64_t{3}}});
                                }),
                       "and no draw of those that are left out keeps all constraints"));
  values.add({{"a", std::int64_t{4}}});  // b can be 0
  EXPECT_EQ(logged(study), 1U);
}

}  // namespace
}  // namespace dodona::tuner
