// SPDX-License-Identifier: Apache-2.0
//
// true and false are no verdicts.
// Diagnostic: judge of an oracle is: dodona_verdict judge(const dodona_event&)
#include <dodona/plugin.hpp>

struct Oracle {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals& out) { out.exhausted(); }
#ifdef CONTROL
  dodona_verdict judge(const dodona_event&) {
    return DODONA_CONTINUE;
  }
#else
  bool judge(const dodona_event&) {
    return true;
  }
#endif
};

DODONA_PLUGIN(dodona::oracle<Oracle>({.id = "a.b", .name = "b", .description = "c"}))
