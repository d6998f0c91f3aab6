// SPDX-License-Identifier: Apache-2.0
//
// An oracle that neither proposes nor judges.
// Diagnostic: an oracle needs: void propose(std::uint64_t trial, dodona::Proposals&), or, as a
#include <dodona/plugin.hpp>

struct Silent {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
#ifdef CONTROL
  void propose(std::uint64_t, dodona::Proposals& out) {
    out.exhausted();
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Silent>({.id = "a.b", .name = "b", .description = ""}))
