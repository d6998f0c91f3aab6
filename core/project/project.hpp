// SPDX-License-Identifier: Apache-2.0
//
// A project directory and the study in it.
//
// Errors:  Error{kState} for a directory in use or of another study, Error{kIo} for the disk.
#pragma once

#include "base/file.hpp"
#include "plugin/study_info.hpp"
#include "project/rescored_store.hpp"
#include "space/search_space.hpp"
#include "study/objective.hpp"
#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/study_options.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dodona::project {

// <directory>/<project_name>; empty for a store that writes nothing.
std::string project_directory(const StudyOptions& options);

// Opens or creates the store that the options name, by the lock of its directory if the caller has
// it.
std::unique_ptr<RescoredStore> open_store(const StudyOptions& options,
                                          std::shared_ptr<base::FileLock> lock = nullptr);
// Makes a study of what fill() appends to an empty log: all of it, or none. Until fill() returned
// and the log is on the disk, nobody finds a study in `directory`, also after a kill. Throws
// Error{kState} where there is one already.
void make_study(const std::string& directory, const std::function<void(study::Store&)>& fill);
// Opens a store that exists, with its lock, to write to it.
std::unique_ptr<RescoredStore> open_to_write(const std::string& directory);
// Opens a store that exists, and may belong to another process, to be read.
std::unique_ptr<RescoredStore> open_to_read(const std::string& directory);

// The study file's entries about hyperparameters.
space::Overrides overrides_of(const StudyOptions& options);

// An id for a new study.
study::StudyId random_id();

// The description of the study in `directory` for plugins; `names` outlives it.
plugin::StudyInfo study_info(const StudyOptions& options, const study::State& state,
                             const std::string& directory, const study::Names& names);

// The state of all that is in the store, and how many trials were scored again: by `objective`, or
// by that of the last document.
struct Folded {
  study::State state;
  RescoredStore::Count scored_again{};
  std::string damage{};  // why later events could not be read; empty: all were
};
enum class Damage : std::uint8_t {
  kThrown = 1,
  kTold  // the state is that of the events before it
};
Folded fold(RescoredStore& store, const std::optional<study::Objective>& objective = {},
            Damage damage = Damage::kThrown);

// Folds in the events that the store has gained since, and tells of each. After an error the state
// is that of the events before it.
void fold_on(study::Store& store, study::State& state,
             const std::function<void(const study::Event&)>& folded);

}  // namespace dodona::project
