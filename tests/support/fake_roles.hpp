// SPDX-License-Identifier: Apache-2.0
//
// An oracle and a hypermodel made of lambdas, for tests of the kernel without any plugin.
#pragma once

#include "study/roles.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::support {

// Proposes trial / 100 for every hyperparameter, and keeps the events that it observed.
class FakeOracle : public study::Oracle {
 public:
  void set_space(const Space& space) override { space_ = space; }
  void observe(std::span<const study::Event> events) override {
    for (const study::Event& event : events) seen.push_back(event);
  }
  study::Answer propose(std::uint64_t trial,
                        const std::function<void(study::Proposed&&)>& push) override {
    if (const study::Answer answer = on_propose(trial); answer != study::Answer::kProposed) {
      return answer;
    }
    study::Proposed proposal;
    for (std::uint32_t i = 0; i < space_.size(); ++i) {
      const Param& param = space_.params()[i];
      const double u = static_cast<double>(trial % 100) / 100.0;
      proposal.assignments.push_back({i, from_unit(param, u)});
    }
    proposal.budget = budget;
    if (shape) shape(trial, proposal);
    push(std::move(proposal));
    return study::Answer::kProposed;
  }
  bool proposes() const override { return true; }
  bool judges() const override { return on_judge != nullptr; }
  study::Verdict judge(const study::Event& report) override { return on_judge(report); }
  std::optional<Cell> fill(std::uint64_t, const Param&) override { return fill_with; }

  std::function<study::Answer(std::uint64_t)> on_propose = [](std::uint64_t) {
    return study::Answer::kProposed;
  };
  std::function<study::Verdict(const study::Event&)> on_judge;
  std::function<void(std::uint64_t trial, study::Proposed&)> shape;  // changes each proposal
  std::optional<Cell> fill_with;
  std::uint64_t budget = 0;
  std::vector<study::Event> seen;

 private:
  Space space_;
};

class FakeModel : public study::HyperModel {
 public:
  explicit FakeModel(std::function<bool(study::Run&)> execute) : execute_(std::move(execute)) {}
  bool declares() const override { return false; }
  void declare(study::Asker&) override {}
  bool execute(study::Run& run) override { return execute_(run); }
  bool saves() const override { return false; }
  std::shared_ptr<void> make(study::Run&) override { return nullptr; }

 private:
  std::function<bool(study::Run&)> execute_;
};

}  // namespace dodona::support
