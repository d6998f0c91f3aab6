// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel: anything with `run`. It asks for values, and the asking describes the space.
#include <dodona/plugin.hpp>

#include <cmath>

struct Spiral {
  void declare(dodona::HyperParameters& hp) { ask(hp); }

  double run(dodona::HyperParameters& hp) { return ask(hp); }

  static double ask(dodona::HyperParameters& hp) {
    const double angle = hp.real("angle", {.min = 0, .max = 6.28});
    double radius = hp.real("radius", {.min = 0.01, .max = 10, .sampling = dodona::Sampling::kLog});
    hp.boolean("bent");
    if (auto bent = hp.when("bent", true)) radius += hp.real("bend", {.max = 1});
    return std::abs(radius - angle);
  }
};

DODONA_PLUGIN(dodona::hypermodel<Spiral>(
    {.id = "org.example.spiral", .name = "spiral", .description = "distance to a spiral"}))
