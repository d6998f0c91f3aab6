// SPDX-License-Identifier: Apache-2.0
#include "tuner/stop_metric.hpp"

#include "study/score.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::tuner {
namespace {

class ByMetric final : public study::Oracle {
 public:
  ByMetric(const study::ObjectiveTerm& metric, study::Names& names,
           std::unique_ptr<study::Oracle> stopper)
      : rule_(study::rule_of(study::Objective(metric), names)), stopper_(std::move(stopper)) {}

  void set_space(const Space& space) override { stopper_->set_space(space); }
  void observe(std::span<const study::Event> events) override {
    std::vector<study::Event> seen;
    seen.reserve(events.size());
    for (const study::Event& event : events) seen.push_back(translated(event));
    stopper_->observe(seen);
  }
  bool proposes() const override { return stopper_->proposes(); }
  study::Answer propose(std::uint64_t trial,
                        const std::function<void(study::Proposed&&)>& push) override {
    return stopper_->propose(trial, push);
  }
  bool judges() const override { return stopper_->judges(); }
  study::Verdict judge(const study::Event& report) override {
    return stopper_->judge(translated(report));
  }
  std::optional<Cell> fill(std::uint64_t trial, const Param& param) override {
    return stopper_->fill(trial, param);
  }

 private:
  study::Event translated(const study::Event& event) const {
    study::Event out = event;
    std::visit(
        [&](auto& body) {
          if constexpr (requires { body.objectives; }) {
            body.objectives = rule_.all_of(body.metrics);
            body.excesses = study::Numbers();
          }
        },
        out.body);
    return out;
  }

  const study::ScoreRule rule_;
  const std::unique_ptr<study::Oracle> stopper_;
};

}  // namespace

std::unique_ptr<study::Oracle> going_by(const study::ObjectiveTerm& metric, study::Names& names,
                                        std::unique_ptr<study::Oracle> stopper) {
  return std::make_unique<ByMetric>(metric, names, std::move(stopper));
}

}  // namespace dodona::tuner
