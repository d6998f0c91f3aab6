// SPDX-License-Identifier: Apache-2.0
//
// The default of an option is a number, a boolean or a text; a list is given as JSON.
// Diagnostic: string_view
#include <dodona/plugin.hpp>

#include <vector>

dodona::OptionEntry widths() {
#ifdef CONTROL
  return dodona::json_option("widths", DODONA_LIST, "[1, 2]", "of the layers");
#else
  return dodona::option("widths", std::vector<int>{1, 2}, "of the layers");
#endif
}
