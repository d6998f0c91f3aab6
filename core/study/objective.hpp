// SPDX-License-Identifier: Apache-2.0
//
// The metrics that decide about a study, as the log's side of the kernel knows them: always with a
// direction.
#pragma once

#include <dodona/limits.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::study {

enum class Direction : std::uint8_t { kMinimize = 1, kMaximize };

struct ObjectiveTerm {
  std::string name = "default_objective";
  Direction direction = Direction::kMinimize;

  friend bool operator==(const ObjectiveTerm&, const ObjectiveTerm&) = default;
};

// One metric, or the sum of several: of those to minimise, less those to maximise. A sum is
// minimised and has a name of its own. Further objectives stand beside the first one: then the best
// trials are a front. Trials that keep all limits rank before all others.
struct Objective : ObjectiveTerm {
  Objective() = default;
  Objective(ObjectiveTerm term)  // NOLINT(google-explicit-constructor): one term is one
      : ObjectiveTerm(std::move(term)) {}
  explicit Objective(std::vector<ObjectiveTerm> terms)
      : ObjectiveTerm{"multi_objective", Direction::kMinimize}, sum(std::move(terms)) {}

  friend bool operator==(const Objective&, const Objective&) = default;

  std::vector<ObjectiveTerm> sum;     // empty: one metric
  std::vector<ObjectiveTerm> others;  // empty: one objective
  std::vector<Limit> limits;
  // The metric by which stoppers and the best step of a trial go; nothing: the first objective.
  std::optional<ObjectiveTerm> stop_on;
};

}  // namespace dodona::study
