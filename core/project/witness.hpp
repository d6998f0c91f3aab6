// SPDX-License-Identifier: Apache-2.0
//
// The file that a process leaves for the next one when it dies of a plugin. It is `study.crash` in
// the project's directory, and says how the process ended, in which plugin, and which trial ran.
//
// A process that was killed, or lost its power, leaves nothing, and no trial is blamed for it.
//
// Errors:  none: a file that is not whole says nothing.
// Threads: any; what is marked so may be called from a signal handler.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona::project {

struct Witness {
  std::string id;      // of this end, so that it is counted once
  std::string how;     // `SIGSEGV`
  std::string plugin;  // `hypermodel "toy"`; empty: not known
  // The trial whose hypermodel it was. Where the thread was none of ours, it is the one trial that
  // ran, if there was but one.
  std::optional<std::uint64_t> trial;
  std::vector<std::uint64_t> ran;  // where neither plugin nor trial is known: all that ran

  // `SIGSEGV in hypermodel "toy" while trial 5 ran`.
  std::string text() const;

  friend bool operator==(const Witness&, const Witness&) = default;
};

// [signal handler] Writes the file from what the threads of the process run at this moment, with
// open and write alone.
void leave_witness(const char* project_directory, const char* how) noexcept;

// The witness that was left; nothing where there is none.
std::optional<Witness> read_witness(const std::string& project_directory);
void remove_witness(const std::string& project_directory);

}  // namespace dodona::project
