// SPDX-License-Identifier: Apache-2.0
//
// Conversions between the C structs of abi.h and the C++ types of space.hpp, both ways.
//
// A C struct made here borrows the strings of its C++ source, which must outlive it. A C++ value
// made here owns copies; view() alone borrows.
//
// Errors:  from_abi throws Error{DODONA_E_INVALID} for a constant that this version does not know.
// Threads: pure functions.
// Cost:    to_abi does not allocate; from_abi copies strings and lists.
#pragma once

#include <dodona/abi.h>
#include <dodona/constraint.hpp>
#include <dodona/error.hpp>
#include <dodona/limits.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

inline dodona_str to_abi(std::string_view text) {
  return {text.data(), text.size()};
}
inline dodona_str to_abi(const char* text) {
  return to_abi(std::string_view(text));
}
inline dodona_str to_abi(const std::string& text) {
  return {text.data(), text.size()};
}
inline std::string_view view(dodona_str text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

inline dodona_value to_abi(const Value& value) {
  dodona_value out{};
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out.kind = DODONA_INT;
    out.as.i = *whole;
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.kind = DODONA_DOUBLE;
    out.as.d = *real;
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out.kind = DODONA_BOOL;
    out.as.i = *flag ? 1 : 0;
  } else {
    out.kind = DODONA_STRING;
    out.as.s = to_abi(std::get<std::string>(value));
  }
  return out;
}

inline Value from_abi(const dodona_value& value) {
  switch (value.kind) {
    case DODONA_INT:
      return value.as.i;
    case DODONA_DOUBLE:
      return value.as.d;
    case DODONA_BOOL:
      return value.as.i != 0;
    case DODONA_STRING:
      return std::string(view(value.as.s));
    default:
      throw Error(DODONA_E_INVALID, "a value of unknown kind " + std::to_string(value.kind));
  }
}

// The value as a constraint has it, with a borrowed text.
inline Operand operand_of(const dodona_value& value) {
  if (value.kind == DODONA_STRING) return {0.0, view(value.as.s)};
  if (value.kind == DODONA_DOUBLE) return {value.as.d, {}};
  return {static_cast<double>(value.kind == DODONA_BOOL ? value.as.i != 0 : value.as.i), {}};
}

// The value of a cell, with strings borrowed from `param`. No allocation.
inline dodona_value to_abi(const Param& param, Cell cell) {
  dodona_value out{};
  switch (param.type) {
    case ParamType::kInt:
      out.kind = DODONA_INT;
      break;
    case ParamType::kBoolean:
      out.kind = DODONA_BOOL;
      break;
    case ParamType::kFloat:
      out.kind = DODONA_DOUBLE;
      out.as.d = cell.real();
      return out;
    case ParamType::kChoice:
    case ParamType::kFixed:
      return to_abi(param.choices[static_cast<std::size_t>(cell.whole())]);
  }
  out.as.i = cell.whole();
  return out;
}

// The values of a point in the order of the space. They borrow the texts of its definitions.
inline std::vector<dodona_assignment> assignments_of(const Space& space, const Point& point) {
  std::vector<dodona_assignment> out;
  out.reserve(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!point.active(i)) continue;
    out.push_back({static_cast<std::uint32_t>(i), 0, to_abi(space.params()[i], point[i])});
  }
  return out;
}

// True if the two values are of one kind and equal. No allocation.
inline bool same(const Value& a, const dodona_value& b) {
  if (const auto* whole = std::get_if<std::int64_t>(&a)) {
    return b.kind == DODONA_INT && b.as.i == *whole;
  }
  if (const auto* real = std::get_if<double>(&a)) return b.kind == DODONA_DOUBLE && b.as.d == *real;
  if (const auto* flag = std::get_if<bool>(&a)) {
    return b.kind == DODONA_BOOL && (b.as.i != 0) == *flag;
  }
  return b.kind == DODONA_STRING && view(b.as.s) == std::get<std::string>(a);
}

// The cell of a legal value, nothing for any other value. No allocation if the value is legal.
inline std::optional<Cell> cell_of(const Param& param, const dodona_value& value) {
  std::optional<Cell> cell;
  switch (param.type) {
    case ParamType::kInt:
      if (value.kind == DODONA_INT) cell = Cell::whole(value.as.i);
      break;
    case ParamType::kBoolean:
      if (value.kind == DODONA_BOOL) cell = Cell::whole(value.as.i);
      break;
    case ParamType::kFloat:
      if (value.kind == DODONA_DOUBLE) cell = Cell::real(value.as.d);
      break;
    case ParamType::kChoice:
    case ParamType::kFixed:
      for (std::size_t i = 0; i < param.choices.size(); ++i) {
        if (same(param.choices[i], value)) return Cell::whole(static_cast<std::int64_t>(i));
      }
      break;
  }
  if (cell && is_legal(param, *cell)) return cell;
  return cell_of(param, from_abi(value));
}

// Throws Error{DODONA_E_UNSUPPORTED} for an operator that Condition does not have.
inline Condition from_abi(const dodona_condition& condition) {
  Condition out{std::string(view(condition.parent)), {}};
  if (condition.op != DODONA_WHEN_EQUAL && condition.op != DODONA_WHEN_IN) {
    throw Error(DODONA_E_UNSUPPORTED, "a condition on \"" + out.parent + "\" has the operator " +
                                          std::to_string(condition.op) +
                                          "; this version knows equal (1) and in (3)");
  }
  for (std::uint64_t i = 0; i < condition.count; ++i) {
    out.any_of.push_back(from_abi(condition.values[i]));
  }
  return out;
}

// The C form of "has one of the values". It borrows the list.
inline dodona_condition any_of(dodona_str parent, const std::vector<dodona_value>& values) {
  const dodona_condition_op op = values.size() == 1 ? DODONA_WHEN_EQUAL : DODONA_WHEN_IN;
  return {parent, op, 0, values.data(), values.size()};
}

namespace detail {

inline Cell number_cell(ParamType type, const dodona_value& value, const char* what,
                        const std::string& name) {
  if (type == ParamType::kInt && value.kind == DODONA_INT) return Cell::whole(value.as.i);
  if (type == ParamType::kFloat && value.kind == DODONA_DOUBLE) return Cell::real(value.as.d);
  if (type == ParamType::kFloat && value.kind == DODONA_INT) {
    return Cell::real(static_cast<double>(value.as.i));
  }
  throw Error(DODONA_E_INVALID, "hyperparameter \"" + name + "\": its " + what + " is not " +
                                    (type == ParamType::kInt ? "an integer" : "a number"));
}

// True if the functions of space.hpp may take the range. A definition from outside may say
// anything, and they would divide by a step of 0.
inline bool is_sound_range(const Param& p) {
  const double low = number(p, p.low);
  const double high = number(p, p.high);
  const bool bent = p.sampling != Sampling::kLinear;
  return std::isfinite(low) && std::isfinite(high) && low <= high && (!bent || low > 0) &&
         (!p.step || number(p, *p.step) > (bent ? 1.0 : 0.0));
}

inline Cell initial_cell(const Param& p, const dodona_value& value) {
  const bool ranged = p.type == ParamType::kInt || p.type == ParamType::kFloat;
  if (!ranged || is_sound_range(p)) {
    if (const auto cell = cell_of(p, value)) return *cell;
  }
  // The default is kept, wrong as it is: the kernel's check has the better message.
  if (ranged) return number_cell(p.type, value, "default", p.name);
  throw Error(DODONA_E_INVALID,
              "hyperparameter \"" + p.name + "\": its default is not one of its values");
}

}  // namespace detail

// The C++ form of a definition. Only the kinds of its values are checked; the kernel checks the
// rest.
inline Param from_abi(const dodona_param& in) {
  Param out;
  out.name = view(in.name);
  if (in.type < DODONA_PARAM_INT || in.type > DODONA_PARAM_FIXED) {
    throw Error(DODONA_E_INVALID, "hyperparameter \"" + out.name + "\" has the unknown type " +
                                      std::to_string(in.type));
  }
  out.type = static_cast<ParamType>(in.type);
  for (std::uint64_t i = 0; i < in.choice_count; ++i)
    out.choices.push_back(from_abi(in.choices[i]));
  for (std::uint64_t i = 0; i < in.condition_count; ++i) {
    out.conditions.push_back(from_abi(in.conditions[i]));
  }
  const bool ranged = out.type == ParamType::kInt || out.type == ParamType::kFloat;
  if (ranged) {
    if (in.sampling < DODONA_LINEAR || in.sampling > DODONA_REVERSE_LOG) {
      throw Error(DODONA_E_INVALID, "hyperparameter \"" + out.name +
                                        "\" has the unknown sampling " +
                                        std::to_string(in.sampling));
    }
    out.sampling = static_cast<Sampling>(in.sampling);
    out.low = detail::number_cell(out.type, in.low, "min_value", out.name);
    out.high = detail::number_cell(out.type, in.high, "max_value", out.name);
    out.initial = out.low;
    if (in.step.kind != 0) out.step = detail::number_cell(out.type, in.step, "step", out.name);
  }
  out.ordered = in.ordered != 0;
  if (in.initial.kind != 0) out.initial = detail::initial_cell(out, in.initial);
  return out;
}

// Owns the C form of definitions. pointers() is valid until the next add(), and as long as the
// Params live unchanged.
class AbiParams {
 public:
  void add(const Param& param) {
    Storage& s = storage_.emplace_back();
    for (const Value& choice : param.choices) s.choices.push_back(to_abi(choice));
    for (const Condition& condition : param.conditions) {
      auto& values = s.any_of.emplace_back();
      for (const Value& value : condition.any_of) values.push_back(to_abi(value));
      s.conditions.push_back(dodona::any_of(to_abi(condition.parent), values));
    }
    dodona_param& out = s.param;
    out.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
    out.type = static_cast<dodona_param_type>(param.type);
    out.name = to_abi(param.name);
    if (param.type == ParamType::kInt || param.type == ParamType::kFloat) {
      out.low = to_abi(param, param.low);
      out.high = to_abi(param, param.high);
      if (param.step) out.step = to_abi(param, *param.step);
    }
    out.initial = to_abi(param, param.initial);
    out.sampling = static_cast<dodona_sampling>(param.sampling);
    out.ordered = param.ordered ? 1 : 0;
    out.choices = s.choices.data();
    out.choice_count = s.choices.size();
    out.conditions = s.conditions.data();
    out.condition_count = s.conditions.size();
    pointers_.push_back(&out);
  }

  const std::vector<const dodona_param*>& pointers() const { return pointers_; }

 private:
  struct Storage {
    dodona_param param{};
    std::vector<dodona_value> choices;
    std::deque<std::vector<dodona_value>> any_of;
    std::vector<dodona_condition> conditions;
  };
  std::deque<Storage> storage_;
  std::vector<const dodona_param*> pointers_;
};

// The C++ form of a space. Throws what from_abi of its definitions, Space::add and
// Space::add_constraint throw.
inline Space from_abi(const dodona_space& in) {
  Space space;
  for (std::uint64_t i = 0; i < in.count; ++i) space.add(from_abi(*in.params[i]));
  if (!DODONA_KNOWS(&in, dodona_space, constraints)) return space;
  for (std::uint64_t i = 0; i < in.constraints.size; ++i) {
    space.add_constraint(view(in.constraints.data[i]));
  }
  return space;
}

// The limits of which a plugin is told when it is created; none where its host knows none.
inline std::vector<Limit> limits_of(const dodona_study& study) {
  std::vector<Limit> out;
  if (!DODONA_KNOWS(&study, dodona_study, limit_count)) return out;
  for (std::uint64_t i = 0; i < study.limit_count; ++i) {
    const dodona_limit& limit = *study.limits[i];
    out.push_back({std::string(view(limit.metric)), limit.low, limit.high});
  }
  return out;
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
