// SPDX-License-Identifier: Apache-2.0
//
// The variables that tell a program of its trial. They are in its environment, and its arguments
// may name them.
//
//   DODONA_HP_NAME         the value of an active hyperparameter
//   DODONA_VALUES_FILE     a file of all values, as one JSON object
//   DODONA_TRIAL, DODONA_EXECUTION, DODONA_ATTEMPT, DODONA_SEED, DODONA_THREADS
//   DODONA_START_STEP      steps done before; the first to report is the next one
//   DODONA_BUDGET          the step at which to end; 0: the program's own choice
//   DODONA_TRIAL_DIR       a directory of this execution
//   DODONA_METRICS_FILE    the path of `metrics_file`
//   DODONA_CHECKPOINT_DIR  the place for a checkpoint, which is written before its step's report
//   DODONA_RESUME_DIR      a checkpoint of DODONA_START_STEP to go on from
//   DODONA_ALL_DATA        1 in the last training of a model: no data need be held back
//   DODONA_DEVICES         slots of the trial, by commas
//
// A variable without a value is not set. CUDA_VISIBLE_DEVICES follows slots such as "cuda:1".
// OMP_NUM_THREADS and PYTHONUNBUFFERED are set unless the environment has them.
//
// Errors:  Error{DODONA_E_INVALID} if two names have one variable, and for a slot of CUDA that this
//          process does not see.
// Threads: pure.
#pragma once

#include "settings.hpp"
#include "values.hpp"

#include <dodona/hypermodel.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace command {

// Paths of an execution; empty if the study writes nothing.
struct Places {
  std::string directory;
  std::string values;
  std::string metrics;
  std::string checkpoint;
};

using Variables = std::map<std::string, std::string>;

// The present environment of this process, without the variables of another dodona.
Variables inherited_variables();
Variables told_variables(const dodona::Trial& trial, const Values& values, const Places& places,
                         const Variables& inherited);

// CUDA_VISIBLE_DEVICES for these slots; `visible` is this process's own, or "". Empty if no slot is
// of CUDA.
std::string cuda_devices(const std::vector<std::string_view>& slots, const std::string& visible);

// Throws if the program does not exist. A program whose name depends on a value is not checked.
void check_program(const CommandSettings& settings, const Variables& inherited);

// Throws if the arguments name anything but hyperparameters of the space and variables, or if the
// script of a shell names any of these.
void check_names(const CommandSettings& settings, const Values& space);

// The arguments of the program. An argument that names a missing value is left out.
std::vector<std::string> filled_arguments(const CommandSettings& settings, const Values& values,
                                          const Variables& told);

}  // namespace command
