// SPDX-License-Identifier: Apache-2.0
#include "host/text.hpp"

#include "base/json.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>
#include <variant>
#include <vector>

namespace dodona::host {
namespace {

namespace json = boost::json;

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// A name of a note as words.
std::string spaced(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// A value of a note on one line.
std::string words_of(const json::value& value) {
  static constexpr std::size_t kListMax = 10;
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (value.is_double()) return number(value.get_double());
  const json::object* members = value.if_object();
  const json::array* list = value.if_array();
  const std::size_t size = members != nullptr ? members->size()
                           : list != nullptr  ? list->size()
                                              : 0;
  if (size > kListMax) return "(" + std::to_string(size) + " values)";
  std::string text;
  if (members != nullptr) {
    for (const auto& [name, each] : *members) {
      text.append(text.empty() ? "" : ", ").append(name).append(" ").append(words_of(each));
    }
  } else if (list != nullptr) {
    for (const json::value& each : *list)
      text.append(text.empty() ? "" : ", ").append(words_of(each));
  } else {
    return base::to_text(value);
  }
  return "(" + text + ")";
}

// True for what the built-in models note for themselves, and what is told in other words.
bool is_own(std::string_view name) {
  static constexpr std::string_view kOwn[] = {"at_edge",       "best",   "deviation", "expected",
                                              "fitted_to",     "margin", "mean",      "predicted",
                                              "length_scales", "radius"};
  return name.starts_with("log_") || name.starts_with("theta") ||
         std::find(std::begin(kOwn), std::end(kOwn), name) != std::end(kOwn);
}

// `expected val_loss 0.42 +- 0.03`, or nothing. Notes are signed as the log is.
std::string expectation_of(const json::object& members, const Objective& objective) {
  const auto number_at = [&](const char* name) -> std::optional<double> {
    const json::value* value = members.if_contains(name);
    return value != nullptr ? base::as_real(*value) : std::nullopt;
  };
  const double sign = objective.direction == Direction::kMax ? -1.0 : 1.0;
  const auto mean = number_at("expected");
  const auto deviation = number_at("deviation");
  const std::string head = "expected " + shown(objective) + " ";
  if (mean && deviation) return head + expected(sign * *mean, *deviation);
  const auto predicted = number_at("predicted");
  return predicted ? head + number(sign * *predicted) : "";
}

}  // namespace

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string expected(double value, double deviation) {
  if (!(deviation > 0.0) || !std::isfinite(deviation)) return number(value) + " +- 0";
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(deviation)));
  if (decimals < 0 || decimals > 12) return number(value) + " +- " + number(deviation);
  char text[400];
  std::snprintf(text, sizeof text, "%.*f +- %.*f", decimals, value, decimals, deviation);
  return text;
}

std::string shown(const HyperParameterValue& value) {
  if (const double* real = std::get_if<double>(&value)) return number(*real);
  return one_line(to_text(value));
}

std::string shown(const Values& values) {
  std::string text;
  for (const auto& [name, value] : values.entries()) {
    text += (text.empty() ? "" : ", ") + one_line(name) + " " + shown(value);
  }
  return text;
}

std::string shown(const std::vector<HyperParameterValue>& values) {
  std::string text;
  for (const HyperParameterValue& value : values) text += (text.empty() ? "" : ", ") + shown(value);
  return text;
}

std::string shown(const Objective& objective) {
  if (objective.sum.empty()) return one_line(objective.name);
  std::string text;
  for (const Objective& term : objective.sum) {
    const bool less = term.direction == Direction::kMax;
    text += text.empty() ? (less ? "-" : "") : (less ? " - " : " + ");
    text += one_line(term.name);
  }
  return text;
}

std::string shown(const std::vector<Objective>& objectives) {
  std::string text;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    if (i > 0) text += i + 1 < objectives.size() ? ", " : " and ";
    text += shown(objectives[i]);
  }
  return text;
}

std::string limits_text(const Result& trial) {
  std::string text;
  for (const auto& [metric, excess] : trial.excesses) {
    if (excess && *excess <= 0.0) continue;
    text += (text.empty() ? "" : ", ") + one_line(metric) + " ";
    char share[32] = "?";
    if (excess) std::snprintf(share, sizeof share, "+%.3g %%", *excess * 100.0);
    text += share;
  }
  return text.empty() ? "kept" : text;
}

std::string shown(const Explanation& explanation, const Objective& objective) {
  std::optional<json::value> note;
  try {
    note = base::parse_json(explanation.note, "note").root;
  } catch (const Error&) {
    return explanation.note;
  }
  const json::object* members = note->if_object();
  if (members == nullptr) return words_of(*note);
  const json::value* model = members->if_contains("model");
  std::string text = model != nullptr ? words_of(*model) : "";
  const char* separator = text.empty() ? "" : "; ";
  if (const std::string told = expectation_of(*members, objective); !told.empty()) {
    text.append(separator).append(told);
    separator = ", ";
  }
  for (const auto& [name, value] : *members) {
    if (&value == model || is_own(name)) continue;
    text.append(separator).append(spaced(name)).append(" ").append(words_of(value));
    separator = ", ";
  }
  return text;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string duration(double seconds) {
  char text[48];
  if (seconds < 59.95) {
    std::snprintf(text, sizeof text, "%.1f s", std::max(seconds, 0.0));
    return text;
  }
  const auto whole = static_cast<long long>(std::llround(std::min(seconds, 1e12)));
  const long long hours = whole / 3600;
  const long long minutes = whole / 60 % 60;
  if (hours > 0) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", hours, minutes, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", minutes, whole % 60);
  }
  return text;
}

std::size_t width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

std::string cut(std::string_view text, std::size_t width_max) {
  if (width(text) <= width_max) return std::string(text);
  const std::size_t dots = std::min<std::size_t>(3, width_max);
  std::size_t end = 0;
  for (std::size_t kept = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && kept++ == width_max - dots) break;
  }
  return std::string(text.substr(0, end)) + std::string(dots, '.');
}

std::string folded(std::string_view text, std::size_t width_max) {
  if (width_max == 0) return std::string(text);
  std::string out;
  while (width(text) > width_max) {
    // The bytes of the first `width_max` characters, and the last space among them or right after.
    std::size_t end = 0;
    for (std::size_t kept = 0; end < text.size(); ++end) {
      if (!continues(text[end]) && kept++ == width_max) break;
    }
    const std::size_t space = text.substr(0, end + 1).rfind(' ');
    const bool between = space != std::string_view::npos && space > 0;
    out.append(text.substr(0, between ? space : end)).append("\n");
    text.remove_prefix(between ? space + 1 : end);
  }
  return out.append(text);
}

std::string indented(std::string_view text, std::size_t spaces) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.append(spaces, ' ').append(one_line(text.substr(0, end))).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  const std::size_t end = line.find_last_not_of(' ');
  line.resize(end == std::string::npos ? 0 : end + 1);
  return line;
}

std::string headline(std::string_view message) {
  constexpr std::string_view traceback = "Traceback (most recent call last)";
  constexpr std::string_view frame = "  File \"";  // of one whose beginning was cut off
  std::size_t begin = message.find(traceback);
  if (begin == std::string_view::npos) begin = message.find(frame);
  const std::size_t last = message.find_last_not_of(" \t\r\n");
  if (begin == std::string_view::npos || last == std::string_view::npos) return one_line(message);
  const std::string_view text = message.substr(0, last + 1);
  const std::size_t before_last = text.rfind('\n');
  if (before_last == std::string_view::npos || before_last < begin) return one_line(message);
  return one_line(std::string(message.substr(0, begin)).append(text.substr(before_last + 1)));
}

}  // namespace dodona::host
