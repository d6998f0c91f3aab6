// SPDX-License-Identifier: Apache-2.0
#include "space/definition.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace dodona::space {
namespace {

std::string number_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

std::string number_text(const Param& param, Cell cell) {
  return param.type == ParamType::kInt ? std::to_string(cell.whole()) : number_text(cell.real());
}

const char* type_name(ParamType type) {
  switch (type) {
    case ParamType::kInt:
      return "int";
    case ParamType::kFloat:
      return "float";
    case ParamType::kChoice:
      return "choice";
    case ParamType::kBoolean:
      return "boolean";
    case ParamType::kFixed:
      return "fixed";
  }
  return "?";
}

[[noreturn]] void fail(const Param& param, const std::string& what) {
  throw Error(DODONA_E_INVALID, "hyperparameter \"" + param.name + "\": " + what);
}

void check_range(const Param& param) {
  const double low = detail::number(param, param.low);
  const double high = detail::number(param, param.high);
  if (!std::isfinite(low) || !std::isfinite(high))
    fail(param, "min_value and max_value must be finite");
  if (low > high) {
    fail(param, "min_value " + number_text(param, param.low) + " is above max_value " +
                    number_text(param, param.high));
  }
  if (!std::isfinite(high - low)) fail(param, "the range is too wide for a double");
  const bool bent = param.sampling != Sampling::kLinear;
  if (bent && low <= 0) {
    fail(param, "log and reverse_log sampling need a min_value above 0, not " +
                    number_text(param, param.low));
  }
  if (!param.step) return;
  const double step = detail::number(param, *param.step);
  if (!(step > (bent ? 1.0 : 0.0)) || !std::isfinite(step)) {
    fail(param,
         "step " + number_text(param, *param.step) + " must be above " +
             (bent ? "1 with log or reverse_log sampling: it is the factor from value to value"
                   : "0"));
  }
}

void check_choices(const Param& param) {
  if (param.choices.empty()) fail(param, "values must not be empty");
  for (const Value& value : param.choices) {
    if (value.index() != param.choices.front().index()) {
      fail(param, "values must be of one type: " + to_text(param.choices.front()) + " and " +
                      to_text(value) + " are not");
    }
    if (const auto* real = std::get_if<double>(&value); real && !std::isfinite(*real)) {
      fail(param, "values must be finite");
    }
  }
  // The values are sorted first: a choice may have some ten thousand, and every start checks it.
  std::vector<Value> sorted = param.choices;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) fail(param, "the value " + to_text(*twice) + " stands twice");
  const auto kind = param.choices.front().index();
  if (param.ordered && kind != 0 && kind != 1) fail(param, "only numbers can be ordered");
}

}  // namespace

void check(const Param& param) {
  if (param.name.empty()) throw Error(DODONA_E_INVALID, "a hyperparameter needs a name");
  switch (param.type) {
    case ParamType::kInt:
    case ParamType::kFloat:
      check_range(param);
      break;
    case ParamType::kChoice:
      check_choices(param);
      break;
    case ParamType::kFixed:
      if (param.choices.size() != 1) fail(param, "a fixed hyperparameter has exactly one value");
      check_choices(param);
      break;
    case ParamType::kBoolean:
      break;
  }
  if (!is_legal(param, param.initial)) {
    const bool ranged = param.type == ParamType::kInt || param.type == ParamType::kFloat;
    fail(param, "the default " +
                    (ranged ? number_text(param, param.initial) + " " : std::string()) +
                    "is not one of its values" + nearest_text(param, param.initial));
  }
  for (const Condition& condition : param.conditions) {
    if (condition.any_of.empty()) {
      fail(param, "the condition on \"" + condition.parent + "\" lists no value");
    }
  }
}

std::string to_text(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return number_text(*real);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return std::get<std::string>(value);
}

std::string to_text(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& condition : conditions) {
    text += text.empty() ? "when " : " and ";
    text += condition.parent + " is ";
    for (std::size_t i = 0; i < condition.any_of.size(); ++i) {
      if (i > 0) text += " or ";
      text += to_text(condition.any_of[i]);
    }
  }
  return text;
}

std::string to_text(const Param& param) {
  std::string text = std::string(type_name(param.type)) + " " + param.name;
  if (param.type == ParamType::kInt || param.type == ParamType::kFloat) {
    text += " in [" + number_text(param, param.low) + ", " + number_text(param, param.high) + "]";
    if (param.sampling == Sampling::kLog) text += ", log";
    if (param.sampling == Sampling::kReverseLog) text += ", reverse_log";
    if (param.step) text += ", step " + number_text(param, *param.step);
  } else if (param.type != ParamType::kBoolean) {
    text += " of {";
    for (std::size_t i = 0; i < param.choices.size(); ++i) {
      text += (i > 0 ? ", " : "") + to_text(param.choices[i]);
    }
    text += "}";
  }
  text += ", default " + to_text(value_of(param, param.initial));
  if (!param.conditions.empty()) text += ", " + to_text(param.conditions);
  return text;
}

std::string nearest_text(const Param& param, Cell cell) {
  if (param.type != ParamType::kInt && param.type != ParamType::kFloat) return "";
  if (param.type == ParamType::kFloat && !std::isfinite(cell.real())) return "";
  const Cell within = detail::clamped(param, detail::number(param, cell));
  const bool grid = param.step && cardinality(param) > 0;
  return "; the nearest is " +
         number_text(param, grid ? value_at(param, index_of(param, within)) : within);
}

Error not_active(const Param& param) {
  return {DODONA_E_INVALID, "hyperparameter \"" + param.name + "\" is not active in this trial (" +
                                to_text(param.conditions) + ")"};
}

Error not_there(std::string_view name) {
  return {DODONA_E_INVALID, "there is no hyperparameter \"" + std::string(name) + "\""};
}

}  // namespace dodona::space
