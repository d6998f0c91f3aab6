// SPDX-License-Identifier: Apache-2.0
//
// The page as a server gives it out: it fetches what it shows. Beside it stands dodona::report_page().
//
// Threads: pure.
#pragma once

#include <string>

namespace dodona::pages {

// `live` is JSON: {} is the list of studies, and {"study": NAME} one of them.
std::string live_page(const std::string& live);

}  // namespace dodona::pages
