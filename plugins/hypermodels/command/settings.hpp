// SPDX-License-Identifier: Apache-2.0
//
// The options of the hypermodel `command`, checked.
//
// Errors:  Error{kInvalid} that names the option and what would be right.
#pragma once

#include "metric_lines.hpp"
#include "template.hpp"

#include <dodona/host.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace command {

struct Settings {
  explicit Settings(const dodona::Options& options);

  std::vector<Template> arguments;  // of the program, itself first; with a shell, of the script
  std::string script;               // for the shell; empty: no shell
  std::string metrics_file;         // below the trial's directory; empty: standard output
  Patterns patterns;                // empty: JSON
  std::chrono::milliseconds grace{};
};

}  // namespace command
