// SPDX-License-Identifier: Apache-2.0
#include "tuner/sinks.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <latch>
#include <string>
#include <vector>

namespace dodona::tuner {
namespace {

using support::contains;
using support::error_of;
using support::ladder_options;

double parabola(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  return (x - 0.3) * (x - 0.3);
}

// A sink that is made again goes on where the earlier one stood.
TEST(Sinks, HearTheWholeLogAndGoOnFromWhereTheyStood) {
  support::heard().clear();
  TunerOptions options = support::ladder_options();
  options.study.sinks = {{"keep", "{}"}};
  OpenStudy study(options);
  {
    Sinks sinks(study);
    sinks.finish(Sinks::Patience::kFull);
  }
  EXPECT_EQ(support::heard(), (std::vector<std::uint64_t>{0, 1}));  // created, configured
  study.journal.append(study::kNoTrial, study::Noted{"key", "value"});
  Sinks sinks(study);
  sinks.finish(Sinks::Patience::kFull);
  EXPECT_EQ(support::heard(), (std::vector<std::uint64_t>{0, 1, 2}));
}

// The module of the ladder, where the sink has one option more.
const dodona_module* upgraded_module() {
  static const Module module(
      oracle<support::LadderOracle>(
          {.id = "org.example.ladder", .name = "ladder", .description = "climbs"},
          option("stop_at", 0, "the step at which trials end; 0: never", {.low = 0})),
      sink<support::KeepSink>({.id = "org.example.keep", .name = "keep", .description = "keeps"},
                              option("fails", false, "at once"),
                              option("level", 3, "how much it keeps")));
  return module.get();
}

// An upgrade that added an option once delivered the whole log again.
TEST(Sinks, GoOnWhereTheyStoodAfterAnUpgradeThatAddedAnOption) {
  using Heard = std::vector<std::uint64_t>;
  support::heard().clear();
  const support::TemporaryDirectory directory;
  TunerOptions options = ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.sinks = {{"keep"}};
  const auto hear = [&] {
    OpenStudy study(options);
    Sinks sinks(study);
    sinks.finish(Sinks::Patience::kFull);
    return study.store->sinks();
  };
  const std::vector<std::string> names = hear();
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(support::heard(), (Heard{0, 1}));
  options.plugins.modules = {upgraded_module()};
  EXPECT_EQ(hear(), names);
  EXPECT_EQ(support::heard(), (Heard{0, 1, 2}));  // the new document alone
  options.study.sinks = {{"keep", R"({"level": 5})"}};
  EXPECT_EQ(hear().size(), 2U);  // another sink, with a cursor of its own
  EXPECT_EQ(support::heard(), (Heard{0, 1, 2, 0, 1, 2, 3}));
  options.study.sinks = {{"keep"}};
  hear();
  EXPECT_EQ(support::heard(), (Heard{0, 1, 2, 0, 1, 2, 3, 3, 4}));
}

TEST(Sinks, ThatFailAreSetAside) {
  std::string log;
  TunerOptions options = support::ladder_options();
  options.study.sinks = {{"keep", R"({"fails": true})"}};
  options.on_log = [&](dodona_level, const std::string& line) { log += line; };
  OpenStudy study(options);
  Sinks sinks(study);
  sinks.finish(Sinks::Patience::kFull);
  EXPECT_NE(log.find("the sink failed and is set aside"), std::string::npos) << log;
}

std::latch deaf_entered(1), deaf_may_leave(1), deaf_gone(1);

// Comes back from its first event when the test says so.
struct DeafSink {
  explicit DeafSink(const StudyContext& context) : host(context.host) {}
  ~DeafSink() { deaf_gone.count_down(); }
  void consume(const dodona_event& event) {
    if (event.sequence > 0) return;
    deaf_entered.count_down();
    deaf_may_leave.wait();
    host.log(DODONA_INFO, "what a dream");
  }
  void flush() {}
  Host host;
};

TEST(Sinks, AreLeftBehindWhereTheyDoNotComeBack) {
  static const Module module(
      sink<DeafSink>({.id = "org.example.deaf", .name = "deaf", .description = "sleeps"}));
  TunerOptions options = ladder_options();
  options.plugins.modules.push_back(module.get());
  options.study.sinks = {{"deaf"}};
  {
    std::string log;  // goes with the tuner
    options.on_log = [&](dodona_level, const std::string& line) { log += line; };
    Tuner tuner(options);
    const Summary summary = tuner.search([&](Trial& trial) {
      HyperParameters hp = trial.hp();
      const double loss = parabola(hp);
      if (trial.id() == 1) tuner.stop();
      trial.report(1, {{"loss", loss}});
    });
    deaf_entered.wait();
    EXPECT_EQ(summary.end, End::kInterrupted);
    EXPECT_TRUE(contains(log, "the sink did not finish within 2 s")) << log;
  }
  deaf_may_leave.count_down();
  deaf_gone.wait();
}

// Proposes two trials and then fails.
struct FailingOracle : support::LadderOracle {
  using LadderOracle::LadderOracle;
  void propose(std::uint64_t trial, Proposals& out) {
    if (trial == 2) throw Error(DODONA_E_FAILED, "out of ideas");
    LadderOracle::propose(trial, out);
  }
};

// They were blamed for what they had not heard yet.
TEST(Sinks, HearTheWholeLogOfASearchWhoseOracleFails) {
  support::heard().clear();
  static const Module module(oracle<FailingOracle>(
      {.id = "org.example.failing", .name = "failing", .description = "fails"},
      option("stop_at", 0, "is not used")));
  TunerOptions options = ladder_options();
  options.plugins.modules.push_back(module.get());
  options.study.oracle = {"failing"};
  options.study.sinks = {{"keep", "{}"}};
  std::string log;
  options.on_log = [&](dodona_level, const std::string& line) { log += line; };
  Tuner tuner(options);
  EXPECT_TRUE(contains(error_of(DODONA_E_FAILED, [&] { tuner.search(parabola); }), "out of ideas"));
  EXPECT_EQ(log, "");
  // created, configured, the space and its first value, 3 for each of two trials
  ASSERT_EQ(support::heard().size(), 10U);
  for (std::size_t i = 0; i < support::heard().size(); ++i) EXPECT_EQ(support::heard()[i], i);
}

TEST(Sinks, HearTheWholeLogOfASearch) {
  support::heard().clear();
  std::vector<std::string> log;
  TunerOptions options = ladder_options();
  options.study.sinks = {{"keep", R"({"fails": true})"}, {"keep", "{}"}};
  options.on_log = [&](dodona_level level, const std::string& message) {
    log.push_back(std::to_string(level) + " " + message);
  };
  Tuner tuner(options);
  EXPECT_EQ(tuner.search(parabola).completed, 10U);
  // created, configured, the space and its first value, 3 a trial, stopped
  ASSERT_EQ(support::heard().size(), 35U);
  for (std::size_t i = 0; i < support::heard().size(); ++i) EXPECT_EQ(support::heard()[i], i);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_TRUE(contains(log[0], "the pipe is blocked")) << log[0];

  tuner.search(parabola);  // nothing is left to do, but its end is one event more
  EXPECT_EQ(support::heard().size(), 36U);
}

}  // namespace
}  // namespace dodona::tuner
