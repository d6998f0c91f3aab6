// SPDX-License-Identifier: Apache-2.0
//
// The oracle of a study, and all that judge its trials.
//
// Errors:  Error{kPlugin} for one that cannot be made, Error{kInvalid} for one in the other's
//          place.
// Threads: one makes them; then as study::Oracle says.
#pragma once

#include "study/roles.hpp"
#include "tuner/open_study.hpp"

#include <memory>
#include <vector>

namespace dodona::tuner {

struct Oracles {
  std::vector<study::Oracle*> judging() const;

  std::unique_ptr<study::Oracle> proposing;
  // The stopper; in turns, for each slot one, and an oracle that judges too.
  std::vector<std::unique_ptr<study::Oracle>> judges;
};

Oracles make_oracles(const OpenStudy& study);

}  // namespace dodona::tuner
