// SPDX-License-Identifier: Apache-2.0
//
// A trial's model built again outside of a search: loaded from what was kept, or trained anew.
//
// Errors:  see dodona/models.hpp.
// Threads: one.
#pragma once

#include "space/search_space.hpp"
#include "study/objective.hpp"
#include "study/roles.hpp"
#include "study/state.hpp"

#include <dodona/models.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona::tuner {

// All that the model of a trial is made from.
struct Recipe {
  std::vector<Param> params;
  space::Overrides overrides;
  std::vector<Assignment> values;
  std::uint64_t trial = 0;
  std::uint64_t seed = 0;   // of its first execution
  std::uint64_t steps = 0;  // to its best report
  std::uint32_t threads = 1;
  study::Objective objective;
  std::string directory;  // of the trial; empty where nothing is written
  NamedValues wishes{};   // beside `values`: for what is asked for and has none
};

// Of the best trial, if none is given. `directory` is the project's.
Recipe recipe_of(const study::State& state, const StudyOptions& options,
                 const std::string& directory, std::optional<std::uint64_t> trial);

using MakeModel = std::function<std::unique_ptr<study::HyperModel>(study::Services&)>;

// An application's own model, by its C table.
MakeModel maker_of(const dodona_hypermodel_vtable* table, void* self);

std::shared_ptr<void> load_model(const Recipe& recipe, const MakeModel& make);
// trial.json says `about`, the trial of the search, and under "retrained" the steps, score and
// metrics of this training. The score is null if the objective was not measured.
Retrained retrain(const Recipe& recipe, const MakeModel& make, const RetrainOptions& options,
                  const Result& about);
// Copies what was kept of the trial; trial.json says `about`.
void export_model(const Recipe& recipe, const std::string& path, const Result& about);

// The recipe of a study file: no values but the wishes of its first initial trial.
Recipe recipe_of(const StudyOptions& options);
// The trial that an exported model is of. Throws Error{kState} for a directory of anything else.
std::uint64_t trial_of(const std::string& path);

// The model is built anew for each of these. evaluate() and predict() load it from `path`, or from
// what was kept of the trial if that is empty.
std::vector<ModelLayer> layers_of(const Recipe& recipe, const MakeModel& make);
ModelEvaluation evaluate(const Recipe& recipe, const MakeModel& make, const std::string& path,
                         const std::string& data);
void predict(const Recipe& recipe, const MakeModel& make, const std::string& path,
             const std::string& input, const RowWriter& writer);

}  // namespace dodona::tuner
