// SPDX-License-Identifier: Apache-2.0
//
// Calling a function of a plugin's table: a failing status becomes an Error with its text.
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

// Calls `function(dodona_error*)` and returns its status where that is DODONA_OK or one of
// `answers`.
template <class Function>
dodona_status call_slot(const std::string& who, Function&& function,
                        std::initializer_list<dodona_status> answers = {}) {
  ErrorBuffer error;
  const dodona_status status = std::forward<Function>(function)(error.get());
  if (status == DODONA_OK) return status;
  for (const dodona_status answer : answers) {
    if (status == answer) return status;
  }
  throw slot_error(who, status, error.text());
}

}  // namespace dodona::plugin
