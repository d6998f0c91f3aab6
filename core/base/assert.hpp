// SPDX-License-Identifier: Apache-2.0
//
// DODONA_ASSERT: what must hold whatever the input is; a violation traps, in every build.
#pragma once

#define DODONA_ASSERT(condition)   \
  do {                             \
    if (!(condition)) [[unlikely]] \
      __builtin_trap();            \
  } while (false)
