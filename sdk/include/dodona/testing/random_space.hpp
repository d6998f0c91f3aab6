// SPDX-License-Identifier: Apache-2.0
//
// Random search spaces with conditions, nested ones included, for property tests.
#pragma once

#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// Gives `param` the name of the conditional definition `other`, and a condition that excludes the
// other's: one name under different conditions. Returns false if that is not possible.
inline bool become_alternative(const Space& space, const Param& other, Param& param) {
  const auto named = [&](const Param& each) { return each.name == other.name; };
  if (other.conditions.empty() ||
      std::count_if(space.params().begin(), space.params().end(), named) > 1) {
    return false;
  }
  Condition opposite{other.conditions.back().parent, {}};
  const std::vector<Condition> outer(other.conditions.begin(), other.conditions.end() - 1);
  const Param& parent = space.params()[space.find(opposite.parent, outer).value()];
  for (std::uint64_t k = 0; k < cardinality(parent); ++k) {
    const Value value = value_of(parent, value_at(parent, k));
    const auto& taken = other.conditions.back().any_of;
    if (std::find(taken.begin(), taken.end(), value) == taken.end()) {
      opposite.any_of.push_back(value);
    }
  }
  if (opposite.any_of.empty()) return false;
  param.name = other.name;
  param.conditions = outer;
  param.conditions.push_back(std::move(opposite));
  return true;
}

// A definition that can be added to the space. At times it is conditional on one of the choices
// there, nested ones included, or has a name that the space has under other conditions. A finite
// one has at most 4 values.
inline Param random_param(const Space& space, RandomStream& random, bool finite = true) {
  Param param;
  param.name = "p" + std::to_string(space.size());
  switch (random.below(finite ? 4 : 6)) {
    case 0:
      param.type = ParamType::kInt;
      param.low = Cell::whole(static_cast<std::int64_t>(random.below(9)) - 4);
      param.high = Cell::whole(param.low.whole() + static_cast<std::int64_t>(random.below(4)));
      break;
    case 1:
      param.type = ParamType::kBoolean;
      break;
    case 2:
      param.type = ParamType::kFloat;
      param.low = Cell::real(0.25);
      param.high = Cell::real(1.0);
      param.step = Cell::real(0.25);
      break;
    case 3:
      param.type = ParamType::kChoice;
      for (std::uint64_t i = 0, n = 1 + random.below(3); i < n; ++i) {
        param.choices.emplace_back("choice" + std::to_string(i));
      }
      break;
    case 4:
      param.type = ParamType::kFloat;
      param.low = Cell::real(1e-3);
      param.high = Cell::real(1.0);
      param.sampling = random.below(2) == 0 ? Sampling::kLog : Sampling::kReverseLog;
      break;
    default:
      param.type = ParamType::kInt;
      param.low = Cell::whole(1);
      param.high = Cell::whole(1000);
      param.sampling = Sampling::kLog;
      break;
  }
  const std::uint64_t count = cardinality(param);
  param.initial =
      count == 0 ? from_unit(param, random.uniform()) : value_at(param, random.below(count));
  std::vector<const Param*> parents;
  for (const Param& each : space.params()) {
    const std::uint64_t values = cardinality(each);
    if (values > 1 && values <= 4) parents.push_back(&each);
  }
  if (parents.empty() || random.below(2) == 0) return param;
  const Param& other = space.params()[random.below(space.size())];
  if (random.below(2) == 0 && become_alternative(space, other, param)) return param;
  const Param& parent = *parents[random.below(parents.size())];
  param.conditions = parent.conditions;  // as nested scopes do
  param.conditions.push_back({parent.name, {}});
  for (std::uint64_t k = 0; k < cardinality(parent); ++k) {
    if (random.below(2) == 0) continue;
    param.conditions.back().any_of.push_back(value_of(parent, value_at(parent, k)));
  }
  if (param.conditions.back().any_of.empty()) {
    param.conditions.back().any_of.push_back(value_of(parent, value_at(parent, 0)));
  }
  return param;
}

inline Space random_space(RandomStream& random, std::size_t size, bool finite = true) {
  Space space;
  for (std::size_t i = 0; i < size; ++i) space.add(random_param(space, random, finite));
  return space;
}

// A legal point of the space. Takes a number of the stream for each active hyperparameter.
inline Point random_point(const Space& space, RandomStream& random) {
  Point out(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_active(i, out)) out.set(i, from_unit(space.params()[i], random.uniform()));
  }
  return out;
}

// An expression that the space takes as a constraint; empty if what was drawn does not fit.
inline std::string random_constraint(const Space& space, RandomStream& random) {
  if (space.size() == 0) return "";
  const auto drawn = [&]() -> const Param& { return space.params()[random.below(space.size())]; };
  const auto of = [&](const Param& param) {
    return dodona::detail::text_of(param, from_unit(param, random.uniform()));
  };
  const Param& a = drawn();
  const Param& b = drawn();
  const bool numbers = operand_kind(a) == OperandKind::kNumber;
  const bool both = numbers && operand_kind(b) == OperandKind::kNumber && a.name != b.name;
  const char* const signs[] = {" <= ", " >= ", " != ", " < "};
  std::string text = operand_kind(a) == OperandKind::kTruth ? "not " + a.name
                     : both    ? a.name + signs[random.below(4)] + b.name
                     : numbers ? a.name + signs[random.below(4)] + of(a)
                               : a.name + " != " + of(a);
  if (random.below(3) == 0) text += " or " + b.name + " == " + of(b);
  Space tried = space;
  try {
    tried.add_constraint(text);
  } catch (const Error&) {
    return "";  // one name stands for values of two kinds
  }
  return text;
}

// Adds up to three constraints that a quarter of the points keep.
inline void add_random_constraints(Space& space, RandomStream& random) {
  for (int i = 0; i < 6 && space.constraint_count() < 3; ++i) {
    const std::string text = random_constraint(space, random);
    if (text.empty()) continue;
    Space tried = space;
    tried.add_constraint(text);
    int kept = 0;
    for (int draw = 0; draw < 64; ++draw) {
      if (tried.is_feasible(random_point(tried, random))) ++kept;
    }
    if (kept >= 16) space = std::move(tried);
  }
}

// The number of points of a finite space that keep its constraints. It enumerates them, so the space
// must be small.
inline std::uint64_t count_points(const Space& space) {
  std::uint64_t count = 0;
  const std::function<void(std::size_t, const Point&)> walk = [&](std::size_t i,
                                                                  const Point& point) {
    if (i == space.size()) {
      if (space.is_feasible(point)) ++count;
    } else if (!space.is_active(i, point)) {
      walk(i + 1, point);
    } else {
      for (std::uint64_t k = 0; k < cardinality(space.params()[i]); ++k) {
        Point next = point;
        next.set(i, value_at(space.params()[i], k));
        walk(i + 1, next);
      }
    }
  };
  walk(0, Point(space.size()));
  return count;
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
