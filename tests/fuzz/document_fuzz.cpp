// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a study document; what follows a zero byte is a `--set`, up to the next one.
// Refused: with the place or the set that is wrong. Accepted: the document that is written is
// complete, reads back as the same options, and an application that gives these gets them too.
#include "document/document.hpp"
#include "support/example_module.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace dodona;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

StudyOptions read_again(const std::string& text) {
  const base::JsonDocument document = base::parse_json(text, "again");
  return document::parse_document(document, support::example_catalogue());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view text = rest.substr(0, rest.find('\0'));
  std::vector<std::string> sets;
  while (rest.find('\0') != std::string_view::npos) {
    rest.remove_prefix(rest.find('\0') + 1);
    sets.emplace_back(rest.substr(0, rest.find('\0')));
  }
  StudyOptions options;
  try {
    base::JsonDocument document = base::parse_json(text, "fuzz");
    document::apply_sets(document, sets);
    options = document::parse_document(document, support::example_catalogue());
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(error.code() == DODONA_E_INVALID || error.code() == DODONA_E_PLUGIN);
    require(message.starts_with("fuzz:") || message.starts_with("--set "));
    return 0;
  }
  const std::string written = document::document_text(options);
  require(document::document_text(read_again(written)) == written);
  require(document::objective_of(written).name == options.objective.name);
  const StudyOptions given = document::checked(options, support::example_catalogue());
  require(document::document_text(given) == written);
  return 0;
}
