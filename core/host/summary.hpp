// SPDX-License-Identifier: Apache-2.0
//
// The words at the end of a search.
//
// Threads: pure, except that files_written() reads the directory.
#pragma once

#include <dodona/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::host {

struct Outcome {
  Summary summary;
  std::vector<Objective> objectives;
  std::string directory;           // of the project; empty where nothing is written
  std::vector<std::string> files;  // what there is in it
  std::vector<HyperParameter> space{};
};

// The files of a project for people: no locks, no files that belong to others, folders with a
// slash; the study first.
std::vector<std::string> files_written(const std::string& directory);

// `max_trials reached` and the like.
std::string reason(End end);

// Several lines. The values of constants stand together below those that were tuned, in lines of at
// most `width_max`, 0: in one. The last line is `best val_accuracy 0.8812 (trial 5)` where there is a best trial,
// and of several objectives `...; 4 trials on the front of val_accuracy and model_mb`.
std::string summary_text(const Outcome& outcome, std::size_t width_max = 0);
// {"directory", "end", "completed", "stopped", "failed", "unfinished", "seconds", "message",
// "delegate", "reason", "objective": {"name", "direction"}, "front", "best"}; `objective` is a list
// if there are several, `front` the number of trials that no other one beats, `best` a trial as
// `trials --json` has it, or null.
std::string summary_json(const Outcome& outcome);

}  // namespace dodona::host
