// SPDX-License-Identifier: Apache-2.0
//
// Sobol' points with Owen scrambling, each by its index: no state, any number of dimensions.
//
// The first 37 dimensions have the direction numbers of Joe & Kuo, whose two-dimensional
// projections are good. Later dimensions go on through the primitive polynomials, with starting
// numbers drawn by a fixed hash. Every single dimension stays perfectly even.
//
// Source:  Joe & Kuo (2008), SIAM J. Sci. Comput. 30:2635-2654, table new-joe-kuo-6.
//          Burley (2020), "Practical hash-based Owen scrambling", JCGT 9(4).
// Threads: const functions from any thread.
// Cost:    32 dims exclusive-ors at most for a point.
#pragma once

#include <dodona/space.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dodona::common {

class Sobol {
 public:
  explicit Sobol(std::size_t dims) : Sobol(dims, 0) { scrambled_ = false; }
  Sobol(std::size_t dims, std::uint64_t seed);

  std::size_t dims() const { return directions_.size(); }

  // For each dimension the middle of the cell of width 2^-32 that has point `index`.
  void point(std::uint32_t index, std::span<double> out) const;

 private:
  std::vector<std::array<std::uint32_t, 32>> directions_;
  std::vector<std::uint32_t> seeds_;
  bool scrambled_ = true;
};

// Point `index` of the sequence, in a space that has a definition for each dimension.
Point sobol_point(const Space& space, const Sobol& sobol, std::uint64_t index);

}  // namespace dodona::common
