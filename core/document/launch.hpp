// SPDX-License-Identifier: Apache-2.0
//
// The command that starts a runner, with its places: {runner}, the path of the program, {slot}, where
// it is to run, and {study}, the study's id.
//
// Threads: pure.
#pragma once

#include <string>
#include <vector>

namespace dodona::document {

// The texts for the places of a command.
struct Places {
  std::string runner;
  std::string slot;
  std::string study;
};

// The fault of a command, or of slots that it has no use for, for a message; empty: none.
std::string fault_of(const std::vector<std::string>& words, bool has_slots);

// The command with its places filled. It has no fault.
std::vector<std::string> filled(const std::vector<std::string>& words, const Places& places);

}  // namespace dodona::document
