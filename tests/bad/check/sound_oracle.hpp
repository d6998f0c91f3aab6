// SPDX-License-Identifier: Apache-2.0
//
// An oracle that keeps the contract: what is broken here begins with it.
#pragma once

#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <cstdint>

struct SoundOracle {
  explicit SoundOracle(const dodona::StudyContext& context) : seed_(context.study.seed) {}

  void set_space(const dodona::Space& space) { space_ = &space; }
  void observe(const dodona_event&) {}
  void propose(std::uint64_t trial, dodona::Proposals& out) { out.push(drawn(trial)); }

  dodona::Point drawn(std::uint64_t trial) const {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    dodona::Point point(space_->size());
    for (int draw = 0; draw < 1000; ++draw) {
      point.clear(space_->size());
      for (std::size_t i = 0; i < space_->size(); ++i) {
        if (space_->is_active(i, point)) {
          point.set(i, from_unit(space_->params()[i], random.uniform()));
        }
      }
      if (space_->is_feasible(point)) break;
    }
    return point;
  }

  std::uint64_t seed_;
  const dodona::Space* space_ = nullptr;
};
