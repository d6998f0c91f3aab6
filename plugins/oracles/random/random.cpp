// SPDX-License-Identifier: Apache-2.0
//
// Oracle `random`: independent draws, without duplicates if the space is finite.
//
// Cost: for a proposal 10 ns a hyperparameter and a lookup; about 20 bytes for each trial.
#include "common/oracle/fresh_points.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>

namespace {

class Random {
 public:
  explicit Random(const dodona::StudyContext& context) : seed_(context.study.seed) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  void observe(const dodona_event& event) {
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event)) {
      see(proposed->assignments);
      ++running_;
    }
    if (const auto* finished = dodona::body_of<dodona_finished_event>(event)) {
      see(finished->assignments);
      --running_;
    }
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    if (dodona::common::draw_fresh(*space_, seen_, random, point_)) {
      out.push(point_);
    } else if (running_ > 0) {
      out.wait();  // a running trial may yet meet a new hyperparameter
    } else {
      out.exhausted();
    }
  }

 private:
  void see(dodona_assignment_span assignments) {
    point_.clear(space_->size());
    dodona::assign(*space_, assignments, point_);
    seen_.insert(point_);
  }

  std::uint64_t seed_;
  const dodona::Space* space_ = nullptr;
  dodona::Point point_;
  dodona::common::SeenPoints seen_;
  std::uint64_t running_ = 0;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Random>(
    {.id = "org.dodona.random",
     .name = "random",
     .description = "independent random draws, never the same point twice in a finite space",
     .flags = DODONA_FLAG_OBJECTIVES}))
