// SPDX-License-Identifier: Apache-2.0
//
// The memory that the processes of sessions take.
//
// Threads: any.
// Cost:    reads a file of /proc for each process of the machine.
#pragma once

#include <cstdint>
#include <map>
#include <sys/types.h>

namespace dodona::runner {

// The resident bytes of all processes of each session. Pages that several processes share count for
// each of them.
std::map<pid_t, std::uint64_t> resident_by_session();

}  // namespace dodona::runner
