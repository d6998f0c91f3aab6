// SPDX-License-Identifier: Apache-2.0
//
// Calling a function of a plugin's table: a failing status becomes an Error with its text. A slot
// must not throw; what one throws all the same, whatever its type, becomes an Error too, if it is
// called through may_throw().
#pragma once

#include <dodona/abi.h>
#include <dodona/guard.hpp>

#include <initializer_list>
#include <string>
#include <utility>

namespace dodona::plugin {

// The error behind a failing status. `who` stands before the text, unless empty; a code that this
// ABI does not know counts as DODONA_E_FAILED.
Error slot_error(const std::string& who, dodona_status status, const std::string& text);

// The Error for what a slot threw, which is under way: to be called in a handler.
Error slot_exception(const std::string& who);

// The same function, of a type that lets the compiler expect an exception. The language of a plugin
// need not have seen to it that there is none.
template <class Result, class... Arguments>
auto may_throw(Result (*slot)(Arguments...) noexcept) -> Result (*)(Arguments...) {
  return slot;
}

// Calls `function(dodona_error*)` and returns its status where that is DODONA_OK or one of
// `answers`. Throws nothing but Error.
template <class Function>
dodona_status call_slot(const std::string& who, Function&& function,
                        std::initializer_list<dodona_status> answers = {}) {
  ErrorBuffer error;
  dodona_status status = DODONA_OK;
  try {
    status = std::forward<Function>(function)(error.get());
  } catch (...) {
    throw slot_exception(who);
  }
  if (status == DODONA_OK) return status;
  for (const dodona_status answer : answers) {
    if (status == answer) return status;
  }
  throw slot_error(who, status, error.text());
}

// Calls a slot that cannot fail: destroy or release. There is nobody to tell what it throws.
template <class Function>
void call_last_slot(Function&& function) noexcept {
  try {
    std::forward<Function>(function)();
  } catch (...) {
  }
}

}  // namespace dodona::plugin
