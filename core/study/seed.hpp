// SPDX-License-Identifier: Apache-2.0
//
// The seeds that are derived from a study's seed.
//
// Threads: pure; call from any thread.
#pragma once

#include "study/event.hpp"

#include <dodona/random.hpp>

#include <cstdint>
#include <cstring>

namespace dodona::study {

// The seed of one execution of a trial, by its place: a rerun gets the same, a retry another one.
// Places are told apart as long as there are fewer than 65536 executions and as many attempts.
inline std::uint64_t execution_seed(std::uint64_t study_seed, std::uint64_t trial,
                                    std::uint32_t execution, std::uint32_t attempt) {
  return RandomStream(study_seed, trial, Purpose::kTrialSeed, attempt << 16 | execution).bits();
}

// The id of a study whose log has none, by the time of its first event. The same log has the same
// id wherever it is read.
inline StudyId derived_id(std::uint64_t study_seed, std::int64_t created_unix_nanos) {
  RandomStream random(study_seed, static_cast<std::uint64_t>(created_unix_nanos),
                      Purpose::kStudySeed);
  const std::uint64_t words[2] = {random.bits(), random.bits()};
  StudyId id;
  static_assert(sizeof(words) == sizeof(id));
  std::memcpy(id.data(), words, sizeof(words));
  return id;
}

}  // namespace dodona::study
