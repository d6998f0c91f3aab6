// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "document/document.hpp"
#include "document/keys.hpp"
#include "import/keras_tuner.hpp"
#include "import/optuna.hpp"
#include "project/project.hpp"

#include <dodona/error.hpp>
#include <dodona/study.hpp>

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <utility>

namespace dodona {
namespace {

StudyOptions study_for(const std::string& directory, const std::string& project_name) {
  StudyOptions study;
  study.directory = directory;
  study.project_name = project_name;
  const std::string problem = document::file_name_problem(study.project_name);
  if (!problem.empty()) throw Error(DODONA_E_INVALID, "project_name: " + problem);
  return study;
}

std::string name_of(const std::string& directory) {
  namespace fs = std::filesystem;
  return (fs::absolute(directory) / "").lexically_normal().parent_path().filename().string();
}

ImportSummary make_study(const StudyOptions& options, const import::ImportedStudy& imported) {
  ImportSummary summary;
  summary.directory = project::project_directory(options);
  const std::int64_t now = base::SystemClock().unix_nanos();
  study::State state;
  project::make_study(summary.directory, [&](study::Store& store) {
    for (study::Event& event : import::events_of(imported, options, store.names())) {
      if (event.unix_nanos == 0) event.unix_nanos = now;
      state.check(event);
      state.apply(event);
      store.append(event);
    }
  });
  summary.objectives = document::all_to_facade(imported.objective);
  summary.hyperparameters = imported.space.size();
  summary.trials = imported.trials.size();
  summary.unfinished = summary.trials - state.finished();
  summary.notes = imported.notes;
  return summary;
}

}  // namespace

ImportSummary import_keras_tuner(const std::string& project_directory,
                                 const KerasTunerImport& options, boundary::SameBuild) {
  const StudyOptions study =
      study_for(options.directory,
                options.project_name.empty() ? name_of(project_directory) : options.project_name);
  return make_study(study, import::read_keras_tuner(project_directory, options.objective));
}

ImportSummary import_optuna(const std::string& file, const OptunaImport& options,
                            boundary::SameBuild) {
  std::string name;
  import::ImportedStudy imported =
      import::study_of(import::read_optuna_file(file), {options.study, options.objectives}, &name);
  std::random_device device;
  imported.seed = device();  // Optuna keeps none
  return make_study(
      study_for(options.directory, options.project_name.empty() ? name : options.project_name),
      imported);
}

}  // namespace dodona
