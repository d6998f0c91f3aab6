// SPDX-License-Identifier: Apache-2.0
//
// How far the C++ layer of the sdk is seen: not beyond the library that it is compiled into.
//
// Two plugins built with two versions of these headers must never share an inline function, so the
// namespace is hidden however a plugin is built. An application that embeds the kernel defines
// DODONA_SDK_VISIBILITY as nothing (its CMake target does), so that its own classes may hold these
// types as members; libdodona shows none of them.
#pragma once

#ifndef DODONA_SDK_VISIBILITY
#define DODONA_SDK_VISIBILITY __attribute__((visibility("hidden")))
#endif
