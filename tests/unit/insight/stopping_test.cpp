// SPDX-License-Identifier: Apache-2.0
#include "insight/stopping.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace dodona::insight {
namespace {

// Events in a list.
class ListedLog final : public study::Store {
 public:
  std::uint64_t append(study::Event& event) override {
    event.sequence = events.size();
    state.apply(event);
    events.push_back(event);
    return event.sequence;
  }
  void wait_durable(std::uint64_t) override {}
  std::uint64_t size() const override { return events.size(); }
  void read(std::uint64_t first, const std::function<bool(const study::Event&)>& visit) override {
    for (std::size_t i = first; i < events.size() && visit(events[i]); ++i) {
    }
  }
  bool wait_readable(std::uint64_t, std::chrono::milliseconds) override { return true; }
  void interrupt() override {}
  std::uint64_t cursor(std::string_view) override { return 0; }
  void set_cursor(std::string_view, std::uint64_t) override {}
  std::vector<std::string> sinks() override { return {}; }
  study::Names& names() override { return names_; }

  void add(std::uint64_t trial, study::Body body) {
    study::Event event{0, trial, 1, std::move(body)};
    append(event);
  }
  // A trial that reports the values at steps 1, 2 and so on, and keeps the least of them.
  void trial(const std::vector<double>& curve) {
    const std::uint64_t id = state.trials().size();
    add(id, study::Proposed{});
    add(id, study::Started{});
    double best = curve.front();
    for (std::size_t i = 0; i < curve.size(); ++i) {
      study::Reported reported;
      reported.step = i + 1;
      reported.objectives = study::Numbers{curve[i]};
      best = std::min(best, curve[i]);
      add(id, std::move(reported));
    }
    study::Finished finished;
    finished.objectives = study::Numbers{best};
    add(id, std::move(finished));
  }

  std::vector<study::Event> events;
  study::State state;

 private:
  study::Names names_;
};

// Stops at a report above a bound, and counts what it is told.
class Above final : public study::Oracle {
 public:
  explicit Above(double bound) : bound_(bound) {}
  void set_space(const Space&) override {}
  void observe(std::span<const study::Event> events) override {
    for (const study::Event& event : events) {
      if (const auto* end = std::get_if<study::Finished>(&event.body)) ends.push_back(*end);
      if (std::holds_alternative<study::Reported>(event.body)) ++reports;
    }
  }
  study::Answer propose(std::uint64_t, const std::function<void(study::Proposed&&)>&) override {
    return study::Answer::kExhausted;
  }
  bool proposes() const override { return false; }
  bool judges() const override { return true; }
  study::Verdict judge(const study::Event& report) override {
    const double value = std::get<study::Reported>(report.body).objectives.first();
    return value > bound_ ? study::Verdict::kStopTrial : study::Verdict::kContinue;
  }
  std::optional<Cell> fill(std::uint64_t, const Param&) override { return std::nullopt; }

  std::vector<study::Finished> ends;
  int reports = 0;

 private:
  double bound_;
};

TEST(Stopping, CountsWhatIsSavedAndLost) {
  ListedLog log;
  log.add(study::kNoTrial, study::Created{7, "test", {}});
  log.trial({3, 2, 1});
  log.trial({9, 8, 0.5});
  Above stopper(5);
  const Saved saved = replay_stopper(stopper, log, log.state);
  EXPECT_EQ(saved.trials, 1U);
  EXPECT_EQ(saved.reports, 6U);
  EXPECT_EQ(saved.steps, 6U);
  EXPECT_EQ(saved.saved, 2U);
  EXPECT_EQ(saved.best, 0.5);
  EXPECT_EQ(saved.with_it, 1.0);
  EXPECT_EQ(stopper.reports, 4);
  ASSERT_EQ(stopper.ends.size(), 2U);
  EXPECT_EQ(stopper.ends[1].state, study::TrialState::kStopped);
  EXPECT_EQ(stopper.ends[1].objectives.first(), 9.0);
}

TEST(Stopping, LosesNothingWhereItStopsNothing) {
  ListedLog log;
  log.add(study::kNoTrial, study::Created{7, "test", {}});
  log.trial({3, 2});
  Above stopper(5);
  const Saved saved = replay_stopper(stopper, log, log.state);
  EXPECT_EQ(saved.trials, 0U);
  EXPECT_EQ(saved.saved, 0U);
  EXPECT_EQ(saved.best, saved.with_it);
}

}  // namespace
}  // namespace dodona::insight
