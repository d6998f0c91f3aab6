// SPDX-License-Identifier: Apache-2.0
//
// What the sink goes on from: how much of the log it told, and what it must know of that for the
// rest. It is kept in a file beside the runs, written anew at each flush.
//
// Errors:  load throws Error{kInvalid} for a file that is damaged, and what Directory throws.
// Cost:    the file grows with the trials that have not finished.
#pragma once

#include "trial.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tensorboard {

struct State {
  std::uint64_t next = 0;  // the first event that was not told
  std::uint64_t seed = 0;  // of the study, with `created` its identity
  std::int64_t created = 0;
  bool ended = false;                // a trial has ended well, or a search
  std::vector<std::string> metrics;  // names, in the order in which they came
  std::map<std::uint64_t, Trial> trials;
  std::vector<std::string> garbage;  // files to remove

  static State load(Directory& directory);
  void save(Directory& directory) const;
};

}  // namespace tensorboard
