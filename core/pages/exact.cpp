// SPDX-License-Identifier: Apache-2.0
#include "pages/exact.hpp"

#include "base/text.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace dodona::pages {
namespace {

namespace json = boost::json;

constexpr std::size_t kTextMax = 4000;  // bytes of a note or a message
// Numbers in curves: all together about these, and each curve at least 16 and at most 400.
constexpr std::size_t kCurveNumbers = 120000;
constexpr std::size_t kCurveMin = 16;
constexpr std::size_t kCurveMax = 400;

// The beginning of a long text, at a character's end.
std::string cut(const std::string& text, std::size_t& cuts) {
  if (text.size() <= kTextMax) return text;
  ++cuts;
  std::size_t end = kTextMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + " ...";
}

json::value optional_number(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value optional_trial(const std::optional<std::uint64_t>& trial) {
  return trial ? json::value(*trial) : json::value(nullptr);
}

json::object named_numbers(const std::vector<std::pair<std::string, std::optional<double>>>& all) {
  json::object object;
  for (const auto& [name, number] : all) object[name] = optional_number(number);
  return object;
}

struct Curve {
  std::uint32_t attempt = 0;
  std::vector<const Report*> reports;
};

json::object curve_object(std::uint64_t trial, std::uint32_t execution, const Curve& curve,
                          std::size_t points_max) {
  const std::size_t all = curve.reports.size();
  const std::size_t kept = std::min(all, points_max);
  json::array steps;
  std::map<std::string, json::array> metrics;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t place = kept > 1 ? i * (all - 1) / (kept - 1) : all - 1;
    const Report& report = *curve.reports[place];
    steps.emplace_back(report.step);
    for (const auto& [name, value] : report.metrics) {
      json::array& numbers = metrics[name];
      while (numbers.size() < i) numbers.emplace_back(nullptr);
      numbers.emplace_back(value);
    }
  }
  json::object object{{"trial", trial}, {"execution", execution}, {"steps", std::move(steps)}};
  if (curve.reports.back()->verdict != "continue") object["stopped"] = true;
  json::object named;
  for (auto& [name, numbers] : metrics) named[name] = std::move(numbers);
  object["metrics"] = std::move(named);
  return object;
}

}  // namespace

json::object exact_row(const Result& trial, std::span<const Axis> axes, std::size_t& cuts) {
  json::array values;
  for (const Axis& axis : axes) values.push_back(axis_value(axis, trial.values.find(axis.name)));
  json::object metrics;
  for (const auto& [name, value] : trial.metrics) metrics[name] = value;
  json::object notes;
  for (const auto& [key, value] : trial.notes) notes[key] = cut(value, cuts);
  json::array executions;
  for (const auto& score : trial.execution_scores) executions.push_back(optional_number(score));
  json::array scores;
  if (trial.scores.empty()) scores.push_back(optional_number(trial.score));
  for (const auto& [name, score] : trial.scores) scores.push_back(optional_number(score));
  json::object row{{"trial", trial.trial},        {"values", std::move(values)},
                   {"scores", std::move(scores)}, {"metrics", std::move(metrics)},
                   {"notes", std::move(notes)},   {"seed", std::to_string(trial.seed)},
                   {"outcome", trial.outcome},    {"best_step", trial.best_step},
                   {"budget", trial.budget}};
  if (!executions.empty()) row["executions"] = std::move(executions);
  if (trial.spread) row["spread"] = *trial.spread;
  if (!trial.message.empty()) row["message"] = cut(trial.message, cuts);
  if (!trial.excesses.empty()) row["excesses"] = named_numbers(trial.excesses);
  if (trial.attempt > 0) row["attempt"] = trial.attempt;
  if (trial.losses > 0) row["losses"] = trial.losses;
  if (!trial.lost.empty()) row["lost"] = trial.lost;
  if (trial.resume_of) row["resume_of"] = optional_trial(trial.resume_of);
  if (trial.repeat_of) row["repeat_of"] = optional_trial(trial.repeat_of);
  return row;
}

std::set<std::uint64_t> exact_trials(std::span<const Result> trials, std::span<const Result> best) {
  std::set<std::uint64_t> chosen;
  if (trials.size() <= 3 * kExactMax) {
    for (const Result& trial : trials) chosen.insert(trial.trial);
    return chosen;
  }
  for (std::size_t i = 0; i < std::min(best.size(), kExactMax); ++i) chosen.insert(best[i].trial);
  for (std::size_t i = trials.size(); i > 0 && trials.size() - i < kExactMax; --i) {
    chosen.insert(trials[i - 1].trial);
  }
  std::size_t failed = 0;
  for (std::size_t i = trials.size(); i > 0 && failed < kExactMax; --i) {
    const TrialState state = trials[i - 1].state;
    if (state != TrialState::kFailed && state != TrialState::kInvalid) continue;
    chosen.insert(trials[i - 1].trial);
    ++failed;
  }
  return chosen;
}

json::array exact_rows(const std::set<std::uint64_t>& chosen, std::span<const Result> trials,
                       std::span<const Explanation> explanations, std::span<const Axis> axes,
                       LeftOut& left_out) {
  json::array rows;
  std::size_t cuts = 0;
  for (const std::uint64_t trial : chosen) {
    json::object row = exact_row(trials[trial], axes, cuts);
    // Each trial has one, in the order of their ids.
    if (trial < explanations.size() && explanations[trial].trial == trial) {
      row["source"] = explanations[trial].source;
      if (!explanations[trial].note.empty()) row["why"] = cut(explanations[trial].note, cuts);
    }
    rows.push_back(std::move(row));
  }
  if (cuts > 0) {
    left_out.push_back(std::to_string(cuts) + " notes and messages are cut after " +
                       std::to_string(kTextMax) + " bytes");
  }
  return rows;
}

json::array exact_curves(const std::set<std::uint64_t>& chosen, std::span<const Report> reports,
                         LeftOut& left_out) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, Curve> curves;
  std::size_t numbers = 0;
  for (const Report& report : reports) {
    if (!chosen.contains(report.trial)) continue;
    Curve& curve = curves[{report.trial, report.execution}];
    if (report.attempt != curve.attempt) curve = {report.attempt, {}};
    curve.reports.push_back(&report);
    numbers += 1 + report.metrics.size();
  }
  std::size_t longest = 0;
  for (const auto& [key, curve] : curves) longest = std::max(longest, curve.reports.size());
  std::size_t points_max = kCurveMax;
  if (numbers > kCurveNumbers) {
    const double share = static_cast<double>(kCurveNumbers) / static_cast<double>(numbers);
    points_max = std::clamp(static_cast<std::size_t>(share * static_cast<double>(longest)),
                            kCurveMin, kCurveMax);
  }
  json::array all;
  for (const auto& [key, curve] : curves) {
    all.push_back(curve_object(key.first, key.second, curve, points_max));
  }
  if (longest > points_max) {
    left_out.push_back("curves of more than " + std::to_string(points_max) +
                       " reports have as many of them, evenly chosen");
  }
  return all;
}

}  // namespace dodona::pages
