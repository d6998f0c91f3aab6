// SPDX-License-Identifier: Apache-2.0
#include "schedule/going.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "schedule/checkpoints.hpp"

#include <dodona/error.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <limits>
#include <system_error>

namespace dodona::schedule {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string going_directory(const std::string& trial_directory, std::uint32_t execution) {
  return trial_directory + "/" + std::to_string(execution) + "/going";
}

// Numbers that are not finite are strings in JSON.
double real_of(const base::JsonReader& at) {
  if (at.value().is_string()) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::string_view word = at.string();
    return word == "Infinity"    ? infinity
           : word == "-Infinity" ? -infinity
                                 : std::numeric_limits<double>::quiet_NaN();
  }
  return at.real();
}

std::string text_of(const Going::Point& point, const std::string& of) {
  json::object out;
  out["of"] = of;
  out["attempt"] = point.attempt;
  out["step"] = point.step;
  if (!point.model.empty()) out["generation"] = point.home.ends_with("/0") ? 0 : 1;
  if (point.best) out["best"] = json::array{point.best->violation, point.best->value};
  json::array& finals = out["finals"].emplace_array();
  for (const Going::Finals& metrics : point.finals) {
    json::object& one = finals.emplace_back(json::object()).get_object();
    for (const auto& [name, value] : metrics) one[name] = value;
  }
  out["used"] = json::array(point.used.begin(), point.used.end());
  out["seconds"] = point.seconds;
  return base::to_text(out) + "\n";
}

// The point in a directory, if it is of this model.
std::optional<Going::Point> read_point(const std::string& directory, std::uint32_t execution,
                                       const std::string& of) {
  const std::string file = directory + "/point";
  const base::JsonDocument document = base::parse_json(base::read_file(file), file);
  const base::JsonReader root(document);
  if (root.required("of").string() != of) return std::nullopt;
  Going::Point point;
  point.execution = execution;
  point.attempt = static_cast<std::uint32_t>(root.required("attempt").whole());
  point.step = static_cast<std::uint64_t>(root.required("step").whole());
  point.home = directory;
  if (const auto generation = root.member("generation")) {
    point.home += "/" + std::to_string(generation->whole());
    point.model = point.home + "/model";
  }
  if (const auto best = root.member("best")) {
    point.best = study::Standing{real_of(best->element(0)), real_of(best->element(1))};
  }
  const base::JsonReader finals = root.required("finals");
  for (std::size_t i = 0; i < finals.array().size(); ++i) {
    Going::Finals& metrics = point.finals.emplace_back();
    const base::JsonReader one = finals.element(i);
    for (const json::key_value_pair& member : one.object()) {
      metrics.emplace_back(member.key(), real_of(one.required(member.key())));
    }
  }
  const base::JsonReader used = root.required("used");
  for (std::size_t i = 0; i < used.array().size(); ++i) {
    point.used.push_back(static_cast<std::uint32_t>(used.element(i).whole()));
  }
  point.seconds = real_of(root.required("seconds"));
  return point;
}

}  // namespace

Going::Going(std::string trial_directory, const CheckpointEvery& every, const base::Clock& clock)
    : directory_(std::move(trial_directory)),
      every_(every),
      clock_(clock),
      last_nanos_(clock.steady_nanos()),
      began_nanos_(last_nanos_) {}

std::string Going::place() const {
  return going_directory(directory_, execution_);
}

double Going::seconds() const {
  constexpr double nanos = 1e-9;
  return seconds_before_ + nanos * static_cast<double>(clock_.steady_nanos() - began_nanos_);
}

std::optional<Going::Point> Going::find(const study::TrialRecord& trial) const {
  if (directory_.empty() || trial.started_unix_nanos == 0) return std::nullopt;
  // The begin of an execution is kept before the log has it.
  for (const std::uint32_t execution : {trial.execution + 1, trial.execution}) {
    const std::string directory = going_directory(directory_, execution);
    std::error_code ignored;
    if (!fs::exists(directory + "/point", ignored)) continue;
    try {
      const std::optional<Point> found = read_point(directory, execution, every_.model);
      if (!found) continue;
      const Point& point = *found;
      const bool begins = point.model.empty();
      const bool done = begins || (execution == trial.execution && point.step > 0 &&
                                   point.step <= trial.last_step);
      const bool whole = point.finals.size() == execution;
      if (point.attempt != trial.attempt || !done || !whole) continue;
      if (!begins && !fs::is_directory(point.model, ignored)) continue;
      return point;
    } catch (const Error&) {  // damaged: the trial begins again
      continue;
    }
  }
  return std::nullopt;
}

void Going::go_on(const Point& from) {
  const std::string best = best_checkpoint(directory_);
  const std::string released = from.home + "/best";
  std::error_code none;
  if (!from.best) {
    fs::remove_all(best, none);
  } else if (fs::is_directory(released, none)) {
    base::replace_directory(released, best);
  }
  seconds_before_ = from.seconds;
  began_nanos_ = last_nanos_ = clock_.steady_nanos();
  take(from);
}

// From now on this is the last point.
void Going::take(const Point& point) {
  home_ = point.home;
  best_is_of_point_ = point.best.has_value();
  if (!point.model.empty()) generation_ = point.home.ends_with("/0") ? 0 : 1;
  last_nanos_ = clock_.steady_nanos();
}

void Going::begin(std::uint32_t attempt, std::uint32_t execution, std::uint64_t step) {
  attempt_ = attempt;
  execution_ = execution;
  last_step_ = step;
}

bool Going::is_due() const {
  constexpr double nanos = 1e-9;
  const double passed = nanos * static_cast<double>(clock_.steady_nanos() - last_nanos_);
  return every_.seconds > 0.0 && passed >= every_.seconds;
}

bool Going::is_due(std::uint64_t step) const {
  if (directory_.empty() || every_.never()) return false;
  DODONA_ASSERT(step >= last_step_);
  return is_due() || (every_.steps > 0 && step - last_step_ >= every_.steps);
}

std::string Going::make_directory() {
  const std::string next = place() + "/" + std::to_string(1 - generation_);
  base::make_empty_directory(next);
  base::make_directory(next + "/model");
  return next + "/model";
}

void Going::saved(Point&& point) {
  point.home = place() + "/" + std::to_string(1 - generation_);
  point.model = point.home + "/model";
  point.execution = execution_;
  base::sync_below(point.home);
  base::sync_directory(place());
  write(point);
  last_step_ = point.step;
}

void Going::pass_over(std::uint64_t step) {
  std::error_code ignored;  // a disk that is full needs the room
  fs::remove_all(place() + "/" + std::to_string(1 - generation_), ignored);
  last_step_ = step;
  last_nanos_ = clock_.steady_nanos();
}

bool Going::wants_end() const {
  if (directory_.empty() || every_.never()) return false;
  return every_.steps > 0 || is_due() || (home_ && home_->starts_with(place()));
}

void Going::ended(Point&& point) {
  const std::string before = place();
  point.execution = execution_ + 1;
  point.home = going_directory(directory_, point.execution);
  base::make_empty_directory(point.home);
  write(point);
  std::error_code ignored;  // what stays is removed at the trial's end
  fs::remove_all(before, ignored);
  fs::remove(fs::path(before).parent_path(), ignored);
}

void Going::write(Point& point) {
  point.attempt = attempt_;
  point.seconds = seconds();
  const std::string going = going_directory(directory_, point.execution);
  base::write_file_atomically(going + "/point", text_of(point, every_.model));
  const fs::path execution = fs::path(going).parent_path();
  base::sync_directory(execution);
  base::sync_directory(execution.parent_path());
  take(point);
}

void Going::release_best() {
  if (!home_ || !best_is_of_point_) return;
  best_is_of_point_ = false;
  const std::string best = best_checkpoint(directory_);
  std::error_code none;
  if (!fs::is_directory(best, none)) return;
  base::replace_directory(best, *home_ + "/best");
}

void remove_going(const std::string& trial_directory) {
  if (trial_directory.empty()) return;
  std::error_code none;
  std::vector<fs::path> executions;
  fs::directory_iterator entry(trial_directory, none);
  for (; !none && entry != fs::directory_iterator(); entry.increment(none)) {
    executions.push_back(entry->path());
  }
  for (const fs::path& execution : executions) {
    if (fs::remove_all(execution / "going", none) == 0 || none) continue;
    fs::remove(execution, none);  // if nothing else is in it
  }
}

}  // namespace dodona::schedule
