// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/schema.hpp"

#include <dodona/kernel.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace dodona {
namespace {

namespace json = boost::json;
using plugin::Descriptor;
using plugin::OptionSpec;

PluginInfo info_of(const Descriptor& from) {
  return {std::string(plugin::role_word(from.role)),
          from.id,
          from.name,
          from.version,
          from.license,
          from.description,
          from.library.string(),
          ""};
}

json::object to_json(const PluginInfo& info) {
  return {{"role", info.role},       {"id", info.id},           {"name", info.name},
          {"version", info.version}, {"license", info.license}, {"description", info.description},
          {"path", info.path},       {"problem", info.problem}};
}

// Those of a name or id, of any role.
std::vector<const Descriptor*> find_all(const plugin::Catalogue& catalogue,
                                        const std::string& name_or_id) {
  std::vector<const Descriptor*> found;
  std::vector<std::string> names;
  for (const Descriptor* descriptor : catalogue.list()) {
    names.push_back(descriptor->name);
    if (descriptor->name == name_or_id || descriptor->id == name_or_id) found.push_back(descriptor);
  }
  if (!found.empty()) return found;
  for (const plugin::Problem& problem : catalogue.problems()) {
    if (problem.path.stem() != name_or_id) continue;
    throw Error(DODONA_E_PLUGIN,
                "plugin " + base::quote(name_or_id) + " cannot be used: " + problem.reason);
  }
  std::string message = "there is no plugin " + base::quote(name_or_id);
  message += base::did_you_mean(name_or_id, names);
  std::string places;
  for (const auto& path : catalogue.searched()) {
    places += (places.empty() ? "; looked in " : ", ") + path.string();
  }
  throw Error(DODONA_E_PLUGIN, message + places);
}

std::optional<std::string> text_of(const std::optional<json::value>& value) {
  return value ? std::optional(base::to_text(*value)) : std::nullopt;
}

PluginOption to_facade(const OptionSpec& option) {
  PluginOption out{option.name,         plugin::to_text(option.kind), text_of(option.initial),
                   text_of(option.low), text_of(option.high),         {},
                   option.help};
  for (const json::value& choice : option.choices) {
    out.choices.push_back(base::to_text(choice));
  }
  return out;
}

json::value parsed(const std::optional<std::string>& text) {
  return text ? base::parse_json(*text, "option").root : json::value();
}

json::object to_json(const PluginOption& option) {
  json::array choices;
  for (const std::string& choice : option.choices) choices.push_back(parsed(choice));
  return {{"name", option.name},
          {"kind", option.kind},
          {"required", !option.initial.has_value()},
          {"default", parsed(option.initial)},
          {"low", parsed(option.low)},
          {"high", parsed(option.high)},
          {"choices", std::move(choices)},
          {"help", option.help}};
}

}  // namespace

const char* version() {
  return DODONA_VERSION;
}

std::vector<PluginInfo> list_plugins(const PluginSources& sources, boundary::SameBuild) {
  const plugin::Catalogue catalogue = document::catalogue_of(sources);
  std::vector<PluginInfo> plugins;
  for (const Descriptor* descriptor : catalogue.list()) plugins.push_back(info_of(*descriptor));
  for (const plugin::Problem& problem : catalogue.problems()) {
    PluginInfo info;
    info.name = problem.path.stem().string();
    info.path = problem.path.string();
    info.problem = problem.reason;
    plugins.push_back(std::move(info));
  }
  return plugins;
}

std::string to_json(const std::vector<PluginInfo>& plugins) {
  json::array list;
  for (const PluginInfo& info : plugins) list.push_back(to_json(info));
  return base::to_pretty_text(json::object{{"plugins", std::move(list)}});
}

std::vector<PluginDescription> describe_plugins(const std::string& name_or_id,
                                                const PluginSources& sources, boundary::SameBuild) {
  const plugin::Catalogue catalogue = document::catalogue_of(sources);
  std::vector<PluginDescription> described;
  for (const Descriptor* descriptor : find_all(catalogue, name_or_id)) {
    PluginDescription& out = described.emplace_back();
    out.info = info_of(*descriptor);
    for (const OptionSpec& option : descriptor->options) out.options.push_back(to_facade(option));
  }
  return described;
}

std::string to_json(const std::vector<PluginDescription>& plugins) {
  json::array list;
  for (const PluginDescription& plugin : plugins) {
    json::object entry = to_json(plugin.info);
    json::array& options = entry["options"].emplace_array();
    for (const PluginOption& option : plugin.options) options.push_back(to_json(option));
    list.push_back(std::move(entry));
  }
  return base::to_pretty_text(json::object{{"plugins", std::move(list)}});
}

std::string study_schema(const PluginSources& sources, boundary::SameBuild) {
  return base::to_pretty_text(document::schema(document::catalogue_of(sources)));
}

}  // namespace dodona
