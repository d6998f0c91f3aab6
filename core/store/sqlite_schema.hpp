// SPDX-License-Identifier: Apache-2.0
//
// The tables of a study's database, and the way from every older version of them to this one.
//
//   log(first, count, events, crc)  a chunk: `count` events from sequence `first` on, encoded
//   names(id, name, crc)            metric names, by their index in events
//   cursors(sink, next, crc)        the first event that a sink has not consumed
//
// `crc` is the CRC-32C of the row's other columns as a signed number, and NULL in rows that version
// 1 wrote, that of dodona 0.1. Integers go into it as 8 bytes little endian, texts and blobs as
// they are.
//
// Errors:  Error{DODONA_E_IO} for another application's database, and for one that a later Dodona
//          wrote; the file is then untouched.
// Threads: those of the Database.
#pragma once

#include "store/sqlite.hpp"

#include <cstdint>

namespace dodona::store {

inline constexpr std::int64_t kApplicationId = 0x646f646f;  // "dodo"
inline constexpr std::int64_t kSchemaVersion = 2;

// The version of the tables, which this version can read. 0 for a file without any content: its
// maker was killed before the first event, or is about to write it.
std::int64_t check_schema(Database& database);

// Makes the tables, or brings older ones forward, in one transaction. Switches to WAL, with every
// commit on the disk before it returns.
void migrate_schema(Database& database);

}  // namespace dodona::store
