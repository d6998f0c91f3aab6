// SPDX-License-Identifier: Apache-2.0
#include "host/study_directory.hpp"

#include "base/text.hpp"
#include "host/text.hpp"

#include <dodona/tuner.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamedMax = 5;

// Projects directly in `directory`, sorted.
std::vector<std::string> projects_in(const fs::path& directory) {
  std::vector<std::string> projects;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool draft = it->path().filename() == "study.new";  // of an import that was cut off
    if (!draft && fs::exists(it->path() / "study.db", ignored)) {
      projects.push_back(it->path().lexically_normal().string());
    }
  }
  std::sort(projects.begin(), projects.end());
  return projects;
}

// Where the study of a study file is, if it can be read without plugins and settings of its search.
std::optional<std::string> directory_of(const std::string& study_file) {
  try {
    const StudyOptions study = read_study_file(study_file).study;
    return (fs::path(study.directory) / study.project_name).lexically_normal().string();
  } catch (const Error&) {
    return std::nullopt;
  }
}

[[noreturn]] void refuse_file(const std::string& path) {
  const std::optional<std::string> project = directory_of(path);
  throw Error(DODONA_E_INVALID,
              path + " is a file; give the directory of the project, " +
                  (project ? *project : "its directory/project_name, such as runs/fashion"));
}

[[noreturn]] void refuse_parent(const std::string& path, const std::vector<std::string>& projects) {
  std::string names;
  for (std::size_t i = 0; i < std::min(projects.size(), kNamedMax); ++i) {
    names += (i == 0 ? "" : ", ") + projects[i];
  }
  if (projects.size() > kNamedMax) names += ", ...";
  throw Error(DODONA_E_INVALID, path + " holds projects and no study; give one of " + names);
}

}  // namespace

void check_study_directory(const std::string& directory) {
  const fs::path path(directory);
  std::error_code error;
  if (fs::is_regular_file(path, error)) refuse_file(directory);
  if (fs::is_directory(path, error)) {
    const bool study = fs::exists(path / "study.db", error);
    const std::vector<std::string> projects =
        study ? std::vector<std::string>{} : projects_in(path);
    if (!projects.empty()) refuse_parent(directory, projects);
    return;
  }
  // Neighbours by the same spelling of their parent, so that they can be pasted.
  const fs::path parent = path.lexically_normal().parent_path();
  const std::vector<std::string> near = projects_in(parent.empty() ? "." : parent);
  throw Error(DODONA_E_IO, directory + " does not exist" +
                               base::did_you_mean(path.lexically_normal().string(), near));
}

Study open_study(const std::string& directory, Study::Damage damage) {
  check_study_directory(directory);
  return Study(directory, damage);
}

}  // namespace dodona::host
