// SPDX-License-Identifier: Apache-2.0
#include "tuner/constraints.hpp"

#include "base/json_reader.hpp"
#include "base/text.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace dodona::tuner {
namespace {

constexpr std::uint64_t kDrawsMax = 10000;

bool has(const Space& space, const std::string& text) {
  for (std::size_t i = 0; i < space.constraint_count(); ++i) {
    if (space.constraint(i).text() == text) return true;
  }
  return false;
}

// Adds one to `space`, which has all definitions. `whose` begins the message of an error.
void add_checked(Space& space, const std::string& text, space::Names names, space::Refuse refuse,
                 const std::string& whose) {
  try {
    space::check_constraint(Constraint(text), space.params(), names);
    space.add_constraint(text);
    space::check_values(space, space.constraint_count() - 1, refuse);
  } catch (const Error& error) {
    throw Error(error.code(), whose + ": " + error.what());
  }
}

}  // namespace

void add_constraints(OpenStudy& study, const std::vector<std::string>& required,
                     space::Names names) {
  Space space = study.space.snapshot()->space;
  std::vector<std::string> added;
  const std::vector<std::string>& given = study.settings.constraints;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (has(space, given[i])) continue;
    add_checked(space, given[i], names, space::Refuse::kConstant,
                base::join_path("constraints", i));
    added.push_back(given[i]);
  }
  for (const std::string& text : required) {
    if (has(space, text)) continue;
    add_checked(space, text, space::Names::kComplete, space::Refuse::kNever,
                "a constraint of the hypermodel");
    added.push_back(text);
  }
  study.space.add(
      {}, [&](const space::Growth& growth) { study.journal.append(study::kNoTrial, growth); },
      added);
}

void tell_of_unknown_names(OpenStudy& study) {
  const auto snapshot = study.space.snapshot();
  const Space& space = snapshot->space;
  for (std::size_t i = 0; i < space.constraint_count(); ++i) {
    const Constraint& constraint = space.constraint(i);
    for (const std::string& name : constraint.names()) {
      const auto named = [&](const Param& param) { return param.name == name; };
      if (std::any_of(space.params().begin(), space.params().end(), named)) continue;
      study.services.log(study::Level::kWarn, "constraints",
                         "no trial has asked for " + base::quote(name) + ", which the constraint " +
                             base::quote(constraint.text()) + " names; it never counted");
      break;
    }
  }
}

std::string constraint_broken_by(const Space& space, const NamedValues& values) {
  if (space.constraint_count() == 0) return "";
  const auto given = [&](const Param& param) -> std::optional<Cell> {
    for (const auto& [name, value] : values) {
      if (name == param.name) return cell_of(param, value);
    }
    return std::nullopt;
  };
  Point point(space.size());
  for (std::uint64_t draw = 0; draw < kDrawsMax; ++draw) {
    RandomStream random(draw, 0, Purpose::kFill);
    point.clear(space.size());
    bool complete = true;
    for (std::size_t i = 0; i < space.size(); ++i) {
      const double u = random.uniform();
      if (!space.is_active(i, point)) continue;
      const auto own = given(space.params()[i]);
      complete = complete && own.has_value();
      point.set(i, own ? *own : from_unit(space.params()[i], u));
    }
    const auto broken = space.broken(point);
    if (!broken) return "";
    if (complete) return space.told(*broken, point);
  }
  return space.told(*space.broken(point), point) +
         ", and no draw of those that are left out keeps all constraints";
}

}  // namespace dodona::tuner
