// SPDX-License-Identifier: Apache-2.0
//
// The checked options of the hypermodel `command`.
//
// Errors:  Error{DODONA_E_INVALID} with the option and the remedy.
#pragma once

#include "metric_lines.hpp"
#include "template.hpp"

#include <dodona/host.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace command {

struct CommandSettings {
  explicit CommandSettings(const dodona::Options& options);

  std::vector<Template> arguments;  // the program and its arguments; with a shell, the script's
  std::string script;               // for the shell; empty: no shell
  std::string metrics_file;         // below the trial's directory; empty: standard output
  Patterns patterns;                // empty: JSON
  std::chrono::milliseconds grace{};
};

}  // namespace command
