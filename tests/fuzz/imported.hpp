// SPDX-License-Identifier: Apache-2.0
//
// The promises that every import keeps, whatever its file holds.
#pragma once

#include "import/imported.hpp"
#include "study/state.hpp"

#include <dodona/error.hpp>
#include <dodona/study_options.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace dodona::fuzz {

inline void require(bool condition) {
  if (!condition) __builtin_trap();
}

// The study that `read` makes of files named "fuzz"; nothing if it refuses them, with the name.
template <class Read>
std::optional<import::ImportedStudy> imported_by(Read&& read) {
  try {
    return std::forward<Read>(read)();
  } catch (const Error& error) {
    require(error.code() == DODONA_E_INVALID);
    require(std::string_view(error.what()).starts_with("fuzz:"));
    return std::nullopt;
  }
}

// The events of an import are a log that the state takes, with all its trials.
inline study::State folded(const import::ImportedStudy& imported) {
  study::Names names;
  study::State state;
  for (const study::Event& event : import::events_of(imported, StudyOptions(), names)) {
    state.check(event);
    state.apply(event);
  }
  require(state.trials().size() == imported.trials.size());
  return state;
}

}  // namespace dodona::fuzz
