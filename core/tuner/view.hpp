// SPDX-License-Identifier: Apache-2.0
//
// A study's state as the facade shows it: scores in the objective's own direction, values and
// metrics by name.
//
// Errors:  none. A trial must be one of the state's.
// Threads: the caller holds whatever guards the state.
// Lifetime: state, names and objective outlive the view; results are copies.
// Cost:    a result takes O(its values); a list takes as much for each of its trials, and of several
//          objectives the ranks of all trials.
#pragma once

#include "study/names.hpp"
#include "study/objective.hpp"
#include "study/ranking.hpp"
#include "study/state.hpp"

#include <dodona/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dodona::tuner {

// The trials with a score that repeat no other one, and their order.
class Ranked {
 public:
  explicit Ranked(std::size_t objectives) : objectives_(objectives) {}

  void add(std::uint64_t id, const study::TrialRecord& trial);
  // Once all are there.
  void rank();

  std::vector<std::uint64_t> trials;
  study::Ranking ranking;  // places of `trials`

 private:
  std::size_t objectives_;
  std::vector<study::Place> places_;  // of one objective
  std::vector<double> values_;        // of several
  std::vector<double> violations_;
};

class View {
 public:
  // Where nobody runs the study, what was running waits.
  enum class Runs : std::uint8_t { kYes = 1, kNo };

  View(const study::State& state, const study::Names& names, const study::Objective& objective,
       Runs runs = Runs::kYes)
      : state_(state), names_(names), objective_(objective), runs_(runs) {}

  // One trial, without its rank; the same with the mean of its runs as score; and all of them by id.
  Result result(std::uint64_t trial) const;
  Result result_of_all_runs(std::uint64_t trial) const;
  std::vector<Result> trials() const;
  // True if the trial ended with a score.
  bool is_scored(std::uint64_t trial) const;
  // Trials with a score, best first, ties by id; 0: all. The trials that keep all limits come first. Of
  // several objectives, by rank, and in a rank those first that have much room around them.
  std::vector<Result> best(std::uint64_t count) const;
  // The trials of rank 0, in the same order. Of one objective, the best one.
  std::vector<Result> front() const;
  // A signed objective as the model said it; nothing for NaN.
  std::optional<double> score(double objective) const;

  bool has_several() const { return !objective_.others.empty(); }
  Ranked ranked() const;

 private:
  void put_scores(const study::TrialRecord& trial, Result& result) const;

  const study::State& state_;
  const study::Names& names_;
  const study::Objective& objective_;
  Runs runs_;
};

}  // namespace dodona::tuner
