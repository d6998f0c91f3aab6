// SPDX-License-Identifier: Apache-2.0
#include "tuner/sinks.hpp"

#include "plugin/sink.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace dodona::tuner {
namespace {

std::chrono::milliseconds time_of(Sinks::Patience patience) {
  switch (patience) {
    case Sinks::Patience::kFull:
      return std::chrono::seconds(30);
    case Sinks::Patience::kInterrupted:
      return std::chrono::seconds(2);
    case Sinks::Patience::kNone:
      break;
  }
  return std::chrono::milliseconds(0);
}

}  // namespace

Sinks::Sinks(const OpenStudy& study) {
  std::map<std::string, int> cursors;
  for (const PluginUse& choice : study.settings.sinks) {
    const plugin::Descriptor& descriptor = study.catalogue.find(DODONA_ROLE_SINK, choice.plugin);
    const auto names = std::make_shared<study::Names>();
    auto sink =
        plugin::make_sink(descriptor, study.info(*names), parsed_options(choice), study.services);
    // A sink with other options is another one, and begins with the first event.
    std::string cursor = descriptor.id + " " + choice.options;
    if (const int same = cursors[cursor]++; same > 0) cursor += " #" + std::to_string(same);
    pumps_.push_back(std::make_unique<schedule::SinkPump>(descriptor.name, std::move(cursor),
                                                          std::move(sink), names, *study.store,
                                                          study.space, study.shared_services));
  }
}

void Sinks::finish(Patience patience) {
  for (const auto& pump : pumps_) pump->finish(time_of(patience));
}

}  // namespace dodona::tuner
