// SPDX-License-Identifier: Apache-2.0
//
// The stack of open conditional scopes while a hypermodel asks.
#pragma once

#include <dodona/space.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace dodona::space {

// True if the parent is active at the point and has one of the condition's values.
bool holds(const Space& space, const Point& point, const Condition& condition);

class Scopes {
 public:
  // Opens a scope; in one that is not active every inner one is not active either. Throws kInvalid
  // where the parent is unknown to `space` or was not asked for with one of the values. `asked` has
  // the definitions as they were asked for; nullptr where the study file gives another one, which
  // may lack values that the model has scopes for.
  bool enter(const Space& space, std::span<const Param* const> asked, const Point& point,
             Condition condition);
  // Throws kInvalid where none is open.
  void leave();
  const std::vector<Condition>& open() const { return open_; }
  bool active() const { return active_ == open_.size(); }
  // Throws kInvalid inside a scope that is not active.
  void require_active(std::string_view name) const;

 private:
  std::vector<Condition> open_;
  std::size_t active_ = 0;  // how many of them, from the outside, are active
};

}  // namespace dodona::space
