// SPDX-License-Identifier: Apache-2.0
//
// Directories of runners that do not see their owner's, and the mark by which they know.
//
// Errors:  Error{kIo}, with the path and the reason.
// Threads: one.
#pragma once

#include "runner/child.hpp"

#include <filesystem>
#include <string>

namespace dodona::runner {

// A file in the project's directory while an owner has runners elsewhere. A runner that finds it
// there has that directory in common with its owner: no copy of the directory has it.
class SharedMark {
 public:
  // Removes marks that owners left who were killed.
  explicit SharedMark(const std::filesystem::path& directory);
  ~SharedMark();
  SharedMark(const SharedMark&) = delete;
  SharedMark& operator=(const SharedMark&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A directory of this process below the system's temporary one. It is removed with the object; one
// whose process was killed is removed by the next runner of the machine.
class Scratch {
 public:
  Scratch();
  ~Scratch() { remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // [any] Removes it now.
  void remove() const noexcept;

 private:
  std::filesystem::path path_;
  Descriptor lock_;  // held as long as this process lives
};

}  // namespace dodona::runner
