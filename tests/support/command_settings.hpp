// SPDX-License-Identifier: Apache-2.0
//
// Options of the hypermodel `command` for its tests: the given JSON, completed by defaults.
#pragma once

#include "base/json.hpp"
#include "plugin/options.hpp"
#include "settings.hpp"

#include <string>

namespace command {

inline CommandSettings test_settings(const std::string& more) {
  const std::string text =
      R"({"metrics_file": "", "metrics_regex": {}, "shell": false, "grace_seconds": 5.0})";
  auto options = dodona::base::parse_json(text, "options").root.as_object();
  const dodona::base::JsonDocument given = dodona::base::parse_json(more, "options");
  for (const auto& each : given.root.as_object()) {
    options[each.key()] = each.value();
  }
  const dodona::plugin::OptionsView view(options);
  return CommandSettings(dodona::Options(view.get()));
}

}  // namespace command
