// SPDX-License-Identifier: Apache-2.0
//
// Splits the paths of json.hpp into steps.
//
// Threads: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dodona::base {

// A key of an object, or an index into an array.
using PathStep = std::variant<std::string, std::size_t>;

// The steps of a path; the empty path has none. Throws dodona::Error{DODONA_E_INVALID} if `path`
// is malformed.
std::vector<PathStep> split_path(std::string_view path);

// The path of these steps, spelled as join_path does.
std::string path_text(const std::vector<PathStep>& steps);

}  // namespace dodona::base
