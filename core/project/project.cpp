// SPDX-License-Identifier: Apache-2.0
#include "project/project.hpp"

#include "base/file.hpp"
#include "document/document.hpp"
#include "schedule/turns.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& what, const std::error_code& error) {
  throw Error(DODONA_E_IO, what + ": " + error.message());
}

study::State fold_below(std::uint64_t end, study::Store& store,
                        std::vector<std::string>& documents) {
  study::State state;
  store.read(0, [&](const study::Event& event) {
    if (event.sequence >= end) return false;
    state.check(event);
    state.apply(event);
    const auto* configured = std::get_if<study::Configured>(&event.body);
    if (configured != nullptr) documents.push_back(configured->document);
    return true;
  });
  return state;
}

}  // namespace

std::string project_directory(const StudyOptions& options) {
  if (options.store == "memory") return "";
  return (fs::path(options.directory) / options.project_name).lexically_normal().string();
}

void delete_project(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(directory, error)) return;
  if (fs::is_directory(directory, error) && fs::is_empty(directory, error)) return;
  const fs::path lock_path = fs::path(directory) / "study.lock";
  if (!fs::exists(fs::path(directory) / "study.db", error) && !fs::exists(lock_path, error)) {
    throw Error(DODONA_E_STATE, directory +
                                    " is not a Dodona project (it has no study.db), so it is not "
                                    "overwritten; choose another project_name or directory");
  }
  const base::FileLock lock(lock_path);
  // The database goes first: what a crash leaves behind is no study any more. Files of sinks stay,
  // which know a new study by its first event; and so does whatever somebody else put there.
  for (const char* name : {"study.db", "study.db-wal", "study.db-shm", "trials"}) {
    fs::remove_all(fs::path(directory) / name, error);
    if (error) refuse("cannot delete " + directory + "/" + name, error);
  }
}

std::unique_ptr<RescoredStore> open_store(const StudyOptions& options) {
  return std::make_unique<RescoredStore>(
      options.store == "memory"
          ? store::memory_store()
          : store::open_sqlite_store(project_directory(options), store::Access::kOwn));
}

std::unique_ptr<RescoredStore> open_to_read(const std::string& directory) {
  return std::make_unique<RescoredStore>(store::open_sqlite_store(directory, store::Access::kRead));
}

space::Overrides overrides_of(const StudyOptions& options) {
  const auto tuned =
      options.tune_new_entries ? space::NewEntries::kTuned : space::NewEntries::kDefault;
  return space::Overrides(document::space_of(options),
                          options.allow_new_entries ? tuned : space::NewEntries::kRefused);
}

plugin::StudyInfo study_info(const StudyOptions& options, std::uint64_t seed,
                             const std::string& directory, const study::Names& names) {
  const study::Objective objective = document::to_study(options.objective);
  return {.names = names,
          .seed = seed,
          .directory = directory,
          .objective = {objective.name, objective.direction},
          .parallel_trials = schedule::in_turns(options) ? schedule::slots_in_turns(options)
                                                         : options.parallel_trials,
          .max_trials = options.max_trials,
          .max_steps = options.max_steps,
          .max_seconds = options.max_seconds};
}

Folded fold(RescoredStore& store, const std::optional<study::Objective>& objective) {
  std::vector<std::string> documents;
  study::State state = fold_below(UINT64_MAX, store, documents);
  if (documents.empty()) return {std::move(state), {}};
  const study::Objective now = objective ? *objective : document::objective_of(documents.back());
  const bool same = std::all_of(documents.begin(), documents.end(), [&](const std::string& each) {
    return document::objective_of(each) == now;
  });
  if (same) return {std::move(state), {}};
  const RescoredStore::Count count = store.rescore(now);
  return {fold_below(state.events(), store, documents), count};
}

}  // namespace dodona::project
