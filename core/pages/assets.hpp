// SPDX-License-Identifier: Apache-2.0
//
// The files of the page, as the build put them into the library.
//
// Threads: constants.
#pragma once

#include <span>
#include <string_view>

namespace dodona::pages {

struct Asset {
  std::string_view name;  // page.html, page.css, d3.js, licence.txt, or a module
  std::string_view text;
};

std::span<const Asset> assets();

// The text of one of them, which must be there.
std::string_view asset(std::string_view name);

}  // namespace dodona::pages
