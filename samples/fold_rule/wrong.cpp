// SPDX-License-Identifier: Apache-2.0
//
// The same walk, which breaks the fold rule. It looks right until a search goes on after a break.
#include "walk.hpp"

#include <dodona/plugin.hpp>

#include <random>

class Wrong {
 public:
  explicit Wrong(const dodona::StudyContext& context) : generator_(context.study.seed) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  void observe(const dodona_event&) {}

  void propose(std::uint64_t, dodona::Proposals& out) {
    // Wrong: the generator goes from proposal to proposal, and a new object begins it anew.
    const auto uniform = [&] { return std::uniform_real_distribution<>()(generator_); };
    // Wrong: a push is no trial yet. The kernel may drop it, and a new object does not know it.
    place_ = neighbour(*space_, place_, uniform);
    out.push(place_);
  }

 private:
  std::mt19937_64 generator_;
  const dodona::Space* space_ = nullptr;
  dodona::Point place_;
};

DODONA_PLUGIN(dodona::oracle<Wrong>(
    {.id = "org.example.wrong", .name = "wrong", .description = "a walk that forgets the log"}))
