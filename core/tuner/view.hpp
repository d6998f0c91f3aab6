// SPDX-License-Identifier: Apache-2.0
//
// A study's state as the facade shows it: scores in the objective's own direction, values and
// metrics by name.
//
// Errors:  none. A trial must be one of the state's.
// Threads: the caller holds whatever guards the state.
// Lifetime: state, names and objective outlive the view; results are copies.
// Cost:    a result takes O(its values); a list takes as much for each of its trials.
#pragma once

#include "study/names.hpp"
#include "study/objective.hpp"
#include "study/state.hpp"

#include <dodona/result.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace dodona::tuner {

class View {
 public:
  // Where nobody runs the study, what was running waits.
  enum class Runs : std::uint8_t { kYes = 1, kNo };

  View(const study::State& state, const study::Names& names, const study::ObjectiveTerm& objective,
       Runs runs = Runs::kYes)
      : state_(state), names_(names), objective_(objective), runs_(runs) {}

  // One trial, and all of them by id.
  Result result(std::uint64_t trial) const;
  std::vector<Result> trials() const;
  // True if the trial ended with a score.
  bool is_scored(std::uint64_t trial) const;
  // Trials with a score, best first, ties by id; 0: all.
  std::vector<Result> best(std::uint64_t count) const;
  // A signed objective as the model said it; nothing for NaN.
  std::optional<double> score(double objective) const;

 private:
  const study::State& state_;
  const study::Names& names_;
  const study::ObjectiveTerm& objective_;
  Runs runs_;
};

}  // namespace dodona::tuner
