// SPDX-License-Identifier: Apache-2.0
#include "plugin/handle.hpp"

#include "plugin/hypermodel.hpp"
#include "plugin/trial_bridge.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/hypermodel.hpp>

#include <latch>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

using support::FakeRun;
using support::FakeServices;

// Keeps the handles of its trials, as a thread does that reports late.
struct Keeper {
  void run(Trial& trial) {
    kept.push_back(trial);
    trial.report(trial.start_step() + 1, {{"loss", 1.0}});
  }
  std::vector<Trial> kept;
};

class HandleTest : public ::testing::Test {
 protected:
  void execute(FakeRun& run) { model->execute(run); }
  // The message of the error that `call` throws in another thread.
  template <class Call>
  static std::string late(Call&& call) {
    std::string message;
    std::thread thread([&] { message = error_of(call, DODONA_E_STATE); });
    thread.join();
    return message;
  }

  FakeServices services;
  Keeper keeper;
  std::unique_ptr<study::HyperModel> model = make_hypermodel(
      &HyperModelAdapter<Keeper>::kTable, &keeper, "hypermodel \"keeper\"", services);
};

// Such a report once went to whichever trial had the memory by then, or to nobody.
TEST_F(HandleTest, AnswersALateReportWithAnErrorAndNamesPluginAndTrial) {
  FakeRun first, second;
  first.trial = 5;
  second.trial = 6;
  execute(first);
  execute(second);
  Trial& kept = keeper.kept[0];
  EXPECT_EQ(late([&] {
              kept.report(2, {{"loss", 9.0}});
            }),
            "trial 5 has ended: its handle must not be used any more");
  EXPECT_EQ(first.reports.size(), 1U);
  EXPECT_EQ(second.reports.size(), 1U);
  ASSERT_EQ(services.lines.size(), 1U);
  EXPECT_EQ(services.lines[0],
            "30 hypermodel \"keeper\": a thread of trial 5 reports or asks although the trial has "
            "ended; it gets an error and changes nothing");
}

TEST_F(HandleTest, RefusesEveryOtherCallToo) {
  FakeRun run;
  execute(run);
  Trial& kept = keeper.kept[0];
  late([&] { kept.finish({{"loss", 9.0}}); });
  late([&] { kept.note("key", "value"); });
  late([&] { kept.directory(); });
  late([&] { kept.hp().real("x", {.min = 0, .max = 1}); });
  late([&] { kept.hp().get<double>("x"); });
  EXPECT_TRUE(kept.cancelled());
  EXPECT_TRUE(run.finished.empty());
  EXPECT_TRUE(run.notes.empty());
  EXPECT_EQ(run.directories_made, 0);
  EXPECT_EQ(run.questions.define_calls, 0);
  EXPECT_EQ(services.lines.size(), 1U) << "it is said once a handle";
}

TEST_F(HandleTest, TellsTheAttemptsOfATrialApart) {
  FakeRun first, again;
  again.attempt = 1;
  execute(first);
  TrialBridge running(again);
  late([&] { keeper.kept[0].report(2, {{"loss", 9.0}}); });
  EXPECT_TRUE(again.reports.empty());
  Trial(running.get()).report(1, {{"loss", 1.0}});
  EXPECT_EQ(again.reports.size(), 1U);
}

// Also when the memory behind it was given back long ago.
TEST_F(HandleTest, IsNeverGivenToAnotherTrial) {
  FakeRun running;
  TrialBridge bridge(running);  // in the first block, which it keeps
  std::set<const dodona_trial*> seen{bridge.get()};
  constexpr std::size_t kMany = 12'000;
  for (std::size_t i = 0; i < kMany; ++i) {
    FakeRun run;
    const TrialBridge each(run);
    seen.insert(const_cast<TrialBridge&>(each).get());
  }
  EXPECT_EQ(seen.size(), kMany + 1);
  for (const dodona_trial* each : seen) {
    if (each == bridge.get()) continue;
    auto* const raw = const_cast<dodona_trial*>(each);
    error_of([&] { Trial(raw).report(1, {{"loss", 1.0}}); }, DODONA_E_STATE);
    error_of([&] { Trial(raw).hp().get<double>("x"); }, DODONA_E_STATE);
    EXPECT_TRUE(Trial(raw).cancelled());
  }
  EXPECT_TRUE(running.reports.empty());
}

TEST_F(HandleTest, OutlivesItsHypermodel) {
  FakeRun run;
  execute(run);
  model.reset();
  late([&] { keeper.kept[0].report(2, {{"loss", 9.0}}); });
  EXPECT_TRUE(services.lines.empty()) << "nobody is left who could be named";
}

struct SlowRun : FakeRun {
  study::Verdict report(std::uint64_t step, std::span<const study::NamedMetric> metrics) override {
    inside.count_down();
    may_go_on.wait();
    return FakeRun::report(step, metrics);
  }
  std::latch inside{1}, may_go_on{1};
};

TEST_F(HandleTest, EndsOnceTheCallsUnderWayHaveEnded) {
  SlowRun run;
  std::optional<TrialBridge> bridge(std::in_place, run);
  Trial trial(bridge->get());
  std::thread late([&] { trial.report(1, {{"loss", 1.0}}); });
  run.inside.wait();
  std::thread release([&] { run.may_go_on.count_down(); });
  bridge.reset();
  EXPECT_EQ(run.reports.size(), 1U);
  late.join();
  release.join();
}

}  // namespace
}  // namespace dodona::plugin
