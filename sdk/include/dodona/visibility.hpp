// SPDX-License-Identifier: Apache-2.0
//
// Visibility of the sdk's C++ layer: it stays inside the library that it is compiled into.
//
// Two plugins built with two versions of these headers must never share an inline function, so the
// namespace is hidden however a plugin is built. An application that embeds the kernel defines
// DODONA_SDK_VISIBILITY as nothing (the CMake target dodona::dodona does so), as its own classes
// may have members of these types. libdodona exports none of them.
#pragma once

// Without exceptions every header of the layer would be an error. This one ends the compiler, in
// words, before all others.
#if defined(__GNUC__) && !defined(__cpp_exceptions)
#define DODONA_NEEDS_EXCEPTIONS \
  "dodona's C++ headers need exceptions: remove -fno-exceptions, or use dodona/abi.h alone"
#include DODONA_NEEDS_EXCEPTIONS
#endif

#ifndef DODONA_SDK_VISIBILITY
#define DODONA_SDK_VISIBILITY __attribute__((visibility("hidden")))
#endif
