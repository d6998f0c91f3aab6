// SPDX-License-Identifier: Apache-2.0
//
// Hyperband's table: the number of trials and their epochs, in each round of each bracket.
//
// Bracket b has the rounds 0..b. The last round trains for max_epochs, and each round before it
// for fewer by the factor. A round keeps the best trials of the round before.
//
// Source:  Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar (2018), JMLR 18(185), algorithm 1, with
//          the sizes of KerasTuner: all brackets end with about the same work. The table is
//          computed in integers; KerasTuner takes logarithms of floating-point numbers.
// Errors:  the constructor throws Error{DODONA_E_INVALID}.
// Threads: const functions from any thread.
#pragma once

#include <dodona/error.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hyperband {

class Brackets {
 public:
  Brackets(std::uint64_t max_epochs, std::uint64_t factor) : max_epochs_(max_epochs) {
    if (max_epochs == 0 || factor < 2) {
      throw dodona::Error(DODONA_E_INVALID, "max_epochs " + std::to_string(max_epochs) +
                                                " is below 1, or factor " + std::to_string(factor) +
                                                " below 2");
    }
    for (powers_ = {1}; powers_.back() <= max_epochs / factor;) {
      powers_.push_back(powers_.back() * factor);
    }
    rounds_up_ = powers_.back() < max_epochs ? 1 : 0;
  }

  std::uint64_t count() const { return powers_.size(); }

  std::uint64_t size(std::uint64_t bracket, std::uint64_t round) const {
    // ceil(1 + log_factor(max_epochs)) / (bracket + 1) * factor^(bracket - round), rounded up
    const std::uint64_t last = count() + rounds_up_;
    return divide_up(last * powers_[bracket - round], bracket + 1);
  }
  std::uint64_t epochs(std::uint64_t bracket, std::uint64_t round) const {
    return divide_up(max_epochs_, powers_[bracket - round]);
  }

 private:
  static std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
    return a / b + (a % b != 0 ? 1 : 0);
  }

  std::uint64_t max_epochs_;
  std::vector<std::uint64_t> powers_;  // of the factor, up to max_epochs
  std::uint64_t rounds_up_ = 0;        // 1 if max_epochs is no power of the factor
};

}  // namespace hyperband
