// SPDX-License-Identifier: Apache-2.0
//
// The state of one running trial on the disk, from which it goes on after an interruption, below
// <project>/trials/<trial>/<execution>/going/:
//
//   point      which of the two generations is whole, its step, and what else the way back needs
//   0, 1       generations: `model`, the model's whole state, and `best` once the trial's best model
//              of that moment had to give way to a later one
//
// `point` is replaced as a whole, after all that it names is on the disk. So what it names is never
// torn, and a crash at any moment leaves the former one. Where an execution begins after others,
// `point` names no generation: the execution begins anew, and those before it stand.
//
// Errors:  Error{kIo}; the former point stays then. find() passes over what cannot be read.
// Threads: one, of the trial.
// Lifetime: the clock outlives it.
// Cost:    a save of the model, a sync of what it wrote and two fsync a checkpoint.
#pragma once

#include "base/clock.hpp"
#include "study/score.hpp"
#include "study/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::schedule {

// The state is saved after so many steps, or so many seconds. Both 0: never.
struct CheckpointEvery {
  std::uint64_t steps = 0;
  double seconds = 0.0;
  std::string model{};  // what it is of: no other model goes on from it

  bool never() const { return steps == 0 && seconds <= 0.0; }
};

class Going {
 public:
  // The metrics with which an execution ended, by name.
  using Finals = std::vector<std::pair<std::string, double>>;
  struct Point {
    std::uint32_t attempt = 0;
    std::uint32_t execution = 0;
    std::uint64_t step = 0;
    std::string home{};   // the directory of what belongs to this point alone
    std::string model{};  // within it: the directory of the state; empty: the execution begins anew
    std::optional<study::Standing> best;  // of the model that is kept as the trial's best
    std::vector<Finals> finals{};         // of the executions before it
    std::vector<std::uint32_t> used{};    // hyperparameters that the model asked for, by place
    double seconds = 0.0;                 // that the attempt ran up to here
  };

  Going(std::string trial_directory, const CheckpointEvery& every, const base::Clock& clock);

  // Where this attempt of the trial goes on, if it does: what the log says of it must have been done.
  std::optional<Point> find(const study::TrialRecord& trial) const;
  // The trial goes on from a point: its best model is again the one of that moment.
  void go_on(const Point& from);

  // The attempt, or one of its executions, begins.
  void begin(std::uint32_t attempt, std::uint32_t execution, std::uint64_t step);
  // True if the state at this step is to be saved.
  bool is_due(std::uint64_t step) const;
  // An empty directory for the model's state.
  std::string make_directory();
  // That state is complete, and is that of `point`: its step, best, finals and used.
  void saved(Point&& point);
  // That state cannot be kept: it is not due again before the usual time.
  void pass_over(std::uint64_t step);
  // True if the end of the execution is to be kept: it is time, or it had a point of its own.
  bool wants_end() const;
  // The execution has ended, and `point` is where the next one begins: its step, best, finals and
  // used.
  void ended(Point&& point);
  // The trial's best model is about to give way: it is kept if it belongs to the last point.
  void release_best();
  // Seconds of the attempt so far, over all its starts.
  double seconds() const;

 private:
  std::string place() const;
  bool is_due() const;
  void write(Point& point);
  void take(const Point& point);

  const std::string directory_;  // of the trial
  const CheckpointEvery every_;
  const base::Clock& clock_;
  std::uint32_t attempt_ = 0;
  std::uint32_t execution_ = 0;
  std::uint64_t last_step_ = 0;      // of the last point, or where the execution began
  std::int64_t last_nanos_ = 0;      // the same as a time
  std::int64_t began_nanos_ = 0;     // of this start of the attempt
  double seconds_before_ = 0.0;      // of its earlier starts
  int generation_ = 1;               // of the last state
  std::optional<std::string> home_;  // of the last point of this attempt
  bool best_is_of_point_ = false;    // the trial's best model is the one of that point
};

// Removes what is there of all executions of a trial.
void remove_going(const std::string& trial_directory);

}  // namespace dodona::schedule
