// SPDX-License-Identifier: Apache-2.0
//
// Another tool's study, and the log that it becomes.
//
// Trials: each is logged as if a user had enqueued its values, so that no oracle has to answer for
//         it. A trial that was running, or waits for a retry, is left unfinished and runs again.
// Errors: what the study document refuses.
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

struct ImportedTrial {
  using Metrics = std::vector<std::pair<std::string, double>>;

  std::vector<Assignment> assignments;
  study::TrialState state = study::TrialState::kWaiting;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = study::kNoTrial;
  std::vector<std::map<std::uint64_t, Metrics>> executions;  // by step
  Metrics metrics;                                           // at the best step
  std::vector<double> objectives;                            // signed; empty: it has no score
  std::uint64_t best_step = 0;
  std::string message;
  std::vector<std::pair<std::string, std::string>> notes{};  // key and value
  std::int64_t started_nanos = 0;                            // of the Unix epoch; 0: nobody says
  std::int64_t finished_nanos = 0;
};

struct ImportedStudy {
  study::Objective objective;
  std::uint64_t seed = 0;
  std::vector<Param> space;
  std::vector<ImportedTrial> trials;
  std::vector<study::Enqueued> enqueued{};  // values that no trial has tried yet
  std::vector<std::string> notes;           // what is not as it was, for people
};

// The bodies of all events with their trials, to be appended to an empty log in this order. A time
// is 0 where nobody says it.
std::vector<study::Event> events_of(const ImportedStudy& imported, StudyOptions options,
                                    study::Names& names);

}  // namespace dodona::import
