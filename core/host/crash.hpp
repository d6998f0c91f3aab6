// SPDX-License-Identifier: Apache-2.0
//
// The end of the process by a plugin's fault: a fatal signal, or a call of exit().
//
// Either says on standard error in which plugin it was and while which trial ran, and leaves a
// witness in the project, by which the trial is known when the study goes on. A signal then does
// what it does by default; exit() becomes exit code 1, whatever the plugin wanted. _exit() goes
// unnoticed.
//
// Threads: watch_for_crashes() once, before any other thread; all else from any.
#pragma once

#include <string>

namespace dodona::host {

void watch_for_crashes();

// Where the witness is left from now on; empty: nowhere.
void watch_project(const std::string& directory);

// Gives the calling thread a stack for the signal handler, so that an overflow of its own is told
// too. To be called on each thread that runs trials.
void watch_this_thread();

// The work of exit() in this program. Returns if a child process calls it, which may leave.
void exit_was_called();

}  // namespace dodona::host
