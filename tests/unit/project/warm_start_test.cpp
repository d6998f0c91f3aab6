// SPDX-License-Identifier: Apache-2.0
#include "project/warm_start.hpp"

#include "project/project.hpp"
#include "support/error_of.hpp"
#include "support/params.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::choice;
using support::contains;
using support::error_of;
using support::integer;
using support::real;
using support::TemporaryDirectory;
using support::text;

// The lowest point is at x = 0.7, y = 0.2.
double bowl(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  const double y = hp.real("y", {.min = 0, .max = 1});
  return (x - 0.7) * (x - 0.7) + (y - 0.2) * (y - 0.2);
}

TunerOptions options_in(const TemporaryDirectory& directory, const std::string& name,
                        std::uint64_t max_trials) {
  TunerOptions options;
  options.study.objective = {"loss", Direction::kMin};
  options.study.max_trials = max_trials;
  options.study.seed = 7;
  options.study.directory = directory.string();
  options.study.project_name = name;
  return options;
}

// Another study: five trials with an optimizer that sometimes has a momentum, of which one fails.
class WarmStartTest : public ::testing::Test {
 protected:
  WarmStartTest() {
    TunerOptions options = options_in(directory_, "other", 5);
    options.study.oracle = {"random"};
    options.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1},
                        {"name": "optimizer", "type": "choice", "values": ["adam", "sgd"]},
                        {"name": "momentum", "type": "float", "min_value": 0, "max_value": 1,
                         "when": {"optimizer": ["sgd"]}}])";
    for (int i = 0; i < 5; ++i) {
      const double optimizer = i % 2;
      options.study.initial.push_back(
          {{"x", 0.1 * i}, {"optimizer", optimizer > 0 ? "sgd" : "adam"}});
    }
    Tuner tuner(options);
    for (int i = 0; i < 5; ++i) {
      const AskedTrial trial = tuner.ask();
      if (i == 4) {
        tuner.tell_failed(trial, "too big");
      } else {
        tuner.tell(trial, {{"loss", 1.0 + i}, {"accuracy", 0.5 + 0.1 * i}});
      }
    }
  }

  project::WarmStart read(const std::vector<Param>& params,
                          const study::Objective& objective = study::ObjectiveTerm{
                              "loss", study::Direction::kMinimize}) {
    Space space;
    for (const Param& param : params) space.add(param);
    return project::read_warm_start((directory_ / "other").string(), objective, space, names_);
  }

  static Param optimizer() { return choice("optimizer", {text("adam"), text("sgd")}); }
  static Param momentum() { return real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}); }

  const TemporaryDirectory directory_;
  study::Names names_;
};

TEST_F(WarmStartTest, HandsOverWhatFitsByName) {
  const auto from = read({optimizer(), momentum(), real("x", -1, 2)});
  ASSERT_EQ(from.trials.size(), 5U);
  EXPECT_FALSE(from.left_out);
  EXPECT_TRUE(contains(from.summary, "5 trials of ")) << from.summary;
  EXPECT_EQ(from.trials[0].assignments,
            (std::vector<Assignment>{{0, Cell::whole(0)}, {2, Cell::real(0.0)}}));
  EXPECT_EQ(from.trials[1].assignments.size(), 3U);
  EXPECT_EQ(from.trials[1].objectives.first(), 2.0);
  EXPECT_EQ(from.trials[1].metrics.size(), 2U);
  EXPECT_EQ(names_[from.trials[1].metrics[1].name], "accuracy");
  EXPECT_EQ(from.trials[4].state, study::TrialState::kFailed);
  EXPECT_TRUE(std::isnan(from.trials[4].objectives.first()));
  EXPECT_EQ(from.trials[0].source, project::warm_start_source((directory_ / "other").string()));
}

TEST_F(WarmStartTest, LeavesOutWhatDoesNotFitAndSaysWhy) {
  const auto narrow = read({real("x", 0.05, 0.35), optimizer(), momentum()});
  EXPECT_EQ(narrow.trials.size(), 3U);
  EXPECT_TRUE(narrow.left_out);
  EXPECT_TRUE(contains(narrow.summary,
                       "; 2 trials left out, as values do not fit the space (trial 0: 0 is not a "
                       "value of float x in [0.05, 0.35]"))
      << narrow.summary;
  EXPECT_TRUE(read({integer("x", 0, 1)}).trials.empty());  // of another type
  const auto more = read({real("x", 0, 1), real("rate", 0, 1)});
  EXPECT_TRUE(more.trials.empty());
  EXPECT_TRUE(contains(more.summary, "trial 0: it has no \"rate\"")) << more.summary;
  // Inactive there, asked for always here.
  EXPECT_EQ(read({real("momentum", 0, 1)}).trials.size(), 2U);
  const auto fewer = read({real("x", 0, 1)});
  EXPECT_EQ(fewer.trials.size(), 5U);
  EXPECT_TRUE(contains(fewer.summary, "asks for them: \"optimizer\", \"momentum\""))
      << fewer.summary;
}

TEST_F(WarmStartTest, LeavesOutWhatBreaksAConstraint) {
  Space space;
  for (const Param& param : {real("x", 0, 1), optimizer()}) space.add(param);
  space.add_constraint("optimizer == 'sgd' or x < 0.3");
  const study::Objective objective = study::ObjectiveTerm{"loss", study::Direction::kMinimize};
  const auto from =
      project::read_warm_start((directory_ / "other").string(), objective, space, names_);
  EXPECT_EQ(from.trials.size(), 4U);
  EXPECT_TRUE(from.left_out);
  EXPECT_TRUE(
      contains(from.summary,
               "1 trial left out, as values do not fit the space (trial 4: its values break "
               "the constraint \"optimizer == 'sgd' or x < 0.3\", where optimizer is "
               "'adam' and x is 0.4"))
      << from.summary;
}

TEST_F(WarmStartTest, KeepsWhatTheSpaceLacksUntilItHasIt) {
  const auto from = read({real("x", 0, 1)});
  ASSERT_EQ(from.trials.size(), 5U);
  EXPECT_EQ(from.trials[1].trial, 1U);
  EXPECT_EQ(from.trials[1].assignments.size(), 1U);
  EXPECT_EQ(from.trials[1].later.size(), 2U);
  Space grown;
  grown.add(real("x", 0, 1));
  grown.add(real("rate", 0, 1));
  EXPECT_FALSE(project::with_later_values(from.trials[1], grown)) << "it has no rate";
  grown.add(optimizer());
  const auto half = project::with_later_values(from.trials[1], grown);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->assignments.size(), 2U);
  EXPECT_FALSE(project::with_later_values(*half, grown)) << "this was done";
  grown.add(momentum());
  const auto whole = project::with_later_values(*half, grown);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->assignments.size(), 3U);
  EXPECT_TRUE(whole->later.empty());
  EXPECT_EQ(whole->trial, 1U);
  EXPECT_EQ(whole->source, from.trials[1].source);
}

TEST_F(WarmStartTest, ScoresByTheObjectiveOfThisStudy) {
  const study::ObjectiveTerm accuracy{"accuracy", study::Direction::kMaximize};
  const auto from = read({real("x", 0, 1)}, accuracy);
  ASSERT_EQ(from.trials.size(), 5U);
  EXPECT_EQ(from.trials[0].objectives.first(), -0.5);
  const study::ObjectiveTerm size{"size", study::Direction::kMinimize};
  const auto none = read({real("x", 0, 1)}, size);
  EXPECT_EQ(none.trials.size(), 1U);  // the failed one
  EXPECT_TRUE(contains(none.summary, "4 trials left out, for want of the objective's metrics"));
}

TEST_F(WarmStartTest, LeavesOutTrialsOfASmallerBudget) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, "rungs", 0);
  options.study.oracle = {"hyperband", R"({"max_epochs": 4, "factor": 2})"};
  std::uint64_t whole = 0;
  Tuner(options).search([&](Trial& trial) {
    const double x = trial.hp().real("x", {.min = 0, .max = 1});
    if (trial.budget() == 4) ++whole;
    trial.report(trial.budget(), {{"loss", x}});
  });
  Space space;
  space.add(real("x", 0, 1));
  const auto from = project::read_warm_start(
      (directory / "rungs").string(), study::ObjectiveTerm{"loss", study::Direction::kMinimize},
      space, names_);
  EXPECT_EQ(from.trials.size(), whole);
  EXPECT_TRUE(contains(from.summary, "left out, as their budget was below 4")) << from.summary;
}

TEST_F(WarmStartTest, NamesTheKeyWhereThereIsNoStudy) {
  EXPECT_TRUE(contains(
      error_of(DODONA_E_IO, [&] { project::check_warm_start((directory_ / "no").string(), ""); }),
      "warm_start: "));
  const std::string other = (directory_ / "other").string();
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { project::check_warm_start(other, other); }),
                       "is this study itself"));
}

// ---- in a search -------------------------------------------------------------------------------

class WarmSearch : public ::testing::TestWithParam<const char*> {
 protected:
  WarmSearch() {
    TunerOptions options = options_in(directory_, "other", 30);
    options.study.oracle = {"random"};
    Tuner(options).search(bowl);
  }

  std::vector<Result> run(const std::string& name, std::uint64_t max_trials, bool warm) {
    TunerOptions options = options_in(directory_, name, max_trials);
    options.study.oracle = {GetParam()};
    options.study.seed = 11;
    if (warm) options.study.warm_start = (directory_ / "other").string();
    Tuner tuner(options);
    tuner.search(bowl);
    return tuner.trials();
  }

  const TemporaryDirectory directory_;
};

TEST_P(WarmSearch, BeatsAColdOneAndIsReplayed) {
  const auto cold = run("cold", 8, false);
  const auto warm = run("warm", 8, true);
  ASSERT_EQ(warm.size(), 8U);  // what was handed over counts nowhere
  EXPECT_EQ(cold[0].values.real("x"), warm[0].values.real("x"));  // asked for the space
  EXPECT_NE(cold[1].values.real("x"), warm[1].values.real("x"));
  const auto best = [](const std::vector<Result>& trials) {
    double lowest = INFINITY;
    for (const Result& each : trials) lowest = std::min(lowest, *each.score);
    return lowest;
  };
  EXPECT_LT(best(warm), best(cold));
  const Study study = open((directory_ / "warm").string());
  EXPECT_EQ(study.best().size(), 8U);
  const ReplayResult replay = study.replay();
  EXPECT_FALSE(replay.difference) << replay.difference->what;
  EXPECT_EQ(replay.verified, 7U);
}

TEST_P(WarmSearch, TakesTheOtherStudyOnceAndNeedsItNoMore) {
  const auto whole = run("whole", 8, true);
  run("parts", 4, true);
  std::filesystem::remove_all(directory_ / "other");
  const auto parts = run("parts", 8, true);
  ASSERT_EQ(parts.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(parts[i].values.real("x"), whole[i].values.real("x")) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Oracles, WarmSearch, ::testing::Values("bayesian", "tpe", "auto"),
                         [](const auto& each) { return std::string(each.param); });

// The space is that of the first trial, in whose turn everybody hears of the other study.
TEST(WarmStart, GivesTheSameStudyForAnyNumberOfWorkersWithALag) {
  const TemporaryDirectory directory;
  {
    TunerOptions options = options_in(directory, "other", 12);
    options.study.oracle = {"random"};
    Tuner(options).search(bowl);
  }
  const auto train = [](Trial& trial) {
    HyperParameters hp = trial.hp();
    const double loss = bowl(hp);
    for (std::uint64_t step = 1; step <= 3; ++step) {
      trial.report(step, {{"loss", loss + 1 / static_cast<double>(step)}});
    }
  };
  std::vector<std::vector<double>> proposed;
  for (const std::uint32_t workers : {1U, 3U}) {
    TunerOptions options = options_in(directory, "w" + std::to_string(workers), 12);
    options.study.oracle = {"tpe"};
    options.study.stopper = PluginUse{"median"};
    options.study.lag = 3;
    options.study.parallel_trials = workers;
    options.study.warm_start = (directory / "other").string();
    if (workers > 1) {  // and in two parts
      options.study.max_trials = 5;
      Tuner(options).search(train);
      options.study.max_trials = 12;
    }
    Tuner tuner(options);
    tuner.search(train);
    auto& values = proposed.emplace_back();
    for (const Result& each : tuner.trials()) values.push_back(each.values.real("x"));
    const ReplayResult replay = open(tuner.directory()).replay();
    EXPECT_FALSE(replay.difference) << replay.difference->what;
  }
  EXPECT_EQ(proposed[0], proposed[1]);
}

// ---- of a function that does not declare -------------------------------------------------------

// The lowest point is in the deep kind, whose values a first trial of default values does not meet.
double kinds(HyperParameters& hp) {
  const std::string kind = hp.choice("kind", {"flat", "wide", "deep"});
  const double x = hp.real("x", {.min = 0, .max = 1});
  const auto away = [](double value, double from) { return 4 * (value - from) * (value - from); };
  double loss = 4 + x * x;
  if (auto wide = hp.when("kind", "wide")) loss = 3 + hp.real("width", {.min = 0, .max = 1});
  if (auto deep = hp.when("kind", "deep")) {
    const double depth = hp.real("depth", {.min = 0, .max = 1});
    const double rate = hp.real("rate", {.min = 0, .max = 1});
    const double decay = hp.real("decay", {.min = 0, .max = 1});
    const double noise = hp.real("noise", {.min = 0, .max = 1});
    loss = away(x, 0.7) + away(depth, 0.2) + away(rate, 0.4) + away(decay, 0.6) + away(noise, 0.9);
  }
  return loss;
}

struct Declared {
  void declare(HyperParameters& hp) { kinds(hp); }
  double run(HyperParameters& hp) { return kinds(hp); }
};

std::string values_of(const std::vector<Result>& trials) {
  std::string text;
  for (const Result& each : trials) {
    for (const auto& [name, value] : each.values.entries()) {
      text += name + " " + to_text(value) + " ";
    }
    text += "\n";
  }
  return text;
}

class KindsTest : public ::testing::TestWithParam<const char*> {
 protected:
  KindsTest() {
    TunerOptions options = options_in(directory_, "other", 100);
    options.study.oracle = {"random"};
    Tuner(options).search(Declared{});
  }

  TunerOptions warm(const std::string& name, std::uint64_t max_trials, std::uint64_t seed) const {
    TunerOptions options = options_in(directory_, name, max_trials);
    options.study.oracle = {GetParam()};
    options.study.seed = seed;
    options.study.warm_start = (directory_ / "other").string();
    return options;
  }

  template <class Model>
  double mean_best(Model model) const {
    constexpr std::uint64_t seeds = 20;
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      TunerOptions options = warm("memory", 5, seed);
      options.study.store = "memory";
      sum += *Tuner(options).search(model).best->score;
    }
    return sum / static_cast<double>(seeds);
  }

  const TemporaryDirectory directory_;
};

// Conditional values were once lost. Mean best of 5 trials over 20 seeds: bayesian .038 declared and
// .054 not declared, where it was 1.32; tpe .36 and .56, where it was 1.01.
TEST_P(KindsTest, AreHandedOverAgainWhenTheSpaceGrows) {
  const double declared = mean_best(Declared{});
  const double defined_by_run = mean_best(kinds);
  RecordProperty("declared", std::to_string(declared));
  RecordProperty("defined_by_run", std::to_string(defined_by_run));
  const double bound = std::string(GetParam()) == "bayesian" ? 0.4 : 0.8;
  EXPECT_LT(declared, bound);
  EXPECT_LT(defined_by_run, bound);
}

TEST_P(KindsTest, GiveTheSameStudyInTwoParts) {
  TunerOptions options = warm("whole", 10, 5);
  options.study.initial = {{{"kind", "deep"}, {"depth", 0.5}, {"rate", 0.25}}};
  Tuner whole(options);
  whole.search(kinds);
  for (const std::uint64_t first : {1U, 2U, 4U}) {
    options.study.project_name = "parts" + std::to_string(first);
    options.study.max_trials = first;
    Tuner(options).search(kinds);
    options.study.max_trials = 10;
    Tuner parts(options);
    parts.search(kinds);
    EXPECT_EQ(values_of(parts.trials()), values_of(whole.trials())) << first;
    const ReplayResult replay = open(parts.directory()).replay();
    EXPECT_FALSE(replay.difference) << replay.difference->what;
  }
}

TEST_P(KindsTest, GiveTheSameStudyForAnyNumberOfWorkersWithALag) {
  std::vector<std::string> studies;
  for (const std::uint32_t workers : {1U, 3U}) {
    TunerOptions options = warm("lag" + std::to_string(workers), 15, 5);
    options.study.lag = 3;
    options.study.parallel_trials = workers;
    options.study.initial = {{{"kind", "deep"}, {"depth", 0.5}, {"rate", 0.25}}};
    if (workers > 1) {  // and in two parts
      options.study.max_trials = 4;
      Tuner(options).search(kinds);
      options.study.max_trials = 15;
    }
    Tuner tuner(options);
    tuner.search(kinds);
    studies.push_back(values_of(tuner.trials()));
    const ReplayResult replay = open(tuner.directory()).replay();
    EXPECT_FALSE(replay.difference) << replay.difference->what;
    EXPECT_EQ(replay.verified, 13U) << "without the first, and the one of the user";
  }
  EXPECT_EQ(studies[0], studies[1]);
  EXPECT_TRUE(contains(studies[0], "depth 0.5 rate 0.25")) << studies[0];
}

INSTANTIATE_TEST_SUITE_P(Oracles, KindsTest, ::testing::Values("bayesian", "tpe"),
                         [](const auto& each) { return std::string(each.param); });

// Six random trials of the study "other", with which studies of tpe can begin.
void make_other_study(const TemporaryDirectory& directory) {
  TunerOptions options = options_in(directory, "other", 6);
  options.study.oracle = {"random"};
  Tuner(options).search(Declared{});
}

TunerOptions warm_options(const TemporaryDirectory& directory, std::uint32_t lag,
                          std::uint64_t max_trials) {
  TunerOptions options = options_in(directory, "lag" + std::to_string(lag), max_trials);
  options.study.oracle = {"tpe"};
  options.study.warm_start = (directory / "other").string();
  options.study.lag = lag;
  return options;
}

TEST(WarmStart, IsHandedOverAgainWhereTrialsAreAskedFor) {
  const TemporaryDirectory directory;
  make_other_study(directory);
  for (const std::uint32_t lag : {0U, 2U}) {
    Tuner tuner(warm_options(directory, lag, 5));
    tuner.enqueue(Values({{"kind", std::string("deep")}}));
    while (AskedTrial trial = tuner.ask()) tuner.tell(trial, kinds(trial));
    const auto log = project::open_to_read(tuner.directory());
    std::size_t most = 0;
    study::read_below(*log, log->size(), [&](const study::Event& event) {
      const auto* imported = std::get_if<study::Imported>(&event.body);
      if (imported != nullptr) most = std::max(most, imported->assignments.size());
    });
    EXPECT_EQ(most, 6U) << "a trial of the deep kind has six values; lag " << lag;
    EXPECT_FALSE(open(tuner.directory()).replay().difference);
  }
}

// A kill leaves the first events of a log: a space that grew, for one, without the trials that are
// handed over again for it.
TEST(WarmStart, GivesTheSameStudyWhereverAKillCutsTheLog) {
  const TemporaryDirectory directory;
  make_other_study(directory);
  for (const std::uint32_t lag : {0U, 2U}) {
    TunerOptions options = warm_options(directory, lag, 4);
    options.study.initial = {{{"kind", "deep"}, {"depth", 0.5}, {"rate", 0.25}}};
    std::string whole;
    {
      Tuner tuner(options);
      tuner.search(kinds);
      whole = values_of(tuner.trials());
    }
    const auto log = project::open_to_read((directory / options.study.project_name).string());
    const std::uint64_t stride = lag > 0 ? 1 : 3;
    for (std::uint64_t end = 1; end < log->size(); end += stride) {
      TunerOptions rest = options;
      rest.study.project_name += "_" + std::to_string(end);
      project::make_study((directory / rest.study.project_name).string(), [&](study::Store& store) {
        for (std::uint32_t i = 0; i < log->names().size(); ++i) {
          store.names().intern(log->names()[i]);
        }
        study::read_below(*log, end, [&](study::Event event) { store.append(event); });
      });
      Tuner tuner(rest);
      tuner.search(kinds);
      ASSERT_EQ(values_of(tuner.trials()), whole) << "lag " << lag << ", cut at event " << end;
      EXPECT_FALSE(open(tuner.directory()).replay().difference);
    }
  }
}

TEST(WarmStart, LeavesHyperbandsBudgetsAlone) {
  const TemporaryDirectory directory;
  {
    TunerOptions options = options_in(directory, "other", 12);
    options.study.oracle = {"random"};
    Tuner(options).search(bowl);
  }
  std::vector<std::vector<std::uint64_t>> budgets;
  for (const bool warm : {false, true}) {
    TunerOptions options = options_in(directory, warm ? "warm" : "cold", 0);
    options.study.oracle = {"hyperband", R"({"max_epochs": 9})"};
    if (warm) options.study.warm_start = (directory / "other").string();
    Tuner tuner(options);
    tuner.search([](Trial& trial) {
      HyperParameters hp = trial.hp();
      trial.report(trial.budget(), {{"loss", bowl(hp)}});
    });
    auto& list = budgets.emplace_back();
    for (const Result& each : tuner.trials()) list.push_back(each.budget);
  }
  EXPECT_EQ(budgets[0], budgets[1]);
}

TEST(WarmStart, ComesBeforeTheFirstTrialThatIsAskedFor) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, "other", 12);
  options.study.oracle = {"random"};
  { Tuner(options).search(bowl); }
  std::vector<double> first;
  for (const bool warm : {false, true}) {
    TunerOptions mine = options_in(directory, warm ? "warm" : "cold", 3);
    mine.study.oracle = {"tpe"};
    mine.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1},
                     {"name": "y", "type": "float", "min_value": 0, "max_value": 1}])";
    if (warm) mine.study.warm_start = (directory / "other").string();
    Tuner tuner(mine);
    AskedTrial trial = tuner.ask();
    EXPECT_EQ(trial.id(), 0U);
    first.push_back(trial.real("x", {.min = 0, .max = 1}));
    tuner.tell(trial, 1.0);
  }
  EXPECT_NE(first[0], first[1]);
}

TEST(WarmStart, ReadsAStudyThatIsOpenElsewhere) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, "other", 12);
  options.study.oracle = {"random"};
  Tuner other(options);
  other.search(bowl);
  TunerOptions mine = options_in(directory, "mine", 3);
  mine.study.oracle = {"tpe"};
  mine.study.warm_start = (directory / "other").string();
  std::string said;
  mine.on_log = [&](dodona_level, const std::string& line) { said += line + "\n"; };
  EXPECT_EQ(Tuner(mine).search(bowl).completed, 3U);
  EXPECT_TRUE(contains(said, "12 trials of ")) << said;
}

}  // namespace
}  // namespace dodona
