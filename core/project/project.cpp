// SPDX-License-Identifier: Apache-2.0
#include "project/project.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "schedule/turns.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "study.db";

// Says of what is wrong with an event where it stands.
[[noreturn]] void damaged(const study::Store& store, const study::Event& event,
                          const std::string& what) {
  const std::string count = std::to_string(event.sequence);
  throw Error(DODONA_E_IO,
              "cannot read event " + count + " of " +
                  (store.path().empty() ? "the log" : base::quote(store.path())) + ": " + what +
                  "; the " + count +
                  " events before it can be read (dodona trials); restore the file from a copy");
}

// Folds the events below `end` and collects their objectives, each of a study document.
void fold_below(std::uint64_t end, study::Store& store, study::State& state,
                std::vector<study::Objective>& objectives) {
  study::read_below(store, end, [&](const study::Event& event) {
    try {
      state.check(event);
      const auto* configured = std::get_if<study::Configured>(&event.body);
      if (configured != nullptr) objectives.push_back(document::objective_of(configured->document));
      state.apply(event);
    } catch (const Error& error) {
      damaged(store, event, error.what());
    }
  });
}

// All events that are there were read.
void verify(study::Store& store, std::uint64_t events) {
  try {
    store.verify();
  } catch (const Error& error) {
    throw Error(error.code(), std::string(error.what()) + "; " + std::to_string(events) +
                                  " events can be read (dodona trials)");
  }
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

std::unique_ptr<RescoredStore> open_to_write(const std::string& directory) {
  open_to_read(directory);  // throws where there is none, which the other mode would make
  return std::make_unique<RescoredStore>(store::open_sqlite_store(directory, store::Access::kOwn));
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

study::StudyId random_id() {
  std::random_device device;
  study::StudyId id;
  for (std::size_t i = 0; i < id.size(); i += sizeof(std::uint32_t)) {
    const std::uint32_t word = device();
    std::memcpy(id.data() + i, &word, sizeof(word));
  }
  return id;
}

plugin::StudyInfo study_info(const StudyOptions& options, const study::State& state,
                             const std::string& directory, const study::Names& names) {
  return {.names = names,
          .seed = state.seed().value_or(0),
          .directory = directory,
          .objective = document::objective_of(options),
          .parallel_trials = schedule::in_turns(options) ? schedule::slots_in_turns(options)
                                                         : options.parallel_trials,
          .max_trials = options.max_trials,
          .max_steps = options.max_steps,
          .max_seconds = options.max_seconds,
          .id = state.id(),
          .trial_limits = {options.max_trial_seconds, options.max_step_seconds,
                           options.max_trial_memory_mb, options.max_trial_output_mb}};
}

void fold_on(study::Store& store, study::State& state,
             const std::function<void(const study::Event&)>& folded) {
  store.read(state.events(), [&](const study::Event& event) {
    try {
      state.check(event);
      state.apply(event);
      folded(event);
    } catch (const Error& error) {
      damaged(store, event, error.what());
    }
    return true;
  });
}

Folded fold(RescoredStore& store, const std::optional<study::Objective>& objective, Damage damage) {
  Folded folded;
  std::vector<study::Objective> objectives;
  try {
    fold_below(UINT64_MAX, store, folded.state, objectives);
    verify(store, folded.state.events());
  } catch (const Error& error) {
    if (damage == Damage::kThrown || error.code() != DODONA_E_IO) throw;
    folded.damage = error.what();
  }
  if (objectives.empty()) return folded;
  const study::Objective now = objective ? *objective : objectives.back();
  const bool same = std::all_of(objectives.begin(), objectives.end(),
                                [&](const study::Objective& each) { return each == now; });
  if (same) return folded;
  const std::uint64_t end = folded.state.events();
  Folded anew;
  anew.damage = std::move(folded.damage);
  anew.scored_again = store.rescore(now, end);
  fold_below(end, store, anew.state, objectives);
  return anew;
}

}  // namespace dodona::project
