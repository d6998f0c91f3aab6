// SPDX-License-Identifier: Apache-2.0
//
// Tells whether an application and libdodona were compiled alike. Classes of the standard library
// cross between them, so their layouts must be the same on both sides.
//
// Errors:  Error{kState} that names the difference, in place of a crash later.
// Threads: any.
// Cost:    a comparison of a short text and a few numbers.
#pragma once

#include <dodona/error.hpp>
#include <dodona/export.hpp>
#include <dodona/version.h>

#include <cstddef>
#include <initializer_list>
#include <string>

#if defined(_LIBCPP_VERSION)
#define DODONA_STANDARD_LIBRARY "libc++"
#elif defined(_GLIBCXX_DEBUG)
#define DODONA_STANDARD_LIBRARY "libstdc++ in debug mode (_GLIBCXX_DEBUG)"
#elif defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
#define DODONA_STANDARD_LIBRARY "libstdc++ with its old strings (_GLIBCXX_USE_CXX11_ABI=0)"
#else
#define DODONA_STANDARD_LIBRARY "libstdc++"
#endif

namespace dodona::boundary {

// The tools and headers that a translation unit was compiled with.
inline constexpr const char* kBuild =
    "the headers of Dodona " DODONA_VERSION_SERIES " and " DODONA_STANDARD_LIBRARY;

// A class that crosses, and its size in bytes.
struct Layout {
  const char* type;
  std::size_t size;
};

// Compares with libdodona's own. Where they differ, it writes why to `problem`, with a zero at its
// end, and answers false. It throws nothing: exceptions do not pass between two standard libraries.
DODONA_API bool is_same_build(const char* build, const Layout* layouts, std::size_t count,
                              char* problem, std::size_t capacity) noexcept;

// Says that the builds were compared.
struct SameBuild {};

// Hidden: each library that is compiled with these headers asks for itself.
__attribute__((visibility("hidden"))) inline SameBuild check_build(
    std::initializer_list<Layout> layouts) {
  char problem[512];
  if (is_same_build(kBuild, layouts.begin(), layouts.size(), problem, sizeof problem)) return {};
  throw Error(kState, problem);
}

}  // namespace dodona::boundary
