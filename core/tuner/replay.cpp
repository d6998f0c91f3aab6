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

#include <filesystem>
#include <optional>
#include <utility>

namespace dodona {
namespace tuner {
namespace {

namespace json = boost::json;

// Of a document only what an oracle is told: no other plugin need be there.
StudyOptions proposing_options(const std::string& text, const plugin::Catalogue& catalogue) {
  base::JsonDocument document = base::parse_json(text, "study document");
  if (json::object* const root = document.root.if_object()) {
    for (const char* key : {"hypermodel", "stopper", "sinks"}) root->erase(key);
  }
  return document::parse_document(document, catalogue);
}

}  // namespace

Replay replay(study::Store& log, const study::State& state, const std::string& directory,
              const PluginSources& plugins) {
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  const std::string place = std::filesystem::absolute(directory).lexically_normal().string();
  KernelServices services({});
  project::RescoredStore copy(store::memory_store());
  for (std::uint32_t i = 0; i < log.names().size(); ++i) copy.names().intern(log.names()[i]);
  std::optional<study::Objective> objective;
  bool changed = false;
  const auto configure = [&](const std::string& document) {
    const StudyOptions options = proposing_options(document, catalogue);
    const study::Objective now = document::to_study(options.objective);
    changed = changed || (objective && *objective != now);
    objective = now;
    if (changed) copy.rescore(*objective);
    const plugin::Descriptor& descriptor =
        catalogue.find(DODONA_ROLE_ORACLE, options.oracle.plugin);
    const auto oracle_options =
        base::parse_json(options.oracle.options, "options").root.as_object();
    const auto info = project::study_info(options, state.seed().value_or(0), place, log.names());
    schedule::Proposing proposing;
    proposing.oracle = plugin::make_oracle(descriptor, info, oracle_options, services);
    proposing.max_steps = options.max_steps;
    proposing.in_turns = schedule::in_turns(options);
    return proposing;
  };
  space::SearchSpace space;
  space.restore(state.params());
  schedule::Replay again(copy, space, configure);
  log.read(0, [&](const study::Event& event) {
    return event.sequence < state.events() && again.take(event);
  });
  Replay result;
  result.verified = again.result().verified;
  result.passed_over = again.result().passed_over;
  if (const auto& found = again.result().difference) {
    result.difference = {found->trial, found->what, found->logged, found->proposed};
  }
  return result;
}

}  // namespace tuner

std::string to_json(const Replay& replay) {
  boost::json::value difference;
  if (const auto& found = replay.difference) {
    difference = {{"trial", found->trial},
                  {"what", found->what},
                  {"logged", found->logged},
                  {"proposed", found->proposed}};
  }
  return base::to_text(boost::json::object{{"verified", replay.verified},
                                           {"passed_over", replay.passed_over},
                                           {"difference", std::move(difference)}},
                       true);
}

}  // namespace dodona
