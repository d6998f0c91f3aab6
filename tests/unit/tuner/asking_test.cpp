// SPDX-License-Identifier: Apache-2.0
//
// Asking and telling, as an application does it.
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::heard;
using support::ladder_options;
using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory) {
  TunerOptions options = ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.project_name = "p";
  return options;
}

TEST(Asking, TunesWhatTheApplicationRuns) {
  Tuner tuner(ladder_options());
  while (AskedTrial trial = tuner.ask()) {
    const double x = trial.real("x", {.min = 0, .max = 1});
    if (auto high = trial.when("x", 0.3)) trial.boolean("exact");
    tuner.tell(trial, {{"loss", (x - 0.3) * (x - 0.3)}});
  }
  EXPECT_EQ(tuner.trials().size(), 10U);
  EXPECT_DOUBLE_EQ(tuner.best_hyperparameters().real("x"), 0.3);
  EXPECT_EQ(tuner.space().size(), 2U);
  EXPECT_TRUE(tuner.ask().exhausted());
}

TEST(Asking, ShowsATrialAndTakesWhatIsSaidOfIt) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory);
  options.study.oracle.options = R"({"stop_at": 2})";
  options.study.max_steps = 5;
  options.study.space = R"([{"name": "x", "type": "int", "min_value": 0, "max_value": 10}])";
  Tuner tuner(options);
  AskedTrial trial = tuner.ask();
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial.id(), 0U);
  EXPECT_EQ(trial.values().integer("x"), 0);
  EXPECT_EQ(trial.get<std::int64_t>("x"), 0);
  EXPECT_EQ(trial.budget(), 5U);
  EXPECT_EQ(trial.start_step(), 0U);
  EXPECT_EQ(trial.resume_of(), std::nullopt);
  EXPECT_TRUE(std::filesystem::is_directory(trial.directory()));
  EXPECT_TRUE(trial.report(1, {{"", 0.5}}));
  EXPECT_FALSE(trial.report(2, {{"loss", 0.25}}));
  trial.note("host", "here");
  tuner.tell_stopped(trial);
  const Result result = tuner.trials()[0];
  EXPECT_EQ(result.state, TrialState::kStopped);
  EXPECT_EQ(result.score, 0.25);
  EXPECT_EQ(result.seed, trial.seed());
  using Notes = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(result.notes, (Notes{{"host", "here"}}));
  EXPECT_TRUE(contains(to_json(tuner.trials()), R"("notes": {)"));
  tuner.tell_failed(tuner.ask(), "no memory");
  EXPECT_EQ(tuner.trials()[1].message, "no memory");
  tuner.tell(tuner.ask(), NAN);
  EXPECT_EQ(tuner.trials()[2].state, TrialState::kInvalid);
}

TEST(Asking, GivesWhatWasNotToldFirst) {
  const TemporaryDirectory directory;
  std::vector<Values> values;
  {
    Tuner tuner(options_in(directory));
    tuner.enqueue(Values({{"x", 0.55}}));
    const auto ask = [](AskedTrial trial) { return trial.real("x", {.min = 0, .max = 1}); };
    AskedTrial first = tuner.ask();
    EXPECT_EQ(ask(first), 0.0);
    EXPECT_FALSE(tuner.ask());  // the space is not known before it is told
    EXPECT_FALSE(tuner.ask().exhausted());
    tuner.tell(first, 1.0);
    AskedTrial second = tuner.ask();
    EXPECT_EQ(ask(second), 0.55);
    EXPECT_DOUBLE_EQ(ask(tuner.ask()), 0.2);
    EXPECT_EQ(tuner.ask().id(), 2U) << "nobody held it";
  }
  Tuner tuner(options_in(directory));
  EXPECT_EQ(tuner.ask().values().real("x"), 0.55);
  tuner.tell(tuner.asked(1), 0.5);
  tuner.tell(tuner.asked(2), 0.25);  // without asking again
  EXPECT_EQ(tuner.ask().id(), 3U);
  EXPECT_EQ(tuner.best(1)[0].trial, 2U);
}

// A trial that was dropped once kept ask() from giving any other.
TEST(Asking, GivesATrialAgainWhoseHandlesAllWent) {
  Tuner tuner(ladder_options());
  {
    AskedTrial first = tuner.ask();
    const AskedTrial copy = first;
    first.report(1, {{"loss", 1}});
    EXPECT_FALSE(tuner.ask()) << "the first one shows the space";
  }
  AskedTrial again = tuner.ask(std::chrono::hours(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again.id(), 0U);
  EXPECT_TRUE(again.report(1, {{"loss", 1}}));
  again.detach();
  again = tuner.ask();
  EXPECT_FALSE(again);
  tuner.tell(tuner.asked(0), 1.0);
  EXPECT_EQ(tuner.trials().size(), 1U);
}

TEST(Asking, HasNoTrialWhereNoneIs) {
  std::optional<AskedTrial> kept;
  {
    TunerOptions options = ladder_options();
    options.study.max_trials = 1;
    Tuner tuner(options);
    kept = tuner.ask();
    const auto wrongly = [&](TrialState state) {
      return error_of(DODONA_E_INVALID, [&] { tuner.tell(*kept, state, {}); });
    };
    EXPECT_TRUE(contains(wrongly(TrialState::kRunning), "not as running"));
    EXPECT_TRUE(contains(wrongly(TrialState::kCompleted), "\"loss\""));
    tuner.tell(*kept, 0.5);
    AskedTrial none = tuner.ask();
    EXPECT_FALSE(none);
    EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { none.id(); }), "no trial"));
    EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { none.boolean("b"); }), "no trial"));
    EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { tuner.tell(none, 1.0); }), "no trial"));
    EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { kept->boolean("b"); }), "has ended"));
    EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { tuner.asked(9); }), "never asked for"));
  }
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { kept->values(); }), "gone"));
}

TEST(Asking, TakesTurnsWithSearching) {
  Tuner tuner(ladder_options());
  const auto parabola = [](HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); };
  AskedTrial trial = tuner.ask();
  EXPECT_TRUE(
      contains(error_of(DODONA_E_STATE, [&] { tuner.search(parabola); }), "have no result yet"));
  trial.real("x", {.min = 0, .max = 1});
  tuner.tell(trial, 5.0);
  std::string during;
  const Summary summary = tuner.search([&](HyperParameters& hp) {
    during = error_of(DODONA_E_STATE, [&] { tuner.ask(); });
    return parabola(hp);
  });
  EXPECT_TRUE(contains(during, "a search of this tuner is running"));
  EXPECT_EQ(summary.completed, 10U);
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE,
                                [&] {
                                  trial.report(1, {{"loss", 1}});
                                }),
                       "searches"));
  EXPECT_TRUE(tuner.ask().exhausted());
}

TEST(Asking, GivesNothingOnceStopped) {
  Tuner tuner(ladder_options());
  AskedTrial trial = tuner.ask();
  tuner.stop();
  EXPECT_FALSE(trial.report(1, {{"loss", 1}}));
  tuner.tell(trial, 1.0);
  EXPECT_TRUE(tuner.ask().exhausted());
}

TEST(Asking, FeedsSinksAndDisplays) {
  heard().clear();
  std::vector<Progress::Kind> kinds;
  {
    TunerOptions options = ladder_options();
    options.study.sinks = {{"keep"}};
    options.on_progress = [&](const Progress& progress) { kinds.push_back(progress.kind); };
    Tuner tuner(options);
    AskedTrial trial = tuner.ask();
    trial.report(1, {{"loss", 1}});
    tuner.tell(trial, 1.0);
  }
  using Kind = Progress::Kind;
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kStarted, Kind::kReported, Kind::kFinished}));
  // created, configured, proposed, started, reported, finished
  EXPECT_EQ(heard().size(), 6U);
}

TEST(Asking, KeepsNotesOfModelsToo) {
  Tuner tuner(ladder_options());
  tuner.search([](Trial& trial) {
    trial.note("parity", trial.id() % 2 == 0 ? "even" : "odd");
    trial.finish({{"loss", 1.0}});
  });
  using Notes = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(tuner.trials()[3].notes, (Notes{{"parity", "odd"}}));
}

TEST(Asking, IsToldToTheTunerThatGaveTheTrial) {
  Tuner one(ladder_options());
  Tuner other(ladder_options());
  const AskedTrial mine = one.ask();
  other.open_desk();
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { other.tell(mine, 1.0); }),
            "trial 0 was given by another tuner; tell that one");
  const AskedTrial theirs = other.ask();
  one.tell(mine, 1.0);
  other.tell(theirs, 2.0);
  EXPECT_EQ(one.trials()[0].score, 1.0);
  EXPECT_EQ(other.trials()[0].score, 2.0);
}

}  // namespace
}  // namespace dodona
