// SPDX-License-Identifier: Apache-2.0
//
// The project directory of a KerasTuner search as the log of a study.
//
// Of `oracle.json` the space, the seed and the order of trials are read, of each `trial.json` its
// values, metrics, status and message. No file says the objective: it is the metric whose best
// value is the score of every completed trial.
//
// Trials: in the order of their start. Each is logged as if a user had enqueued its values, so that
//         no oracle has to answer for it. A trial that was running, or waits for a retry, is left
//         unfinished and runs again. A trial with a value that the space cannot have, which
//         KerasTuner lets pass, is left out.
// Space:  a default outside its range becomes the nearest value, a choice that stands twice stands
//         once, and a step of 1 of a linear int is none: so a hypermodel asks for it.
// Steps:  as KerasTuner counts them, which is from 0.
// Errors: Error{kInvalid} with file:line:column, path, and what would be right.
// Threads: pure.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"
#include "study/objective.hpp"

#include <dodona/space.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dodona::import {

struct KerasTunerFile {
  std::string path;  // for messages
  std::string text;
};

struct KerasTunerTrial {
  using Metrics = std::vector<std::pair<std::string, double>>;

  std::vector<Assignment> assignments;
  study::TrialState state = study::TrialState::kWaiting;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = study::kNoTrial;
  std::vector<std::map<std::uint64_t, Metrics>> executions;  // by step
  Metrics metrics;                                           // at the best step
  double objective = study::kNoScore;                        // signed
  std::uint64_t best_step = 0;
  std::string message;
};

struct KerasTunerProject {
  study::ObjectiveTerm objective;
  std::uint64_t seed = 0;
  std::vector<Param> space;
  std::vector<KerasTunerTrial> trials;
  std::vector<std::string> notes;  // what is not as it was, for people
};

// `objective` is the name of a metric; empty: the one that the scores tell.
KerasTunerProject parse_keras_tuner(const KerasTunerFile& oracle,
                                    const std::vector<KerasTunerFile>& trials,
                                    const std::string& objective);

// The same of the files in a project directory of KerasTuner. Throws Error{kIo} too.
KerasTunerProject read_keras_tuner(const std::string& directory, const std::string& objective);

// The bodies of all events with their trials, to be appended to an empty log in this order.
std::vector<study::Event> events_of(const KerasTunerProject& project, StudyOptions options,
                                    study::Names& names);

}  // namespace dodona::import
