// SPDX-License-Identifier: Apache-2.0
//
// The steps that another stopper would have saved on the curves of a study, and its loss by that.
//
// The stopper is told the log, event by event, as if it had judged: a trial that it stops has its end
// there, with its best report so far as score, and says nothing more. Trials begin when they began;
// that others would have been proposed, or sooner, is left out of account.
//
// Errors:  those of the log and of the stopper.
// Threads: one.
// Cost:    reads the log once.
#pragma once

#include "study/roles.hpp"
#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/space.hpp>

#include <cstdint>
#include <optional>

namespace dodona::insight {

struct Saved {
  std::uint64_t trials = 0;    // that would have been stopped
  std::uint64_t reports = 0;   // of all trials
  std::uint64_t steps = 0;     // that were reported in all
  std::uint64_t saved = 0;     // of these steps
  std::optional<double> best;  // the best signed score as it is, and as it would have been
  std::optional<double> with_it;
};

// `stopper` is new and was told the space. It may judge.
Saved replay_stopper(study::Oracle& stopper, study::Store& log, const study::State& state);

}  // namespace dodona::insight
