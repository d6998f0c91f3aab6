// SPDX-License-Identifier: Apache-2.0
//
// Values that users give for trials of their own: the study file's `initial`, and those that the
// application enqueues. They stand in the log at once. A value whose name the space does not have
// yet stands there by its name, and counts once a trial asks for it.
//
// Errors:  Error{kInvalid} for an impossible value, and for an unknown name where no more names can
//          come; nothing is logged then.
// Threads: any; begin() one at a time.
#pragma once

#include "tuner/open_study.hpp"

#include <dodona/study_options.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace dodona::tuner {

class EnqueuedValues {
 public:
  enum class Names : std::uint8_t {
    kOpen = 1,  // a trial may ask for more than the space has
    kComplete   // the space has all
  };

  explicit EnqueuedValues(OpenStudy& study) : study_(study) {}

  // Durable when it returns. Until the first begin(), a space that the options give counts as
  // complete.
  void add(const NamedValues& values);
  // At the start of a search, after the space was declared or given: logs `initial`, but for those
  // that an earlier search has logged, and says which values of earlier searches wait.
  void begin(Names names);
  // At the end of a search: one warning that names the values for which no trial has asked.
  void end() const;

 private:
  study::Enqueued checked(const NamedValues& values, const std::string& where) const;
  std::string unused() const;
  void log(study::Enqueued&& values);

  OpenStudy& study_;
  std::atomic<Names> names_ = Names::kOpen;
  std::atomic<bool> began_ = false;
};

}  // namespace dodona::tuner
