// SPDX-License-Identifier: Apache-2.0
//
// The plugin code that runs, for a program that has to say where it crashed.
//
// The library installs no signal handlers. One of the application's own may call these functions;
// leave_witness() is how the program `dodona` has the trial that crashed it twice fail.
//
// A process is taken for one with one study: what is told is of all its tuners.
//
// Threads: any, and signal handlers: no lock, no allocation.
#pragma once

#include <dodona/export.hpp>

#include <cstddef>
#include <cstdint>

namespace dodona {

inline constexpr std::uint64_t kNoTrial = UINT64_MAX;

// A call into a plugin that has not returned.
struct PluginCall {
  const char* plugin = nullptr;  // `hypermodel "toy"`, for as long as the process lives; null: none
  std::uint64_t trial = kNoTrial;  // that the call is about
};

// The innermost call into a plugin on this thread.
DODONA_API PluginCall plugin_call() noexcept;

// The trials whose hypermodels run now, `most` of them at most. Returns how many `trials` holds.
DODONA_API std::size_t running_trials(std::uint64_t* trials, std::size_t most) noexcept;

// Leaves word in a project's directory that the process ends now: how, in which plugin, and while
// which trial ran. The next tuner of the study fails the trial if it is its second time; where the
// trial is not known, those that ran are run again one at a time.
DODONA_API void leave_witness(const char* project_directory, const char* how) noexcept;

}  // namespace dodona
