// SPDX-License-Identifier: Apache-2.0
//
// What a study is to do, with every default filled in. The study document is its JSON form.
//
// Limits are 0 where there is none.
#pragma once

#include "space/search_space.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::study {

enum class Direction : std::uint8_t { kMinimize = 1, kMaximize };

struct ObjectiveTerm {
  std::string name = "default_objective";
  Direction direction = Direction::kMinimize;

  friend bool operator==(const ObjectiveTerm&, const ObjectiveTerm&) = default;
};

// One metric, or the sum of several: of those to minimise, less those to maximise. A sum is
// minimised and has a name of its own.
struct Objective : ObjectiveTerm {
  Objective() = default;
  Objective(ObjectiveTerm term)  // NOLINT(google-explicit-constructor): one term is one
      : ObjectiveTerm(std::move(term)) {}
  explicit Objective(std::vector<ObjectiveTerm> terms)
      : ObjectiveTerm{"multi_objective", Direction::kMinimize}, sum(std::move(terms)) {}

  friend bool operator==(const Objective&, const Objective&) = default;

  std::vector<ObjectiveTerm> sum;  // empty: one metric
};

// A plugin by short name or id, with its options as a JSON object.
struct PluginChoice {
  std::string plugin;
  std::string options = "{}";
};

// Values of hyperparameters by name, for a trial of its own.
using NamedValues = std::vector<std::pair<std::string, Value>>;

// Of how many trials, the best ones, the best model is kept.
struct Keep {
  static constexpr std::uint64_t kAll = UINT64_MAX;
  std::uint64_t trials = 3;
};

struct Settings {
  std::string project_name = "untitled_project";
  std::string directory = ".";
  std::string store = "sqlite";
  std::optional<std::uint64_t> seed;
  Objective objective;
  std::uint64_t max_trials = 10;
  double max_seconds = 0.0;
  std::uint64_t max_steps = 0;
  std::uint32_t executions_per_trial = 1;
  std::uint32_t parallel_trials = 1;
  std::uint32_t threads_per_trial = 0;  // 0: cores / parallel_trials
  std::vector<std::string> devices;     // slots that trials hold while they run
  std::uint32_t lag = 0;
  Keep keep;
  std::uint32_t max_retries_per_trial = 0;
  std::uint32_t max_consecutive_failed_trials = 3;
  PluginChoice oracle{"auto", "{}"};
  std::optional<PluginChoice> stopper;
  std::optional<PluginChoice> hypermodel;
  std::vector<PluginChoice> sinks;
  std::vector<space::Override> space;
  bool allow_new_entries = true;  // of the hypermodel, beside those of `space`
  bool tune_new_entries = true;
  std::optional<std::string> warm_start;  // project directory of another study
  std::vector<NamedValues> initial;
};

}  // namespace dodona::study
