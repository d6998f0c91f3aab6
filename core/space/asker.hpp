// SPDX-License-Identifier: Apache-2.0
//
// Answers a hypermodel's questions for values of hyperparameters. The questions define the space.
//
// Errors:  each member says which Error it throws.
// Threads: one at a time.
#pragma once

#include <dodona/space.hpp>

#include <functional>
#include <optional>
#include <string_view>

namespace dodona::space {

class Asker {
 public:
  struct Known {
    const Param* asked;  // the model's definition; nullptr: overridden, so that any one will do
    const Param* param;  // the definition in force, valid as long as the asker
    Cell cell;
  };

  virtual ~Asker() = default;
  // True if the values are examples and no training follows.
  virtual bool discovering() const = 0;
  // The definition of a name under the open scopes, if it was met before. The fast path.
  virtual std::optional<Known> known(std::string_view name) = 0;
  // Defines a hyperparameter under the open scopes. Throws DODONA_E_SPACE_CONFLICT for another
  // definition of the same name and scopes, DODONA_E_INVALID for an impossible one.
  virtual Known define(Param asked) = 0;
  // The active definition of a name, whatever the scopes. Throws DODONA_E_INVALID without one.
  virtual Known get(std::string_view name) = 0;
  // Opens a scope. Returns true if it is active. Throws DODONA_E_INVALID for an unknown parent or
  // value.
  virtual bool enter(Condition condition) = 0;
  // Closes the innermost open scope.
  virtual void leave() = 0;
  // Adds a constraint to the space. Throws DODONA_E_INVALID for an expression that cannot be read or
  // does not fit the definitions, and DODONA_E_INFEASIBLE if the trial's own values break it.
  virtual void require(std::string_view expression) = 0;
  // Visits every hyperparameter of the space in its order, with its value or, if it is not active,
  // nullptr. A model that takes any space needs it. While discovering: the hyperparameters of the
  // study file, with their defaults.
  using Visit = std::function<void(const Param& param, const Cell* cell)>;
  virtual void each(const Visit& visit) = 0;
};

}  // namespace dodona::space
