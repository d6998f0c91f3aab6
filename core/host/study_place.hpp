// SPDX-License-Identifier: Apache-2.0
//
// The place in a study file of mistakes that only a search can find, such as a hyperparameter that
// the hypermodel does not have. Messages of such errors begin with the path of a key:
// `initial[1]: ...`.
#pragma once

#include "host/usage.hpp"

#include <dodona/error.hpp>
#include <dodona/study_options.hpp>

#include <functional>
#include <string>
#include <vector>

namespace dodona::host {

// The same error, with `file:line:column: ` or the `--set` that gave the key before its message.
// Unchanged if the message begins with no key of the file, or if the file cannot be read again.
Error placed(const Error& error, const std::string& file, const std::vector<std::string>& sets);

// Makes a search one of this process that writes nothing.
void keep_in_memory(StudyOptions& study);

// Runs a command that goes through a study. Its errors get their place.
int run_placed(const StudyCommand& given, const std::function<int()>& run);

}  // namespace dodona::host
