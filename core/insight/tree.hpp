// SPDX-License-Identifier: Apache-2.0
//
// A regression tree over unit coordinates, and its leaves as boxes.
//
// A coordinate that is absent lies below all others, so that a split can tell it from them. Splits
// of a definition that can be counted lie between its values.
//
// Source:  Breiman, Friedman, Olshen & Stone (1984), "Classification and regression trees": the
//          split that lowers the sum of squares most; here among a random choice of definitions.
// Threads: pure; const members from any thread.
// Cost:    O(n log n * d) a level.
#pragma once

#include "insight/observations.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dodona::insight {

class Tree {
 public:
  // Of the observations at `places`, each as often as it stands there; at least one.
  Tree(const Space& space, const Observations& all, std::vector<std::size_t> places,
       RandomStream& random);

  double predict(std::span<const double> units) const;

  struct Side {
    std::uint32_t definition;
    double low, high;  // low <= coordinate < high
  };
  struct Leaf {
    double value;
    std::vector<Side> sides;  // one for each definition that the box bounds
  };
  const std::vector<Leaf>& leaves() const { return leaves_; }

 private:
  struct Node {
    std::uint32_t definition = 0;
    double threshold = 0.0;
    std::uint32_t below = 0;  // 0: a leaf
    std::uint32_t above = 0;
    double value = 0.0;
  };
  struct Split {
    double gain = 0.0;
    std::uint32_t definition = 0;
    double threshold = 0.0;
  };
  std::uint32_t grow(std::span<std::size_t> places, RandomStream& random, std::vector<Side>& sides);
  Split best_split(std::span<const std::size_t> places, RandomStream& random);
  void try_definition(std::span<const std::size_t> places, std::uint32_t definition, Split& best);

  const Space* space_;       // while it grows
  const Observations* all_;  // the same
  std::vector<std::uint64_t> counts_;
  std::vector<std::pair<double, double>> sorted_;  // coordinate and value; room for a split
  std::vector<Node> nodes_;
  std::vector<Leaf> leaves_;
};

}  // namespace dodona::insight
