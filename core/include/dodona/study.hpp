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
  // All that was reported, trial by trial; of an execution that ran again, the last run alone.
  // Cost: reads the log again.
  std::vector<Report> reports() const;
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

struct KerasTunerImport {
  std::string directory = ".";
  std::string project_name{};  // empty: the one of the KerasTuner project
  std::string objective{};     // a metric; empty: the one that the scores were made of
};

struct ImportSummary {
  std::string directory;  // of the new project
  Objective objective;
  std::uint64_t hyperparameters = 0;
  std::uint64_t trials = 0;
  std::uint64_t unfinished = 0;    // of them: a search runs these again
  std::vector<std::string> notes;  // what could not be taken over as it was
};

// Reads the project directory of a KerasTuner search (`oracle.json`, `trial_*/trial.json`) into a
// new study, with which a search goes on. The directory that is read stays as it is.
// Errors: Error{kInvalid} for what is not KerasTuner's, with file, line and key; Error{kState}
//         where the study exists; Error{kIo} for the disk.
DODONA_API ImportSummary import_keras_tuner(const std::string& project_directory,
                                            const KerasTunerImport& options = {});

}  // namespace dodona
