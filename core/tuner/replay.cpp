// SPDX-License-Identifier: Apache-2.0
#include "tuner/replay.hpp"

#include "base/json.hpp"
#include "document/document.hpp"
#include "plugin/oracle.hpp"
#include "project/project.hpp"
#include "project/rescored_store.hpp"
#include "schedule/replay.hpp"
#include "schedule/turns.hpp"
#include "store/memory_store.hpp"
#include "tuner/services.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace dodona {
namespace tuner {
namespace {

namespace json = boost::json;

// The oracle comes before the stopper. Logs of 0.1 do not say which it was.
const study::PluginIdentity* oracle_of(const study::Configured& configured) {
  const auto& plugins = configured.plugins;
  const auto found = std::find_if(plugins.begin(), plugins.end(), [](const auto& plugin) {
    return plugin.role == DODONA_ROLE_ORACLE;
  });
  return found == plugins.end() ? nullptr : &*found;
}

bool is_other_build(const study::Configured& configured, const plugin::Catalogue& catalogue) {
  const study::PluginIdentity* const was = oracle_of(configured);
  if (was == nullptr) return false;
  const plugin::Descriptor& is = catalogue.find(DODONA_ROLE_ORACLE, was->id);
  return is.version != was->version || is.build_id != was->build_id;
}

// Of a document only what an oracle is told: no other plugin need be there.
StudyOptions proposing_options(const study::Configured& configured,
                               const plugin::Catalogue& catalogue, const std::string& log) {
  StudyOptions options;
  document::read_logged(configured.document, log, [&](base::JsonDocument& document) {
    if (json::object* const root = document.root.if_object()) {
      for (const char* key : {"hypermodel", "stopper", "sinks"}) root->erase(key);
      const study::PluginIdentity* const oracle = oracle_of(configured);
      json::value* const choice = root->if_contains("oracle");
      // Another plugin may have the same short name today.
      if (oracle != nullptr && choice != nullptr && choice->is_object()) {
        choice->as_object()["plugin"] = oracle->id;
      }
    }
    options = document::parse_document(document, catalogue);
  });
  return options;
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
    const StudyOptions options = proposing_options(configured, catalogue, log.path());
    const plugin::Descriptor& descriptor =
        catalogue.find(DODONA_ROLE_ORACLE, options.oracle.plugin);
    const auto oracle_options =
        base::parse_json(options.oracle.options, "options").root.as_object();
    const auto info = project::study_info(options, state, place, log.names());
    schedule::Proposing proposing;
    proposing.oracle = plugin::make_oracle(descriptor, info, oracle_options, services);
    proposing.max_steps = options.max_steps;
    proposing.in_turns = schedule::in_turns(options);
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
