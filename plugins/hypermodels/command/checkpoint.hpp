// SPDX-License-Identifier: Apache-2.0
//
// The directory in which a program keeps its state, and the copies that the kernel gets of it.
//
// The program may write at any time, so that a copy is made again until nothing changed meanwhile,
// and a change after the last copy can be asked for.
//
// Errors:  Error{kIo} for what cannot be copied.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace command {

class Checkpoint {
 public:
  Checkpoint() = default;
  // Makes the directory, empty. An empty path stands for no directory.
  explicit Checkpoint(std::string path);

  const std::string& path() const { return path_; }
  // True without a directory, too.
  bool empty() const;
  // Replaces what is in the existing directory `to` by what the program has written. False if the
  // program still wrote at the last of kAttempts: the copy may then be torn.
  bool copy_to(const std::string& to);
  // Takes what is there now as the state to which changed() compares.
  void remember();
  // True if the program wrote, or took anything away, after copy_to or remember.
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
