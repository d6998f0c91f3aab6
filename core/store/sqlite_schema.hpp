// SPDX-License-Identifier: Apache-2.0
//
// The tables of a study's database, and the way from every older version of them to this one.
//
//   log(first, count, events)  a chunk: `count` events from sequence `first` on, as codec.hpp has
//   them names(id, name)            metric names, by their index in events cursors(sink, next) the
//   first event that a sink has not consumed
//
// Errors:  Error{DODONA_E_IO} for another application's database, and for one that a later Dodona
//          wrote; the file is then untouched.
// Threads: those of the Database.
#pragma once

#include "store/sqlite.hpp"

#include <cstdint>

namespace dodona::store {

inline constexpr std::int64_t kApplicationId = 0x646f646f;  // "dodo"
inline constexpr std::int64_t kSchemaVersion = 1;

// Whether there are tables that this version can use. False for a file without any content: its
// maker was killed before the first event, or is about to write it.
bool check_schema(Database& database);

// Makes the tables, or brings older ones forward, in one transaction. Switches to WAL, with every
// commit on the disk before it returns.
void migrate_schema(Database& database);

}  // namespace dodona::store
