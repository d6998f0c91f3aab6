// SPDX-License-Identifier: Apache-2.0
#include "pages/target.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace dodona::pages {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* end = text.data() + i + 3;
    if (std::from_chars(end - 2, end, byte, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(byte);
    i += 2;
  }
  return bytes;
}

// The part before the separator, which goes with it.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_plain);
}

// A host without its port; an address of IPv6 without its brackets. Empty for no host.
std::string_view name_of(std::string_view host) {
  std::string_view name = host;
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    name = host.substr(1, end - 1);
    port = host.substr(end + 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    port = host.substr(colon);
  }
  const bool has_port = port.size() > 1 && port.size() <= 6 && port.front() == ':' &&
                        port.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return port.empty() || has_port ? name : std::string_view();
}

bool is_four_bytes(std::string_view name) {
  int parts = 0;
  while (!name.empty() && parts < 5) {
    const auto number = parse_count(take(name, '.'));
    if (!number || *number > 255) return false;
    ++parts;
  }
  return parts == 4;
}

bool is_address(std::string_view name) {
  const bool of_six = name.find(':') != std::string_view::npos &&
                      name.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  return of_six || is_four_bytes(name);
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

std::optional<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  text.remove_prefix(1);
  std::string_view path = take(text, '?');
  Target target;
  if (path.starts_with("study/")) {
    path.remove_prefix(6);
    const bool whole = path.find('/') != std::string_view::npos;
    const auto study = decoded(take(path, '/'));
    if (!whole || !study || study->empty()) return std::nullopt;
    target.study = *study;
  }
  if (!is_word(path)) return std::nullopt;
  target.part = path;
  while (!text.empty()) {
    std::string_view pair = take(text, '&');
    const auto key = decoded(take(pair, '='));
    const auto value = decoded(pair);
    if (!key || !value) return std::nullopt;
    target.query.insert_or_assign(*key, *value);
  }
  return target;
}

bool is_own_host(std::string_view host, bool for_others, std::string_view machine) {
  const std::string_view name = name_of(host);
  if (name == "localhost" || name == "::1") return true;
  if (is_four_bytes(name) && name.starts_with("127.")) return true;
  return for_others && !name.empty() && (name == machine || is_address(name));
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  static constexpr std::string_view kScheme = "http://";
  return origin.starts_with(kScheme) && origin.substr(kScheme.size()) == host;
}

}  // namespace dodona::pages
