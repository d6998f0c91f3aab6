// SPDX-License-Identifier: Apache-2.0
//
// The end of a study under noise: the best trials are run again, with new seeds, until the best of
// them is told from the others or each has had its runs.
//
// The leaders are the kLeaders best trials by their own scores. In each round every leader that is
// left has one more run. From the second round on, a leader leaves whose scores are worse than those
// of the best one, by a paired t-test of the rounds at 5 %. The first scores are no part of the test,
// as the leaders were chosen by them.
//
// The answer depends on the state alone, so a study that was interrupted goes on with its rounds.
//
// Threads: pure function.
// Cost:    O(n log n) for n trials, and O(rounds) for a leader.
#pragma once

#include "study/state.hpp"

#include <cstdint>

namespace dodona::schedule {

inline constexpr std::uint64_t kLeaders = 5;

struct Confirmation {
  enum class Step : std::uint8_t {
    kRepeat = 1,  // run `trial` again
    kWait,        // runs of this round have not ended
    kDone
  };
  Step step = Step::kDone;
  std::uint64_t trial = study::kNoTrial;
};

// The next step, of at most `rounds` rounds. All trials but repeats have ended.
Confirmation confirmation(const study::State& state, std::uint64_t rounds);

}  // namespace dodona::schedule
