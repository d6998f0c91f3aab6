// SPDX-License-Identifier: Apache-2.0
//
// The plugin code that each thread of the process runs, readable at any moment: the one question
// that is left when a plugin crashes or does not come back.
//
// A thread has one record from its first call into a plugin to its end. Calls nest: a hypermodel
// reports, and an oracle judges the report; the record tells of the innermost one.
//
// Threads: any. Functions that are marked so may be called from a signal handler.
// Cost:    a few stores a call, no lock. 1024 threads have records; calls of others are not known.
#pragma once

#include "study/event.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dodona::plugin {

struct RunningCall {
  const char* plugin = nullptr;  // `hypermodel "toy"`, for as long as the process lives; null: none
  std::uint64_t trial = study::kNoTrial;  // that the call is about
  bool model = false;  // the trial's own hypermodel, to whose account a crash goes
};

// Says that a call runs on this thread, for as long as it lives.
class CallScope {
 public:
  // `call.plugin` is an answer of lasting_name().
  explicit CallScope(const RunningCall& call) noexcept;
  ~CallScope();
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  struct Slot* const slot_;
  RunningCall before_;
  std::uint64_t trial_before_ = study::kNoTrial;
};

// The same text for as long as the process lives. Equal texts are stored once.
const char* lasting_name(const std::string& text);

// [signal handler] What this thread runs.
RunningCall running_call() noexcept;
// [signal handler] The trials whose hypermodels run now, on any thread, as many as fit. Answers
// their number.
std::size_t running_trials(std::span<std::uint64_t> out) noexcept;

}  // namespace dodona::plugin
