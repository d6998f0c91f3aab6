// SPDX-License-Identifier: Apache-2.0
//
// fill is called from any thread, so it changes nothing.
// Diagnostic: fill of an oracle is: std::optional<dodona::Cell> fill(std::uint64_t trial, const
#include <dodona/plugin.hpp>

struct Oracle {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals& out) { out.exhausted(); }
#ifdef CONTROL
  std::optional<dodona::Cell> fill(std::uint64_t, const dodona::Param&) const {
    return {};
  }
#else
  std::optional<dodona::Cell> fill(std::uint64_t, const dodona::Param&) {
    return {};
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Oracle>({.id = "a.b", .name = "b", .description = "c"}))
