// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a journal file of Optuna. Refused: with the file. Accepted: the events are a log that
// the state takes, with the trials and the space of the journal.
#include "import/optuna.hpp"
#include "study/state.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace {

using namespace dodona;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

std::optional<import::ImportedStudy> study_of(std::string_view text) {
  try {
    return import::study_of(import::parse_optuna_journal(text, "fuzz"), {}, nullptr);
  } catch (const Error& error) {
    require(error.code() == DODONA_E_INVALID);
    require(std::string_view(error.what()).starts_with("fuzz:"));
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imported = study_of({reinterpret_cast<const char*>(data), size});
  if (!imported) return 0;
  study::Names names;
  study::State state;
  for (const study::Event& event : import::events_of(*imported, StudyOptions(), names)) {
    state.check(event);
    state.apply(event);
  }
  require(state.trials().size() == imported->trials.size());
  require(state.params() == imported->space);
  return 0;
}
