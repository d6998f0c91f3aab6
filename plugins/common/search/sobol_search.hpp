// SPDX-License-Identifier: Apache-2.0
//
// Quasi-random search: trial k takes point k of a scrambled Sobol' sequence, of which the points
// that break a constraint are left out. A point that a trial had already is replaced by a random
// one, so that a finite space is exhausted completely.
#pragma once

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/oracle/past.hpp"
#include "common/search/sobol.hpp"

#include <dodona/oracle.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona::common {

class SobolSearch {
 public:
  void propose(const Past& past, std::uint64_t trial, Proposals& out) {
    see(past);
    const auto index = feasible_index(past.space(), trial);
    Point point = index ? sobol_point(past.space(), sequence_, *index) : Point();
    RandomStream random(past.seed, trial, Purpose::kProposal);
    Origin origin = Origin::kInitial;
    if (!index || past.seen().contains(point)) {
      origin = Origin::kRandom;
      if (!draw_fresh(past.space(), past.seen(), random, point)) {
        return nothing_left(past, out);
      }
    }
    const std::string note =
        past.explain(Note(origin == Origin::kRandom ? "random" : "Sobol sequence"));
    out.push(point, {.tag = static_cast<std::uint64_t>(origin), .note = note});
  }

 private:
  // So many points in a row that break a constraint are the end of the sequence.
  static constexpr std::uint64_t kSkipsMax = 20000;

  void see(const Past& past) {
    const Space& space = past.space();
    if (sequence_.dims() == space.size() && constraints_ == space.constraint_count()) return;
    sequence_ = Sobol(space.size(), past.seed);
    constraints_ = space.constraint_count();
    feasible_.clear();
    next_ = 0;
  }

  // The place in the sequence of the feasible point of this number. It is a function of the space.
  std::optional<std::uint64_t> feasible_index(const Space& space, std::uint64_t number) {
    if (constraints_ == 0) return number;
    const auto known = [&] { return feasible_.empty() ? 0 : feasible_.back() + 1; };
    while (feasible_.size() <= number) {
      if (next_ - known() >= kSkipsMax) return std::nullopt;
      if (space.is_feasible(sobol_point(space, sequence_, next_))) feasible_.push_back(next_);
      ++next_;
    }
    return feasible_[static_cast<std::size_t>(number)];
  }

  Sobol sequence_{0};
  std::size_t constraints_ = 0;
  std::vector<std::uint64_t> feasible_;  // places of the first feasible points, rising
  std::uint64_t next_ = 0;               // the first place that was not looked at
};

}  // namespace dodona::common
