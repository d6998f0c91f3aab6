// SPDX-License-Identifier: Apache-2.0
#include "plugin/study_info.hpp"

#include <dodona/convert.hpp>

#include <algorithm>

namespace dodona::plugin {

static_assert(static_cast<int>(study::Direction::kMinimize) == DODONA_MINIMIZE);
static_assert(static_cast<int>(study::Direction::kMaximize) == DODONA_MAXIMIZE);

StudyView::StudyView(const StudyInfo& info) {
  const auto add = [this](const study::ObjectiveTerm& term) {
    objectives_.push_back({sizeof(dodona_objective), static_cast<dodona_direction>(term.direction),
                           to_abi(term.name)});
  };
  add(info.objective);
  for (const study::ObjectiveTerm& other : info.objective.others) add(other);
  for (const dodona_objective& each : objectives_) pointers_.push_back(&each);
  for (const Limit& limit : info.objective.limits) {
    limits_.push_back({sizeof(dodona_limit), 0, to_abi(limit.metric), limit.low, limit.high});
  }
  for (const dodona_limit& each : limits_) limit_pointers_.push_back(&each);
  raw_.struct_size = sizeof raw_;
  raw_.parallel_trials = info.parallel_trials;
  raw_.seed = info.seed;
  raw_.directory = to_abi(info.directory);
  raw_.objectives = pointers_.data();
  raw_.objective_count = pointers_.size();
  raw_.limits = limit_pointers_.data();
  raw_.limit_count = limit_pointers_.size();
  raw_.max_trials = info.max_trials;
  raw_.max_steps = info.max_steps;
  raw_.max_seconds = info.max_seconds;
  static_assert(sizeof raw_.id == sizeof info.id);
  std::copy(info.id.begin(), info.id.end(), raw_.id);
}

}  // namespace dodona::plugin
