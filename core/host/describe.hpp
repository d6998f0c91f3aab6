// SPDX-License-Identifier: Apache-2.0
//
// A plugin and its options as `dodona plugins describe` prints them.
//
// Threads: pure.
#pragma once

#include <dodona/kernel.hpp>

#include <string>

namespace dodona::host {

std::string description_text(const PluginDescription& plugin);

}  // namespace dodona::host
