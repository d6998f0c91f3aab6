// SPDX-License-Identifier: Apache-2.0
#include "host/summary.hpp"

#include "base/json.hpp"
#include "host/table.hpp"
#include "host/text.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

namespace dodona::host {
namespace {

constexpr std::string_view kStudyFile = "study.db";

namespace json = boost::json;

json::value or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

std::string counts(const Summary& summary) {
  const std::uint64_t total =
      summary.completed + summary.stopped + summary.failed + summary.unfinished;
  std::string text =
      counted(total, "trial") + ": " + std::to_string(summary.completed) + " completed";
  if (summary.stopped > 0) text += ", " + std::to_string(summary.stopped) + " stopped early";
  if (summary.failed > 0) text += ", " + std::to_string(summary.failed) + " failed";
  if (summary.unfinished > 0) text += ", " + std::to_string(summary.unfinished) + " unfinished";
  return text;
}

}  // namespace

std::vector<std::string> files_written(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool folder = it->is_directory(error);
    const bool of_store = name == "study.lock" || name == "study.db-wal" || name == "study.db-shm";
    const bool empty = folder && std::filesystem::is_empty(it->path(), error);
    if (name.starts_with('.') || of_store || empty) continue;
    files.push_back(name + (folder ? "/" : ""));
  }
  std::sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a != kStudyFile, std::string_view(a)) <
           std::pair(b != kStudyFile, std::string_view(b));
  });
  return files;
}

std::string reason(End end) {
  switch (end) {
    case End::kMaxTrials:
      return "max_trials reached";
    case End::kExhausted:
      return "the oracle has nothing left to propose";
    case End::kMaxSeconds:
      return "max_seconds reached";
    case End::kInterrupted:
      return "interrupted";
    case End::kFailures:
      return "too many trials failed one after another";
  }
  return "";
}

namespace {

// True if every definition of the name has one value alone.
bool is_constant(const std::vector<HyperParameter>& space, const std::string& name) {
  bool known = false;
  for (const HyperParameter& each : space) {
    if (each.name != name) continue;
    if (each.values.size() != 1) return false;
    known = true;
  }
  return known;
}

std::string values_text(const Outcome& outcome, std::size_t width_max) {
  const Result& best = *outcome.summary.best;
  if (best.values.entries().empty()) return "";
  Table table({{""}, {""}});
  std::string constants;
  for (const auto& [name, value] : best.values.entries()) {
    if (is_constant(outcome.space, name)) {
      constants += (constants.empty() ? "" : ", ") + one_line(name) + " " + shown(value);
    } else {
      table.add({"  " + one_line(name), shown(value)});
    }
  }
  if (!constants.empty()) {
    const std::size_t room = width_max > 2 ? width_max - 2 : 0;
    constants = indented(folded("constants: " + constants, room), 2);
  }
  return "hyperparameters of trial " + std::to_string(best.trial) + ":\n" +
         (table.size() > 0 ? table.text() : "") + constants;
}

}  // namespace

std::string summary_text(const Outcome& outcome, std::size_t width_max) {
  const Summary& summary = outcome.summary;
  std::string text;
  if (outcome.directory.empty()) {
    text += "nothing was written (memory store)\n";
  } else {
    std::string files;
    for (const std::string& file : outcome.files) files += (files.empty() ? "" : ", ") + file;
    text += "written to " + outcome.directory + (files.empty() ? "" : " (" + files + ")") + "\n";
  }
  text +=
      counts(summary) + "; " + reason(summary.end) + " after " + duration(summary.seconds) + "\n";
  if (!summary.delegate.empty()) {
    text += "proposed by " + one_line(summary.delegate) +
            (summary.reason.empty() ? "" : ": " + one_line(summary.reason)) + "\n";
  }
  if (!summary.best) return text;
  const Result& best = *summary.best;
  text += values_text(outcome, width_max);
  text += "best " + shown(outcome.objectives.front()) + " " +
          (best.score ? number(*best.score) : "?") + " (trial " + std::to_string(best.trial) +
          (best.runs > 1 ? ", mean of " + std::to_string(best.runs) + " runs" : "") + ")";
  if (outcome.objectives.size() > 1) {
    text +=
        "; " + counted(summary.front, "trial") + " on the front of " + shown(outcome.objectives);
  }
  const std::string limits = limits_text(best);
  if (limits != "kept") text += "; no trial keeps the limits: " + limits;
  return text + "\n";
}

std::string summary_json(const Outcome& outcome) {
  const Summary& summary = outcome.summary;
  json::array objectives;
  for (const Objective& each : outcome.objectives) {
    const bool less = each.direction == Direction::kMin;
    objectives.push_back({{"name", each.name}, {"direction", less ? "min" : "max"}});
  }
  json::value objective = outcome.objectives.size() > 1 ? json::value(objectives) : objectives[0];
  const json::object root = {
      {"directory", or_null(outcome.directory)},
      {"end", to_text(summary.end)},
      {"completed", summary.completed},
      {"stopped", summary.stopped},
      {"failed", summary.failed},
      {"unfinished", summary.unfinished},
      {"seconds", std::round(summary.seconds * 1000.0) / 1000.0},
      {"message", summary.message},
      {"delegate", or_null(summary.delegate)},
      {"reason", or_null(summary.reason)},
      {"objective", std::move(objective)},
      {"front", summary.front},
      {"best",
       summary.best ? base::parse_json(to_json(*summary.best), "trial").root : json::value()}};
  return base::to_text(root) + '\n';
}

}  // namespace dodona::host
