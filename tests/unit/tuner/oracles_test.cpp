// SPDX-License-Identifier: Apache-2.0
#include "tuner/oracles.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>
#include <dodona/history.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::TemporaryDirectory;

// Halves the application's step towards the best of what it has observed. Neither copied nor moved.
class Stepper {
 public:
  Stepper(double step, int& alive) : step_(step), alive_(alive) { ++alive_; }
  ~Stepper() { --alive_; }
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  void set_space(const Space& space) {
    space_ = &space;
    history_.set_space(space);
  }
  void observe(const dodona_event& event) { history_.observe(event); }
  void propose(std::uint64_t trial, Proposals& out) {
    double best = 1.0;
    double from = 0.0;
    for (const std::uint64_t id : history_.ended()) {
      const PastTrial& past = history_.trials()[id];
      if (past.objective < best) {
        best = past.objective;
        from = past.point[0].real();
      }
    }
    Point point(space_->size());
    const std::uint64_t pairs = trial / 2;
    const double step = step_ / static_cast<double>(1 + pairs);
    point.set(0, Cell::real(std::clamp(from + (trial % 2 == 0 ? step : -step), 0.0, 1.0)));
    out.push(point);
  }
  dodona_verdict judge(const dodona_event& report) const {
    const auto* body = body_of<dodona_reported_event>(report);
    return body->step >= 2 && first_of(body->objectives) > 0.2 ? DODONA_STOP_TRIAL
                                                               : DODONA_CONTINUE;
  }

 private:
  const double step_;
  int& alive_;
  const Space* space_ = nullptr;
  History history_;
};

struct Ears {
  void consume(const dodona_event& event) { heard.push_back(event.sequence); }
  void flush() { ++flushed; }
  std::vector<std::uint64_t> heard;
  int flushed = 0;
};

double square(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  return (x - 0.6) * (x - 0.6);
}

void square_in_steps(Trial& trial) {
  HyperParameters hp = trial.hp();
  const double loss = square(hp);
  for (std::uint64_t step = 1; step <= 3; ++step) {
    trial.report(step, {{"loss", loss}});
  }
}

class ObjectsTest : public ::testing::Test {
 protected:
  TunerOptions options(const std::string& name, std::uint64_t max_trials) {
    TunerOptions out = support::ladder_options();
    out.study.store = "sqlite";
    out.study.directory = directory_.string();
    out.study.project_name = name;
    out.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])";
    out.study.max_trials = max_trials;
    out.study.oracle = {"stepper"};
    out.plugins.objects = {maker()};
    return out;
  }
  ApplicationObject maker() {
    return oracle_maker("stepper", [this](const StudyContext&) { return Stepper(step_, alive_); });
  }
  static std::vector<double> values(const Tuner& tuner) {
    std::vector<double> out;
    for (const Result& each : tuner.trials()) out.push_back(each.values.real("x"));
    return out;
  }

  const TemporaryDirectory directory_;
  double step_ = 0.5;
  int alive_ = 0;
};

// A lambda returns its metrics by name; none of them may lack its name.
TEST_F(ObjectsTest, ProposeForSeveralObjectivesIfTheirFlagSaysSo) {
  TunerOptions given = options("front", 6);
  given.study.objectives = {{"loss", Direction::kMin}, {"size", Direction::kMax}};
  EXPECT_TRUE(contains(error_of(kInvalid, [&] { Tuner{given}; }), "takes one objective"));
  given.plugins.objects = {oracle_maker(
      "stepper", [this](const StudyContext&) { return Stepper(step_, alive_); },
      DODONA_FLAG_OBJECTIVES)};
  Tuner tuner(given);
  tuner.search([](HyperParameters& hp) {
    const double loss = square(hp);
    return Metrics{{"loss", loss}, {"size", hp.get<double>("x")}};
  });
  ASSERT_EQ(tuner.objectives().size(), 2U);
  EXPECT_EQ(tuner.objectives()[1].name, "size");
  const std::vector<Result> all = tuner.trials();
  std::size_t front = 0;
  for (const Result& each : all) {
    const bool beaten = std::any_of(all.begin(), all.end(), [&](const Result& other) {
      const double less = *other.scores[0].second - *each.scores[0].second;
      const double more = *other.scores[1].second - *each.scores[1].second;
      return less <= 0 && more >= 0 && (less < 0 || more > 0);
    });
    EXPECT_EQ(each.rank == 0U, !beaten) << "trial " << each.trial;
    front += beaten ? 0 : 1;
  }
  EXPECT_EQ(tuner.front().size(), front);
  given.study.project_name = "nameless";
  const Summary nameless = Tuner(given).search(square);
  EXPECT_TRUE(contains(nameless.message, "a number without a name")) << nameless.message;
}

TEST_F(ObjectsTest, ProposeAndHearAllOfAStudy) {
  Stepper oracle(step_, alive_);
  Ears ears;
  TunerOptions given = options("objects", 9);
  given.plugins.objects = {oracle_object("stepper", oracle), sink_object("ears", ears)};
  given.study.sinks = {{"ears"}};
  Tuner tuner(given);
  const Summary summary = tuner.search(square);
  EXPECT_EQ(summary.completed, 9U);
  EXPECT_LT(*summary.best->score, 0.01);
  EXPECT_EQ(alive_, 1) << "the tuner destroys no object that it did not make";
  ASSERT_FALSE(ears.heard.empty());
  for (std::size_t i = 0; i < ears.heard.size(); ++i) EXPECT_EQ(ears.heard[i], i);
  EXPECT_GT(ears.flushed, 0);
}

TEST_F(ObjectsTest, GoOnWithAStudyThatIsReplayed) {
  Tuner whole(options("whole", 12));
  whole.search(square);
  EXPECT_EQ(alive_, 0) << "what a maker made is gone after its search";
  Tuner(options("parts", 5)).search(square);
  const TunerOptions rest = options("parts", 12);
  Tuner parts(rest);
  parts.search(square);
  EXPECT_EQ(values(parts), values(whole));
  const ReplayResult replay = open(parts.directory()).replay(rest.plugins);
  EXPECT_FALSE(replay.difference) << replay.difference->what;
  EXPECT_EQ(replay.verified, 12U);
  step_ = 0.25;  // the application's data are another
  EXPECT_TRUE(open(parts.directory()).replay(rest.plugins).difference);
}

TEST_F(ObjectsTest, JudgeAndProposeInTurns) {
  std::vector<std::vector<double>> proposed;
  for (const std::uint32_t workers : {1U, 3U}) {
    TunerOptions given = options("lag" + std::to_string(workers), 12);
    given.study.lag = 3;
    given.study.parallel_trials = workers;
    Tuner tuner(given);
    const Summary summary = tuner.search(square_in_steps);
    EXPECT_GT(summary.stopped, 0U);
    proposed.push_back(values(tuner));
    EXPECT_FALSE(open(tuner.directory()).replay(given.plugins).difference);
  }
  EXPECT_EQ(proposed[0], proposed[1]);
}

TEST_F(ObjectsTest, JudgeBesideAnotherOracle) {
  TunerOptions given = options("stopper", 6);
  struct Stopper {
    void set_space(const Space&) {}
    void observe(const dodona_event&) {}
    static dodona_verdict judge(const dodona_event&) { return DODONA_STOP_TRIAL; }
  };
  given.plugins.objects.push_back(
      oracle_maker("early", [](const StudyContext&) { return Stopper(); }));
  given.study.oracle = {"ladder"};
  given.study.stopper = PluginUse{"early"};
  EXPECT_EQ(Tuner(given).search(square_in_steps).stopped, 6U);
}

// An application's oracle once could not go on from earlier trials, nor end by itself.
TEST_F(ObjectsTest, HaveFlags) {
  struct Promoter {
    void set_space(const Space&) {}
    void observe(const dodona_event&) {}
    static void propose(std::uint64_t trial, Proposals& out) {
      Point point(1);
      point.set(0, Cell::real(0.5));
      if (trial > 1) return out.exhausted();
      out.push(point, trial == 0 ? Proposal{.budget = 2}
                                 : Proposal{.budget = 4, .start_step = 2, .resume_of = 0});
    }
  };
  const auto make = [](const StudyContext&) { return Promoter(); };
  constexpr std::uint32_t kBoth = DODONA_FLAG_RESUMES | DODONA_FLAG_ENDS;
  for (const std::uint32_t flags : {0U, kBoth}) {
    std::vector<std::string> from;
    TunerOptions given = options("flags" + std::to_string(flags), 2);
    given.plugins.objects = {oracle_maker("promoter", make, flags)};
    given.study.oracle = {"promoter"};
    Tuner(given).search([&](Trial& trial) {
      from.emplace_back(trial.resume_directory());
      const Metric loss{"loss", trial.hp().real("x", {.min = 0, .max = 1})};
      trial.report(trial.start_step() + 2, {&loss, 1}, [](std::string_view) {});
    });
    ASSERT_EQ(from.size(), 2U);
    EXPECT_EQ(from[0], "");
    EXPECT_EQ(from[1].empty(), flags == 0);

    Promoter promoter;
    given.plugins.objects = {oracle_object("promoter", promoter, flags)};
    directory_.write("study.json", R"({"objective": "loss", "oracle": "promoter"})");
    const TunerOptions read =
        read_study_file((directory_ / "study.json").string(), {}, given.plugins);
    EXPECT_EQ(read.study.max_trials, flags == 0 ? StudyOptions().max_trials : 0);
  }
}

TEST_F(ObjectsTest, GoOnWhereASinkStood) {
  Ears ears;
  for (const std::uint64_t trials : {4U, 8U}) {
    TunerOptions given = options("sink", trials);
    given.plugins.objects.push_back(sink_object("ears", ears));
    given.study.sinks = {{"ears"}};
    Tuner tuner(given);
    tuner.search(square);
    tuner.search(square);  // nothing to do but to tell it so
  }
  for (std::size_t i = 0; i < ears.heard.size(); ++i) EXPECT_EQ(ears.heard[i], i);
}

TEST_F(ObjectsTest, AreTakenByTheApplicationThatAsks) {
  TunerOptions given = options("asked", 3);
  {
    Tuner tuner(given);
    while (AskedTrial trial = tuner.ask()) {
      const double x = trial.real("x", {.min = 0, .max = 1});
      tuner.tell(trial, (x - 0.6) * (x - 0.6));
    }
    EXPECT_EQ(alive_, 1);
    EXPECT_EQ(values(tuner).size(), 3U);
  }
  EXPECT_EQ(alive_, 0);
}

// An object that was told of a study would fold its events into what it knows already.
TEST_F(ObjectsTest, ThatAreOraclesServeOneSearch) {
  Stepper oracle(step_, alive_);
  TunerOptions given = options("once", 3);
  given.plugins.objects = {oracle_object("stepper", oracle)};
  Tuner tuner(given);
  tuner.search(square);
  const std::string error = error_of(DODONA_E_STATE, [&] { tuner.search(square); });
  EXPECT_TRUE(contains(error, "oracle \"stepper\": one object serves one search")) << error;
  EXPECT_TRUE(contains(error, "oracle_maker")) << error;
  error_of(DODONA_E_STATE, [&] { open(tuner.directory()).replay(given.plugins); });
}

TEST_F(ObjectsTest, AreNamedInTheErrorsThatTheyThrow) {
  struct Broken {
    void set_space(const Space&) {}
    void observe(const dodona_event&) {}
    static void propose(std::uint64_t, Proposals&) { throw std::runtime_error("no idea"); }
    void consume(const dodona_event&) { throw std::runtime_error("the pipe is blocked"); }
    void flush() {}
  };
  Broken broken;
  TunerOptions given = options("broken", 3);
  std::string log;
  given.on_log = [&](dodona_level, const std::string& line) { log += line + "\n"; };
  given.plugins.objects = {oracle_object("broken", broken), sink_object("leaky", broken),
                           oracle_maker("unmade", [](const StudyContext&) -> Broken {
                             throw std::runtime_error("no data");
                           })};
  given.study.oracle = {"broken"};
  given.study.sinks = {{"leaky"}};
  EXPECT_EQ(error_of(DODONA_E_EXCEPTION, [&] { Tuner(given).search(square); }),
            "oracle \"broken\": no idea");
  EXPECT_TRUE(contains(log, "leaky: ")) << log;
  EXPECT_TRUE(contains(log, "the pipe is blocked")) << log;
  given.study.project_name = "unmade";
  given.study.oracle = {"unmade"};
  EXPECT_EQ(error_of(DODONA_E_EXCEPTION, [&] { Tuner(given).search(square); }),
            "oracle \"unmade\": no data");
}

// A study goes on with the objects that it knows by their ids.
TEST_F(ObjectsTest, AreKnownByTheirNames) {
  { Tuner(options("names", 3)).search(square); }
  TunerOptions other = options("names", 6);
  other.plugins.objects = {
      oracle_maker("other", [this](const StudyContext&) { return Stepper(step_, alive_); })};
  EXPECT_TRUE(contains(error_of(DODONA_E_PLUGIN, [&] { Tuner{other}; }), "\"stepper\""));
  other.study.oracle = {"other"};
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { Tuner{other}; }), "oracle"));
  EXPECT_TRUE(
      contains(error_of(DODONA_E_PLUGIN,
                        [&] { open((directory_ / "names").string()).replay(other.plugins); }),
               "application.stepper"));
}

}  // namespace
}  // namespace dodona
