// SPDX-License-Identifier: Apache-2.0
//
// A trial that has not finished, and the files of its runs: one for each execution.
//
// The content of a file is a function of the log alone: a part that a crash cuts off is written
// again with the same bytes. A file begins with the trial's values. If a value comes only after the
// first report, the file is written anew under another name.
//
// Threads: one at a time.
#pragma once

#include "directory.hpp"
#include "hparams.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tensorboard {

struct Run {
  std::uint32_t execution = 0;
  std::string file;        // empty before the first write
  std::uint64_t head = 0;  // bytes of the file before its scalars
  std::uint64_t size = 0;  // bytes of the file
  std::int64_t started = 0;
  std::int64_t last = 0;  // the time of the last event
  std::string pending;    // records after `size`
};

// The event of the log that is being written.
struct Moment {
  std::uint64_t trial = 0;
  std::uint64_t sequence = 0;
  std::int64_t unix_nanos = 0;
};

class TrialRuns {
 public:
  // Files that are not needed any more go to `garbage`. They are removed only once no crash can
  // make the sink need them again.
  using Garbage = std::vector<std::string>;
  using Scalars = std::vector<std::pair<std::string_view, double>>;

  void propose(Values values, std::uint64_t start_step) {
    values_ = std::move(values);
    start_step_ = start_step;
  }
  // An execution begins. The runs of later executions are void, and what it reported earlier, but for
  // the steps up to the one from which it goes on.
  void start(const Moment& now, std::uint32_t execution, std::uint64_t start_step,
             Directory& directory, Garbage& garbage);
  void fill(const Moment& now, const Values& values, Directory& directory, Garbage& garbage);
  void report(const Moment& now, std::uint32_t execution, std::uint64_t step,
              const Scalars& metrics);
  // Adds at `step` the metrics that no report had, and those scores that are numbers.
  void finish(const Moment& now, Values values, std::uint64_t step, const Scalars& metrics,
              const Scalars& scores, Status status, Directory& directory, Garbage& garbage);

  // Writes the pending records.
  void write(Directory& directory);
  // Brings the files back to their state at the time of the encoding.
  void restore(Directory& directory) const;

  std::string encoded() const;
  static TrialRuns decoded(std::string_view bytes);

 private:
  Run& run(std::uint32_t execution, std::int64_t unix_nanos);
  void open(const Moment& now, Run& run) const;
  void cut(const Moment& now, Run& run, std::uint64_t step, Directory& directory, Garbage& garbage);
  void set(const Moment& now, Values values, Directory& directory, Garbage& garbage);

  Values values_;
  std::uint64_t start_step_ = 0;                 // of the proposal
  std::set<std::string, std::less<>> reported_;  // names of metrics
  std::vector<Run> runs_;
};

}  // namespace tensorboard
