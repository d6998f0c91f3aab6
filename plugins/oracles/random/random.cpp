// SPDX-License-Identifier: Apache-2.0
//
// Oracle `random`: independent draws, without duplicates where the space is finite.
//
// A small finite space is exhausted completely: when draws keep colliding, the first unseen point
// after a random one in counting order is taken, so the last points cost no endless guessing.
//
// Cost: 10 ns a hyperparameter and a lookup a proposal; about 20 bytes a trial.
#include "common/seen_points.hpp"

#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

class Random {
 public:
  explicit Random(const dodona::StudyContext& context) : seed_(context.study.seed) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  void observe(const dodona_event& event) {
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event)) {
      point_.clear(space_->size());
      dodona::assign(*space_, proposed->assignments, point_);
      seen_.insert(point_);
    }
    if (const auto* finished = dodona::body_of<dodona_finished_event>(event)) {
      point_.clear(space_->size());
      dodona::assign(*space_, finished->assignments, point_);
      seen_.insert(point_);
    }
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    for (int attempt = 0; attempt < 32; ++attempt) {
      draw(random);
      if (!seen_.contains(point_)) {
        out.push(point_);
        return;
      }
    }
    if (next_unseen()) {
      out.push(point_);
    } else {
      out.exhausted();
    }
  }

 private:
  void draw(dodona::RandomStream& random) {
    point_.clear(space_->size());
    for (std::size_t i = 0; i < space_->size(); ++i) {
      const double u = random.uniform();  // drawn for inactive ones too: values keep their place
      if (space_->is_active(i, point_)) point_.set(i, from_unit(space_->params()[i], u));
    }
  }

  // From the point at hand, counts up with the last hyperparameter fastest, around once, until an
  // unseen point. At most seen_.size() + 1 steps, for a continuous space would have left the loop
  // of propose.
  bool next_unseen() {
    for (std::size_t steps = 0; steps <= seen_.size(); ++steps) {
      increment();
      if (!seen_.contains(point_)) return true;
    }
    return false;
  }

  void increment() {
    std::size_t i = space_->size();
    bool carry = true;
    while (carry && i-- > 0) {
      if (!point_.active(i)) continue;
      const dodona::Param& param = space_->params()[i];
      const std::uint64_t count = std::max<std::uint64_t>(1, cardinality(param));
      const std::uint64_t next = count == 1 ? 0 : index_of(param, point_[i]) + 1;
      carry = next >= count;
      if (!carry || count > 1) point_.set(i, value_at(param, carry ? 0 : next));
    }
    // Values up to i stand; what follows restarts at its lowest under the new conditions.
    dodona::Point fresh(space_->size());
    for (std::size_t k = 0; k < space_->size(); ++k) {
      if (!space_->is_active(k, fresh)) continue;
      const dodona::Param& param = space_->params()[k];
      const bool stands = !carry && k <= i && point_.active(k);
      const bool lowest = cardinality(param) == 0;
      fresh.set(k, stands ? point_[k] : lowest ? param.low : value_at(param, 0));
    }
    point_ = fresh;
  }

  std::uint64_t seed_;
  const dodona::Space* space_ = nullptr;
  dodona::Point point_;
  dodona::common::SeenPoints seen_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Random>(
    {.id = "org.dodona.random",
     .name = "random",
     .description = "independent random draws, never the same point twice in a finite space"}))
