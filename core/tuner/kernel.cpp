// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/schema.hpp"
#include "plugin/library.hpp"

#include <dodona/kernel.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <utility>

namespace dodona {
namespace {

namespace json = boost::json;
using plugin::Descriptor;
using plugin::OptionSpec;

PluginInfo info_of(const Descriptor& from) {
  return {from.proposes ? std::string(plugin::role_word(from.role)) : "stopper",
          from.id,
          from.name,
          from.version,
          from.license,
          from.description,
          from.library.string(),
          ""};
}

// Of a file that is left aside.
PluginInfo info_of(const plugin::Problem& problem) {
  PluginInfo info;
  info.id = problem.id;
  info.name = problem.path.stem().string();
  info.path = problem.path.string();
  info.problem = problem.reason;
  return info;
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

std::vector<std::string> flag_words(std::uint32_t flags) {
  static constexpr std::pair<std::uint32_t, const char*> kWords[] = {
      {DODONA_FLAG_RESUMES, "resumes"},
      {DODONA_FLAG_ENDS, "ends"},
      {DODONA_FLAG_ISOLATE, "isolate"},
      {DODONA_FLAG_OBJECTIVES, "objectives"},
      {DODONA_FLAG_SERIAL, "serial"}};
  std::vector<std::string> words;
  for (const auto& [flag, word] : kWords) {
    if ((flags & flag) != 0) words.emplace_back(word);
  }
  return words;
}

std::string dotted(std::uint64_t epoch, std::uint64_t minor) {
  return std::to_string(epoch) + '.' + std::to_string(minor);
}

PluginDescription description_of(const Descriptor& from, const plugin::Catalogue& catalogue) {
  PluginDescription out;
  out.info = info_of(from);
  for (const OptionSpec& option : from.options) out.options.push_back(to_facade(option));
  out.flags = flag_words(from.flags);
  out.abi_built = dotted(from.abi.epoch, from.abi.minor_built);
  out.abi_needed = dotted(from.abi.epoch, from.abi.minor_needed);
  out.build_id = from.build_id;
  out.processor = from.processor;
  out.judges = from.judges;
  for (const plugin::Problem& problem : catalogue.problems()) {
    const bool named = problem.id.empty() && problem.path.stem() == from.name;
    if (named || problem.id == from.id) out.aside.push_back(info_of(problem));
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
  for (const plugin::Problem& problem : catalogue.problems()) plugins.push_back(info_of(problem));
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
    described.push_back(description_of(*descriptor, catalogue));
  }
  return described;
}

std::string to_json(const std::vector<PluginDescription>& plugins) {
  json::array list;
  for (const PluginDescription& plugin : plugins) {
    json::object entry = to_json(plugin.info);
    json::array& options = entry["options"].emplace_array();
    for (const PluginOption& option : plugin.options) options.push_back(to_json(option));
    entry["flags"] = json::value_from(plugin.flags);
    entry["abi_built"] = plugin.abi_built;
    entry["abi_needed"] = plugin.abi_needed;
    entry["build_id"] = plugin.build_id;
    entry["processor"] = plugin.processor;
    entry["judges"] = plugin.judges;
    json::array& aside = entry["aside"].emplace_array();
    for (const PluginInfo& info : plugin.aside) aside.push_back(to_json(info));
    list.push_back(std::move(entry));
  }
  return base::to_pretty_text(json::object{{"plugins", std::move(list)}});
}

std::string plugin_manifest(const std::string& library) {
  return plugin::manifest_text(library);
}

std::string study_schema(const PluginSources& sources, boundary::SameBuild) {
  return base::to_pretty_text(document::schema(document::catalogue_of(sources)));
}

}  // namespace dodona
