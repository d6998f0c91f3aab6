// SPDX-License-Identifier: Apache-2.0
//
// The seed of one execution of a trial: a function of the study's seed and its place, so that a
// rerun gets the same and a retry another.
#pragma once

#include <dodona/random.hpp>

#include <cstdint>

namespace dodona::study {

inline std::uint64_t execution_seed(std::uint64_t study_seed, std::uint64_t trial,
                                    std::uint32_t execution, std::uint32_t attempt) {
  return RandomStream(study_seed, trial, Purpose::kTrialSeed, attempt << 16 | execution).bits();
}

}  // namespace dodona::study
