// SPDX-License-Identifier: Apache-2.0
#include "tuner/robust.hpp"

#include "document/document.hpp"
#include "space/search_space.hpp"
#include "tuner/logged_oracle.hpp"
#include "tuner/services.hpp"

#include <dodona/error.hpp>

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

// The values of a trial, and defaults for what it never met.
Point point_of(const Space& space, const study::TrialRecord& trial) {
  Point own(space.size());
  for (const Assignment& each : trial.assignments) own.set(each.param, each.cell);
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    point.set(i, own.active(i) ? own[i] : space.params()[i].initial);
  }
  return point;
}

// The expectation of the signed objective at the values of each trial. Nothing where the oracle of
// the document in force has no model.
std::optional<std::vector<study::Estimate>> expectations(study::Store& log,
                                                         const study::State& state,
                                                         const std::string& directory,
                                                         const PluginSources& plugins,
                                                         const std::vector<std::uint64_t>& trials) {
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  const std::string place =
      directory.empty() ? "" : std::filesystem::absolute(directory).lexically_normal().string();
  KernelServices services({});
  const study::Configured configured{state.document(), state.plugins()};
  const LoggedOracle made = make_logged_oracle(configured, state, place, log, catalogue, services);
  space::SearchSpace known;
  known.restore(state.params(), state.constraints());
  const auto snapshot = known.snapshot();
  const Space& space = snapshot->space;
  made.oracle->set_space(space);
  log.read(0, [&](const study::Event& event) {
    made.oracle->observe({&event, 1});
    return event.sequence + 1 < state.events();
  });
  std::vector<Point> points;
  for (const std::uint64_t trial : trials) {
    points.push_back(point_of(space, state.trials()[trial]));
  }
  return made.oracle->estimate(points);
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
