// SPDX-License-Identifier: Apache-2.0
//
// Estimates are asked for by lists of points.
// Diagnostic: estimate of an oracle is: std::vector<dodona_estimate> estimate(std::span<const dodona::Point>)
#include <dodona/plugin.hpp>

struct Oracle {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals&) {}
#ifdef CONTROL
  std::vector<dodona_estimate> estimate(std::span<const dodona::Point>) {
    return {};
  }
#else
  dodona_estimate estimate(const dodona::Point&) {
    return {};
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Oracle>({.id = "a.b", .name = "b", .description = "c"}))
