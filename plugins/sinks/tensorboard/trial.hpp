// SPDX-License-Identifier: Apache-2.0
//
// A trial that has not finished, and the files of its runs: one for each execution.
//
// What a file holds is a function of the log alone, so what a crash cuts off comes again with the
// same bytes. A file begins with the trial's values: where one is met only after the first report,
// the file is written anew under another name.
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
  std::string file;        // empty until something is written
  std::uint64_t head = 0;  // bytes of the file before its scalars
  std::uint64_t size = 0;  // bytes of the file
  std::int64_t started = 0;
  std::int64_t last = 0;  // the last event's time
  std::string pending;    // records after `size`
};

// The event of the log that is being told.
struct Moment {
  std::uint64_t trial = 0;
  std::uint64_t sequence = 0;
  std::int64_t unix_nanos = 0;
};

class Trial {
 public:
  // Files that are not needed any more go to `garbage`: they may be removed only when a crash could
  // not ask for them again.
  using Garbage = std::vector<std::string>;
  using Scalars = std::vector<std::pair<std::string_view, double>>;

  void propose(Values values) { values_ = std::move(values); }
  // An execution begins; what was told of it, and of later ones, counts no more.
  void start(const Moment& now, std::uint32_t execution, Garbage& garbage);
  void fill(const Moment& now, const Values& values, Directory& directory, Garbage& garbage);
  void report(const Moment& now, std::uint32_t execution, std::uint64_t step,
              const Scalars& metrics);
  // `metrics` of which no step told are added at `step`, and `score` if it is a number.
  void finish(const Moment& now, Values values, std::uint64_t step, const Scalars& metrics,
              double score, Status status, Directory& directory, Garbage& garbage);

  // Writes out what is pending.
  void write(Directory& directory);
  // Makes the files what they were when this was encoded.
  void restore(Directory& directory) const;

  std::string encoded() const;
  static Trial decoded(std::string_view bytes);

 private:
  Run& run(std::uint32_t execution, std::int64_t unix_nanos);
  void open(const Moment& now, Run& run) const;
  void set(const Moment& now, Values values, Directory& directory, Garbage& garbage);

  Values values_;
  std::set<std::string, std::less<>> reported_;  // names of metrics
  std::vector<Run> runs_;
};

}  // namespace tensorboard
