// SPDX-License-Identifier: Apache-2.0
//
// A trial whose result counts in the order of trials: it knows the space as it was when the trial
// was proposed. Hyperparameters and constraints that it meets beyond that are held back until its
// turn, and join the study's space then.
//
// Errors:  those of the journal. Events that were logged up to then stay. A trial without its end
//          in the log runs again in a later search.
// Threads: the trial's own until end(), then the one that gives the trial its turn.
#pragma once

#include "schedule/journal.hpp"
#include "space/search_space.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dodona::schedule {

class HeldTrial {
 public:
  // `known`: the space that the study had when the trial was proposed. It keeps the first `kept`
  // definitions.
  HeldTrial(const space::Overrides& overrides, const space::Growth& known, std::size_t kept);

  // The trial's own space. It grows by what the trial meets; the study's does not.
  space::SearchSpace& space() { return space_; }
  // True if the trial met a definition or a constraint that it did not know.
  bool grew() const {
    const auto now = space_.snapshot();
    return now->space.size() > known_ || now->space.constraint_count() > constraints_;
  }
  // Keeps a value, by its place in the trial's own space. Not after end().
  void fill(const Assignment& assignment);
  const std::vector<Assignment>& filled() const { return filled_; }

  // Keeps the result until the trial's turn.
  void end(study::Finished&& result) { result_ = std::move(result); }
  bool ended() const { return result_.has_value(); }
  // Logs definitions, values and the end, durably; once, after end(). Definitions that contradict
  // those of an earlier trial, or that the study refuses, make it a failed one. Returns its
  // objective. `space` is the study's, which grows.
  double join(std::uint64_t trial, space::SearchSpace& space, Journal& journal);

 private:
  void add_definitions(std::uint64_t trial, space::SearchSpace& space, Journal& journal) const;
  std::vector<Assignment> moved(const std::vector<Assignment>& own, const Space& space) const;

  space::SearchSpace space_;
  std::size_t known_;        // definitions at the start
  std::size_t constraints_;  // the same
  std::vector<Assignment> filled_;
  std::optional<study::Finished> result_;
};

}  // namespace dodona::schedule
