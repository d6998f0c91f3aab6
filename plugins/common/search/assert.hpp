// SPDX-License-Identifier: Apache-2.0
//
// Checks of what the code itself must have got right: sizes, orders, ranges that no input decides.
//
// A check that fails traps, in release builds too, and so does the process stop at the first wrong
// number instead of proposing by it. Never for input: that is an Error.
#pragma once

#define DODONA_ASSERT(condition)   \
  do {                             \
    if (!(condition)) [[unlikely]] \
      __builtin_trap();            \
  } while (false)
