// SPDX-License-Identifier: Apache-2.0
//
// The features of this machine's processor, by the names that manifests use.
//
// Threads: pure.
#pragma once

#include <string_view>

namespace dodona::plugin {

// True if code for `level`, such as x86-64-v3, runs here. A level that is not known does not.
bool runs_here(std::string_view level);

}  // namespace dodona::plugin
