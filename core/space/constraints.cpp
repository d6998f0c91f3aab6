// SPDX-License-Identifier: Apache-2.0
#include "space/constraints.hpp"

#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "space/definition.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::space {
namespace {

constexpr std::size_t kEndsMax = 12;  // hyperparameters of which all combinations of ends are tried
constexpr std::uint64_t kSeed = 0x646F646F6E61;

std::string quoted(std::string_view name) {
  return base::quote(name);
}

void check_name(const Constraint& constraint, std::size_t name, std::span<const Param> params) {
  const std::string& text = constraint.names()[name];
  std::vector<std::string> known;
  for (const Param& param : params) {
    if (param.name == text) return;
    if (std::find(known.begin(), known.end(), param.name) == known.end()) {
      known.push_back(param.name);
    }
  }
  const std::string guess = base::did_you_mean(text, known);
  throw constraint.fault_of_name(
      name, "there is no hyperparameter " + quoted(text) + guess +
                (guess.empty() && !known.empty() ? "; there is " + base::alternatives(known) : ""));
}

void check_text(const Constraint& constraint, std::size_t name, std::string_view text,
                std::size_t offset, std::span<const Param> params) {
  std::vector<std::string> values;
  for (const Param& param : params) {
    if (param.name != constraint.names()[name]) continue;
    for (const Value& value : param.choices) {
      const auto* known = std::get_if<std::string>(&value);
      if (known == nullptr) return;  // of another kind, which was checked
      if (*known == text) return;
      values.push_back(*known);
    }
  }
  if (values.empty()) return;
  const std::string guess = base::did_you_mean(text, values);
  throw constraint.fault(
      offset, quoted(text) + " is not a value of " + quoted(constraint.names()[name]) + guess +
                  (guess.empty() ? "; it has " + base::alternatives(values) : ""));
}

// Counts the findings of one constraint at points that have all that it names.
class Tally {
 public:
  Tally(const Space& space, std::size_t constraint) : space_(space), constraint_(constraint) {
    const auto& names = space.constraint(constraint).names();
    named_.resize(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      named_[i] = std::find(names.begin(), names.end(), space.params()[i].name) != names.end();
    }
  }

  // At combinations of the smallest and largest values of what it names; the rest is drawn.
  void take_ends() {
    const auto count = static_cast<std::size_t>(std::count(named_.begin(), named_.end(), true));
    const std::size_t combinations = std::size_t{1} << std::min(count, kEndsMax);
    for (std::size_t mask = 0; mask < combinations; ++mask) {
      take(mask, [&](std::size_t i, std::size_t nth, double drawn) {
        const bool high = nth < kEndsMax ? (mask >> nth & 1) != 0 : drawn < 0.5;
        return named_[i] ? (high ? 1.0 : 0.0) : drawn;
      });
    }
  }
  void take_draws() {
    for (std::size_t i = 0; i < kJudgingDraws; ++i) {
      take(kDrawsFrom + i, [](std::size_t, std::size_t, double drawn) { return drawn; });
    }
  }

  std::uint64_t held = 0;
  std::uint64_t broken = 0;
  std::uint64_t not_finite = 0;  // of the broken ones

 private:
  static constexpr std::size_t kDrawsFrom = std::size_t{1} << 32;

  // `place(i, nth, drawn)`: where the value of definition i lies in [0, 1], which is the nth one of
  // those that the constraint names.
  template <class Place>
  void take(std::size_t draw, const Place& place) {
    RandomStream random(kSeed, draw, Purpose::kStudySeed);
    Point point(space_.size());
    std::size_t nth = 0;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const double u = place(i, nth, random.uniform());
      if (named_[i]) ++nth;
      if (space_.is_active(i, point)) point.set(i, from_unit(space_.params()[i], u));
    }
    for (const std::string& name : space_.constraint(constraint_).names()) {
      if (!space_.find_active(name, point)) return;
    }
    const Finding found = space_.evaluate(constraint_, point);
    ++(found == Finding::kHolds ? held : broken);
    if (found == Finding::kNotFinite) ++not_finite;
  }

  const Space& space_;
  const std::size_t constraint_;
  std::vector<bool> named_;
};

}  // namespace

void check_constraint(const Constraint& constraint, std::span<const Param> params, Names names) {
  std::vector<std::optional<OperandKind>> kinds(constraint.names().size());
  for (std::size_t name = 0; name < kinds.size(); ++name) {
    if (names == Names::kComplete) check_name(constraint, name, params);
    for (const Param& param : params) {
      if (param.name == constraint.names()[name]) kinds[name] = operand_kind(param);
    }
  }
  constraint.check(kinds);
  constraint.each_text([&](std::size_t name, std::string_view text, std::size_t offset) {
    check_text(constraint, name, text, offset, params);
  });
}

void check_values(const Space& space, std::size_t i, Refuse refuse) {
  const Constraint& constraint = space.constraint(i);
  for (const std::string& name : constraint.names()) {
    const auto named = [&](const Param& param) { return param.name == name; };
    if (std::none_of(space.params().begin(), space.params().end(), named)) return;
  }
  Tally tally(space, i);
  tally.take_ends();
  tally.take_draws();
  static constexpr const char* kBasis = ", as far as all ends and 10000 draws tell";
  if (tally.held == 0 && tally.broken == 0) {
    if (refuse == Refuse::kNever) return;
    throw constraint.fault(
        0, "what it names is never active together, so that it always holds" + std::string(kBasis));
  }
  if (tally.held == 0 && tally.not_finite == tally.broken) {
    throw constraint.fault(0, "it divides by zero, or its arithmetic is not finite, at all values" +
                                  std::string(kBasis));
  }
  if (tally.held == 0) {
    throw constraint.fault(0, "no values keep it" + std::string(kBasis));
  }
  if (tally.broken == 0 && refuse == Refuse::kConstant) {
    throw constraint.fault(0, "all values keep it" + std::string(kBasis));
  }
}

}  // namespace dodona::space
