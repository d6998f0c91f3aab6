// SPDX-License-Identifier: Apache-2.0
//
// A random walk that keeps the fold rule.
#include "walk.hpp"

#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

class Right {
 public:
  explicit Right(const dodona::StudyContext& context) : seed_(context.study.seed) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  // The place is where the log says that the last trial is.
  void observe(const dodona_event& event) {
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event)) {
      place_.clear(space_->size());
      assign(*space_, proposed->assignments, place_);
    }
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    // The numbers of this trial, whatever was drawn before.
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    out.push(neighbour(*space_, place_, [&] { return random.uniform(); }));
  }

 private:
  std::uint64_t seed_;
  const dodona::Space* space_ = nullptr;
  dodona::Point place_;
};

DODONA_PLUGIN(dodona::oracle<Right>(
    {.id = "org.example.right", .name = "right", .description = "a walk that keeps the fold rule"}))
