// SPDX-License-Identifier: Apache-2.0
#include "tuner/stop_metric.hpp"

#include "study/names.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::tuner {
namespace {

// Keeps the objectives that it sees.
class Watcher final : public study::Oracle {
 public:
  explicit Watcher(std::vector<double>& seen) : seen_(seen) {}
  void set_space(const Space&) override {}
  void observe(std::span<const study::Event> events) override {
    for (const study::Event& event : events) see(event);
  }
  bool proposes() const override { return false; }
  study::Answer propose(std::uint64_t, const std::function<void(study::Proposed&&)>&) override {
    return study::Answer::kWait;
  }
  bool judges() const override { return true; }
  study::Verdict judge(const study::Event& report) override {
    see(report);
    return study::Verdict::kStopTrial;
  }
  std::optional<Cell> fill(std::uint64_t, const Param&) override { return std::nullopt; }

 private:
  void see(const study::Event& event) {
    if (const auto* reported = std::get_if<study::Reported>(&event.body)) {
      EXPECT_EQ(reported->objectives.size(), 1U);
      EXPECT_TRUE(reported->excesses.empty());
      seen_.push_back(reported->objectives.first());
    }
    if (const auto* finished = std::get_if<study::Finished>(&event.body)) {
      seen_.push_back(finished->objectives.first());
    }
  }
  std::vector<double>& seen_;
};

TEST(StopMetric, IsTheObjectiveThatAStopperSees) {
  study::Names names;
  const std::uint32_t loss = names.intern("loss");
  std::vector<double> seen;
  const auto stopper =
      going_by({"accuracy", study::Direction::kMaximize}, names, std::make_unique<Watcher>(seen));
  const std::uint32_t accuracy = names.intern("accuracy");
  study::Event report;
  report.trial = 0;
  report.body = study::Reported{.execution = 0,
                                .step = 1,
                                .metrics = {{loss, 2.0}, {accuracy, 0.5}},
                                .objectives = {2.0, 7.0},
                                .excesses = 0.5};
  EXPECT_EQ(stopper->judge(report), study::Verdict::kStopTrial);
  study::Event end;
  end.trial = 0;
  study::Finished finished;
  finished.metrics = {{accuracy, 0.75}};
  finished.objectives = 1.0;
  end.body = finished;
  const std::vector<study::Event> events = {report, end};
  stopper->observe(events);
  EXPECT_EQ(seen, (std::vector{-0.5, -0.5, -0.75}));
  EXPECT_TRUE(stopper->judges());
  EXPECT_FALSE(stopper->proposes());
}

}  // namespace
}  // namespace dodona::tuner
