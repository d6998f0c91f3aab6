// SPDX-License-Identifier: Apache-2.0
#include "template.hpp"

#include <dodona/error.hpp>

#include <utility>

namespace command {

Template::Template(std::string_view text, std::string place) : place_(std::move(place)) {
  const auto fail = [&](const std::string& what) {
    throw dodona::Error(DODONA_E_INVALID, place_ + ": \"" + std::string(text) + "\" has " + what +
                                              "; a brace that is meant as one is written twice");
  };
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      plain += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      plain += c;
      ++at;
      continue;
    }
    if (c == '}') fail("a } without its {");
    const std::size_t end = text.find_first_of("{}", at + 1);
    if (end == std::string_view::npos || text[end] == '{') fail("a { without its }");
    if (end == at + 1) fail("an empty name in braces");
    if (!plain.empty()) parts_.push_back({std::move(plain), false});
    plain.clear();
    parts_.push_back({std::string(text.substr(at + 1, end - at - 1)), true});
    at = end;
  }
  if (!plain.empty()) parts_.push_back({std::move(plain), false});
}

std::vector<std::string> Template::names() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) {
    if (part.name) names.push_back(part.text);
  }
  return names;
}

std::optional<std::string> Template::fill(const Lookup& lookup) const {
  std::string filled;
  for (const Part& part : parts_) {
    if (!part.name) {
      filled += part.text;
      continue;
    }
    const auto value = lookup(part.text);
    if (!value) return std::nullopt;
    filled += *value;
  }
  return filled;
}

}  // namespace command
