// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the files of a KerasTuner project: oracle.json, then a trial.json after each zero
// byte. Refused: with the file and the place that is wrong. Accepted: the events are a log that the
// state takes, and its document says the same objective and space.
#include "base/json.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "fuzz/imported.hpp"
#include "import/keras_tuner.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace dodona;

namespace {

import::ImportedStudy project_of(std::string_view rest){
    const import::KerasTunerFile oracle{"fuzz", std::string(rest.substr(0, rest.find('\0')))};
std::vector<import::KerasTunerFile> trials;
while (rest.find('\0') != std::string_view::npos) {
  rest.remove_prefix(rest.find('\0') + 1);
  trials.push_back({"fuzz", std::string(rest.substr(0, rest.find('\0')))});
}
return import::parse_keras_tuner(oracle, trials, "");
}  // namespace

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto project = fuzz::imported_by([&] {
    return project_of({reinterpret_cast<const char*>(data), size});
  });
  if (!project) return 0;
  const study::State state = fuzz::folded(*project);
  fuzz::require(document::objective_of(state.document()).name == project->objective.name);
  const base::JsonDocument document = base::parse_json(state.document(), "document");
  const auto space = document::parse_space(base::JsonReader(document).required("space"));
  fuzz::require(space.size() == project->space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    fuzz::require(space[i].param == project->space[i]);
  }
  return 0;
}
