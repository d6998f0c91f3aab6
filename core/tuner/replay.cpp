// SPDX-License-Identifier: Apache-2.0
#include "tuner/replay.hpp"

#include "base/json.hpp"
#include "document/document.hpp"
#include "project/rescored_store.hpp"
#include "schedule/replay.hpp"
#include "schedule/turns.hpp"
#include "store/memory_store.hpp"
#include "tuner/logged_oracle.hpp"
#include "tuner/services.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace dodona {
namespace tuner {
namespace {

bool is_other_build(const study::Configured& configured, const plugin::Catalogue& catalogue) {
  const study::PluginIdentity* const was = oracle_of(configured);
  if (was == nullptr) return false;
  const plugin::Descriptor& is = catalogue.find(DODONA_ROLE_ORACLE, was->id);
  return is.version != was->version || is.build_id != was->build_id;
}

}  // namespace

ReplayResult replay(study::Store& log, const study::State& state, const std::string& directory,
                    const PluginSources& plugins) {
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  const std::string place = std::filesystem::absolute(directory).lexically_normal().string();
  KernelServices services({});
  project::RescoredStore copy(store::memory_store());
  for (std::uint32_t i = 0; i < log.names().size(); ++i) copy.names().intern(log.names()[i]);
  std::optional<study::Objective> objective;
  bool changed = false;
  const auto configure = [&](const study::Configured& configured) {
    const study::Objective now = document::objective_of(configured.document);
    changed = changed || (objective && *objective != now);
    objective = now;
    if (changed) copy.rescore(*objective);
    if (is_other_build(configured, catalogue)) return schedule::Proposing{};
    LoggedOracle made = make_logged_oracle(configured, state, place, log, catalogue, services);
    schedule::Proposing proposing;
    proposing.oracle = std::move(made.oracle);
    proposing.max_steps = made.options.max_steps;
    proposing.in_turns = schedule::in_turns(made.options);
    return proposing;
  };
  space::SearchSpace space;
  space.restore(state.params(), state.constraints());
  schedule::Replay again(copy, space, configure);
  log.read(0, [&](const study::Event& event) {
    return again.take(event) && event.sequence + 1 < state.events();
  });
  ReplayResult result;
  result.verified = again.result().verified;
  result.passed_over = again.result().passed_over;
  result.other_build = again.result().other_build;
  if (const auto& found = again.result().difference) {
    result.difference = {found->trial, found->what, found->logged, found->proposed};
  }
  return result;
}

}  // namespace tuner

std::string to_json(const ReplayResult& replay) {
  boost::json::value difference;
  if (const auto& found = replay.difference) {
    difference = {{"trial", found->trial},
                  {"what", found->what},
                  {"logged", found->logged},
                  {"proposed", found->proposed}};
  }
  return base::to_pretty_text(boost::json::object{{"verified", replay.verified},
                                                  {"passed_over", replay.passed_over},
                                                  {"other_build", replay.other_build},
                                                  {"difference", std::move(difference)}});
}

}  // namespace dodona
