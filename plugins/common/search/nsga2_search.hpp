// SPDX-License-Identifier: Apache-2.0
//
// NSGA-II in its steady-state form: each finished trial joins a population, from which the worst
// then leaves; each proposal is a child of two members.
//
// A member is better by its standing (common/oracle/standing.hpp), and among equals by the room
// around it. No proposal waits for a generation, so that trials may run side by side.
//
// Numbers are crossed and changed in the unit cube, where a log sampling is even: simulated binary
// crossover and polynomial mutation. A category is taken from either parent, or drawn anew; so is a
// hyperparameter that is active in neither.
//
// Source:  Deb, Pratap, Agarwal & Meyarivan (2002), IEEE Trans. Evol. Comput. 6:182-197; Nebro &
//          Durillo (2009), "On the effect of applying a steady-state selection scheme in NSGA-II";
//          Li, Deb, Zhang & Zhang (2017), IEEE Trans. Evol. Comput. 21:71-87 (levels kept up to
//          date, not sorted anew).
// Symbols: eta -> kCrossed, kMutated; p_c -> kCrossing
// Cost:    a result: O(p m) comparisons for a population of p and m objectives, more if it moves
//          others to later fronts. A proposal: O(p m log p + d), whatever the number of trials.
#pragma once

#include "common/oracle/past.hpp"
#include "common/oracle/standing.hpp"
#include "common/search/sobol.hpp"

#include <dodona/oracle.hpp>
#include <dodona/random.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dodona::common {

class Nsga2Search {
 public:
  struct Options {
    std::int64_t population = 0;  // 0: a sixth of max_trials, from 10 to 50
  };

  explicit Nsga2Search(const Options& options) : options_(options) {}

  // Pushes one proposal, or tells `out` that there is none. After an exception the next call
  // proposes what it would have proposed without.
  void propose(const Past& past, std::uint64_t trial, Proposals& out);

 private:
  struct Member {
    Standing standing;
    Point point;
    std::uint64_t order = 0;  // of joining
    std::size_t rank = 0;
    double room = -1.0;  // crowding distance in its front; negative: not measured
  };

  void choose(const Past& past, std::uint64_t trial, Proposals& out);
  void catch_up(const Past& past);
  void join(Member member);
  void drop_worst();
  void measure(std::size_t rank);
  bool is_better(std::size_t a, std::size_t b);
  std::size_t pick(RandomStream& random);
  Point child(const Space& space, RandomStream& random);

  Options options_;
  std::size_t population_ = 0;
  std::vector<Member> members_;
  Sobol sequence_{0};
  std::size_t space_size_ = SIZE_MAX;
  std::size_t revision_ = 0, imported_ = 0, ended_ = 0;
  std::uint64_t joined_ = 0;
};

}  // namespace dodona::common
