// SPDX-License-Identifier: Apache-2.0
//
// The finished trials of another study, for the oracle of this one.
//
// Values: by name. Each hyperparameter that is active in this space must have one that it can take;
//         those that this space lacks stay with the trial, which is handed over again once the
//         space has them. They keep the constraints of this space.
// Scores: by this study's objective; where the other one had another, made again of its metrics.
// Left out are trials that do not fit, that lack the metrics of the objective, or that had a
// smaller budget than others of their study, as Hyperband's early ones: their scores say something
// else.
//
// Errors:  Error{kIo} where there is no study; Error{kInvalid} for the study itself.
// Threads: one; the other study may run meanwhile.
// Cost:    reads the other study's log.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"
#include "study/objective.hpp"

#include <dodona/space.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dodona::project {

inline constexpr const char* kWarmStart = "warm_start";

struct WarmStart {
  std::vector<study::Imported> trials;
  std::string summary;  // how many, and why not the others
  bool left_out = false;
};

// The directory as imported trials name it.
std::string warm_start_source(const std::string& directory);

void check_warm_start(const std::string& directory, const std::string& own_directory);

// Metrics get their names in `names`.
WarmStart read_warm_start(const std::string& directory, const study::Objective& objective,
                          const Space& space, study::Names& names);

// A trial that was handed over, with those of its later values that fit `space` by now; nothing
// where none does, or where they break a constraint. `space` begins with the space of that time.
std::optional<study::Imported> with_later_values(const study::Imported& trial, const Space& space);

// True if the same trial is among them.
bool is_among(const study::Imported& trial, const std::vector<study::Imported>& trials);

}  // namespace dodona::project
