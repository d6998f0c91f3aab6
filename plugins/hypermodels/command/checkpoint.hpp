// SPDX-License-Identifier: Apache-2.0
//
// The directory in which a program keeps its state, and the copies that the kernel gets of it.
//
// The program may write at any time. So a copy is made again until the directory did not change
// during it, and changed() tells of later changes.
//
// Errors:  Error{DODONA_E_IO} for a file that cannot be copied; the copy is empty then.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace command {

class Checkpoint {
 public:
  Checkpoint() = default;
  // Makes an empty directory. An empty path means: no directory.
  explicit Checkpoint(std::string path);

  const std::string& path() const { return path_; }
  // True if the program has written nothing, or without a directory.
  bool empty() const;
  // Replaces the content of the existing directory `to` by the program's files. Returns false if
  // the program still wrote at the last of kAttempts: the copy may then be torn.
  bool copy_to(const std::string& to);
  // Notes the present state of the directory for changed().
  void remember();
  // True if the program wrote or removed anything after copy_to or remember.
  bool changed() const;
  void remove() const;

 private:
  struct Entry {
    std::string name;
    std::uintmax_t bytes;
    std::int64_t written;  // nanoseconds
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> listed() const;

  std::string path_;
  std::vector<Entry> seen_;
};

}  // namespace command
