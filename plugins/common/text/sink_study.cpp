// SPDX-License-Identifier: Apache-2.0
#include "common/text/sink_study.hpp"

#include <dodona/error.hpp>

#include <string_view>
#include <utility>

namespace dodona::common {

std::filesystem::path log_path(const StudyContext& context) {
  namespace fs = std::filesystem;
  fs::path path = context.options.get<std::string>("path");
  const std::string_view directory = view(context.study.directory);
  if (path.empty() || path.filename().empty()) {
    throw Error(DODONA_E_INVALID, "option \"path\" should name a file");
  }
  if (path.is_absolute()) return path;
  if (directory.empty()) {
    throw Error(DODONA_E_INVALID, "a study with the store \"memory\" has no directory for " +
                                      path.string() +
                                      "; give the option \"path\" as an absolute path");
  }
  if (*path.lexically_normal().begin() == "..") {
    throw Error(DODONA_E_INVALID, "option \"path\": " + path.string() +
                                      " leads out of the study's directory; give an absolute path "
                                      "for a file elsewhere");
  }
  fs::path full = fs::path(directory) / path;
  fs::create_directories(full.parent_path());
  return full;
}

std::vector<Objective> objectives_of(const dodona_study& study) {
  std::vector<Objective> objectives;
  for (std::uint64_t i = 0; i < study.objective_count; ++i) {
    objectives.push_back({std::string(view(study.objectives[i]->name)),
                          study.objectives[i]->direction == DODONA_MAXIMIZE});
  }
  return objectives;
}

std::string name_of(const dodona_study& study) {
  const std::filesystem::path directory = view(study.directory);
  return directory.empty() ? "dodona" : directory.filename().string();
}

std::string to_hex(std::span<const std::uint8_t, 16> id) {
  std::string text;
  for (const std::uint8_t byte : id) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace dodona::common
