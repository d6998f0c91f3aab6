// SPDX-License-Identifier: Apache-2.0
#include "space/session.hpp"

#include "space/definition.hpp"

#include <string>
#include <utility>

namespace dodona::space {

Session::Session(SearchSpace& space, const std::vector<Assignment>& assignments, Fill fill,
                 SearchSpace::OnGrowth on_growth)
    : space_(space), fill_(std::move(fill)), on_growth_(std::move(on_growth)) {
  snapshots_.push_back(space_.snapshot());
  values_.clear(at().space.size());
  used_.clear(at().space.size());
  for (const Assignment& assignment : assignments) values_.set(assignment.param, assignment.cell);
}

std::optional<std::size_t> Session::locate(std::string_view name) const {
  const auto& params = at().space.params();
  const auto matches = [&](std::size_t i) {
    return params[i].name == name && params[i].conditions == scopes_.open();
  };
  if (next_ < params.size() && matches(next_)) return next_;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (matches(i)) return i;
  }
  // The study file may define a name under conditions of its own.
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params[i].name == name && at().free[i] != 0 && values_.active(i)) return i;
  }
  return std::nullopt;
}

Asker::Known Session::answer(std::size_t index) {
  next_ = index + 1;
  used_.set(index, values_[index]);
  return {at().asked[index], &at().space.params()[index], values_[index]};
}

std::optional<Asker::Known> Session::known(std::string_view name) {
  scopes_.require_active(name);
  const auto index = locate(name);
  if (!index || !values_.active(*index)) return std::nullopt;
  if (at().asked[*index] == nullptr && at().free[*index] == 0) return std::nullopt;
  return answer(*index);
}

Asker::Known Session::define(Param asked) {
  scopes_.require_active(asked.name);
  for (std::size_t i = 0; i < at().space.size(); ++i) {
    const Param& given = at().space.params()[i];
    if (at().free[i] == 0 || given.name != asked.name || given.conditions.empty()) continue;
    if (given.conditions == scopes_.open()) continue;
    throw Error(DODONA_E_INVALID, "hyperparameter \"" + asked.name +
                                      "\" is asked for, but the study file makes it active only " +
                                      to_text(given.conditions));
  }
  asked.conditions = scopes_.open();
  const std::size_t index = space_.resolve(std::move(asked), on_growth_);
  snapshots_.push_back(space_.snapshot());
  if (!values_.active(index)) {
    const auto fits = [&](Cell cell) {
      Point tried = values_;
      tried.set(index, cell);
      return at().space.is_feasible(tried);
    };
    values_.set(index, fill_(static_cast<std::uint32_t>(index), at().space.params()[index], fits));
    check_constraints();
  }
  return answer(index);
}

void Session::refresh() {
  auto now = space_.snapshot();
  if (now != snapshots_.back()) snapshots_.push_back(std::move(now));
}

void Session::require(std::string_view expression) {
  if (!scopes_.active()) {
    throw Error(DODONA_E_INVALID, "the constraint \"" + std::string(expression) +
                                      "\" is required inside a scope that is not active (" +
                                      to_text(scopes_.open()) + ")");
  }
  space_.require(expression, on_growth_);
  refresh();
  check_constraints();
}

void Session::check_constraints() {
  const auto broken = at().space.broken(values_);
  if (!broken) return;
  infeasible_.emplace(DODONA_E_INFEASIBLE, "the trial's values break the constraint " +
                                               at().space.told(*broken, values_));
  throw Error(*infeasible_);
}

Asker::Known Session::get(std::string_view name) {
  if (const auto index = at().space.find_active(name, values_)) {
    used_.set(*index, values_[*index]);
    return {nullptr, &at().space.params()[*index], values_[*index]};
  }
  for (const Param& param : at().space.params()) {
    if (param.name == name) throw not_active(param);
  }
  throw not_there(name);
}

void Session::each(const Visit& visit) {
  const auto& params = at().space.params();
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!values_.active(i)) {
      visit(params[i], nullptr);
      continue;
    }
    const Cell cell = values_[i];
    used_.set(i, cell);
    visit(params[i], &cell);
  }
}

bool Session::enter(Condition condition) {
  return scopes_.enter(at().space, at().asked, values_, std::move(condition));
}

}  // namespace dodona::space
