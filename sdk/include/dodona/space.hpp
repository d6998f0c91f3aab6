// SPDX-License-Identifier: Apache-2.0
//
// The search space as plain C++: definitions of hyperparameters, their conditions and legal
// values, the constraints between them, and the mapping to the unit cube and back. Both the kernel
// and oracles use it.
//
// A value is a Cell of 8 bytes whose meaning follows from its Param; a point is a vector of cells
// with a mark for each active one. Definitions stand in the order in which they were made, parents
// before children, and are addressed by index; the space only grows.
//
// Source:  formulas of KerasTuner's hyperparameters, with its off-by-one errors mended: a stepped
//          range includes its maximum where the step divides it, an integer never leaves its
//          bounds, and a stepped reverse_log runs upward from its minimum.
// Shapes:  n = params().size(); a Point has n cells.
// Units:   a coordinate of the unit cube is in [0, 1]; one axis for each definition.
// Errors:  Space::add and Space::add_constraint throw Error and then leave the space as it was. All
//          other functions need legal arguments and do not throw, but for std::bad_alloc where they
//          make a list or a text.
// Threads: const functions from any thread.
// Lifetime: a Space owns its definitions. References to them are valid until the next add, and
//          their indices for good.
// Cost:    functions of one definition do not depend on the size of the space. They do not
//          allocate, except where they make a Value.
#pragma once

#include <dodona/constraint.hpp>
#include <dodona/error.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// A value as a user writes it.
using Value = std::variant<std::int64_t, double, bool, std::string>;

// The kinds of hyperparameters. A fixed one has a single value.
enum class ParamType : std::uint8_t { kInt = 1, kFloat, kChoice, kBoolean, kFixed };
// The scale on which values are spread. kLinear: equal shares for equal differences. kLog: equal
// shares for equal ratios, dense near the minimum. kReverseLog: the same turned round, dense near
// the maximum. The last two need a minimum above 0.
enum class Sampling : std::uint8_t { kLinear = 1, kLog, kReverseLog };

// The value of a hyperparameter, in a form that its Param explains: FLOAT has a double, INT the
// number, BOOLEAN 0 or 1, CHOICE and FIXED an index into `choices`. Two cells of one definition are
// equal if their bits are: 0.0 is not -0.0. A cell does not know of which form it is; to read the
// other one gives another number, no error.
class Cell {
 public:
  constexpr Cell() = default;
  static constexpr Cell whole(std::int64_t value) noexcept { return Cell(value); }
  static constexpr Cell real(double value) noexcept {
    return Cell(std::bit_cast<std::int64_t>(value));
  }
  constexpr std::int64_t whole() const noexcept { return bits_; }
  constexpr double real() const noexcept { return std::bit_cast<double>(bits_); }
  friend constexpr bool operator==(Cell, Cell) = default;

 private:
  explicit constexpr Cell(std::int64_t bits) : bits_(bits) {}
  std::int64_t bits_ = 0;
};

// The value of the definition at index `param` of a space.
struct Assignment {
  std::uint32_t param = 0;
  Cell cell;
  friend constexpr bool operator==(const Assignment&, const Assignment&) = default;
};

// A condition holds while the active definition of `parent` has one of the values. It does not hold
// if no definition of that name is active.
struct Condition {
  std::string parent;
  std::vector<Value> any_of;
  friend bool operator==(const Condition&, const Condition&) = default;
};

// The definition of one hyperparameter. The functions below need a checked one: finite bounds with
// low <= high, above 0 for a log sampling; a step above 0, for a log sampling above 1. The kernel
// shows no others to plugins.
struct Param {
  ParamType type = ParamType::kFloat;
  Sampling sampling = Sampling::kLinear;
  bool ordered = false;  // CHOICE of numbers: their order means something
  std::string name;
  Cell low, high;            // INT and FLOAT: the smallest and the largest value
  std::optional<Cell> step;  // a difference, or the factor of a log sampling
  Cell initial;
  std::vector<Value> choices;  // CHOICE: all of one kind; FIXED: the one value
  std::vector<Condition> conditions;
  friend bool operator==(const Param&, const Param&) = default;
};

namespace detail {

// A value computed from numbers of `magnitude`, without the error of binary fractions: 0.1 * 3
// gives 0.3. Only an error of a few roundings is removed: a value with more than 12 digits keeps
// them.
inline double without_dust(double value, double magnitude) {
  const double scale = std::pow(10.0, 12.0 - std::ceil(std::log10(magnitude)));
  const double rounded = std::round(value * scale) / scale;
  const bool dust = std::abs(rounded - value) <= 0x1p-49 * magnitude;  // false for a NaN
  return dust ? rounded : value;
}

// The value at u in [0, 1], on the scale of the sampling.
inline double bend(Sampling sampling, double low, double high, double u) {
  switch (sampling) {
    case Sampling::kLog:
      return low * std::pow(high / low, u);
    case Sampling::kReverseLog:
      return high + low - low * std::pow(high / low, 1.0 - u);
    case Sampling::kLinear:
      break;
  }
  return low + u * (high - low);
}

// The inverse of bend.
inline double unbend(Sampling sampling, double low, double high, double value) {
  if (high == low) return 0.5;
  switch (sampling) {
    case Sampling::kLog:
      return std::log(value / low) / std::log(high / low);
    case Sampling::kReverseLog:
      return 1.0 - std::log((high + low - value) / low) / std::log(high / low);
    case Sampling::kLinear:
      break;
  }
  return (value - low) / (high - low);
}

inline double number(const Param& p, Cell cell) {
  return p.type == ParamType::kFloat ? cell.real() : static_cast<double>(cell.whole());
}

// The cell of a number that was moved to the nearest bound if it lay beyond.
inline Cell clamped(const Param& p, double value) {
  if (p.type == ParamType::kFloat)
    return Cell::real(std::clamp(value, p.low.real(), p.high.real()));
  if (value >= static_cast<double>(p.high.whole())) return p.high;  // rounded up at worst
  if (!(value > static_cast<double>(p.low.whole()))) return p.low;
  return Cell::whole(static_cast<std::int64_t>(value));
}

// floor(x), at most `top`.
inline std::uint64_t whole_part(double x, std::uint64_t top) {
  if (!(x > 0.0)) return 0;
  return x >= static_cast<double>(top) ? top : static_cast<std::uint64_t>(x);
}

inline std::uint64_t step_of_int(const Param& p) {
  return p.step ? static_cast<std::uint64_t>(p.step->whole()) : 1;
}

// The number of steps that fit into an integer range.
inline std::uint64_t steps_of_int(const Param& p) {
  return (static_cast<std::uint64_t>(p.high.whole()) - static_cast<std::uint64_t>(p.low.whole())) /
         step_of_int(p);
}

// True if the values are low, low + step, ..., which integers hold exactly.
inline bool is_linear_int(const Param& p) {
  return p.type == ParamType::kInt && (p.sampling == Sampling::kLinear || !p.step);
}

}  // namespace detail

// The number of values of a definition; 0 if they are not countable or more than 2^62. A float
// with so fine a step counts as continuous.
inline std::uint64_t cardinality(const Param& p) {
  switch (p.type) {
    case ParamType::kChoice:
      return p.choices.size();
    case ParamType::kBoolean:
      return 2;
    case ParamType::kFixed:
      return 1;
    case ParamType::kInt:
    case ParamType::kFloat:
      break;
  }
  const double low = detail::number(p, p.low);
  const double high = detail::number(p, p.high);
  if (low == high) return 1;
  double count = 0.0;
  if (p.sampling != Sampling::kLinear && p.step) {
    count = std::floor(std::log(high / low) / std::log(detail::number(p, *p.step)) + 1e-8) + 1;
  } else if (p.type == ParamType::kInt) {
    const std::uint64_t steps = detail::steps_of_int(p);
    return steps < std::uint64_t{1} << 62 ? steps + 1 : 0;
  } else if (p.step) {
    count = std::floor((high - low) / p.step->real() + 1e-8) + 1;
  }
  return count > 0x1p62 ? 0 : static_cast<std::uint64_t>(count);
}

// The k-th value in rising order, k < cardinality(p). Choices count in the order of their list. Not
// for continuous floats.
inline Cell value_at(const Param& p, std::uint64_t k) {
  const auto index = static_cast<std::int64_t>(k);
  if (p.type != ParamType::kInt && p.type != ParamType::kFloat) return Cell::whole(index);
  if (detail::is_linear_int(p)) {
    return Cell::whole(static_cast<std::int64_t>(static_cast<std::uint64_t>(p.low.whole()) +
                                                 k * detail::step_of_int(p)));
  }
  if (k == 0) return p.low;
  if (p.sampling == Sampling::kLinear) {
    const double low = p.low.real();
    const double high = p.high.real();
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const double value = low + static_cast<double>(k) * p.step->real();
    return detail::clamped(p, detail::without_dust(value, magnitude));
  }
  const double low = detail::number(p, p.low);
  const double high = detail::number(p, p.high);
  const double factor = std::pow(detail::number(p, *p.step), static_cast<double>(k));
  const bool reverse = p.sampling == Sampling::kReverseLog;
  const double value = reverse ? high + low - high / factor : low * factor;
  return detail::clamped(p, p.type == ParamType::kInt
                                ? std::round(value)
                                : detail::without_dust(value, reverse ? high : value));
}

// The value at u in [0, 1]; a number beyond counts as the nearer end. The values of a countable
// definition have equal shares of the line. Those of a log or reverse_log integer without a step
// have shares by their size. The result is legal for every u but NaN.
inline Cell from_unit(const Param& p, double u) {
  u = std::clamp(u, 0.0, 1.0);
  const bool bent_int = p.type == ParamType::kInt && p.sampling != Sampling::kLinear && !p.step;
  if (bent_int) {
    const auto low = static_cast<double>(p.low.whole());
    const auto high = static_cast<double>(p.high.whole());
    return detail::clamped(p, std::floor(detail::bend(p.sampling, low, high + 1, u)));
  }
  if (detail::is_linear_int(p)) {
    const std::uint64_t steps = detail::steps_of_int(p);
    return value_at(p, detail::whole_part(u * (static_cast<double>(steps) + 1), steps));
  }
  const std::uint64_t count = cardinality(p);
  if (count == 0) {
    return detail::clamped(p, detail::bend(p.sampling, p.low.real(), p.high.real(), u));
  }
  return value_at(p, detail::whole_part(u * static_cast<double>(count), count - 1));
}

// The index of a value of a countable definition. A value off the grid has the index of the
// nearest one.
inline std::uint64_t index_of(const Param& p, Cell cell) {
  if (p.type != ParamType::kInt && p.type != ParamType::kFloat) {
    return static_cast<std::uint64_t>(cell.whole());
  }
  if (detail::is_linear_int(p)) {
    if (cell.whole() <= p.low.whole()) return 0;
    const auto offset =
        static_cast<std::uint64_t>(cell.whole()) - static_cast<std::uint64_t>(p.low.whole());
    const std::uint64_t step = detail::step_of_int(p);
    const std::uint64_t below = offset / step;
    const bool above_is_nearer = offset % step > step / 2;
    return std::min(above_is_nearer ? below + 1 : below, detail::steps_of_int(p));
  }
  const std::uint64_t count = cardinality(p);
  if (count <= 1) return 0;
  const double low = detail::number(p, p.low);
  const double value = detail::number(p, cell);
  double k = 0.0;
  if (p.sampling == Sampling::kLinear) {
    k = (value - low) / p.step->real();
  } else {
    const double log_step = std::log(detail::number(p, *p.step));
    const double high = detail::number(p, p.high);
    const bool reverse = p.sampling == Sampling::kReverseLog;
    k = std::log(reverse ? high / (high + low - value) : value / low) / log_step;
  }
  return detail::whole_part(std::round(k), count - 1);
}

// The middle of the value's share of [0, 1]. from_unit(p, to_unit(p, c)) is c for a legal c. It
// is c up to rounding for a continuous float, and for shares narrower than the doubles of [0, 1].
inline double to_unit(const Param& p, Cell cell) {
  if (p.type == ParamType::kInt && p.sampling != Sampling::kLinear && !p.step) {
    const auto low = static_cast<double>(p.low.whole());
    const auto high = static_cast<double>(p.high.whole()) + 1;
    const auto value = static_cast<double>(cell.whole());
    return 0.5 * (detail::unbend(p.sampling, low, high, value) +
                  detail::unbend(p.sampling, low, high, value + 1));
  }
  const double count = detail::is_linear_int(p) ? static_cast<double>(detail::steps_of_int(p)) + 1
                                                : static_cast<double>(cardinality(p));
  if (count == 0.0) {
    const double u = detail::unbend(p.sampling, p.low.real(), p.high.real(), cell.real());
    return std::clamp(u, 0.0, 1.0);
  }
  return (static_cast<double>(index_of(p, cell)) + 0.5) / count;
}

// True if the definition has the value: within its bounds, and on its grid if it has a step. NaN is
// never legal.
inline bool is_legal(const Param& p, Cell cell) {
  switch (p.type) {
    case ParamType::kChoice:
    case ParamType::kFixed:
      return cell.whole() >= 0 && static_cast<std::uint64_t>(cell.whole()) < p.choices.size();
    case ParamType::kBoolean:
      return cell.whole() == 0 || cell.whole() == 1;
    case ParamType::kInt:
      if (cell.whole() < p.low.whole() || cell.whole() > p.high.whole()) return false;
      return !p.step || value_at(p, index_of(p, cell)) == cell;
    case ParamType::kFloat:
      break;
  }
  const double value = cell.real();
  if (!(value >= p.low.real() && value <= p.high.real())) return false;
  return !p.step || cardinality(p) == 0 || value_at(p, index_of(p, cell)).real() == value;
}

// The value of a legal cell as a user writes it. A choice of text is copied.
inline Value value_of(const Param& p, Cell cell) {
  switch (p.type) {
    case ParamType::kInt:
      return cell.whole();
    case ParamType::kFloat:
      return cell.real();
    case ParamType::kBoolean:
      return cell.whole() != 0;
    case ParamType::kChoice:
    case ParamType::kFixed:
      break;
  }
  return p.choices[static_cast<std::size_t>(cell.whole())];
}

namespace detail {

// A legal cell for a message.
inline std::string text_of(const Param& p, Cell cell) {
  const Value value = value_of(p, cell);
  if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, std::get<double>(value)).ptr};
}

}  // namespace detail

// The cell for a value as a user writes it, or nothing for an illegal value. A float may be a
// whole number. A float within rounding of a grid value is that value.
inline std::optional<Cell> cell_of(const Param& p, const Value& value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  std::optional<Cell> cell;
  switch (p.type) {
    case ParamType::kInt:
      if (whole) cell = Cell::whole(*whole);
      break;
    case ParamType::kBoolean:
      if (const auto* flag = std::get_if<bool>(&value)) cell = Cell::whole(*flag ? 1 : 0);
      break;
    case ParamType::kFloat:
      if (whole) cell = Cell::real(static_cast<double>(*whole));
      if (real) cell = Cell::real(*real);
      if (cell && p.step && std::isfinite(cell->real()) && cardinality(p) != 0) {
        const Cell near = value_at(p, index_of(p, *cell));
        const double gap = p.sampling == Sampling::kLinear ? p.step->real() : near.real();
        if (std::abs(near.real() - cell->real()) <= 1e-9 * gap) cell = near;
      }
      break;
    case ParamType::kChoice:
    case ParamType::kFixed:
      for (std::size_t i = 0; i < p.choices.size(); ++i) {
        const auto* choice = std::get_if<double>(&p.choices[i]);
        const bool same =
            p.choices[i] == value || (whole && choice && *choice == static_cast<double>(*whole));
        if (same) return Cell::whole(static_cast<std::int64_t>(i));
      }
      break;
  }
  if (cell && !is_legal(p, *cell)) cell.reset();
  return cell;
}

// The kind of a definition's values to a constraint, and one of its legal cells. A text is borrowed
// from the definition.
inline OperandKind operand_kind(const Param& p) {
  if (p.type == ParamType::kBoolean) return OperandKind::kTruth;
  if (p.type == ParamType::kInt || p.type == ParamType::kFloat) return OperandKind::kNumber;
  const Value& first = p.choices.front();
  if (std::holds_alternative<bool>(first)) return OperandKind::kTruth;
  return std::holds_alternative<std::string>(first) ? OperandKind::kText : OperandKind::kNumber;
}
inline Operand operand_of(const Param& p, Cell cell) {
  if (p.type == ParamType::kFloat) return {cell.real(), {}};
  if (p.type == ParamType::kInt || p.type == ParamType::kBoolean) {
    return {static_cast<double>(cell.whole()), {}};
  }
  const Value& value = p.choices[static_cast<std::size_t>(cell.whole())];
  if (const auto* text = std::get_if<std::string>(&value)) return {0.0, *text};
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return {static_cast<double>(*whole), {}};
  }
  const auto* flag = std::get_if<bool>(&value);
  return {flag ? (*flag ? 1.0 : 0.0) : std::get<double>(value), {}};
}

// A cell for every definition of a space, each active or not. Definitions beyond its size are not
// active. So a point of a smaller space stays one of the space that has grown since. A point does
// not know its space: set() checks nothing.
class Point {
 public:
  explicit Point(std::size_t size = 0) : cells_(size), active_(size, 0) {}
  std::size_t size() const { return cells_.size(); }
  bool active(std::size_t i) const { return i < active_.size() && active_[i] != 0; }
  // The cell at i, i < size(). Means nothing where i is not active.
  Cell operator[](std::size_t i) const { return cells_[i]; }
  // Gives i a value and makes it active. The point grows up to i; cells in between are not active.
  void set(std::size_t i, Cell cell) {
    if (i >= cells_.size()) cells_.resize(i + 1), active_.resize(i + 1, 0);
    cells_[i] = cell;
    active_[i] = 1;
  }
  // Makes it a point of `size` cells of which none is active. Keeps the memory.
  void clear(std::size_t size) {
    cells_.assign(size, Cell());
    active_.assign(size, 0);
  }
  // The active cells in the order of the space.
  std::vector<Assignment> assignments() const {
    std::vector<Assignment> result;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (active_[i]) result.push_back({static_cast<std::uint32_t>(i), cells_[i]});
    }
    return result;
  }

 private:
  std::vector<Cell> cells_;
  std::vector<unsigned char> active_;
};

// Definitions in the order in which they joined, and constraints. They never change and never leave.
class Space {
 public:
  const std::vector<Param>& params() const { return params_; }
  std::size_t size() const { return params_.size(); }

  // Appends a definition that was checked already, and returns its index. Throws
  // Error{DODONA_E_SPACE_CONFLICT} for a second definition of the same name and conditions,
  // Error{DODONA_E_INVALID} for an unknown parent, or values of a kind that does not fit a
  // constraint.
  std::size_t add(Param param) {
    if (find(param.name, param.conditions)) {
      throw Error(DODONA_E_SPACE_CONFLICT, "hyperparameter \"" + param.name +
                                               "\" is defined twice under the same conditions");
    }
    std::vector<Gate> gates;
    for (const Condition& condition : param.conditions) gates.push_back(gate(param, condition));
    std::vector<Rule> rules = rules_;
    for (Rule& rule : rules) bind(rule, param);
    rules_ = std::move(rules);
    params_.push_back(std::move(param));
    gates_.push_back(std::move(gates));
    return params_.size() - 1;
  }

  // True if definition i is active at a point. Only the cells before i matter, so a loop that sets
  // the cells in order sees each condition decided. A definition without conditions always is.
  // Cost: O(definitions of the parents' names times their values).
  bool is_active(std::size_t i, const Point& point) const {
    return std::all_of(gates_[i].begin(), gates_[i].end(), [&](const Gate& gate) {
      return std::any_of(gate.begin(), gate.end(), [&](const Parent& parent) {
        return point.active(parent.param) && std::find(parent.cells.begin(), parent.cells.end(),
                                                       point[parent.param]) != parent.cells.end();
      });
    });
  }

  // The index of the definition of a name under exactly these conditions. Cost: O(n).
  std::optional<std::size_t> find(std::string_view name,
                                  const std::vector<Condition>& conditions) const {
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i].name == name && params_[i].conditions == conditions) return i;
    }
    return std::nullopt;
  }

  // The index of the definition of a name that is active at a point: the first one, should there be
  // several. Cost: O(n).
  std::optional<std::size_t> find_active(std::string_view name, const Point& point) const {
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (point.active(i) && params_[i].name == name) return i;
    }
    return std::nullopt;
  }

  // Appends a constraint, which the values of every point must keep. A name that no definition has
  // yet counts as not active until one joins. Throws Error{DODONA_E_INVALID} for an expression that
  // cannot be read, or whose kinds of values do not fit the definitions.
  void add_constraint(std::string_view expression) {
    Rule rule{Constraint(expression), {}};
    rule.definitions.resize(rule.constraint.names().size());
    for (std::size_t i = 0; i < params_.size(); ++i) {
      for (std::size_t name = 0; name < rule.definitions.size(); ++name) {
        if (rule.constraint.names()[name] != params_[i].name) continue;
        rule.definitions[name].push_back(static_cast<std::uint32_t>(i));
      }
    }
    check(rule);
    rules_.push_back(std::move(rule));
  }

  std::size_t constraint_count() const { return rules_.size(); }
  const Constraint& constraint(std::size_t i) const { return rules_[i].constraint; }

  // The result of constraint i at a point.
  Finding evaluate(std::size_t i, const Point& point) const {
    const Rule& rule = rules_[i];
    return rule.constraint.evaluate([&](std::size_t name) -> std::optional<Operand> {
      for (const std::uint32_t param : rule.definitions[name]) {
        if (point.active(param)) return operand_of(params_[param], point[param]);
      }
      return std::nullopt;
    });
  }

  // True if the values of a point keep all constraints. A constraint holds where one of the
  // hyperparameters that it names is not active. Cost: O(length of the constraints), no allocation.
  bool is_feasible(const Point& point) const { return !broken(point); }

  // The index of the first constraint that the values of a point break.
  std::optional<std::size_t> broken(const Point& point) const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (evaluate(i, point) != Finding::kHolds) return i;
    }
    return std::nullopt;
  }

  // For a message: constraint i, and the values of a point that it names, as
  // `"a >= b", where a is 1 and b is 2`.
  std::string told(std::size_t i, const Point& point) const {
    const Rule& rule = rules_[i];
    std::string text = "\"" + rule.constraint.text() + "\"";
    const char* before = ", where ";
    for (std::size_t name = 0; name < rule.definitions.size(); ++name) {
      for (const std::uint32_t param : rule.definitions[name]) {
        if (!point.active(param)) continue;
        text += before + rule.constraint.names()[name] + " is ";
        text += detail::text_of(params_[param], point[param]);
        before = " and ";
        break;
      }
    }
    if (evaluate(i, point) == Finding::kNotFinite) text += " and its arithmetic is not finite";
    return text;
  }

 private:
  struct Parent {
    std::uint32_t param;
    std::vector<Cell> cells;
  };
  using Gate = std::vector<Parent>;  // an entry for each definition of the parent's name

  Gate gate(const Param& child, const Condition& condition) const {
    Gate gate;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      if (params_[i].name != condition.parent) continue;
      Parent parent{static_cast<std::uint32_t>(i), {}};
      for (const Value& value : condition.any_of) {
        if (const auto cell = cell_of(params_[i], value)) parent.cells.push_back(*cell);
      }
      gate.push_back(std::move(parent));
    }
    if (gate.empty() || child.name == condition.parent) {
      throw Error(DODONA_E_INVALID, "hyperparameter \"" + child.name + "\" depends on \"" +
                                        condition.parent + "\", which is not defined before it");
    }
    return gate;
  }

  // A constraint, and the definitions of each of its names.
  struct Rule {
    Constraint constraint;
    std::vector<std::vector<std::uint32_t>> definitions;
  };

  // Tells a constraint of the definition that is about to join.
  void bind(Rule& rule, const Param& param) const {
    const auto& names = rule.constraint.names();
    const auto name = std::find(names.begin(), names.end(), param.name);
    if (name == names.end()) return;
    rule.definitions[static_cast<std::size_t>(name - names.begin())].push_back(
        static_cast<std::uint32_t>(params_.size()));
    check(rule, &param);
  }

  // Throws where kinds of values do not fit. `next` is the definition that is about to join.
  void check(const Rule& rule, const Param* next = nullptr) const {
    std::vector<std::optional<OperandKind>> kinds(rule.definitions.size());
    for (std::size_t name = 0; name < kinds.size(); ++name) {
      for (const std::uint32_t param : rule.definitions[name]) {
        const OperandKind kind = operand_kind(param < params_.size() ? params_[param] : *next);
        if (kinds[name] && *kinds[name] != kind) {
          throw rule.constraint.fault_of_name(
              name,
              "\"" + rule.constraint.names()[name] +
                  "\" has values of one kind under some conditions, and of another kind under "
                  "others");
        }
        kinds[name] = kind;
      }
    }
    rule.constraint.check(kinds);
  }

  std::vector<Param> params_;
  std::vector<std::vector<Gate>> gates_;
  std::vector<Rule> rules_;
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
