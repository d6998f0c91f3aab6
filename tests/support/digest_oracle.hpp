// SPDX-License-Identifier: Apache-2.0
//
// An oracle that shows if it observes the same events in the same order. It throws for events that
// an oracle must never get: trials out of the order of their ids, values of unknown definitions.
#pragma once

#include "study/roles.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::support {

// Every answer depends on every event so far.
class DigestOracle final : public study::Oracle {
 public:
  explicit DigestOracle(bool judges) : judges_(judges) {}

  void set_space(const Space& space) override { space_ = space; }
  void observe(std::span<const study::Event> events) override {
    for (const study::Event& event : events) observe(event);
  }
  study::Answer propose(std::uint64_t trial,
                        const std::function<void(study::Proposed&&)>& push) override {
    if (mixed(trial) % 5 == 0 && running_ > 0) return study::Answer::kWait;
    study::Proposed proposal;
    for (std::uint32_t i = 0; i < space_.size(); ++i) {
      const double u = static_cast<double>(mixed(trial * 100 + i) % 1000) / 1000.0;
      proposal.assignments.push_back({i, from_unit(space_.params()[i], u)});
    }
    push(std::move(proposal));
    return study::Answer::kProposed;
  }
  bool proposes() const override { return !judges_; }
  bool judges() const override { return judges_; }
  study::Verdict judge(const study::Event& report) override {
    const auto& body = std::get<study::Reported>(report.body);
    return mixed(report.trial * 10 + body.step) % 6 == 0 ? study::Verdict::kStopTrial
                                                         : study::Verdict::kContinue;
  }
  std::optional<Cell> fill(std::uint64_t, const Param&) override { return std::nullopt; }

 private:
  void observe(const study::Event& event) {
    digest_ = mixed(event.body.index() * 1000 + event.trial + 1);
    if (const auto* proposed = std::get_if<study::Proposed>(&event.body)) {
      require(event.trial == trials_++, "proposals out of order");
      require_known(proposed->assignments);
      ++running_;
    }
    if (const auto* filled = std::get_if<study::Filled>(&event.body)) {
      require_known({filled->assignment});
    }
    if (const auto* finished = std::get_if<study::Finished>(&event.body)) {
      require_known(finished->assignments);
      --running_;
      digest_ = mixed(std::bit_cast<std::uint64_t>(finished->objectives.first()));
      for (const Assignment& each : finished->assignments) {
        digest_ = mixed(static_cast<std::uint64_t>(each.cell.whole()) + each.param);
      }
    }
  }
  static void require(bool fine, const char* what) {
    if (!fine) throw std::logic_error(what);
  }
  void require_known(const std::vector<Assignment>& assignments) const {
    for (const Assignment& each : assignments) {
      require(each.param < space_.size(), "a value of an unknown definition");
    }
  }
  std::uint64_t mixed(std::uint64_t more) const {
    std::uint64_t result = (digest_ ^ more) * 0x9E3779B97F4A7C15;
    return (result ^ (result >> 29)) * 0xBF58476D1CE4E5B9 >> 8;
  }

  const bool judges_;
  Space space_;
  std::uint64_t digest_ = 1;
  std::uint64_t trials_ = 0;
  std::uint64_t running_ = 0;
};

}  // namespace dodona::support
