// SPDX-License-Identifier: Apache-2.0
#include "tuner/results.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "space/definition.hpp"
#include "study/event.hpp"
#include "tuner/space_json.hpp"

#include <boost/json/array.hpp>

namespace dodona {
namespace {

namespace json = boost::json;

// The numbers of a state are those of the log.
static_assert(static_cast<int>(State::kWaiting) == static_cast<int>(study::TrialState::kWaiting));
static_assert(static_cast<int>(State::kInvalid) == static_cast<int>(study::TrialState::kInvalid));

const char* kind_word(const HyperParameterValue& value) {
  constexpr const char* kWords[] = {"an int", "a float", "a boolean", "a string"};
  static_assert(std::variant_size_v<HyperParameterValue> == 4);
  return kWords[value.index()];
}

const HyperParameterValue& value_of(const Values& values, std::string_view name) {
  if (const HyperParameterValue* found = values.find(name)) return *found;
  std::vector<std::string> names;
  for (const auto& entry : values.entries()) names.push_back(entry.first);
  throw Error(DODONA_E_INVALID, "there is no active hyperparameter " + base::quote(name) +
                                    base::did_you_mean(name, names));
}

template <class T>
const T& value_as(const Values& values, std::string_view name, const char* wanted) {
  const HyperParameterValue& value = value_of(values, name);
  if (const T* held = std::get_if<T>(&value)) return *held;
  throw Error(DODONA_E_INVALID, "hyperparameter " + base::quote(name) + " is " + kind_word(value) +
                                    ", not " + wanted);
}

}  // namespace

std::int64_t Values::integer(std::string_view name) const {
  return value_as<std::int64_t>(*this, name, "an int");
}

// A study file may give an int where the hypermodel asked for a float.
double Values::real(std::string_view name) const {
  const HyperParameterValue& value = value_of(*this, name);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return value_as<double>(*this, name, "a float");
}

bool Values::boolean(std::string_view name) const {
  return value_as<bool>(*this, name, "a boolean");
}

const std::string& Values::text(std::string_view name) const {
  return value_as<std::string>(*this, name, "a string");
}

const HyperParameterValue* Values::find(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry.first == name) return &entry.second;
  }
  return nullptr;
}

const char* to_text(State state) {
  switch (state) {
    case State::kWaiting:
      return "waiting";
    case State::kRunning:
      return "running";
    case State::kCompleted:
      return "completed";
    case State::kStopped:
      return "stopped";
    case State::kFailed:
      return "failed";
    case State::kInvalid:
      break;
  }
  return "invalid";
}

const char* to_text(End end) {
  switch (end) {
    case End::kMaxTrials:
      return "max_trials reached";
    case End::kExhausted:
      return "nothing left to propose";
    case End::kMaxSeconds:
      return "max_seconds reached";
    case End::kInterrupted:
      return "interrupted";
    case End::kFailures:
      break;
  }
  return "too many failed trials in a row";
}

std::string to_text(const HyperParameterValue& value) {
  return space::to_text(value);
}

std::string to_json(const std::vector<Result>& trials) {
  json::array list;
  for (const Result& trial : trials) list.push_back(tuner::to_json(trial));
  return base::to_text(json::object{{"trials", std::move(list)}}, true);
}

namespace tuner {

json::object to_json(const Result& result) {
  json::object values;
  for (const auto& [name, value] : result.values.entries()) values[name] = to_json(value);
  json::object metrics;
  for (const auto& [name, value] : result.metrics) metrics[name] = value;
  return {{"trial", result.trial},
          {"state", to_text(result.state)},
          {"values", std::move(values)},
          {"score", result.score ? json::value(*result.score) : json::value()},
          {"best_step", result.best_step},
          {"metrics", std::move(metrics)},
          {"message", result.message},
          {"seed", result.seed},
          {"budget", result.budget},
          {"resume_of", result.resume_of ? json::value(*result.resume_of) : json::value()},
          {"attempt", result.attempt}};
}

}  // namespace tuner
}  // namespace dodona
