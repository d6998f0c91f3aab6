// SPDX-License-Identifier: Apache-2.0
//
// What is tuned is a function or a hypermodel, not something else that a plugin may hold.
// Diagnostic: a hypermodel needs: run(dodona::Trial&), or a type Model with build and fit
#include <dodona/dodona.hpp>
#include <dodona/oracle.hpp>

struct Fixed {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals& out) { out.exhausted(); }
};

void search(dodona::Tuner& tuner) {
#ifdef CONTROL
  tuner.search([](dodona::HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); });
#else
  tuner.search(Fixed{});
#endif
}
