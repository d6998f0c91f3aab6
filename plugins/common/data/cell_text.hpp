// SPDX-License-Identifier: Apache-2.0
//
// Cells of data files: reads their numbers, and shows them in messages.
//
// Threads: pure.
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace dodona::common {

// The text in quotation marks; a long one is cut.
inline std::string shown(std::string_view text) {
  constexpr std::size_t bytes_max = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, bytes_max))
    out += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  return out + (text.size() > bytes_max ? "...\"" : "\"");
}

// The number, if the whole text is a finite one.
template <class Number>
std::optional<Number> finite_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(static_cast<double>(value))) return std::nullopt;
  return value;
}

}  // namespace dodona::common
