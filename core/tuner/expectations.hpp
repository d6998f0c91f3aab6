// SPDX-License-Identifier: Apache-2.0
//
// The expectations of the oracle of a study, by all that is in the log.
//
// Errors:  Error{kPlugin} for an oracle that is not there or fails.
// Threads: one.
#pragma once

#include "plugin/catalogue.hpp"
#include "study/roles.hpp"
#include "study/state.hpp"
#include "study/store.hpp"
#include "tuner/logged_oracle.hpp"
#include "tuner/services.hpp"

#include <dodona/kernel.hpp>
#include <dodona/space.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dodona::tuner {

// The absolute path of a project's directory; empty where nothing is written.
std::string place_of(const std::string& directory);

// The oracle of the document in force, which has observed the log.
class Expectations {
 public:
  // Log and state outlive it.
  // Cost: the oracle reads the log again.
  Expectations(study::Store& log, const study::State& state, const std::string& directory,
               const PluginSources& plugins);

  // The expectation of the signed objective at points of the study's whole space. Nothing where the
  // oracle has no model.
  std::optional<std::vector<study::Estimate>> at(std::span<const Point> points) {
    return made_.oracle->estimate(points);
  }

 private:
  const plugin::Catalogue catalogue_;
  KernelServices services_;
  const LoggedOracle made_;
};

}  // namespace dodona::tuner
