// SPDX-License-Identifier: Apache-2.0
//
// An oracle: proposes the points of a Halton sequence. A later point takes the place of one that
// breaks a constraint.
#include <dodona/plugin.hpp>

struct Halton {
  void set_space(const dodona::Space& space) { space_ = space; }
  void observe(const dodona_event&) {}

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::Point point = at(trial + 1);
    for (std::uint64_t skip = 1; skip < 1000 && !space_.is_feasible(point); ++skip) {
      point = at(trial + 1 + skip * 100003);
    }
    out.push(point);
  }

  dodona::Point at(std::uint64_t index) const {
    dodona::Point point(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const std::uint64_t base = kPrimes[i % std::size(kPrimes)];
      double u = 0, share = 1;
      for (std::uint64_t n = index; n > 0; n /= base) {
        u += (share /= static_cast<double>(base)) * static_cast<double>(n % base);
      }
      if (space_.is_active(i, point)) point.set(i, from_unit(space_.params()[i], u));
    }
    return point;
  }

  static constexpr std::uint64_t kPrimes[] = {2, 3, 5, 7, 11, 13};
  dodona::Space space_;
};

DODONA_PLUGIN(dodona::oracle<Halton>(
    {.id = "org.example.halton", .name = "halton", .description = "points of a Halton sequence"}))
