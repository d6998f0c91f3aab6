// SPDX-License-Identifier: Apache-2.0
//
// Checks of the options with which a study goes on.
//
// Errors:  Error{kInvalid} that names what changed, both values, and the ways out; Error{kIo} for a
//          document of the study that cannot be read.
// Threads: pure.
#pragma once

#include "plugin/catalogue.hpp"
#include "study/objective.hpp"
#include "study/state.hpp"

#include <dodona/study_options.hpp>

#include <string>
#include <vector>

namespace dodona::document {

// Refuses options that change what the study's scores and proposals were made with: the seed, and,
// once there are trials, the objective, the schedule, the oracle, the stopper and the hypermodel.
// `accept_changes` allows all of them but the seed and the schedule. `directory` stands in
// messages.
//
// A plugin is the same where its id is, and its options where they are once the study's have been
// completed by the table of the plugin that the catalogue has.
void check_resume(const study::State& state, const StudyOptions& options,
                  const plugin::Catalogue& catalogue, const std::string& directory,
                  bool accept_changes);

// The settings with other values for max_trials, max_seconds or parallel_trials, each set as
// `max_trials=50`. They are checked like a study file; another key is refused, and with a lag more
// parallel trials than that.
StudyOptions with_limits(const StudyOptions& settings, const std::vector<std::string>& sets,
                         const plugin::Catalogue& catalogue);

// The plugins of `now` that had another version or build in `before`, for a line of the log; empty
// where there are none.
std::string changed_builds(const std::vector<study::PluginIdentity>& before,
                           const std::vector<study::PluginIdentity>& now);

// The plugins that the options name, each once; all of them are in the catalogue.
std::vector<study::PluginIdentity> identities_of(const StudyOptions& options,
                                                 const plugin::Catalogue& catalogue);

// Names in the study's space that the `space` of the last document gave, and that of the options
// does not.
std::vector<std::string> taken_out(const study::State& state, const StudyOptions& options,
                                   const std::string& directory);

// Constraints of the study's space that the last document gave, and the options do not.
std::vector<std::string> constraints_taken_out(const study::State& state,
                                               const StudyOptions& options,
                                               const std::string& directory);

// `max accuracy`, or `sum of min loss, max accuracy`.
std::string to_text(const study::Objective& objective);

}  // namespace dodona::document
