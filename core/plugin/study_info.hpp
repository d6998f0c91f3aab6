// SPDX-License-Identifier: Apache-2.0
//
// The description of a study that plugins get when they are created.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"
#include "study/objective.hpp"

#include <dodona/abi.h>
#include <dodona/trial_limits.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::plugin {

// Numbers that bound the search are 0 where nothing does.
struct StudyInfo {
  const study::Names& names;  // outlives what is made with it
  std::uint64_t seed = 0;
  std::string directory{};  // of the project; empty where nothing is written
  study::Objective objective{};
  std::uint32_t parallel_trials = 1;
  std::uint64_t max_trials = 0;
  std::uint64_t max_steps = 0;
  double max_seconds = 0.0;
  study::StudyId id{};
  TrialLimits trial_limits{};  // for a hypermodel that keeps them itself
};

// dodona_study over a StudyInfo, which must outlive it.
class StudyView {
 public:
  explicit StudyView(const StudyInfo& info);
  StudyView(const StudyView&) = delete;
  StudyView& operator=(const StudyView&) = delete;

  const dodona_study* get() const { return &raw_; }

 private:
  std::vector<dodona_objective> objectives_;
  std::vector<const dodona_objective*> pointers_;
  std::vector<dodona_limit> limits_;
  std::vector<const dodona_limit*> limit_pointers_;
  dodona_study raw_{};
};

}  // namespace dodona::plugin
