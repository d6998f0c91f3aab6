// SPDX-License-Identifier: Apache-2.0
//
// DODONA_ASSERT(condition): the condition holds for every input. A false one is a mistake in this
// code, and traps in every build.
#pragma once

#define DODONA_ASSERT(condition)   \
  do {                             \
    if (!(condition)) [[unlikely]] \
      __builtin_trap();            \
  } while (false)
