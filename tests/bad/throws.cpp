// SPDX-License-Identifier: Apache-2.0
//
// Plugins whose members throw what they like: nothing of it may reach the host as an exception.
#include <dodona/plugin.hpp>

#include <cstdio>
#include <new>
#include <stdexcept>

namespace {

struct InCreate {
  InCreate() { throw std::runtime_error("thrown in create"); }
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, dodona::Proposals& out) { out.exhausted(); }
};

// Each trial something else.
struct InPropose {
  void set_space(const dodona::Space& space) {
    if (space.size() > 1) throw dodona::Error(DODONA_E_UNSUPPORTED, "thrown in set_space");
  }
  void observe(const dodona_event& event) {
    if (event.type == DODONA_EVENT_NOTED) throw std::logic_error("thrown in observe");
  }
  void propose(std::uint64_t trial, dodona::Proposals&) {
    if (trial == 0) throw 42;
    if (trial == 1) throw std::bad_alloc();
    if (trial == 2) throw dodona::Cancelled();
    throw dodona::Error(DODONA_E_INVALID, "thrown in propose");
  }
};

struct InRun {
  void run(dodona::Trial& trial) {
    if (trial.id() == 0) throw "a string";
    throw std::runtime_error("thrown in run");
  }
};

struct InFit {
  struct Model {
    Model() { ++alive; }
    Model(const Model&) { ++alive; }
    ~Model() { --alive; }
    static inline int alive = 0;
  };
  Model build(dodona::HyperParameters&, dodona::Trial& trial) {
    if (trial.id() == 0) throw std::runtime_error("thrown in build");
    return {};
  }
  void fit(Model&, dodona::Trial&) { throw std::runtime_error("thrown in fit"); }
};

struct InConsume {
  void consume(const dodona_event&) {
    std::puts("the sink talks");  // where the host's answers may go
    std::fflush(stdout);
    throw std::runtime_error("thrown in consume");
  }
  void flush() { throw std::runtime_error("thrown in flush"); }
};

}  // namespace

DODONA_PLUGIN(
    dodona::oracle<InCreate>({.id = "org.example.throws_in_create",
                              .name = "throws_in_create",
                              .description = "throws in create"}),
    dodona::oracle<InPropose>({.id = "org.example.throws_in_propose",
                               .name = "throws_in_propose",
                               .description = "throws in set_space, observe and propose"}),
    dodona::hypermodel<InRun>({.id = "org.example.throws_in_run",
                               .name = "throws_in_run",
                               .description = "throws in run"}),
    dodona::hypermodel<InFit>({.id = "org.example.throws_in_fit",
                               .name = "throws_in_fit",
                               .description = "throws in build and fit"}),
    dodona::sink<InConsume>({.id = "org.example.throws_in_consume",
                             .name = "throws_in_consume",
                             .description = "throws in consume and flush"}))
