// SPDX-License-Identifier: Apache-2.0
#include "host/describe.hpp"

#include "base/text.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

constexpr std::size_t kLineMax = 80;
constexpr std::size_t kLineMin = 40;

// The longest line of prose: a terminal may be narrower.
std::size_t line_max() {
  const std::size_t width_max = output_width();
  return width_max == 0 ? kLineMax : std::clamp(width_max, kLineMin, kLineMax);
}

// Words of `text` in lines of at most line_max() columns, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + width(word) > line_max()) {
      out += '\n';
      column = 0;
    }
    out += column == 0 ? std::string(indent, ' ') : " ";
    column += (column == 0 ? indent : 1) + width(word);
    out += word;
  }
  return out + '\n';
}

std::string values_text(const PluginOption& option) {
  std::string text;
  for (const std::string& choice : option.choices) text += (text.empty() ? "" : ", ") + choice;
  if (!text.empty()) return text;
  if (option.low && option.high) return *option.low + " to " + *option.high;
  if (option.low) return "at least " + *option.low;
  return option.high ? "at most " + *option.high : "any";
}

const char* flag_text(std::string_view flag) {
  if (flag == "resumes")
    return "proposes trials that go on from earlier ones, whose states are kept";
  if (flag == "ends") return "ends by itself, so max_trials has no default";
  if (flag == "isolate") return "should run in a process of its own";
  if (flag == "objectives") return "takes several objectives";
  return "runs one trial at a time in a process";
}

std::string options_table(const PluginDescription& plugin, bool values) {
  std::vector<Table::Column> columns = {{"option"}, {"kind"}, {"default"}};
  if (values) columns.push_back({"values"});
  Table table(std::move(columns));
  for (const PluginOption& option : plugin.options) {
    std::vector<std::string> cells = {option.name, option.kind,
                                      option.initial.value_or("must be given")};
    if (values) cells.push_back(values_text(option));
    table.add(std::move(cells));
  }
  return table.text();
}

std::size_t widest_line(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    widest = std::max(widest, width(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return widest;
}

std::string facts_text(const PluginDescription& plugin) {
  const PluginInfo& info = plugin.info;
  std::string text = "  id: " + info.id + '\n';
  text += "  library: " + (info.path.empty() ? "built in" : info.path);
  if (!plugin.processor.empty()) text += ", for " + plugin.processor;
  text += '\n';
  if (!plugin.build_id.empty()) text += "  build-id: " + plugin.build_id + '\n';
  text += "  plugin ABI: built for " + plugin.abi_built + ", needs " + plugin.abi_needed + '\n';
  if (info.role == "oracle" && plugin.judges) text += "  judges trials, too\n";
  for (const std::string& flag : plugin.flags) {
    text += "  " + flag + ": " + flag_text(flag) + '\n';
  }
  if (info.role == "hypermodel") {
    text += "  what it tunes: dodona space STUDY.json shows it, before any search\n";
  }
  for (const PluginInfo& aside : plugin.aside) {
    text += "  left aside: " + one_line(aside.path) + ": " + one_line(aside.problem) + '\n';
  }
  return text;
}

}  // namespace

std::string description_text(const PluginDescription& plugin) {
  const PluginInfo& info = plugin.info;
  std::string text =
      info.role + " " + base::quote(info.name) + ", version " + info.version + ", " + info.license;
  text += '\n' + wrapped(info.description, 2) + facts_text(plugin) + '\n';
  if (plugin.options.empty()) return text + "It takes no options.\n";
  std::string rows = options_table(plugin, true);
  // Values that do not fit beside the rest stand below it, as the help of each option does.
  const std::size_t width_max = output_width();
  const bool beside = width_max == 0 || widest_line(rows) + 2 <= width_max;
  if (!beside) rows = options_table(plugin, false);
  std::string_view rest = rows;
  for (std::size_t i = 0; i <= plugin.options.size(); ++i) {
    const std::size_t end = rest.find('\n') + 1;
    text += "  " + std::string(rest.substr(0, end));
    rest.remove_prefix(end);
    if (i == 0) continue;
    const PluginOption& option = plugin.options[i - 1];
    if (!beside) text += wrapped("values: " + values_text(option), 6);
    if (!option.help.empty()) text += wrapped(option.help, 6);
  }
  return text;
}

}  // namespace dodona::host
