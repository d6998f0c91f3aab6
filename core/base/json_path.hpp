// SPDX-License-Identifier: Apache-2.0
//
// Paths of json.hpp taken apart.
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

// Throws dodona::Error{DODONA_E_INVALID} where `path` is malformed. The empty path has no steps.
std::vector<PathStep> split_path(std::string_view path);

// The one spelling of these steps that join_path makes.
std::string path_text(const std::vector<PathStep>& steps);

}  // namespace dodona::base
