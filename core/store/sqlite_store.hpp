// SPDX-License-Identifier: Apache-2.0
//
// The log of a study in `study.db` of its project directory: SQLite in WAL mode.
//
// The owner holds `study.lock`, which others cannot take; it alone writes. Readers take no lock,
// work while the owner runs, is gone or was killed, and create no file, so a copy on a read-only
// disk will do.
//
// Errors:  as study::Store says. Opening: DODONA_E_STATE if another process is the owner, else
//          DODONA_E_IO: no study there, another application's database, one that a later Dodona
//          wrote, a directory that cannot be used, a -wal file of a killed owner that is damaged.
// Threads: any, concurrently.
// Cost:    one fdatasync a group of waiting threads, and three more for each 1000 pages of 4 KiB
//          written.
#pragma once

#include "base/file.hpp"
#include "study/store.hpp"

#include <memory>
#include <string>

namespace dodona::store {

enum class Access : std::uint8_t {
  kOwn = 1,  // creates the directory and the study if need be
  kRead      // append and set_cursor throw DODONA_E_STATE; news is seen within 200 ms
};

std::unique_ptr<study::Store> open_sqlite_store(const std::string& project_directory,
                                                Access access);

// Makes the directory of a project if need be, and takes its lock. Throws Error{kState} where
// another process has it.
base::FileLock lock_project(const std::string& project_directory);
// The same as with Access::kOwn, by an owner who has the lock already; the store shares it.
std::unique_ptr<study::Store> open_sqlite_store(const std::string& project_directory,
                                                std::shared_ptr<base::FileLock> lock);

}  // namespace dodona::store
