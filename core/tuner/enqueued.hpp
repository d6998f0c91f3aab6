// SPDX-License-Identifier: Apache-2.0
//
// Values that users give for trials of their own: the study file's `initial`, and those that the
// application enqueues. They stand in the log at once. A value whose name the space does not have
// yet stands there by its name, and counts once a trial asks for it.
//
// Errors:  Error{kInvalid} for an impossible value, for values that break a constraint, and for an
//          unknown name where no more names can come; nothing is logged then.
// Threads: any; check() and begin() one at a time.
#pragma once

#include "tuner/open_study.hpp"

#include <dodona/study_options.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace dodona::tuner {

// The event of values for a study that has this space, and that nobody runs. Unknown names are
// refused.
study::Enqueued enqueued_in(const Space& space, const NamedValues& values);

class EnqueuedValues {
 public:
  enum class Names : std::uint8_t {
    kOpen = 1,  // a trial may ask for more than the space has
    kComplete   // none may, or the space counts as if none did
  };

  explicit EnqueuedValues(OpenStudy& study) : study_(study) {}

  // Durable when it returns. Until the first check(), a space that the options give counts as
  // complete.
  void add(const NamedValues& values);
  // At the start of a search, after the space was declared or given: throws where an entry of
  // `initial` that is not logged yet is impossible.
  void check(Names names);
  // After check(), once nothing else can stop the search: logs those entries, and says which values
  // wait for a trial, and which can count in none.
  void begin();
  // At the end of a search: one warning that names the values for which no trial has asked.
  void end() const;

 private:
  enum class Unused : std::uint8_t {
    kUnknown = 1,  // no definition has the name
    kRefused,      // none that has it takes the value
    kAll
  };

  bool may_grow() const;
  bool is_logged(const NamedValues& values) const;
  study::Enqueued checked(const NamedValues& values, const std::string& where) const;
  Space known_space(const Space& space) const;
  std::string unused(Unused which) const;
  void log(study::Enqueued&& values);

  OpenStudy& study_;
  std::atomic<Names> names_ = Names::kOpen;
  std::atomic<bool> began_ = false;
};

}  // namespace dodona::tuner
