// SPDX-License-Identifier: Apache-2.0
//
// The host's side of dodona.space/1: the arithmetic of space.hpp behind a C table, for authors in
// other languages. The kernel offers it to every plugin, and so does a host that tests plugins. A
// plugin in C++ uses space.hpp itself.
//
//   host.get_extension = [](const dodona_host*, const char* id) noexcept -> const void* {
//     return std::string_view(id) == DODONA_EXTENSION_SPACE ? &dodona::kSpaceExtension : nullptr;
//   };
//
// abi/extensions.h says what each function answers.
//
// Errors:  DODONA_E_INVALID with a text for a definition, index or number that cannot be; the
//          output is then untouched.
// Threads: pure functions, from any thread.
// Lifetime: the table lives until the process ends. Texts that it answers are those of the
//          definition that was given.
// Cost:    no allocation, but for the text of an error and in is_feasible. is_active compares names:
//          for a condition one for each assignment. is_feasible does so for every definition, and
//          reads the constraints of the space in each call.
#pragma once

#include <dodona/abi.h>
#include <dodona/constraint.hpp>
#include <dodona/convert.hpp>
#include <dodona/error.hpp>
#include <dodona/guard.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

namespace detail {

// NaN for a value that is no number.
inline double number_of(const dodona_value& value) {
  if (value.kind == DODONA_INT) return static_cast<double>(value.as.i);
  return value.kind == DODONA_DOUBLE ? value.as.d : std::numeric_limits<double>::quiet_NaN();
}

// A definition of the C contract for the functions of space.hpp, without a copy of its texts.
class Definition {
 public:
  explicit Definition(const dodona_param& given) : given_(given) {
    if (given.struct_size < DODONA_PARAM_SIZE_MIN) refuse("is shorter than it must be");
    if (given.type < DODONA_PARAM_INT || given.type > DODONA_PARAM_FIXED) {
      refuse("has the unknown type " + std::to_string(given.type));
    }
    param_.type = static_cast<ParamType>(given.type);
    if (is_listed()) {
      if (given.choice_count == 0) refuse("has no choices");
      return;
    }
    if (param_.type == ParamType::kBoolean) return;
    if (given.sampling < DODONA_LINEAR || given.sampling > DODONA_REVERSE_LOG) {
      refuse("has the unknown sampling " + std::to_string(given.sampling));
    }
    param_.sampling = static_cast<Sampling>(given.sampling);
    param_.low = bound_of(given.low);
    param_.high = bound_of(given.high);
    if (given.step.kind != 0) param_.step = bound_of(given.step);
    if (!is_sound_range(param_)) refuse("has an impossible range");
  }

  // The cell of a legal value; nothing for any other value.
  std::optional<Cell> cell_of(const dodona_value& value) const {
    if (!is_listed()) {
      if (value.kind < DODONA_INT || value.kind > DODONA_BOOL) return std::nullopt;
      return dodona::cell_of(param_, value);
    }
    for (std::uint64_t i = 0; i < given_.choice_count; ++i) {
      if (same(given_.choices[i], value)) return Cell::whole(static_cast<std::int64_t>(i));
    }
    return std::nullopt;
  }

  dodona_value value_of(Cell cell) const {
    return is_listed() ? given_.choices[cell.whole()] : to_abi(param_, cell);
  }

  Cell from_unit(double u) const {
    if (!is_listed()) return dodona::from_unit(param_, u);
    const auto count = static_cast<double>(given_.choice_count);
    const double at = std::clamp(u, 0.0, 1.0) * count;
    return Cell::whole(static_cast<std::int64_t>(whole_part(at, given_.choice_count - 1)));
  }

  double to_unit(const dodona_value& value) const {
    const std::optional<Cell> cell = cell_of(value);
    if (!cell) refuse("does not have the value");
    if (!is_listed()) return dodona::to_unit(param_, *cell);
    return (static_cast<double>(cell->whole()) + 0.5) / static_cast<double>(given_.choice_count);
  }

  Cell nearest(double number) const {
    if (param_.type == ParamType::kBoolean) refuse("has no numbers");
    if (is_listed()) return nearest_choice(number);
    const bool whole = param_.type == ParamType::kInt;
    const Cell inside = clamped(param_, whole ? std::round(number) : number);
    if (!whole && cardinality(param_) == 0) return inside;
    // Between two grid values the scale of a log sampling does not halve the difference.
    const std::uint64_t k = index_of(param_, inside);
    const std::uint64_t last =
        is_linear_int(param_) ? steps_of_int(param_) : cardinality(param_) - 1;
    Cell best = value_at(param_, k);
    for (const std::uint64_t other : {k - (k > 0 ? 1 : 0), k + (k < last ? 1 : 0)}) {
      const Cell cell = value_at(param_, other);
      if (gap(cell, number) < gap(best, number)) best = cell;
    }
    return best;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(DODONA_E_INVALID,
                "hyperparameter \"" + std::string(view(given_.name)) + "\" " + what);
  }

  // True if a cell is an index into the choices.
  bool is_listed() const {
    return param_.type == ParamType::kChoice || param_.type == ParamType::kFixed;
  }

  Cell bound_of(const dodona_value& value) const {
    const bool is_float = param_.type == ParamType::kFloat;
    if (value.kind == DODONA_INT) {
      return is_float ? Cell::real(static_cast<double>(value.as.i)) : Cell::whole(value.as.i);
    }
    if (!is_float || value.kind != DODONA_DOUBLE) refuse("has a bound or step that is no number");
    return Cell::real(value.as.d);
  }

  // As space.hpp compares choices: a whole number is also the double of its size.
  static bool same(const dodona_value& choice, const dodona_value& value) {
    if (choice.kind == DODONA_DOUBLE && value.kind == DODONA_INT) {
      return choice.as.d == static_cast<double>(value.as.i);
    }
    if (choice.kind != value.kind) return false;
    switch (choice.kind) {
      case DODONA_INT:
        return choice.as.i == value.as.i;
      case DODONA_BOOL:
        return (choice.as.i != 0) == (value.as.i != 0);
      case DODONA_DOUBLE:
        return choice.as.d == value.as.d;
      case DODONA_STRING:
        return view(choice.as.s) == view(value.as.s);
      default:
        return false;
    }
  }

  Cell nearest_choice(double number) const {
    std::uint64_t best = 0;
    for (std::uint64_t i = 0; i < given_.choice_count; ++i) {
      const double distance = std::abs(number_of(given_.choices[i]) - number);
      if (std::isnan(distance)) refuse("has no numbers");
      if (distance < std::abs(number_of(given_.choices[best]) - number)) best = i;
    }
    return Cell::whole(static_cast<std::int64_t>(best));
  }

  double gap(Cell cell, double number) const {
    return std::abs(number_of(value_of(cell)) - number);
  }

  const dodona_param& given_;
  Param param_;  // its type, sampling and numbers alone
};

inline double finite(double number) {
  if (std::isfinite(number)) return number;
  throw Error(DODONA_E_INVALID, "the number is not finite");
}

inline const dodona_param& param_at(const dodona_space& space, std::uint32_t param) {
  if (space.struct_size >= DODONA_SPACE_SIZE_MIN && param < space.count) {
    return *space.params[param];
  }
  throw Error(DODONA_E_INVALID, "there is no hyperparameter " + std::to_string(param) +
                                    "; the space has " + std::to_string(space.count));
}

// True if a value of `parent` fulfils the condition.
inline bool fulfils(const dodona_param& parent, const dodona_value& value,
                    const dodona_condition& condition) {
  const Definition definition(parent);
  const std::optional<Cell> cell = definition.cell_of(value);
  if (!cell) return false;
  const auto is_value = [&](const dodona_value& each) { return definition.cell_of(each) == cell; };
  const dodona_value* const end = condition.values + condition.count;
  switch (condition.op) {
    case DODONA_WHEN_EQUAL:
    case DODONA_WHEN_IN:
      return std::any_of(condition.values, end, is_value);
    case DODONA_WHEN_NOT:
      return std::none_of(condition.values, end, is_value);
    case DODONA_WHEN_RANGE: {
      if (condition.count != 2) throw Error(DODONA_E_INVALID, "a range needs two numbers");
      const double own = number_of(definition.value_of(*cell));
      return number_of(condition.values[0]) <= own && own <= number_of(condition.values[1]);
    }
    default:
      throw Error(DODONA_E_UNSUPPORTED,
                  "a condition has the operator " + std::to_string(condition.op));
  }
}

inline bool is_active(const dodona_space& space, std::uint32_t param,
                      dodona_assignment_span values) {
  const dodona_param& child = param_at(space, param);
  for (std::uint64_t c = 0; c < child.condition_count; ++c) {
    const dodona_condition& condition = child.conditions[c];
    bool holds = false;
    for (std::uint64_t i = 0; i < values.size && !holds; ++i) {
      const dodona_param& parent = param_at(space, values.data[i].param);
      holds = view(parent.name) == view(condition.parent) &&
              fulfils(parent, values.data[i].value, condition);
    }
    if (!holds) return false;
  }
  return true;
}

inline bool keeps_constraints(const dodona_space& space, dodona_assignment_span values) {
  const bool any = DODONA_KNOWS(&space, dodona_space, constraints);
  for (std::uint64_t c = 0; any && c < space.constraints.size; ++c) {
    const Constraint constraint(view(space.constraints.data[c]));
    const auto read = [&](std::size_t name) -> std::optional<Operand> {
      for (std::uint64_t i = 0; i < values.size; ++i) {
        const dodona_param& param = *space.params[values.data[i].param];
        if (view(param.name) == constraint.names()[name]) return operand_of(values.data[i].value);
      }
      return std::nullopt;
    };
    if (constraint.evaluate(read) != Finding::kHolds) return false;
  }
  return true;
}

inline bool is_feasible(const dodona_space& space, dodona_assignment_span values) {
  std::uint64_t next = 0;  // the first assignment of a definition from here on
  for (std::uint32_t i = 0; i < space.count; ++i) {
    const bool given = next < values.size && values.data[next].param == i;
    const dodona_assignment_span before{values.data, next};
    if (is_active(space, i, before) != given) return false;
    if (given && !Definition(*space.params[i]).cell_of(values.data[next].value)) return false;
    if (given) ++next;
  }
  return next == values.size && keeps_constraints(space, values);
}

inline constexpr dodona_space_extension make_space_extension() {
  dodona_space_extension table{};
  table.struct_size = sizeof table;
  table.is_legal = [](const dodona_param* param, const dodona_value* value, std::uint32_t* out,
                      dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] { *out = Definition(*param).cell_of(*value) ? 1 : 0; });
  };
  table.is_active = [](const dodona_space* space, std::uint32_t param,
                       dodona_assignment_span values, std::uint32_t* out,
                       dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] { *out = is_active(*space, param, values) ? 1 : 0; });
  };
  table.is_feasible = [](const dodona_space* space, dodona_assignment_span values,
                         std::uint32_t* out, dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] { *out = is_feasible(*space, values) ? 1 : 0; });
  };
  table.from_unit = [](const dodona_param* param, double u, dodona_value* out,
                       dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] {
      const Definition definition(*param);
      *out = definition.value_of(definition.from_unit(finite(u)));
    });
  };
  table.to_unit = [](const dodona_param* param, const dodona_value* value, double* out,
                     dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] { *out = Definition(*param).to_unit(*value); });
  };
  table.nearest = [](const dodona_param* param, double number, dodona_value* out,
                     dodona_error* error) noexcept -> dodona_status {
    return guard(error, [&] {
      const Definition definition(*param);
      *out = definition.value_of(definition.nearest(finite(number)));
    });
  };
  return table;
}

}  // namespace detail

// The table that get_extension answers for DODONA_EXTENSION_SPACE.
inline constexpr dodona_space_extension kSpaceExtension = detail::make_space_extension();

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
