// SPDX-License-Identifier: Apache-2.0
//
// The processes of a session: a runner, and all that its trials have started.
//
// Threads: any.
// Cost:    looks at each process of the machine.
#pragma once

#include <cstdint>
#include <map>
#include <sys/types.h>

namespace dodona::runner {

// Kills all processes of a session but its leader, whose number it has. The leader lives, or was not
// reaped yet, so that the number cannot be another's.
void kill_followers(pid_t leader);

// The resident bytes of all processes of each session. Pages that several processes share count for
// each of them.
std::map<pid_t, std::uint64_t> resident_by_session();
std::uint64_t resident_of_session(pid_t leader);

}  // namespace dodona::runner
