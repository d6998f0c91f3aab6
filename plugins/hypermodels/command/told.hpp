// SPDX-License-Identifier: Apache-2.0
//
// What a program is told of its trial: variables of its environment, by which its arguments may
// call them too.
//
//   DODONA_HP_NAME         the value of a hyperparameter, as long as it is active
//   DODONA_VALUES_FILE     all of them, as one JSON object
//   DODONA_TRIAL, DODONA_EXECUTION, DODONA_ATTEMPT, DODONA_SEED, DODONA_THREADS
//   DODONA_START_STEP      steps done before; the first to report is the next one
//   DODONA_BUDGET          the step at which to end; 0: the program's own choice
//   DODONA_TRIAL_DIR       a directory of this execution
//   DODONA_METRICS_FILE    where `metrics_file` says
//   DODONA_CHECKPOINT_DIR  where a checkpoint may be written, before the report of its step
//   DODONA_RESUME_DIR      a checkpoint of DODONA_START_STEP to go on from
//   DODONA_ALL_DATA        1 in the last training of a model: nothing need be held back
//   DODONA_DEVICES         slots of the trial, by commas
//
// A variable that has nothing to say is not there. CUDA_VISIBLE_DEVICES follows slots such as
// "cuda:1"; OMP_NUM_THREADS and PYTHONUNBUFFERED are set unless the environment has them.
//
// Errors:  Error{kInvalid} where two names have one variable, and for a slot of CUDA that this
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

// Paths of an execution; empty where nothing is written.
struct Places {
  std::string directory;
  std::string values;
  std::string metrics;
  std::string checkpoint;
};

using Variables = std::map<std::string, std::string>;

// The environment of this process as it is now, without what another dodona told it.
Variables inherited_variables();
Variables told_variables(const dodona::Trial& trial, const Values& values, const Places& places,
                         const Variables& inherited);

// CUDA_VISIBLE_DEVICES for these slots, where `visible` is what this process has, or "". Empty
// where no slot is of CUDA.
std::string cuda_devices(const std::vector<std::string_view>& slots, const std::string& visible);

// Throws where the program is not there to be started, as far as no value decides which it is.
void check_program(const Settings& settings, const Variables& inherited);

// Throws unless the arguments name hyperparameters of the space and variables alone, and the script
// of a shell none of them.
void check_names(const Settings& settings, const Values& space);

// The arguments of the program. One that names what is not there is left out.
std::vector<std::string> filled_arguments(const Settings& settings, const Values& values,
                                          const Variables& told);

}  // namespace command
