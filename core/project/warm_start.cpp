// SPDX-License-Identifier: Apache-2.0
#include "project/warm_start.hpp"

#include "base/text.hpp"
#include "project/project.hpp"
#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

using ByName = std::vector<study::LaterValue>;

template <class Assignments>
ByName by_name(const Assignments& assignments, const std::vector<Param>& params) {
  ByName values;
  for (const Assignment& each : assignments) {
    const Param& param = params[each.param];
    values.push_back({param.name, value_of(param, each.cell)});
  }
  return values;
}

// Those of the values that have no place in the point.
ByName left_of(ByName values, const Space& space, const Point& point) {
  std::erase_if(values, [&](const study::LaterValue& value) {
    return space.find_active(value.name, point).has_value();
  });
  return values;
}

// The point of this space, or why there is none.
std::optional<Point> point_of(const ByName& values, const Space& space, std::string& problem) {
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    const Param& param = space.params()[i];
    const auto given = std::find_if(values.begin(), values.end(),
                                    [&](const auto& value) { return value.name == param.name; });
    if (given == values.end()) {
      problem = "it has no " + base::quote(param.name);
      return std::nullopt;
    }
    const auto cell = cell_of(param, given->value);
    if (!cell) {
      problem = space::to_text(given->value) + " is not a value of " + space::to_text(param);
      return std::nullopt;
    }
    point.set(i, *cell);
  }
  if (const auto broken = space.broken(point)) {
    problem = "its values break the constraint " + space.told(*broken, point);
    return std::nullopt;
  }
  return point;
}

// Those of the other study that no definition of this one is called by.
std::string unknown_names(const std::vector<Param>& theirs, const Space& space) {
  std::set<std::string_view> unknown;
  std::string text;
  for (const Param& param : theirs) {
    const bool known = std::any_of(space.params().begin(), space.params().end(),
                                   [&](const Param& own) { return own.name == param.name; });
    if (known || !unknown.insert(param.name).second) continue;
    text += (text.empty() ? "" : ", ") + base::quote(param.name);
  }
  return text;
}

std::string trials_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " trial" : " trials");
}

class StudyReader {
 public:
  StudyReader(const std::string& directory, const study::Objective& objective)
      : store_(open_to_read(directory)),
        state_(fold(*store_, objective).state),
        source_(warm_start_source(directory)) {
    for (const study::TrialRecord& trial : state_.trials()) {
      if (study::is_final(trial.state)) budget_ = std::max(budget_, trial.budget);
    }
  }

  WarmStart read(const Space& space, study::Names& names) {
    for (std::size_t id = 0; id < state_.trials().size(); ++id) {
      if (study::is_final(state_.trials()[id].state)) take(id, space, names);
    }
    out_.left_out = unfit_ + unscored_ + shorter_ > 0;
    out_.summary = trials_text(out_.trials.size()) + " of " + source_ + " handed to the oracle";
    if (unfit_ > 0) {
      out_.summary += "; " + trials_text(unfit_) + " left out, as values do not fit the space (" +
                      first_problem_ + ")";
    }
    if (unscored_ > 0) {
      out_.summary +=
          "; " + trials_text(unscored_) + " left out, for want of the objective's metrics";
    }
    if (shorter_ > 0) {
      out_.summary += "; " + trials_text(shorter_) + " left out, as their budget was below " +
                      std::to_string(budget_);
    }
    const std::string unknown = unknown_names(state_.params(), space);
    if (!unknown.empty()) out_.summary += "; passed over until a trial asks for them: " + unknown;
    return std::move(out_);
  }

 private:
  void take(std::size_t id, const Space& space, study::Names& names) {
    const study::TrialRecord& trial = state_.trials()[id];
    if (trial.budget < budget_) {
      ++shorter_;
      return;
    }
    if (!study::is_failure(trial.state) && !std::isfinite(trial.score)) {
      ++unscored_;
      return;
    }
    std::string problem;
    ByName values = by_name(trial.assignments, state_.params());
    const auto point = point_of(values, space, problem);
    if (!point) {
      if (unfit_++ == 0) first_problem_ = "trial " + std::to_string(id) + ": " + problem;
      return;
    }
    study::Imported imported;
    imported.state = trial.state;
    imported.assignments = point->assignments();
    for (const study::MetricValue& metric : trial.metrics) {
      imported.metrics.push_back({names.intern(store_->names()[metric.name]), metric.value});
    }
    imported.objectives = trial.objectives;
    if (imported.objectives.empty()) imported.objectives = study::kNoScore;  // it failed
    imported.excesses = trial.excesses;
    imported.source = source_;
    imported.trial = id;
    imported.later = left_of(std::move(values), space, *point);
    out_.trials.push_back(std::move(imported));
  }

  const std::unique_ptr<RescoredStore> store_;
  const study::State state_;
  const std::string source_;
  std::uint64_t budget_ = 0;  // the largest of a trial that ended
  std::uint64_t unfit_ = 0;
  std::uint64_t unscored_ = 0;
  std::uint64_t shorter_ = 0;
  std::string first_problem_;
  WarmStart out_;
};

template <class Function>
auto blamed_on_key(Function&& function) {
  try {
    return function();
  } catch (const Error& error) {
    throw Error(error.code(), std::string(kWarmStart) + ": " + error.what());
  }
}

}  // namespace

std::string warm_start_source(const std::string& directory) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(directory, error);
  return error ? directory : path.string();
}

void check_warm_start(const std::string& directory, const std::string& own_directory) {
  std::error_code error;
  if (!own_directory.empty() && fs::equivalent(directory, own_directory, error)) {
    throw Error(DODONA_E_INVALID, "warm_start: " + directory + " is this study itself");
  }
  blamed_on_key([&] { open_to_read(directory); });
}

WarmStart read_warm_start(const std::string& directory, const study::Objective& objective,
                          const Space& space, study::Names& names) {
  return blamed_on_key([&] { return StudyReader(directory, objective).read(space, names); });
}

std::optional<study::Imported> with_later_values(const study::Imported& trial, const Space& space) {
  if (trial.later.empty()) return std::nullopt;
  Point point(space.size());
  for (const Assignment& each : trial.assignments) point.set(each.param, each.cell);
  bool more = false;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Param& param = space.params()[i];
    if (point.active(i) || !space.is_active(i, point)) continue;
    const auto value = std::find_if(trial.later.begin(), trial.later.end(),
                                    [&](const auto& each) { return each.name == param.name; });
    const auto cell = value != trial.later.end() ? cell_of(param, value->value) : std::nullopt;
    if (!cell) continue;
    point.set(i, *cell);
    more = true;
  }
  if (!more || !space.is_feasible(point)) return std::nullopt;
  study::Imported again = trial;
  again.assignments = point.assignments();
  again.later = left_of(trial.later, space, point);
  return again;
}

bool is_among(const study::Imported& trial, const std::vector<study::Imported>& trials) {
  return std::any_of(trials.begin(), trials.end(), [&](const study::Imported& other) {
    if (other.source != trial.source) return false;
    if (other.trial != study::kNoTrial) return other.trial == trial.trial;
    return other.assignments == trial.assignments &&
           std::equal(other.objectives.begin(), other.objectives.end(), trial.objectives.begin(),
                      trial.objectives.end(), [](double a, double b) {
                        return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
                      });
  });
}

}  // namespace dodona::project
