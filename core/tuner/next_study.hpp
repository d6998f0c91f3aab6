// SPDX-License-Identifier: Apache-2.0
//
// The study file of a search that goes on where another one ended.
//
// Threads: pure.
#pragma once

#include "study/state.hpp"

#include <dodona/space.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona::tuner {

// The new form of a definition.
struct Change {
  std::size_t definition = 0;
  Param param;         // in its place
  bool loses = false;  // true: trials of the study may not fit it
  std::string text;    // `lr goes up to 1, not 0.1`
};

// The changes by what is known: a hyperparameter without effect has the value of the best trial; a
// range at whose edge that one lies is wider; one of which the leading trials, if there are some, cover
// less than half is narrower. A name with several definitions stays as it is, and one without effect on
// which others depend.
std::vector<Change> changes_of(const study::State& state, const Space& space, std::uint64_t best,
                               const std::vector<std::uint64_t>& leaders,
                               const std::vector<unsigned char>& without_effect);

// The document in force with these changes, under another name and without its seed. It begins with
// the values of the best trial. Where all trials of the study fit the new ranges, its oracle is given
// them.
std::string next_study(const study::State& state, const Space& space, std::uint64_t best,
                       const std::vector<Change>& changes, const std::string& directory);

}  // namespace dodona::tuner
