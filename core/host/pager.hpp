// SPDX-License-Identifier: Apache-2.0
//
// Long output on a terminal, a screen at a time.
#pragma once

#include <string_view>

namespace dodona::host {

// Prints a text. Where standard output is a terminal and the text has more lines than that, it goes
// through DODONA_PAGER, else PAGER, else `less`; an empty one, or one that cannot be started, is left
// out. Throws as print() does.
void print_paged(std::string_view text);

}  // namespace dodona::host
