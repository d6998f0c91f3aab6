// SPDX-License-Identifier: Apache-2.0
//
// The hypermodel `command`: tunes any program, in any language, without changing it. The space is
// the study file's.
//
// Threads: an object runs a program for each trial, on the trial's own thread.
#include "child.hpp"
#include "processes.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "told.hpp"
#include "values.hpp"

#include <dodona/plugin.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace command {

class Command {
 public:
  explicit Command(const dodona::StudyContext& context)
      : host_(context.host), settings_(context.options) {
    check_program(settings_, inherited_);
  }

  // Asks for nothing, but checks the space of the study file.
  void declare(dodona::HyperParameters& hp) {
    const Values space = values_of(hp);
    if (space.empty()) {
      throw dodona::Error(DODONA_E_INVALID,
                          "space is missing: which hyperparameters does the program have? for "
                          "example \"space\": [{\"name\": \"lr\", \"type\": \"float\", "
                          "\"min_value\": 0.001, \"max_value\": 1}]");
    }
    check_names(settings_, space);
  }

  // The metrics of the regular expressions, in no direction that is known here. A program that prints
  // JSON may report anything.
  std::vector<dodona::ReportedMetric> metrics() const {
    std::vector<dodona::ReportedMetric> told;
    for (std::string& name : settings_.patterns.metrics()) told.push_back({std::move(name), {}});
    return told;
  }

  void run(dodona::Trial& trial) {
    const auto warn = [this](const std::string& text) {
      if (!warned_.exchange(true)) host_.log(DODONA_WARN, text);
    };
    Session(settings_, inherited_, guardian_, meter_, trial, warn).run();
  }

 private:
  const dodona::Host host_;
  std::atomic<bool> warned_{false};  // true: a trial has warned, and no other one does
  const CommandSettings settings_;
  const Variables inherited_ = inherited_variables();
  const Guardian guardian_;
  MemoryMeter meter_;
};

}  // namespace command

DODONA_PLUGIN(dodona::hypermodel<command::Command>(
    {.id = "org.dodona.command",
     .name = "command",
     .description = "Any program in any language: values as arguments, environment and JSON; "
                    "metrics as JSON lines or by regular expressions",
     .flags = DODONA_FLAG_LIMITS},
    dodona::required_option("command", DODONA_LIST,
                            "the program and its arguments, such as [\"python3\", \"train.py\", "
                            "\"--lr={lr}\"]; {name} is the value of a hyperparameter or one of the "
                            "variables that the program is told, and an argument that names what "
                            "is not there is left out; {{ and }} are braces"),
    dodona::option(
        "metrics_file", "",
        "a file below DODONA_TRIAL_DIR that the program writes its JSON lines to; empty: "
        "they come on standard output"),
    dodona::json_option("metrics_regex", DODONA_OBJECT, "{}",
                        "a regular expression for each metric, such as {\"loss\": \"loss "
                        "([0-9.]+)\"}, instead of JSON lines; step is the step of a report"),
    dodona::option("shell", false,
                   "the first element of command is the text of a script for /bin/sh, with the "
                   "others as $1, $2 and so on; values are never put into the text"),
    dodona::option("grace_seconds", 5.0,
                   "how long a program that is asked to stop, or what it leaves running, has until "
                   "SIGTERM, and as long again until SIGKILL; less ends trials earlier, more lets "
                   "programs save what they have",
                   {.low = 0, .high = 86400})))
