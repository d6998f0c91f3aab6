// SPDX-License-Identifier: Apache-2.0
#include "metric_lines.hpp"

#include "common/text/json_members.hpp"
#include "common/text/utf8.hpp"

#include <dodona/error.hpp>

#include <boost/regex.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace command {
namespace {

using dodona::common::json_members;
using dodona::common::json_number;
using dodona::common::json_string;
using dodona::common::Member;

constexpr std::string_view kStep = "step";
constexpr double kStepMax = 9007199254740992.0;  // a double holds every count up to here

std::optional<std::uint64_t> as_step(double value) {
  const bool counts = value >= 0 && value <= kStepMax;  // false for NaN
  if (!counts || value != static_cast<double>(static_cast<std::uint64_t>(value))) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(value);
}

void put(Reading& reading, std::string&& name, double value) {
  for (auto& [known, number] : reading.metrics) {
    if (known != name) continue;
    number = value;
    return;
  }
  reading.metrics.emplace_back(std::move(name), value);
}

// A number as programs print it for people: .5, +1 and inf too.
std::optional<double> loose_number(std::string_view text) {
  if (const auto number = json_number(text)) return number;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A member that is a number for people, but a text in JSON.
bool is_number_as_text(const Member& member) {
  const auto text = json_string(member.raw);
  return text && !text->empty() && loose_number(*text).has_value();
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = utf8::length(text, at);
    if (bytes == 0) return false;
    at += bytes;
  }
  return true;
}

}  // namespace

std::optional<Reading> read_json_line(std::string_view line) {
  auto members = json_members(line);
  if (!members) return std::nullopt;
  Reading reading;
  for (Member& member : *members) {
    const auto number = json_number(member.raw);
    if (member.name == kStep) {
      reading.step = number ? as_step(*number) : std::nullopt;
      if (!reading.step) return std::nullopt;
    } else if (number && !member.name.empty()) {
      put(reading, std::move(member.name), *number);
    }
  }
  if (reading.metrics.empty()) return std::nullopt;
  return reading;
}

std::string mistake_in(std::string_view line) {
  if (line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
    return json_members(line) ? "it begins with a byte order mark, which should not be there" : "";
  }
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  const auto members = json_members(line);
  if (!members) {
    const bool braces = line.starts_with("{'") && line.ends_with('}');
    return braces ? "it is no JSON: names stand in double quotes" : "";
  }
  bool numbers = false;
  const Member* nested = nullptr;
  for (const Member& member : *members) {
    const auto number = json_number(member.raw);
    const std::string raw(member.raw);
    if (member.name == kStep && !(number && as_step(*number)))
      return "\"step\" is " + raw + "; it should be a count such as 1";
    if (is_number_as_text(member))
      return "\"" + member.name + "\" is the text " + raw + "; a metric is a number without quotes";
    numbers = numbers || (number && member.name != kStep);
    const auto inner = json_members(member.raw);
    if (!inner) continue;
    for (const Member& each : *inner) nested = json_number(each.raw) ? &member : nested;
  }
  if (numbers || nested == nullptr) return "";
  return "\"" + nested->name +
         "\" is an object; metrics stand in the line itself: {\"step\": 1, \"loss\": 0.5}";
}

// ---- regular expressions -----------------------------------------------------------------------

struct Patterns::Compiled {
  std::vector<std::pair<std::string, boost::regex>> list;
};

Patterns::Patterns() : compiled_(std::make_unique<Compiled>()) {}
Patterns::~Patterns() = default;
Patterns::Patterns(Patterns&&) noexcept = default;
Patterns& Patterns::operator=(Patterns&&) noexcept = default;

void Patterns::add(const std::string& metric, const std::string& pattern) {
  try {
    if (boost::regex(pattern).mark_count() == 0) {
      throw dodona::Error(DODONA_E_INVALID, "metrics_regex: \"" + pattern + "\" of \"" + metric +
                                                "\" has no group; parentheses say where the number "
                                                "stands: \"" +
                                                metric + " ([0-9.]+)\"");
    }
    compiled_->list.emplace_back(metric, boost::regex(pattern));
  } catch (const boost::regex_error& error) {
    throw dodona::Error(DODONA_E_INVALID, "metrics_regex: \"" + pattern + "\" of \"" + metric +
                                              "\" is no regular expression: " + error.what());
  }
}

bool Patterns::empty() const {
  return compiled_->list.empty();
}

std::vector<std::string> Patterns::metrics() const {
  std::vector<std::string> names;
  for (const auto& [metric, pattern] : compiled_->list) {
    if (metric != kStep) names.push_back(metric);
  }
  return names;
}

Reading Patterns::read(std::string_view line) const {
  Reading reading;
  for (const auto& [metric, pattern] : compiled_->list) {
    boost::cmatch match;
    try {
      if (!boost::regex_search(line.data(), line.data() + line.size(), match, pattern)) continue;
    } catch (const std::runtime_error&) {  // the match would take too long
      continue;
    }
    const auto& group = match[1];
    const auto number = loose_number({group.first, static_cast<std::size_t>(group.length())});
    if (!number) continue;
    if (metric == kStep) {
      reading.step = as_step(*number);
    } else {
      put(reading, std::string(metric), *number);
    }
  }
  return reading;
}

// ---- streams -----------------------------------------------------------------------------------

void LineSplitter::keep(std::string_view bytes) {
  if (too_long_) return;
  if (line_.size() + bytes.size() > kLineMax) {
    too_long_ = true;
    line_.clear();
    return;
  }
  line_ += bytes;
}

void LineSplitter::finish(const OnLine& on_line) {
  const bool whole = !too_long_ && !line_.empty();
  too_long_ = false;
  const std::string line = std::move(line_);  // moved, so that on_line may throw
  line_.clear();
  if (whole) on_line(line);
}

void LineSplitter::feed(std::string_view bytes, const OnLine& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    keep(bytes.substr(0, end));
    if (end == bytes.size()) return;
    finish(on_line);
    if (bytes[end] == '\n') ++breaks_;
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::end(const OnLine& on_line) {
  finish(on_line);
}

void MetricStream::read(std::string_view line) {
  if (patterns_.empty()) {
    if (on_mistake_) {
      const std::string mistake = mistake_in(line);
      if (!mistake.empty()) on_mistake_(splitter_.number(), line, mistake);
    }
    if (auto reading = read_json_line(line)) on_reading_(std::move(*reading));
    return;
  }
  if (!is_utf8(line)) return;
  Reading reading = patterns_.read(line);
  if (reading.metrics.empty()) {
    if (reading.step) step_ = reading.step;
    return;
  }
  if (!reading.step) reading.step = step_;
  step_.reset();
  on_reading_(std::move(reading));
}

}  // namespace command
