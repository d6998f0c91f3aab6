// SPDX-License-Identifier: Apache-2.0
//
// Values that users give for trials of their own: the study file's `initial`, and what the
// application enqueues. They wait here until the space is known, then stand in the log.
//
// Errors:  Error{kInvalid} for an unknown name or an impossible value.
// Threads: any.
#pragma once

#include "tuner/open_study.hpp"

#include <dodona/study_options.hpp>

#include <mutex>
#include <vector>

namespace dodona::tuner {

class EnqueuedValues {
 public:
  explicit EnqueuedValues(OpenStudy& study) : study_(study) {}

  // Durable at once where the space is known, else once it is.
  void add(NamedValues values);
  // Once the space is known: logs `initial`, without what an earlier search has logged of it, then
  // what waits.
  void release();
  // Logs what waits: values that were given since, while there was no hyperparameter yet.
  void release_waiting();

 private:
  void log(std::vector<Assignment> assignments);

  OpenStudy& study_;
  std::mutex mutex_;
  std::vector<NamedValues> waiting_;
};

}  // namespace dodona::tuner
