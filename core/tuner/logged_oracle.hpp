// SPDX-License-Identifier: Apache-2.0
//
// The oracle of a study, made anew by a document of its log.
//
// Errors:  Error{kPlugin} for an oracle that is missing or cannot be made, Error{kIo} for a document
//          that is damaged.
// Threads: one.
#pragma once

#include "plugin/catalogue.hpp"
#include "study/event.hpp"
#include "study/roles.hpp"
#include "study/state.hpp"
#include "study/store.hpp"

#include <dodona/study_options.hpp>

#include <memory>
#include <string>

namespace dodona::tuner {

// The plugin that a document names as its oracle. Logs of 0.1 do not say which it was: nullptr.
const study::PluginIdentity* oracle_of(const study::Configured& configured);

struct LoggedOracle {
  std::unique_ptr<study::Oracle> oracle;
  StudyOptions options;  // of the document, without what an oracle is not told
};

// `place` is the project's directory. No other plugin of the document need be there. Catalogue,
// services and the log's names outlive the oracle.
LoggedOracle make_logged_oracle(const study::Configured& configured, const study::State& state,
                                const std::string& place, study::Store& log,
                                const plugin::Catalogue& catalogue, study::Services& services);

}  // namespace dodona::tuner
