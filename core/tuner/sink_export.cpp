// SPDX-License-Identifier: Apache-2.0
#include "tuner/sink_export.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "insight/observations.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/sink.hpp"
#include "project/project.hpp"
#include "tuner/services.hpp"

#include <boost/json/array.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

constexpr std::size_t kBatch = 1024;

// The study's document with this sink alone. No other plugin of it need be there.
StudyOptions options_with(const std::string& sink, const study::State& state,
                          const std::string& log, const plugin::Catalogue& catalogue) {
  base::JsonDocument document =
      base::parse_json(state.document(), "study document of " + base::quote(log));
  for (const char* key : {"oracle", "stopper", "hypermodel"}) document.root.as_object().erase(key);
  document.root.as_object()["sinks"] = boost::json::array{nullptr};
  boost::json::value entry(sink);
  if (sink.starts_with('{')) entry = base::parse_json(sink, "--sink").root;
  document.set("sinks[0]", std::move(entry), "--sink " + sink);
  return document::parse_document(document, catalogue, document::Plugins::kNamed);
}

}  // namespace

void export_to_sink(study::Store& log, const study::State& state, const std::string& sink,
                    const std::string& place, const PluginSources& plugins) {
  if (state.document().empty()) {
    throw Error(DODONA_E_STATE, "the study in " + log.path() +
                                    " has no trial yet: the process that made it ended at once");
  }
  const plugin::Catalogue catalogue = document::catalogue_of(plugins);
  const StudyOptions options = options_with(sink, state, log.path(), catalogue);
  const PluginUse& choice = options.sinks.front();
  KernelServices services({});
  const auto made =
      plugin::make_sink(catalogue.find(DODONA_ROLE_SINK, choice.plugin),
                        project::study_info(options, state, place, log.names()),
                        base::parse_json(choice.options, "options").root.as_object(), services);
  // The space of the whole log, as during a search: it is never behind the events.
  made->set_space(insight::space_of(state));
  std::vector<study::Event> events;
  const auto deliver = [&] {
    if (!events.empty()) made->consume(events);
    events.clear();
  };
  study::read_below(log, state.events(), [&](const study::Event& event) {
    events.push_back(event);
    if (events.size() == kBatch) deliver();
  });
  deliver();
  made->flush();
}

}  // namespace dodona::tuner
