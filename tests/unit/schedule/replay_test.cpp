// SPDX-License-Identifier: Apache-2.0
#include "schedule/replay.hpp"

#include "schedule/scheduler.hpp"
#include "store/memory_store.hpp"
#include "support/digest_oracle.hpp"
#include "support/error_of.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_roles.hpp"
#include "support/params.hpp"
#include "support/slow_oracle.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

// A study in memory by an oracle for which every event counts, its log, and that log once more. The
// parameter is its lag.
class ReplayTest : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  ReplayTest() {
    journal_.append(study::kNoTrial, study::Created{7, "0"});
    configure("first");
  }

  void configure(const std::string& document) {
    journal_.append(study::kNoTrial, study::Configured{document});
  }

  void grow(const std::string& name) {
    const Param param = support::real(name, 0, 1);
    space_.add({{param, param}},
               [this](const space::Growth& growth) { journal_.append(study::kNoTrial, growth); });
  }

  void run(std::uint64_t trials, bool declared = true) {
    Plan plan;
    plan.seed = 7;
    plan.rule.name = store_->names().intern("loss");
    plan.declared = declared;
    plan.slots_in_turns = GetParam();
    plan.max_steps = 3;
    plan.parallel_trials = 3;
    plan.max_trials = trials;
    support::DigestOracle oracle(false);
    support::FakeModel model(train);
    Scheduler(plan, journal_, space_, oracle, {}, model, [](const Notice&) {}).run();
  }

  std::vector<study::Event> log() const {
    std::vector<study::Event> events;
    store_->read(0, [&](const study::Event& event) {
      events.push_back(event);
      return true;
    });
    return events;
  }

  Replayed replayed(const std::vector<study::Event>& log) {
    copy_ = store::memory_store();
    copy_->names().intern("loss");
    Replay replay(*copy_, space_, [this](const study::Configured& configured) {
      documents_.push_back(configured.document);
      Proposing proposing;
      if (configured.document == "of another build") return proposing;
      proposing.oracle = std::make_unique<support::DigestOracle>(false);
      proposing.max_steps = 3;
      proposing.in_turns = GetParam() > 0;
      return proposing;
    });
    for (const study::Event& event : log) {
      if (!replay.take(event)) break;
    }
    return replay.result();
  }

  // The log with another proposal of trial `id`, and what comes of it.
  template <class Function>
  Difference difference_after(std::uint64_t id, Function&& tamper) {
    std::vector<study::Event> events = log();
    for (study::Event& event : events) {
      auto* const proposed = std::get_if<study::Proposed>(&event.body);
      if (proposed != nullptr && event.trial == id) tamper(*proposed);
    }
    const Replayed replay = replayed(events);
    EXPECT_EQ(replay.verified, id);
    return replay.difference.value_or(Difference{});
  }

  static double ask(study::Run& run, const std::string& name) {
    const auto known = run.asker().known(name);
    return (known ? *known : run.asker().define(support::real(name, 0, 1))).cell.real();
  }

  // Some trials meet what others do not know, and some fail.
  static bool train(study::Run& run) {
    double loss = ask(run, "x");
    if (run.trial % 5 == 3) loss += ask(run, "late" + std::to_string(run.trial % 3));
    if (run.trial % 7 == 4) throw std::runtime_error("no luck");
    for (std::uint64_t step = run.start_step + 1; step <= run.budget; ++step) {
      const study::NamedMetric metric{"loss", loss / static_cast<double>(step)};
      if (run.report(step, {&metric, 1}) != study::Verdict::kContinue) return false;
    }
    return true;
  }

  support::FakeClock clock_;
  std::unique_ptr<study::Store> store_ = store::memory_store();
  std::unique_ptr<study::Store> copy_;
  study::State state_;
  Journal journal_{*store_, state_, clock_};
  space::SearchSpace space_;
  std::vector<std::string> documents_;
};

TEST_P(ReplayTest, VerifiesEveryProposalOfParallelTrials) {
  grow("x");
  run(60);
  const Replayed replay = replayed(log());
  EXPECT_EQ(replay.difference.value_or(Difference{}).what, "");
  EXPECT_EQ(replay.verified, 60u);
  EXPECT_EQ(replay.passed_over, 0u);
}

TEST_P(ReplayTest, PassesOverWhatNoOracleProposed) {
  run(5, false);
  journal_.append(study::kNoTrial, study::Enqueued{{{0, Cell::real(0.5)}}});
  run(20, false);
  const Replayed replay = replayed(log());
  EXPECT_EQ(replay.passed_over, 2u) << "the first one, and the enqueued one";
  EXPECT_EQ(replay.verified, 18u);
}

// A search that goes on under another document has another oracle, which observes all at once.
TEST_P(ReplayTest, BeginsAnewWithEveryDocument) {
  grow("x");
  run(10);
  configure("second");
  configure("third");
  run(30);
  EXPECT_EQ(replayed(log()).verified, 30u);
  EXPECT_EQ(documents_, (std::vector<std::string>{"first", "third"}));
}

// Other limits while a search runs leave its oracle as it is.
TEST_P(ReplayTest, KeepsTheOracleOfADocumentThatSaysSo) {
  const auto set_limits = [&] {
    journal_.append(study::kNoTrial, study::Configured{"limits", {}, true});
  };
  grow("x");
  run(10);
  set_limits();
  run(20);
  configure("second");
  set_limits();
  run(30);
  const Replayed replay = replayed(log());
  EXPECT_EQ(replay.difference.value_or(Difference{}).what, "");
  EXPECT_EQ(replay.verified, 30U);
  EXPECT_EQ(documents_, (std::vector<std::string>{"first", "second"}));
}

TEST_P(ReplayTest, CountsWhatAnotherBuildProposed) {
  grow("x");
  run(4);
  configure("of another build");
  run(7);
  configure("again");
  run(9);
  const Replayed replay = replayed(log());
  EXPECT_FALSE(replay.difference.has_value());
  EXPECT_EQ(replay.verified, 6U);
  EXPECT_EQ(replay.other_build, 3U);
}

TEST_P(ReplayTest, FindsEveryPartOfAProposalThatWasTamperedWith) {
  grow("x");
  run(12);
  const auto expect = [](const Difference& found, const std::string& what,
                         const std::string& logged) {
    EXPECT_EQ(found.what, what);
    EXPECT_EQ(found.logged, logged);
    EXPECT_NE(found.proposed, logged);
  };
  using study::Proposed;
  const auto next = [](Proposed& p) { p.assignments[0].cell = Cell::real(0.123456); };
  const Difference value = difference_after(7, next);
  EXPECT_EQ(value.trial, 7u);
  expect(value, "x", "0.123456");
  expect(difference_after(0, [](Proposed& p) { p.assignments.clear(); }), "x", "none");
  expect(difference_after(6, [](Proposed& p) { p.budget = 2; }), "budget", "2");
  expect(difference_after(6, [](Proposed& p) { p.start_step = 1; }), "start_step", "1");
  expect(difference_after(6, [](Proposed& p) { p.resume_of = 4; }), "resume_of", "4");
  expect(difference_after(6, [](Proposed& p) { p.repeat_of = 4; }), "repeat_of", "4");
  expect(difference_after(6, [](Proposed& p) { p.tag = 9; }), "tag", "9");
  expect(difference_after(6, [](Proposed& p) { p.seen = 1000000; }), "seen", "1000000");
}

TEST_P(ReplayTest, FindsAnOracleThatHasNothingToPropose) {
  grow("x");
  run(1);
  std::vector<study::Event> events = log();
  std::erase_if(events, [](const study::Event& event) { return event.trial != study::kNoTrial; });
  study::Event proposed;
  proposed.trial = 0;
  proposed.sequence = events.size();
  study::Proposed body;
  body.assignments = {{0, Cell::real(0.5)}};
  body.seen = GetParam() > 0 ? 0 : events.size();
  proposed.body = body;
  events.push_back(proposed);
  Replay replay(*(copy_ = store::memory_store()), space_, [](const study::Configured&) {
    auto oracle = std::make_unique<support::FakeOracle>();
    oracle->on_propose = [](std::uint64_t) { return study::Answer::kExhausted; };
    return Proposing{std::move(oracle), 0, GetParam() > 0};
  });
  for (const study::Event& event : events) replay.take(event);
  ASSERT_TRUE(replay.result().difference);
  EXPECT_EQ(replay.result().difference->what, "answer");
  EXPECT_EQ(replay.result().difference->proposed, "exhausted");
}

TEST_P(ReplayTest, RefusesAProposalWithoutADocument) {
  study::Event proposed;
  proposed.trial = proposed.sequence = 0;
  proposed.body = study::Proposed{};
  EXPECT_TRUE(support::contains(support::error_of(DODONA_E_IO, [&] { replayed({proposed}); }),
                                "before any study document"));
}

// Two trials at a time, and each lasts until the proposal that follows both of them was made ahead.
class AheadReplayTest : public ReplayTest {};

TEST_P(AheadReplayTest, VerifiesProposalsThatWereMadeAhead) {
  constexpr std::uint64_t trials = 20;
  grow("x");
  Plan plan;
  plan.rule.name = store_->names().intern("loss");
  plan.declared = true;
  plan.parallel_trials = 2;
  plan.max_trials = trials;
  support::SlowOracle oracle;
  support::FakeModel model([&](study::Run& run) {
    EXPECT_TRUE(run.trial + 2 >= trials || oracle.wait_until_asked(run.trial + 2));
    const study::NamedMetric loss{"loss", ask(run, "x")};
    run.report(1, {&loss, 1});
    return true;
  });
  Scheduler(plan, journal_, space_, oracle, {}, model, [](const Notice&) {}).run();

  const std::vector<study::Event> events = log();
  std::uint64_t with_a_gap = 0;  // a trial ended that the oracle had not seen
  for (const study::Event& event : events) {
    const auto* proposed = std::get_if<study::Proposed>(&event.body);
    if (proposed == nullptr) continue;
    for (std::uint64_t i = proposed->seen; i < event.sequence; ++i) {
      if (std::holds_alternative<study::Finished>(events[i].body)) ++with_a_gap;
    }
  }
  EXPECT_GE(with_a_gap, trials - 4);

  copy_ = store::memory_store();
  copy_->names().intern("loss");
  Replay replay(*copy_, space_, [](const study::Configured&) {
    return Proposing{std::make_unique<support::SlowOracle>(), 0, 0};
  });
  for (const study::Event& event : events) replay.take(event);
  EXPECT_EQ(replay.result().difference.value_or(Difference{}).what, "");
  EXPECT_EQ(replay.result().verified, trials);
}

INSTANTIATE_TEST_SUITE_P(NoLag, AheadReplayTest, ::testing::Values(0u));

INSTANTIATE_TEST_SUITE_P(Lags, ReplayTest, ::testing::Values(0u, 3u),
                         [](const auto& lag) { return "Lag" + std::to_string(lag.param); });

}  // namespace
}  // namespace dodona::schedule
