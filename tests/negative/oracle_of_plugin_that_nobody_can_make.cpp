// SPDX-License-Identifier: Apache-2.0
//
// An application may give an oracle that it made; the object of a plugin is made by the kernel.
// Diagnostic: an oracle of a plugin is made from a dodona::StudyContext or from nothing
#include <dodona/plugin.hpp>

struct Given {
#ifdef CONTROL
  explicit Given(const dodona::StudyContext&) {}
#else
  explicit Given(int) {}
#endif
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals& out) {
    out.exhausted();
  }
};

DODONA_PLUGIN(dodona::oracle<Given>({.id = "a.b", .name = "b", .description = ""}))
