// SPDX-License-Identifier: Apache-2.0
//
// The project directory of a KerasTuner search as the log of a study.
//
// Of `oracle.json` the space, the seed and the order of trials are read, of each `trial.json` its
// values, metrics, status and message. No file says the objective: it is the metric whose best
// value is the score of every completed trial.
//
// Trials: in the order of their start. A trial with a value that the space cannot have, which
//         KerasTuner lets pass, is left out.
// Space:  a default outside its range becomes the nearest value, a choice that stands twice stands
//         once, and a step of 1 of a linear int is none: so a hypermodel asks for it.
// Steps:  as KerasTuner counts them, which is from 0.
// Errors: Error{kInvalid} with file:line:column, path, and what would be right.
// Threads: pure.
#pragma once

#include "import/imported.hpp"

#include <string>
#include <vector>

namespace dodona::import {

struct KerasTunerFile {
  std::string path;  // for messages
  std::string text;
};

// `objective` is the name of a metric; empty: the one that the scores tell.
ImportedStudy parse_keras_tuner(const KerasTunerFile& oracle,
                                const std::vector<KerasTunerFile>& trials,
                                const std::string& objective);

// The same of the files in a project directory of KerasTuner. Throws Error{kIo} too.
ImportedStudy read_keras_tuner(const std::string& directory, const std::string& objective);

}  // namespace dodona::import
