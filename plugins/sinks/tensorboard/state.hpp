// SPDX-License-Identifier: Apache-2.0
//
// The state from which the sink goes on: the part of the log that it has written, and the facts
// that it needs of that part. A file beside the runs holds it. Each flush writes that file anew.
//
// Errors:  load throws Error{DODONA_E_INVALID} for a damaged file, and any Error of Directory.
// Cost:    the file grows with the number of trials that have not finished.
#pragma once

#include "trial.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tensorboard {

struct SinkState {
  std::uint64_t next = 0;  // the first event that was not written
  std::uint64_t seed = 0;  // of the study; with `created` it is the study's identity
  std::int64_t created = 0;
  bool ended = false;                // true once a trial has ended well, or a search has ended
  std::vector<std::string> metrics;  // names, in the order of their first report
  std::map<std::uint64_t, TrialRuns> trials;
  std::vector<std::string> garbage;  // files to remove

  static SinkState load(Directory& directory);
  void save(Directory& directory) const;
};

}  // namespace tensorboard
