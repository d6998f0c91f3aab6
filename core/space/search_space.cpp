// SPDX-License-Identifier: Apache-2.0
#include "space/search_space.hpp"

#include "space/definition.hpp"

#include <algorithm>
#include <utility>

namespace dodona::space {
namespace {

// The kind of a definition's values for the asking code. A whole number also answers a question
// for a real one.
enum class Kind : std::uint8_t { kWhole, kReal, kFlag, kText };

Kind kind_of(const Param& param) {
  switch (param.type) {
    case ParamType::kInt:
      return Kind::kWhole;
    case ParamType::kFloat:
      return Kind::kReal;
    case ParamType::kBoolean:
      return Kind::kFlag;
    case ParamType::kChoice:
    case ParamType::kFixed:
      break;
  }
  return static_cast<Kind>(param.choices.front().index());
}

Param constant_of(const Param& param) {
  Param constant;
  constant.type = ParamType::kFixed;
  constant.name = param.name;
  constant.choices = {value_of(param, param.initial)};
  constant.conditions = param.conditions;
  return constant;
}

}  // namespace

std::optional<std::size_t> Overrides::find(const Param& asked) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Override& entry = entries_[i];
    if (entry.param.name != asked.name) continue;
    if (entry.conditional && entry.param.conditions == asked.conditions) return i;
    if (!entry.conditional) found = i;
  }
  return found;
}

Definition Overrides::apply(Param asked) const {
  check(asked);
  const auto index = find(asked);
  if (!index) {
    return {asked, new_entries_ == NewEntries::kDefault ? constant_of(asked) : asked};
  }
  const Param& entry = entries_[*index].param;
  const Kind wanted = kind_of(asked);
  const Kind given = kind_of(entry);
  if (wanted != given && !(wanted == Kind::kReal && given == Kind::kWhole)) {
    throw Error(DODONA_E_INVALID, "the study file's definition \"" + to_text(entry) +
                                      "\" does not fit what the hypermodel asks for, \"" +
                                      to_text(asked) + "\"");
  }
  Definition definition{std::nullopt, entry};
  definition.param.conditions = std::move(asked.conditions);
  return definition;
}

SearchSpace::SearchSpace(Overrides overrides) : overrides_(std::move(overrides)) {
  publish();
}

std::shared_ptr<const SearchSpace::Snapshot> SearchSpace::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::optional<Error> SearchSpace::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void SearchSpace::keep(std::size_t count) {
  const std::lock_guard lock(mutex_);
  kept_ = count;
  refused_.reset();
}

std::size_t SearchSpace::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

void SearchSpace::conflict(std::size_t index, const Param& there, const Param& asked) {
  const std::string quoted = "hyperparameter \"" + asked.name + "\"";
  if (index >= kept_) {
    throw Error(DODONA_E_SPACE_CONFLICT, quoted + " is asked for with two definitions: " +
                                             to_text(there) + "; and " + to_text(asked));
  }
  refused_.emplace(
      DODONA_E_SPACE_CONFLICT,
      quoted + " is " + to_text(there) + " in the study, and now asked for as " + to_text(asked) +
          "; a study keeps its definitions: go on with the study's, begin anew with "
          "--overwrite (overwrite), or start a new project with this one as warm_start");
  throw Error(*refused_);
}

void SearchSpace::refuse_new(const std::vector<Definition>& definitions) {
  if (overrides_.new_entries() != NewEntries::kRefused) return;
  std::string names;
  for (const auto& [asked, param] : definitions) {
    if (overrides_.find(param) || space_.find(param.name, param.conditions)) continue;
    names += (names.empty() ? "\"" : ", \"") + param.name + "\"";
  }
  if (names.empty()) return;
  refused_.emplace(DODONA_E_INVALID, "allow_new_entries is false, but the hypermodel asks for " +
                                         names + ", which the study's space does not have");
  throw Error(*refused_);
}

// True if the definition is the one at `index`, or if it was tuned there before new ones became
// constants.
bool SearchSpace::in_force(std::size_t index, const Definition& definition) const {
  const Param& there = space_.params()[index];
  return there == definition.param || (overrides_.new_entries() == NewEntries::kDefault &&
                                       definition.asked && there == *definition.asked);
}

void SearchSpace::append(Definition definition) {
  try {
    space_.add(std::move(definition.param));
  } catch (const Error& error) {
    refused_.emplace(error);
    throw;
  }
  free_.push_back(definition.asked ? 0 : 1);
  asked_.push_back(std::move(definition.asked));
}

bool SearchSpace::has_constraint(std::string_view expression) const {
  for (std::size_t i = 0; i < space_.constraint_count(); ++i) {
    if (space_.constraint(i).text() == expression) return true;
  }
  return false;
}

void SearchSpace::publish() {
  auto next = std::make_shared<Snapshot>();
  next->space = space_;
  next->free = free_;
  for (const auto& asked : asked_) next->asked.push_back(asked ? &*asked : nullptr);
  snapshot_ = std::move(next);
}

void SearchSpace::add(const std::vector<Definition>& definitions, const OnGrowth& on_growth,
                      const std::vector<std::string>& constraints) {
  const std::lock_guard lock(mutex_);
  refuse_new(definitions);
  const auto first = static_cast<std::uint32_t>(space_.size());
  for (const Definition& definition : definitions) {
    const auto index = space_.find(definition.param.name, definition.param.conditions);
    if (!index) {
      append(definition);
      continue;
    }
    if (!in_force(*index, definition)) {
      conflict(*index, space_.params()[*index], definition.param);
    }
    asked_[*index] = definition.asked;
    free_[*index] = definition.asked ? 0 : 1;
  }
  std::vector<std::string> joined;
  for (const std::string& each : constraints) {
    if (has_constraint(each)) continue;
    space_.add_constraint(each);
    joined.push_back(each);
  }
  publish();
  if (space_.size() == first && joined.empty()) return;
  on_growth({first, {space_.params().begin() + first, space_.params().end()}, std::move(joined)});
}

void SearchSpace::require(std::string_view expression, const OnGrowth& on_growth) {
  const std::lock_guard lock(mutex_);
  if (has_constraint(expression)) return;
  space_.add_constraint(expression);
  publish();
  on_growth({static_cast<std::uint32_t>(space_.size()), {}, {std::string(expression)}});
}

void SearchSpace::restore(const std::vector<Param>& params,
                          const std::vector<std::string>& constraints) {
  const std::lock_guard lock(mutex_);
  for (const Param& param : params) {
    append({param, param});
    asked_.back().reset();
  }
  for (const std::string& each : constraints) space_.add_constraint(each);
  publish();
}

std::size_t SearchSpace::resolve(Param asked, const OnGrowth& on_growth) {
  Definition definition = overrides_.apply(std::move(asked));
  const std::lock_guard lock(mutex_);
  const auto index = space_.find(definition.param.name, definition.param.conditions);
  if (!index) {
    refuse_new({definition});
    append(std::move(definition));
    publish();
    const auto first = static_cast<std::uint32_t>(space_.size() - 1);
    on_growth({first, {space_.params().back()}});
    return first;
  }
  if (free_[*index] != 0 && !definition.asked) return *index;
  const Param& wanted = definition.asked ? *definition.asked : definition.param;
  const auto& before = asked_[*index];
  if (before ? *before != wanted : !in_force(*index, definition)) {
    conflict(*index, before ? *before : space_.params()[*index], wanted);
  }
  if (!asked_[*index]) {
    asked_[*index] = definition.asked;
    free_[*index] = definition.asked ? 0 : 1;
    publish();
  }
  return *index;
}

}  // namespace dodona::space
