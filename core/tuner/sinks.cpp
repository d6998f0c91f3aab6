// SPDX-License-Identifier: Apache-2.0
#include "tuner/sinks.hpp"

#include "base/json.hpp"
#include "plugin/options.hpp"
#include "plugin/sink.hpp"

#include <chrono>
#include <set>
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

// True if a cursor of this name belongs to the sink: `ID OPTIONS` or `ID OPTIONS #N`. Options that
// the plugin got since are completed, so that an upgrade does not begin with the first event.
bool is_cursor_of(const std::string& cursor, const plugin::Descriptor& descriptor,
                  const std::string& options) {
  if (!cursor.starts_with(descriptor.id + " ")) return false;
  const std::size_t begin = descriptor.id.size() + 1;
  const std::size_t end = cursor.rfind('}');
  if (end == std::string::npos || end < begin) return false;
  try {
    const auto before = base::parse_json(cursor.substr(begin, end + 1 - begin), "options");
    const auto whole = plugin::check_options(descriptor, before.root.as_object());
    return base::to_text(whole) == options;
  } catch (const std::exception&) {
    return false;  // options that the plugin no longer takes
  }
}

// The name under which the study keeps where a sink stands: the one that it got first. A sink with
// other options is another one, and begins with the first event.
std::string cursor_of(const plugin::Descriptor& descriptor, const std::string& options,
                      const std::vector<std::string>& known, std::set<std::string>& taken) {
  for (const std::string& cursor : known) {
    if (taken.contains(cursor) || !is_cursor_of(cursor, descriptor, options)) continue;
    taken.insert(cursor);
    return cursor;
  }
  const std::string first = descriptor.id + " " + options;
  std::string cursor = first;
  for (int same = 1; !taken.insert(cursor).second; ++same) {
    cursor = first + " #" + std::to_string(same);
  }
  return cursor;
}

}  // namespace

Sinks::Sinks(const OpenStudy& study) {
  const std::vector<std::string> known = study.store->sinks();
  std::set<std::string> taken;
  for (const PluginUse& choice : study.settings.sinks) {
    const plugin::Descriptor& descriptor = study.catalogue.find(DODONA_ROLE_SINK, choice.plugin);
    const auto names = std::make_shared<study::Names>();
    auto sink =
        plugin::make_sink(descriptor, study.info(*names), parsed_options(choice), study.services);
    std::string cursor = cursor_of(descriptor, choice.options, known, taken);
    pumps_.push_back(std::make_unique<schedule::SinkPump>(descriptor.name, std::move(cursor),
                                                          std::move(sink), names, *study.store,
                                                          study.space, study.shared_services));
  }
}

void Sinks::finish(Patience patience) {
  for (const auto& pump : pumps_) pump->finish(time_of(patience));
}

}  // namespace dodona::tuner
