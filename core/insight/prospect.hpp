// SPDX-License-Identifier: Apache-2.0
//
// The gain that further trials may bring, by the model of an oracle.
//
// Ten points are chosen from random ones and from neighbours of the best trials: those of the
// greatest expected improvement, far enough from one another to be taken for independent. The gain is
// that of the best of ten draws from their expectations.
//
// A model that draws in outliers has one deviation for better and for worse, and the latter may be
// much longer. So a deviation counts for no more than half of what lies between the best score and the
// median.
//
// Source:  Jones, Schonlau & Welch (1998), "Efficient global optimization of expensive black-box
//          functions", J. Glob. Optim. 13:455-492, eq. 15.
// Threads: one at a time.
#pragma once

#include "study/roles.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace dodona::insight {

// Expectations of the signed objective; nothing where there is no model.
using Estimate =
    std::function<std::optional<std::vector<study::Estimate>>(std::span<const Point> points)>;

inline constexpr std::size_t kNextTrials = 10;

struct Prospect {
  std::size_t best = 0;      // the index of the observed point that the model expects most of
  study::Estimate now;       // there
  double probability = 0.0;  // that one of the next trials is expected to be better
  double gain = 0.0;         // the mean of how much, 0 where none is
};

// `observed` are the points of trials with a score, `scores` those, signed. Nothing without a model, or
// without points.
// Cost: that of about 1,400 expectations.
std::optional<Prospect> prospect(const Space& space, std::span<const Point> observed,
                                 std::span<const double> scores, const Estimate& estimate);

}  // namespace dodona::insight
