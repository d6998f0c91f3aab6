// SPDX-License-Identifier: Apache-2.0
//
// Damage in the -wal file that a killed owner left beside a database.
//
// SQLite takes the commits of such a file up to the first frame whose checksum does not match, and
// drops what follows without a word, as a loss of power may have cut off the last commit. A commit
// is on the disk before the next one begins, so two commits behind such a frame tell of damage.
//
// Source:  https://www.sqlite.org/fileformat2.html, "The Write-Ahead Log".
// Threads: pure; call from any thread.
// Cost:    about a nanosecond a byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dodona::store {

// The place of the first broken frame in the content of a damaged -wal file. Nothing where SQLite
// takes all commits, or where no more than the last one was surely whole.
std::optional<std::size_t> damage_in_wal(std::string_view bytes);

}  // namespace dodona::store
