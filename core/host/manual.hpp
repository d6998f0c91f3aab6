// SPDX-License-Identifier: Apache-2.0
//
// The command line as a man page and as completions of shells, made of the same table as --help.
//
// Threads: pure.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace dodona::host {

// The page dodona(1), for man.
std::string man_page(const CLI::App& program);

// A script that completes commands, options and files. `shell` is bash, zsh or fish.
std::string completion(const CLI::App& program, const std::string& shell);

}  // namespace dodona::host
