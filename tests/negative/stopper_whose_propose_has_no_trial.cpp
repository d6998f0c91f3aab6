// SPDX-License-Identifier: Apache-2.0
//
// A stopper that looks as if it proposed.
// Diagnostic: propose of an oracle is: void propose(std::uint64_t trial, dodona::Proposals&)
#include <dodona/plugin.hpp>

struct Oracle {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  dodona_verdict judge(const dodona_event&) { return DODONA_CONTINUE; }
#ifdef CONTROL
  void propose(std::uint64_t, dodona::Proposals& out) {
    out.exhausted();
  }
#else
  void propose(dodona::Proposals& out) {
    out.exhausted();
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Oracle>({.id = "a.b", .name = "b", .description = "c"}))
