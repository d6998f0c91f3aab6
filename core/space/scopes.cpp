// SPDX-License-Identifier: Apache-2.0
#include "space/scopes.hpp"

#include "space/definition.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace dodona::space {
namespace {

void check_parent(const Space& space, std::span<const Param* const> asked,
                  const Condition& condition) {
  bool defined = false;
  for (const Value& value : condition.any_of) {
    bool possible = false;
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (space.params()[i].name != condition.parent) continue;
      defined = true;
      possible = possible || asked[i] == nullptr || cell_of(*asked[i], value).has_value();
    }
    if (defined && !possible) {
      throw Error(DODONA_E_INVALID, "a scope asks for \"" + condition.parent + "\" to be " +
                                        to_text(value) + ", which is not one of its values");
    }
  }
  if (!defined) {
    throw Error(DODONA_E_INVALID,
                "a scope depends on \"" + condition.parent + "\", which is not defined before it");
  }
}

}  // namespace

bool holds(const Space& space, const Point& point, const Condition& condition) {
  const auto parent = space.find_active(condition.parent, point);
  if (!parent) return false;
  return std::any_of(condition.any_of.begin(), condition.any_of.end(), [&](const Value& value) {
    return cell_of(space.params()[*parent], value) == point[*parent];
  });
}

bool Scopes::enter(const Space& space, std::span<const Param* const> asked, const Point& point,
                   Condition condition) {
  if (!active()) {
    open_.push_back(std::move(condition));
    return false;
  }
  check_parent(space, asked, condition);
  if (holds(space, point, condition)) ++active_;
  open_.push_back(std::move(condition));
  return active();
}

void Scopes::leave() {
  if (open_.empty()) throw Error(DODONA_E_INVALID, "a scope is left that was not entered");
  open_.pop_back();
  active_ = std::min(active_, open_.size());
}

void Scopes::require_active(std::string_view name) const {
  if (active()) return;
  throw Error(DODONA_E_INVALID, "hyperparameter \"" + std::string(name) +
                                    "\" is asked for inside a scope that is not active (" +
                                    to_text(open_) + ")");
}

}  // namespace dodona::space
