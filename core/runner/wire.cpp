// SPDX-License-Identifier: Apache-2.0
#include "runner/wire.hpp"

#include "base/json.hpp"

#include <cmath>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

// A number of an enumeration whose values run from 1 to `last`.
template <class Enum>
Enum read_enum(const JsonReader& from, Enum last) {
  const std::int64_t number = from.whole();
  if (number < 1 || number > static_cast<std::int64_t>(last)) {
    from.fail("is " + std::to_string(number) + "; it should be 1 to " +
              std::to_string(static_cast<std::int64_t>(last)));
  }
  return static_cast<Enum>(number);
}

std::uint32_t read_small(const JsonReader& from) {
  const std::uint64_t count = read_count(from);
  if (count > kMost) from.fail("is " + std::to_string(count) + "; it should be below 2^32");
  return static_cast<std::uint32_t>(count);
}

Value read_value(const JsonReader& from) {
  const json::value& value = from.value();
  if (value.is_bool()) return value.get_bool();
  if (value.is_int64()) return value.get_int64();
  if (value.is_double()) return value.get_double();
  const json::string& text = from.string();
  return std::string(text.data(), text.size());
}

template <class Read>
auto read_list(const JsonReader& from, Read&& read) {
  std::vector<std::invoke_result_t<Read&, const JsonReader&>> out;
  const std::size_t size = from.array().size();
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) out.push_back(read(from.element(i)));
  return out;
}

}  // namespace

// ---- cells and definitions ---------------------------------------------------------------------

json::value cell_to_json(const Param& param, Cell cell) {
  if (param.type == ParamType::kFloat) return number_to_json(cell.real());
  return json::value(cell.whole());
}

Cell read_cell(const JsonReader& from, const Param& param) {
  if (param.type == ParamType::kFloat) return Cell::real(read_number(from));
  return Cell::whole(from.whole());
}

json::value value_to_json(const Value& value) {
  return std::visit(
      [](const auto& held) -> json::value {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, double>) {
          return number_to_json(held);
        } else {
          return json::value(held);
        }
      },
      value);
}

json::object to_json(const Condition& condition) {
  json::array values;
  for (const Value& value : condition.any_of) values.push_back(value_to_json(value));
  return {{"parent", condition.parent}, {"any_of", std::move(values)}};
}

Condition read_condition(const JsonReader& from) {
  return {read_text(from.required("parent")), read_list(from.required("any_of"), read_value)};
}

json::object to_json(const Param& param) {
  json::object out{{"name", param.name}, {"type", static_cast<std::int64_t>(param.type)}};
  if (param.type == ParamType::kInt || param.type == ParamType::kFloat) {
    out["sampling"] = static_cast<std::int64_t>(param.sampling);
    out["low"] = cell_to_json(param, param.low);
    out["high"] = cell_to_json(param, param.high);
    if (param.step) out["step"] = cell_to_json(param, *param.step);
  }
  out["initial"] = cell_to_json(param, param.initial);
  if (param.ordered) out["ordered"] = true;
  if (!param.choices.empty()) {
    json::array& list = out["choices"].emplace_array();
    for (const Value& value : param.choices) list.push_back(value_to_json(value));
  }
  if (!param.conditions.empty()) {
    json::array& list = out["conditions"].emplace_array();
    for (const Condition& condition : param.conditions) list.push_back(to_json(condition));
  }
  return out;
}

Param read_param(const JsonReader& from) {
  Param out;
  out.name = read_text(from.required("name"));
  out.type = read_enum(from.required("type"), ParamType::kFixed);
  if (out.type == ParamType::kInt || out.type == ParamType::kFloat) {
    out.sampling = read_enum(from.required("sampling"), Sampling::kReverseLog);
    out.low = read_cell(from.required("low"), out);
    out.high = read_cell(from.required("high"), out);
    if (const auto step = from.member("step")) out.step = read_cell(*step, out);
  }
  out.initial = read_cell(from.required("initial"), out);
  if (const auto ordered = from.member("ordered")) out.ordered = ordered->boolean();
  if (const auto choices = from.member("choices")) out.choices = read_list(*choices, read_value);
  if (const auto list = from.member("conditions"))
    out.conditions = read_list(*list, read_condition);
  return out;
}

// ---- numbers and metrics -----------------------------------------------------------------------

json::value number_to_json(double number) {
  if (std::isfinite(number)) return json::value(number);
  return json::value(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

double read_number(const JsonReader& from) {
  if (!from.value().is_string()) return from.real();
  const std::string text = read_text(from);
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return infinite;
  if (text == "-Infinity") return -infinite;
  from.fail_kind("a number");
}

std::string read_text(const JsonReader& from) {
  const json::string& text = from.string();
  return {text.data(), text.size()};
}

std::uint64_t read_count(const JsonReader& from) {
  if (from.value().is_uint64()) return from.value().get_uint64();
  const std::int64_t number = from.whole();
  if (number < 0) from.fail("is " + std::to_string(number) + "; it should be 0 or more");
  return static_cast<std::uint64_t>(number);
}

json::array to_json(std::span<const study::NamedMetric> metrics) {
  json::array out;
  for (const study::NamedMetric& metric : metrics) {
    out.push_back(json::array{json::string(metric.name), number_to_json(metric.value)});
  }
  return out;
}

Metrics read_metrics(const JsonReader& from) {
  return read_list(from, [](const JsonReader& pair) {
    if (pair.array().size() != 2) pair.fail("is not a name and a number");
    return std::pair(read_text(pair.element(0)), read_number(pair.element(1)));
  });
}

std::vector<study::NamedMetric> named(const Metrics& metrics) {
  std::vector<study::NamedMetric> out;
  out.reserve(metrics.size());
  for (const auto& [name, value] : metrics) out.push_back({name, value});
  return out;
}

// ---- errors and executions ---------------------------------------------------------------------

json::object to_json(const Error& error) {
  return {{"code", static_cast<std::int64_t>(error.code())}, {"message", error.what()}};
}

Error read_error(const JsonReader& from) {
  const std::int64_t code = from.required("code").whole();
  // An unknown code counts as a failure.
  const bool known = code > DODONA_OK && code <= DODONA_E_INFEASIBLE;
  return {known ? static_cast<dodona_status>(code) : static_cast<dodona_status>(DODONA_E_FAILED),
          read_text(from.required("message"))};
}

study::Outcome read_outcome(const JsonReader& from) {
  const std::int64_t outcome = from.whole();
  const bool known = outcome >= DODONA_OUTCOME_TIME && outcome <= DODONA_OUTCOME_OUTPUT;
  return known ? static_cast<study::Outcome>(outcome) : study::Outcome::kModelError;
}

Error error_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return {DODONA_E_NO_MEMORY, "out of memory"};
  } catch (const std::exception& error) {
    return {DODONA_E_FAILED, error.what()};
  } catch (...) {
    return {DODONA_E_FAILED, "what was thrown is not a std::exception"};
  }
}

json::object facts_to_json(const study::Run& run) {
  return {{"trial", run.trial},
          {"seed", run.seed},
          {"execution", run.execution},
          {"attempt", run.attempt},
          {"threads", run.threads},
          {"start_step", run.start_step},
          {"budget", run.budget},
          {"deadline_unix_nanos", run.deadline_unix_nanos},
          {"spent_seconds", run.spent_seconds},
          {"all_data", run.all_data},
          {"devices", json::array(run.devices.begin(), run.devices.end())},
          {"directory", run.directory},
          {"resume_directory", run.resume_directory}};
}

void read_facts(const JsonReader& from, study::Run& run) {
  run.trial = read_count(from.required("trial"));
  run.seed = read_count(from.required("seed"));
  run.execution = read_small(from.required("execution"));
  run.attempt = read_small(from.required("attempt"));
  run.threads = read_small(from.required("threads"));
  run.start_step = read_count(from.required("start_step"));
  run.budget = read_count(from.required("budget"));
  run.deadline_unix_nanos = from.required("deadline_unix_nanos").whole();
  run.spent_seconds = from.required("spent_seconds").real();
  run.all_data = from.required("all_data").boolean();
  run.devices = read_list(from.required("devices"), read_text);
  run.directory = read_text(from.required("directory"));
  run.resume_directory = read_text(from.required("resume_directory"));
}

}  // namespace dodona::runner
