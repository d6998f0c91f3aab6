// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"
#include "document/document.hpp"
#include "document/keys.hpp"
#include "import/keras_tuner.hpp"
#include "project/project.hpp"

#include <dodona/error.hpp>
#include <dodona/study.hpp>

#include <filesystem>
#include <string>

namespace dodona {
namespace {

StudyOptions study_for(const std::string& from, const KerasTunerImport& options) {
  namespace fs = std::filesystem;
  StudyOptions study;
  study.directory = options.directory;
  const fs::path whole = (fs::absolute(from) / "").lexically_normal().parent_path();
  study.project_name =
      options.project_name.empty() ? whole.filename().string() : options.project_name;
  const std::string problem = document::file_name_problem(study.project_name);
  if (!problem.empty()) throw Error(DODONA_E_INVALID, "project_name: " + problem);
  return study;
}

}  // namespace

ImportSummary import_keras_tuner(const std::string& project_directory,
                                 const KerasTunerImport& options, boundary::SameBuild) {
  const StudyOptions study = study_for(project_directory, options);
  const import::KerasTunerProject project =
      import::read_keras_tuner(project_directory, options.objective);
  ImportSummary summary;
  summary.directory = project::project_directory(study);
  const base::SystemClock clock;
  study::State state;
  project::make_study(summary.directory, [&](study::Store& store) {
    for (study::Event& event : import::events_of(project, study, store.names())) {
      event.unix_nanos = clock.unix_nanos();
      state.check(event);
      state.apply(event);
      store.append(event);
    }
  });
  summary.objective = document::to_facade(project.objective);
  summary.hyperparameters = project.space.size();
  summary.trials = project.trials.size();
  summary.unfinished = summary.trials - state.finished();
  summary.notes = project.notes;
  return summary;
}

}  // namespace dodona
