// SPDX-License-Identifier: Apache-2.0
#include "values.hpp"

#include "common/text/json_text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstdint>
#include <variant>

namespace command {
namespace {

struct Writer {
  dodona::common::JsonText& json;

  void operator()(std::int64_t value) const { json.whole(value); }
  void operator()(double value) const { json.real(value); }
  void operator()(bool value) const { json.boolean(value); }
  void operator()(const std::string& value) const { json.text(value); }
};

}  // namespace

Values values_of(dodona::HyperParameters& hp) {
  Values values;
  hp.each([&](std::string_view name, const std::optional<dodona::Value>& value) {
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    if (text != nullptr && text->find('\0') != std::string::npos) {
      throw dodona::Error(DODONA_E_INVALID, "a value of \"" + std::string(name) +
                                                "\" has a character of code 0, which no program "
                                                "can be given");
    }
    // A name may have several definitions, of which one at most is active.
    const auto known = std::find_if(values.begin(), values.end(),
                                    [&](const auto& each) { return each.first == name; });
    if (known == values.end()) {
      values.emplace_back(name, value);
    } else if (value) {
      known->second = value;
    }
  });
  return values;
}

std::string to_text(const dodona::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string out;
  dodona::common::JsonText json(out);
  std::visit(Writer{json}, value);
  return out;
}

std::string to_json(const Values& values) {
  std::string out;
  dodona::common::JsonText json(out);
  json.open('{');
  for (const auto& [name, value] : values) {
    if (!value) continue;
    json.key(name);
    std::visit(Writer{json}, *value);
  }
  json.close('}');
  out += '\n';
  return out;
}

std::string variable_of(const std::string& name) {
  std::string out = "DODONA_HP_";
  for (const char c : name) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;  // a part of a letter
    const bool kept = beyond_ascii || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return out;
}

}  // namespace command
