// SPDX-License-Identifier: Apache-2.0
//
// Reading a study without running it, also while another process runs it.
//
//   dodona::Study study = dodona::open("runs/fashion");
//   for (const dodona::Result& result : study.best(10)) ...
//
// Errors:  Error{kIo} where there is no study or it cannot be read.
// Threads: one at a time an object; any number of objects and processes.
// Cost:    open reads the whole log; the object does not follow later changes.
#pragma once

#include <dodona/export.hpp>
#include <dodona/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dodona {

class DODONA_API Study {
 public:
  explicit Study(const std::string& project_directory);
  Study(Study&&) noexcept;
  Study& operator=(Study&&) noexcept;
  ~Study();

  std::vector<Result> trials() const;  // in order of their ids
  // Those with a score, best first; 0: all.
  std::vector<Result> best(std::uint64_t count = 0) const;
  std::vector<HyperParameter> space() const;
  Objective objective() const;
  std::uint64_t seed() const;
  std::string document() const;  // the study document in force, JSON

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline Study open(const std::string& project_directory) {
  return Study(project_directory);
}

}  // namespace dodona
