// SPDX-License-Identifier: Apache-2.0
//
// A study of Optuna as the log of a study.
//
// Objectives: named by --objective, else as `study.set_metric_names` did, else `value` or `value_0`,
//             `value_1` and so on.
// States:  COMPLETE, PRUNED (stopped), FAIL; a trial that is RUNNING is to be run again, and the
//          values of a WAITING one are enqueued. A value that is not finite makes a trial invalid.
// Attributes: of the user's, numbers are metrics of the trial, and all else is a note, but for the
//          message of a trial that failed. Constraints become metrics `constraint_0` and so on, with
//          a limit of 0.
// Times:   as in the file, in this machine's zone.
// Errors:  Error{kInvalid} with file, line or trial, and key.
// Threads: pure.
#pragma once

#include "import/imported.hpp"
#include "import/optuna_file.hpp"

#include <string>
#include <vector>

namespace dodona::import {

struct OptunaChoice {
  std::string study;                    // empty: the only one
  std::vector<std::string> objectives;  // their names; empty: as above
};

ImportedStudy study_of(const OptunaFile& file, const OptunaChoice& choice, std::string* name);

}  // namespace dodona::import
