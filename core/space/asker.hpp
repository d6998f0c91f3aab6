// SPDX-License-Identifier: Apache-2.0
//
// Answers what a hypermodel asks: values of hyperparameters, defined by the asking.
//
// Errors:  Error as said at each member.
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
    const Param* asked;  // the definition as it was asked for; nullptr: overridden, any will do
    const Param* param;  // the definition in force, valid as long as the asker
    Cell cell;
  };

  virtual ~Asker() = default;
  // Whether values are examples and nothing will be trained.
  virtual bool discovering() const = 0;
  // The definition of a name under the open scopes, if it was met before. The fast path.
  virtual std::optional<Known> known(std::string_view name) = 0;
  // Defines under the open scopes. Throws kSpaceConflict for another definition of the same name
  // and scopes, kInvalid for an impossible one.
  virtual Known define(Param asked) = 0;
  // The active definition of a name, whatever the scopes. Throws kInvalid if there is none.
  virtual Known get(std::string_view name) = 0;
  // Opens a scope and says whether it is active. Throws kInvalid for an unknown parent or value.
  virtual bool enter(Condition condition) = 0;
  virtual void leave() = 0;
  // Every hyperparameter of the space in its order, with its value where it is active: for a model
  // that takes whatever space it is given. While discovering: the study file's, with defaults.
  using Visit = std::function<void(const Param& param, const Cell* cell)>;
  virtual void each(const Visit& visit) = 0;
};

}  // namespace dodona::space
