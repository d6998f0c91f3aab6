// SPDX-License-Identifier: Apache-2.0
#include "tuner/robust.hpp"

#include "insight/observations.hpp"
#include "tuner/expectations.hpp"

#include <dodona/error.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

// The expectation of the signed objective at the values of each trial. Nothing where the oracle of
// the document in force has no model.
std::optional<std::vector<study::Estimate>> expectations(study::Store& log,
                                                         const study::State& state,
                                                         const std::string& directory,
                                                         const PluginSources& plugins,
                                                         const std::vector<std::uint64_t>& trials) {
  const Space space = insight::space_of(state);
  std::vector<Point> points;
  for (const std::uint64_t trial : trials) {
    points.push_back(insight::complete_point(space, state.trials()[trial]));
  }
  return Expectations(log, state, directory, plugins).at(points);
}

}  // namespace

std::vector<Result> robust_best(const View& view, study::Store& log, const study::State& state,
                                const std::string& directory, const PluginSources& plugins,
                                std::uint64_t count) {
  if (view.has_several()) {
    throw Error(DODONA_E_INVALID,
                "the best trial under noise is that of one objective; the study "
                "has several");
  }
  const std::vector<std::uint64_t> trials = view.ranked().trials;
  std::vector<Result> results;
  if (trials.empty()) return results;
  const auto expected = expectations(log, state, directory, plugins, trials);
  std::vector<study::Place> places;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const study::TrialRecord& trial = state.trials()[trials[i]];
    places.emplace_back(trial.violation(), false, expected ? (*expected)[i].mean : trial.mean);
  }
  for (const std::size_t i : study::ranking_of(places).order) {
    if (count > 0 && results.size() == count) break;
    results.push_back(view.result_of_all_runs(trials[i]));
    if (!expected) continue;
    results.back().expected = view.score((*expected)[i].mean);
    results.back().deviation = (*expected)[i].deviation;
  }
  return results;
}

}  // namespace dodona::tuner
