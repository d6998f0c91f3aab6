// SPDX-License-Identifier: Apache-2.0
//
// The models that are kept of trials, below <project>/trials/<trial>/:
//
//   best               the model at its best report, by the objective, over all executions
//   <execution>/last   its whole state at the end of the budget; a promoted trial goes on from it
//   <execution>/going  its state while it runs, see going.hpp
//
// `best` stays for as many of the best trials as the study keeps: of several objectives, of those on
// the first fronts, and of a front that is too large those with more room around them. `last` until nothing can go on
// from it any more.
//
// Errors:  none but of inherit: a checkpoint that cannot be removed stays.
// Threads: ended() from any.
#pragma once

#include "study/state.hpp"

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dodona::schedule {

// In the directory of a trial.
std::string best_checkpoint(const std::string& trial_directory);
std::string last_checkpoint(const std::string& trial_directory, std::uint32_t execution);

// Of a project; empty where nothing is written.
std::string trial_directory(const std::string& project_directory, std::uint64_t trial);

// Keeps the model of every trial that has a score.
inline constexpr std::uint64_t kKeepAll = UINT64_MAX;

class Checkpoints {
 public:
  Checkpoints(std::string project_directory, std::uint64_t keep)
      : directory_(std::move(project_directory)), keep_(keep) {}

  bool keeps_best() const { return keep_ > 0 && !directory_.empty(); }

  // Before a search: what an earlier one kept, and this one does not, goes.
  void begin(const study::State& state);
  // A trial that repeats no other one has ended.
  void ended(std::uint64_t trial, study::TrialState state, const study::Numbers& objectives,
             double violation);
  // Trial `to`, which went on from trial `from` and added nothing, keeps copies of its models. The
  // one that `from` no longer has is passed over. Throws Error{kIo} where the disk is full.
  void inherit(std::uint64_t from, std::uint64_t to, std::uint32_t executions) const;
  // No trial will go on from another.
  void drop_last(std::uint64_t trials, std::uint32_t executions) const;

 private:
  void drop_best(std::uint64_t trial) const;
  // True if the trial is one of the best. The model of the trial that it drove out is dropped.
  bool admit(std::uint64_t trial, study::TrialState state, const study::Numbers& objectives,
             double violation);
  // The trial that has to go as there are too many, which is forgotten.
  std::uint64_t take_worst();

  const std::string directory_;
  const std::uint64_t keep_;
  std::mutex mutex_;
  // Violations, scores and trials; of one objective.
  std::set<std::tuple<double, double, std::uint64_t>> best_;
  struct Kept {
    std::uint64_t trial;
    study::Numbers objectives;
    double violation;
  };
  std::vector<Kept> front_;  // of several
};

}  // namespace dodona::schedule
