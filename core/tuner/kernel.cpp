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

constexpr std::size_t kLineMax = 80;

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

json::value or_null(const std::optional<json::value>& value) {
  return value.value_or(nullptr);
}

json::object to_json(const OptionSpec& option) {
  json::object out = {{"name", option.name},
                      {"kind", plugin::to_text(option.kind)},
                      {"required", !option.initial.has_value()},
                      {"default", or_null(option.initial)},
                      {"low", or_null(option.low)},
                      {"high", or_null(option.high)}};
  out["choices"] = json::array(option.choices.begin(), option.choices.end());
  out["help"] = option.help;
  return out;
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

// ---- text --------------------------------------------------------------------------------------

// Words of `text` in lines of at most kLineMax columns, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + word.size() > kLineMax) {
      out += '\n';
      column = 0;
    }
    out += column == 0 ? std::string(indent, ' ') : " ";
    column += (column == 0 ? indent : 1) + word.size();
    out += word;
  }
  return out + '\n';
}

std::string values_text(const OptionSpec& option) {
  std::string text;
  for (const json::value& choice : option.choices) {
    text += (text.empty() ? "" : ", ") + base::to_text(choice, false);
  }
  if (!text.empty()) return text;
  const std::string low = option.low ? base::to_text(*option.low, false) : "";
  const std::string high = option.high ? base::to_text(*option.high, false) : "";
  if (option.low && option.high) return low + " to " + high;
  if (option.low) return "at least " + low;
  return option.high ? "at most " + high : "any";
}

using Row = std::vector<std::string>;

// Columns as wide as their longest text; the last one is not filled up.
std::vector<std::string> aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string to_text(const Descriptor& descriptor) {
  std::string text = plugin::label(descriptor) + ", version " + descriptor.version + ", " +
                     descriptor.license + '\n';
  text += wrapped(descriptor.description, 2);
  text += "  id: " + descriptor.id + '\n';
  text += "  library: " + (descriptor.library.empty() ? "built in" : descriptor.library.string()) +
          "\n\n";
  if (descriptor.options.empty()) return text + "It takes no options.\n";
  std::vector<Row> rows = {{"option", "kind", "default", "values"}};
  for (const OptionSpec& option : descriptor.options) {
    rows.push_back({option.name, plugin::to_text(option.kind),
                    option.initial ? base::to_text(*option.initial, false) : "must be given",
                    values_text(option)});
  }
  const std::vector<std::string> lines = aligned(rows);
  text += lines.front() + '\n';
  for (std::size_t i = 0; i < descriptor.options.size(); ++i) {
    text += lines[i + 1] + '\n';
    if (!descriptor.options[i].help.empty()) text += wrapped(descriptor.options[i].help, 6);
  }
  return text;
}

}  // namespace

const char* version() {
  return DODONA_VERSION;
}

std::vector<PluginInfo> list_plugins(const PluginSources& sources) {
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
  return base::to_text(json::object{{"plugins", std::move(list)}}, true);
}

std::string describe_plugin(const std::string& name_or_id, bool as_json,
                            const PluginSources& sources) {
  const plugin::Catalogue catalogue = document::catalogue_of(sources);
  json::array list;
  std::string text;
  for (const Descriptor* descriptor : find_all(catalogue, name_or_id)) {
    json::object entry = to_json(info_of(*descriptor));
    json::array options;
    for (const OptionSpec& option : descriptor->options) options.push_back(to_json(option));
    entry["options"] = std::move(options);
    list.push_back(std::move(entry));
    text += (text.empty() ? "" : "\n") + to_text(*descriptor);
  }
  return as_json ? base::to_text(json::object{{"plugins", std::move(list)}}, true) : text;
}

std::string study_schema(const PluginSources& sources) {
  return base::to_text(document::schema(document::catalogue_of(sources)), true);
}

}  // namespace dodona
