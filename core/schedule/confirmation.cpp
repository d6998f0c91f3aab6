// SPDX-License-Identifier: Apache-2.0
#include "schedule/confirmation.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <vector>

namespace dodona::schedule {
namespace {

// Of Student's t by degrees of freedom from 1: exceeded with a probability of 5 %. Beyond them the
// last one is used, which is the larger.
constexpr double kCritical[] = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833};

struct Leader {
  std::uint64_t trial = 0;
  std::vector<std::uint64_t> runs{};  // the repeats, in order
};

bool is_scored(const study::TrialRecord& trial) {
  return study::is_final(trial.state) && !study::is_failure(trial.state) &&
         std::isfinite(trial.score);
}

std::vector<Leader> leaders_of(const study::State& state) {
  const auto& trials = state.trials();
  std::vector<std::uint64_t> order;
  for (std::uint64_t id = 0; id < trials.size(); ++id) {
    const bool first = trials[id].repeat_of == study::kNoTrial;
    if (first && is_scored(trials[id])) order.push_back(id);
  }
  const auto place = [&](std::uint64_t id) {
    return std::tuple(trials[id].violation(), trials[id].score, id);
  };
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(order.size(), kLeaders));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](std::uint64_t a, std::uint64_t b) { return place(a) < place(b); });
  std::vector<Leader> leaders;
  for (const std::uint64_t id : std::vector(order.begin(), order.begin() + count)) {
    leaders.push_back({.trial = id});
  }
  for (std::uint64_t id = 0; id < trials.size(); ++id) {
    if (!trials[id].confirms) continue;
    for (Leader& leader : leaders) {
      if (trials[id].repeat_of == leader.trial) leader.runs.push_back(id);
    }
  }
  return leaders;
}

// The mean of a leader's scores in the rounds before `rounds`; infinite where it has none.
double mean_of(const study::State& state, const Leader& leader, std::uint64_t rounds) {
  double sum = 0.0;
  double count = 0.0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const study::TrialRecord& run = state.trials()[leader.runs[round]];
    if (!is_scored(run)) continue;
    sum += run.score;
    count += 1.0;
  }
  return count > 0.0 ? sum / count : INFINITY;
}

// True if the paired test of these rounds says that `other` is worse than `best`.
bool is_worse(const study::State& state, const Leader& best, const Leader& other,
              std::uint64_t rounds) {
  std::vector<double> differences;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const study::TrialRecord& a = state.trials()[best.runs[round]];
    const study::TrialRecord& b = state.trials()[other.runs[round]];
    if (is_scored(a) && is_scored(b)) differences.push_back(b.score - a.score);
  }
  if (differences.size() < 2) return false;
  const auto count = static_cast<double>(differences.size());
  double mean = 0.0;
  for (const double each : differences) mean += each / count;
  double variance = 0.0;
  for (const double each : differences) variance += (each - mean) * (each - mean) / (count - 1.0);
  const std::size_t freedom = std::min(differences.size() - 1, std::size(kCritical));
  return mean > kCritical[freedom - 1] * std::sqrt(variance / count);
}

}  // namespace

Confirmation confirmation(const study::State& state, std::uint64_t rounds) {
  std::vector<Leader> left = leaders_of(state);
  for (std::uint64_t round = 0; round < rounds && left.size() > 1; ++round) {
    for (const Leader& leader : left) {
      if (leader.runs.size() <= round) return {Confirmation::Step::kRepeat, leader.trial};
    }
    const bool running = std::any_of(left.begin(), left.end(), [&](const Leader& leader) {
      return !study::is_final(state.trials()[leader.runs[round]].state);
    });
    if (running) return {Confirmation::Step::kWait};
    const Leader best =
        *std::min_element(left.begin(), left.end(), [&](const Leader& a, const Leader& b) {
          return mean_of(state, a, round + 1) < mean_of(state, b, round + 1);
        });
    std::erase_if(left, [&](const Leader& other) {
      return other.trial != best.trial && is_worse(state, best, other, round + 1);
    });
    DODONA_ASSERT(!left.empty());
  }
  return {Confirmation::Step::kDone};
}

}  // namespace dodona::schedule
