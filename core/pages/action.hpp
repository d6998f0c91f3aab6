// SPDX-License-Identifier: Apache-2.0
//
// The actions on a study that a page may ask for, where the server allows them:
//
//   {"action": "stop_trial", "trial": 7}
//   {"action": "stop"}                                the search
//   {"action": "enqueue", "values": {"lr": 0.01}}
//   {"action": "note", "trial": 7, "text": "..."}     on the study without "trial"
//   {"action": "max_trials", "max_trials": 50}
//
// Errors:  Error{kInvalid} for any other text; those of dodona/status.hpp for what is refused.
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dodona::pages {

struct Action {
  enum class Kind : std::uint8_t { kStopTrial = 1, kStop, kEnqueue, kNote, kMaxTrials };
  Kind kind = Kind::kStop;
  std::optional<std::uint64_t> trial{};
  std::string text{};  // a note, or values as JSON
  std::uint64_t max_trials = 0;
};

Action parse_action(std::string_view text);

// Does it to the study of a directory, and says what was done. Error{kState} where nobody searches a
// study that has to be searched for it.
// Cost: up to three seconds, as its owner is asked.
std::string perform(const Action& action, const std::string& directory);

// Compares a secret in a time that does not depend on what is right in it.
bool is_same_secret(std::string_view given, std::string_view secret);

}  // namespace dodona::pages
