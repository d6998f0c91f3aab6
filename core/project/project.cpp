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

constexpr const char* kDatabase = "study.db";

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

std::unique_ptr<RescoredStore> open_store(const StudyOptions& options,
                                          std::shared_ptr<base::FileLock> lock) {
  if (options.store == "memory") return std::make_unique<RescoredStore>(store::memory_store());
  const std::string directory = project_directory(options);
  return std::make_unique<RescoredStore>(
      lock != nullptr ? store::open_sqlite_store(directory, std::move(lock))
                      : store::open_sqlite_store(directory, store::Access::kOwn));
}

void make_study(const std::string& directory, const std::function<void(study::Store&)>& fill) {
  const fs::path place = fs::absolute(directory).lexically_normal();
  const base::FileLock lock = store::lock_project(directory);
  if (fs::exists(place / kDatabase)) {
    throw Error(DODONA_E_STATE, "there is a study in " + directory +
                                    " already; choose another project_name or directory");
  }
  const fs::path draft = place / "study.new";
  fs::remove_all(draft);  // of one that was killed
  try {
    {
      const auto store = store::open_sqlite_store(draft.string(), store::Access::kOwn);
      fill(*store);
      store->wait_durable(store->size());
    }  // SQLite leaves all in one file when it closes it
    if (fs::exists(draft / "study.db-wal")) {
      throw Error(DODONA_E_IO, "the log in " + draft.string() + " could not be completed");
    }
    fs::rename(draft / kDatabase, place / kDatabase);
    base::sync_directory(place);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(draft, ignored);
    throw;
  }
  fs::remove_all(draft);
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
