// SPDX-License-Identifier: Apache-2.0
//
// A module in the test program itself, for tests of the kernel: an oracle, a hypermodel and a sink
// that do nothing, with an option of every kind.
#pragma once

#include "plugin/catalogue.hpp"

#include <dodona/plugin.hpp>

#include <array>
#include <cstdint>

namespace dodona::support {

struct IdleOracle {
  void set_space(const Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, Proposals& out) { out.exhausted(); }
};

struct IdleModel {
  void run(Trial&) {}
};

struct IdleSink {
  void consume(const dodona_event&) {}
  void flush() {}
};

inline const dodona_module* example_module() {
  static const Module module(
      oracle<IdleOracle>(
          {.id = "org.example.idle", .name = "idle", .description = "proposes nothing"},
          option("count", 3, "how many; more cost more", {.low = 1, .high = 9}),
          option("rate", 0.5, "how fast", {.low = 0.0, .high = 1.0}),
          option("mode", "fast", "how exact", {.choices = choices("fast", "exact")}),
          option("loud", false, "whether to talk"),
          json_option("layers", DODONA_LIST, "[1, 2]", "widths")),
      oracle<IdleOracle>(
          {.id = "org.example.auto", .name = "auto", .description = "proposes nothing"}),
      hypermodel<IdleModel>({.id = "org.example.net", .name = "net", .description = "a network"},
                            required_option("data", DODONA_STRING, "directory of the data")),
      sink<IdleSink>({.id = "org.example.log", .name = "log", .description = "keeps nothing"}));
  return module.get();
}

inline const plugin::Catalogue& example_catalogue() {
  static const plugin::Catalogue* const catalogue = [] {
    auto* made = new plugin::Catalogue;
    made->add(example_module());
    return made;
  }();
  return *catalogue;
}

}  // namespace dodona::support
