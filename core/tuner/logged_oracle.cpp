// SPDX-License-Identifier: Apache-2.0
#include "tuner/logged_oracle.hpp"

#include "base/json.hpp"
#include "document/document.hpp"
#include "plugin/oracle.hpp"
#include "project/project.hpp"

#include <algorithm>
#include <utility>

namespace dodona::tuner {
namespace {

namespace json = boost::json;

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

// The oracle comes before the stopper.
const study::PluginIdentity* oracle_of(const study::Configured& configured) {
  const auto& plugins = configured.plugins;
  const auto found = std::find_if(plugins.begin(), plugins.end(), [](const auto& plugin) {
    return plugin.role == DODONA_ROLE_ORACLE;
  });
  return found == plugins.end() ? nullptr : &*found;
}

LoggedOracle make_logged_oracle(const study::Configured& configured, const study::State& state,
                                const std::string& place, study::Store& log,
                                const plugin::Catalogue& catalogue, study::Services& services) {
  LoggedOracle made;
  made.options = proposing_options(configured, catalogue, log.path());
  const plugin::Descriptor& descriptor =
      catalogue.find(DODONA_ROLE_ORACLE, made.options.oracle.plugin);
  const auto oracle_options =
      base::parse_json(made.options.oracle.options, "options").root.as_object();
  const auto info = project::study_info(made.options, state, place, log.names());
  made.oracle = plugin::make_oracle(descriptor, info, oracle_options, services);
  return made;
}

}  // namespace dodona::tuner
