// SPDX-License-Identifier: Apache-2.0
#include "pages/axes.hpp"

#include "pages/columns.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <variant>

namespace dodona::pages {
namespace {

namespace json = boost::json;

// A browser's numbers are whole up to here.
constexpr std::int64_t kWholeMax = std::int64_t{1} << 53;

std::optional<double> number_of(const HyperParameterValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

bool is_numeric(const HyperParameter& each) {
  return each.type == "int" || each.type == "float" ||
         (each.type == "fixed" && number_of(each.initial).has_value());
}

std::string condition_of(const HyperParameter& each) {
  std::string text;
  for (const auto& [name, values] : each.when) {
    text += (text.empty() ? "" : " and ") + name + " is ";
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += (i > 0 ? " or " : "") + to_text(values[i]);
    }
  }
  return text;
}

void add_value(Axis& axis, const HyperParameterValue& value) {
  axis.texts = axis.texts || std::holds_alternative<std::string>(value);
  std::string text = to_text(value);
  if (std::find(axis.values.begin(), axis.values.end(), text) == axis.values.end()) {
    axis.values.push_back(std::move(text));
  }
}

// Widens the axis to the definition.
void cover(Axis& axis, const HyperParameter& each) {
  if (axis.numeric) {
    const double low = number_of(each.min_value.value_or(each.initial)).value_or(0.0);
    const double high = number_of(each.max_value.value_or(each.initial)).value_or(0.0);
    axis.low = std::min(axis.low, low);
    axis.high = std::max(axis.high, high);
  } else if (each.type == "boolean") {
    add_value(axis, false);
    add_value(axis, true);
  } else {
    for (const HyperParameterValue& value : each.values) add_value(axis, value);
    add_value(axis, each.initial);
  }
}

std::optional<std::uint32_t> index_of(const Axis& axis, const HyperParameterValue& value) {
  const auto found = std::find(axis.values.begin(), axis.values.end(), to_text(value));
  if (found == axis.values.end()) return std::nullopt;
  return static_cast<std::uint32_t>(std::distance(axis.values.begin(), found));
}

}  // namespace

std::vector<Axis> axes_of(const std::vector<HyperParameter>& space) {
  std::vector<Axis> axes;
  for (const HyperParameter& each : space) {
    auto axis = std::find_if(axes.begin(), axes.end(),
                             [&](const Axis& known) { return known.name == each.name; });
    if (axis == axes.end()) {
      const bool numeric = std::all_of(space.begin(), space.end(), [&](const HyperParameter& any) {
        return any.name != each.name || is_numeric(any);
      });
      const double infinity = std::numeric_limits<double>::infinity();
      axis = axes.insert(axes.end(), {each.name,
                                      each.type,
                                      each.sampling,
                                      condition_of(each),
                                      numeric,
                                      infinity,
                                      -infinity,
                                      {},
                                      false});
    } else if (!axis->when.empty()) {
      const std::string other = condition_of(each);
      axis->when = other.empty() ? "" : axis->when + ", or " + other;
    }
    cover(*axis, each);
  }
  return axes;
}

json::value axis_value(const Axis& axis, const HyperParameterValue* value) {
  if (value == nullptr) return nullptr;
  if (!axis.numeric) {
    const auto index = index_of(axis, *value);
    return index ? json::value(*index) : json::value(to_text(*value));
  }
  if (const auto* whole = std::get_if<std::int64_t>(value)) {
    if (*whole > kWholeMax || *whole < -kWholeMax) return json::value(to_text(*value));
    return *whole;
  }
  return number_of(*value).value_or(std::numeric_limits<double>::quiet_NaN());
}

json::object axis_column(const Axis& axis, std::span<const Result> trials) {
  json::object column;
  if (axis.numeric) {
    std::vector<double> values;
    values.reserve(trials.size());
    for (const Result& trial : trials) {
      const HyperParameterValue* value = trial.values.find(axis.name);
      const auto number = value != nullptr ? number_of(*value) : std::nullopt;
      values.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    column = real_column(values);
    column["low"] = axis.low;
    column["high"] = axis.high;
  } else {
    std::vector<std::optional<std::uint32_t>> indices;
    indices.reserve(trials.size());
    for (const Result& trial : trials) {
      const HyperParameterValue* value = trial.values.find(axis.name);
      indices.push_back(value != nullptr ? index_of(axis, *value) : std::nullopt);
    }
    column = index_column(indices);
    json::array values;
    for (const std::string& value : axis.values) values.emplace_back(value);
    column["values"] = std::move(values);
    column["texts"] = axis.texts;
  }
  column["name"] = axis.name;
  column["type"] = axis.type;
  column["sampling"] = axis.sampling;
  column["when"] = axis.when;
  return column;
}

}  // namespace dodona::pages
