// SPDX-License-Identifier: Apache-2.0
//
// A log that lives and dies with the process: nothing is written, everything is durable at once.
//
// Threads: any, concurrently.
// Cost:    under 150 ns an event; about 10 bytes a value, in blocks of 2 MiB that never move.
#pragma once

#include "study/store.hpp"

#include <memory>

namespace dodona::store {

std::unique_ptr<study::Store> memory_store();

}  // namespace dodona::store
