// SPDX-License-Identifier: Apache-2.0
//
// Quasi-random search: trial k takes point k of a scrambled Sobol' sequence. A point that a trial
// had already is replaced by a random one, so that a finite space is exhausted completely.
#pragma once

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/oracle/past.hpp"
#include "common/search/sobol.hpp"

#include <dodona/oracle.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <cstdint>
#include <string>

namespace dodona::common {

class SobolSearch {
 public:
  void propose(const Past& past, std::uint64_t trial, Proposals& out) {
    if (sequence_.dims() != past.space().size()) sequence_ = Sobol(past.space().size(), past.seed);
    Point point = sobol_point(past.space(), sequence_, trial);
    RandomStream random(past.seed, trial, Purpose::kProposal);
    Origin origin = Origin::kInitial;
    if (past.seen().contains(point)) {
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
  Sobol sequence_{0};
};

}  // namespace dodona::common
