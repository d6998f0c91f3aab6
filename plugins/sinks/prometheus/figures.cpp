// SPDX-License-Identifier: Apache-2.0
#include "figures.hpp"

#include <dodona/error.hpp>

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

namespace prometheus {
namespace {

using dodona::body_of;

constexpr double kNanosPerSecond = 1e9;
constexpr std::string_view kTime = "dodona_last_event_timestamp_seconds";
constexpr std::string_view kBest = "dodona_best";
constexpr std::string_view kRunning = "dodona_trials_running";

// A count by its name, and what it counts.
struct Count {
  std::string_view name;
  std::string_view help;
};
constexpr std::array kCounts{
    Count{"dodona_events_total", "Events of the study's log."},
    Count{"dodona_trials_proposed_total", "Trials that the oracle has proposed."},
    Count{"dodona_trials_completed_total", "Trials that ran to their end."},
    Count{"dodona_trials_stopped_total", "Trials that were stopped early."},
    Count{"dodona_trials_failed_total", "Trials whose model failed."},
    Count{"dodona_trials_invalid_total", "Trials whose objective was no number."},
    Count{"dodona_reports_total", "Steps that trials have reported."},
    Count{"dodona_runners_lost_total", "Losses of runners with a trial."},
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

template <class Number>
Number read_number(std::string_view text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    throw dodona::Error(DODONA_E_INVALID,
                        "holds \"" + std::string(text) + "\", which is no number");
  }
  return value;
}

// The value of a line that begins with a name and its labels.
std::string_view value_of(std::string_view text, const std::string& name) {
  const std::string begin = name + ' ';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(begin)) return line.substr(begin.size());
    at = end + 1;
  }
  throw dodona::Error(DODONA_E_INVALID, "lacks " + name);
}

}  // namespace

Figures::Figures(std::string_view study, std::string_view id,
                 std::vector<dodona::common::Objective> objectives)
    : own_("study=\"" + escaped(study) + "\",id=\"" + std::string(id) + '"'),
      objectives_(std::move(objectives)),
      best_(objectives_.size(), std::numeric_limits<double>::quiet_NaN()) {
  for (const Count& each : kCounts) counts_.emplace(each.name, 0);
}

std::string Figures::labels(std::string_view more) const {
  return '{' + own_ + (more.empty() ? "" : "," + std::string(more)) + '}';
}

void Figures::count(const dodona_event& event) {
  counts_.at("dodona_events_total") = event.sequence + 1;
  time_ = static_cast<double>(event.unix_nanos) / kNanosPerSecond;
  const auto add = [&](const char* name) { ++counts_.find(std::string_view(name))->second; };
  if (body_of<dodona_proposed_event>(event) != nullptr) add("dodona_trials_proposed_total");
  if (body_of<dodona_reported_event>(event) != nullptr) add("dodona_reports_total");
  if (body_of<dodona_lost_event>(event) != nullptr) add("dodona_runners_lost_total");
  const auto* finished = body_of<dodona_finished_event>(event);
  if (finished == nullptr) return;
  add(finished->state == DODONA_COMPLETED ? "dodona_trials_completed_total"
      : finished->state == DODONA_STOPPED ? "dodona_trials_stopped_total"
      : finished->state == DODONA_INVALID ? "dodona_trials_invalid_total"
                                          : "dodona_trials_failed_total");
  if (DODONA_KNOWS(finished, dodona_finished_event, excesses)) {
    for (const double excess : dodona::list(finished->excesses)) {
      if (!(excess <= 0)) return;  // it does not keep the limits
    }
  }
  const auto values = dodona::list(finished->objectives);
  for (std::size_t i = 0; i < std::min(values.size(), best_.size()); ++i) {
    if (!std::isfinite(values[i])) continue;
    if (!(objectives_[i].natural(best_[i]) <= values[i]))
      best_[i] = objectives_[i].natural(values[i]);
  }
}

std::string Figures::write() const {
  std::string out;
  const auto head = [&](std::string_view name, std::string_view help, std::string_view type) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out.append(name).append(" ").append(type).append("\n");
  };
  std::uint64_t ended = 0;
  for (const Count& each : kCounts) {
    const std::uint64_t count = counts_.find(each.name)->second;
    if (each.name.starts_with("dodona_trials_") && each.name != kCounts[1].name) ended += count;
    head(each.name, each.help, "counter");
    out += std::string(each.name) + labels() + ' ' + std::to_string(count) + '\n';
  }
  head(kRunning, "Trials that were proposed and have not ended.", "gauge");
  const std::uint64_t running = counts_.find(kCounts[1].name)->second - ended;
  out += std::string(kRunning) + labels() + ' ' + std::to_string(running) + '\n';
  head(kBest, "The best objective of trials that keep the limits.", "gauge");
  for (std::size_t i = 0; i < best_.size(); ++i) {
    const std::string objective = "objective=\"" + escaped(objectives_[i].name) + '"';
    out += std::string(kBest) + labels(objective) + ' ' + to_text(best_[i]) + '\n';
  }
  head(kTime, "When the last event was, in seconds since 1970.", "gauge");
  out += std::string(kTime) + labels() + ' ' + to_text(time_) + '\n';
  return out;
}

void Figures::read(std::string_view text) {
  std::map<std::string, std::uint64_t, std::less<>> counts;
  for (const Count& each : kCounts) {
    const std::string name(each.name);
    counts[name] = read_number<std::uint64_t>(value_of(text, name + labels()));
  }
  std::vector<double> best;
  for (const dodona::common::Objective& each : objectives_) {
    const std::string objective = "objective=\"" + escaped(each.name) + '"';
    const std::string_view value = value_of(text, std::string(kBest) + labels(objective));
    best.push_back(value == "NaN" ? std::numeric_limits<double>::quiet_NaN()
                                  : read_number<double>(value));
  }
  time_ = read_number<double>(value_of(text, std::string(kTime) + labels()));
  counts_ = std::move(counts);
  best_ = std::move(best);
}

}  // namespace prometheus
