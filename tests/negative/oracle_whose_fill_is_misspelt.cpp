// SPDX-License-Identifier: Apache-2.0
//
// A function of nearly the name and of the same arguments would never be called.
// Diagnostic: the member function fil is never called
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
  std::optional<dodona::Cell> fil(std::uint64_t, const dodona::Param&) const {
    return {};
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Oracle>({.id = "a.b", .name = "b", .description = "c"}))
