// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a journal file of Optuna. Refused: with the file. Accepted: the events are a log that
// the state takes, with the trials and the space of the journal.
#include "fuzz/imported.hpp"
#include "import/optuna.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace dodona;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto imported = fuzz::imported_by(
      [&] { return import::study_of(import::parse_optuna_journal(text, "fuzz"), {}, nullptr); });
  if (!imported) return 0;
  fuzz::require(fuzz::folded(*imported).params() == imported->space);
  return 0;
}
