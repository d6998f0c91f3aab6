// SPDX-License-Identifier: Apache-2.0
#include "host/describe.hpp"

#include "base/text.hpp"
#include "host/table.hpp"
#include "host/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace dodona::host {
namespace {

constexpr std::size_t kLineMax = 80;

// Words of `text` in lines of at most kLineMax columns, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + width(word) > kLineMax) {
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

}  // namespace

std::string description_text(const PluginDescription& plugin) {
  const PluginInfo& info = plugin.info;
  std::string text =
      info.role + " " + base::quote(info.name) + ", version " + info.version + ", " + info.license;
  text += '\n' + wrapped(info.description, 2) + "  id: " + info.id + '\n';
  text += "  library: " + (info.path.empty() ? "built in" : info.path) + "\n\n";
  if (plugin.options.empty()) return text + "It takes no options.\n";
  Table table({{"option"}, {"kind"}, {"default"}, {"values"}});
  for (const PluginOption& option : plugin.options) {
    table.add(
        {option.name, option.kind, option.initial.value_or("must be given"), values_text(option)});
  }
  // The help of each option stands below its row.
  const std::string rows = table.text();
  std::string_view rest = rows;
  for (std::size_t i = 0; i <= plugin.options.size(); ++i) {
    const std::size_t end = rest.find('\n') + 1;
    text += "  " + std::string(rest.substr(0, end));
    rest.remove_prefix(end);
    if (i > 0 && !plugin.options[i - 1].help.empty())
      text += wrapped(plugin.options[i - 1].help, 6);
  }
  return text;
}

}  // namespace dodona::host
