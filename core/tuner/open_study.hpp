// SPDX-License-Identifier: Apache-2.0
//
// A study that this process owns: opened or created, checked against the options, with the journal
// through which all of it is written. The parts of a tuner share it.
//
// Errors:  as Tuner's constructor.
// Threads: what is const, any; the state under the journal's lock; journal and space as they say.
#pragma once

#include "base/clock.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/study_info.hpp"
#include "project/project.hpp"
#include "project/set_aside.hpp"
#include "schedule/journal.hpp"
#include "space/search_space.hpp"
#include "study/objective.hpp"
#include "study/score.hpp"
#include "tuner/models.hpp"
#include "tuner/services.hpp"
#include "tuner/view.hpp"

#include <dodona/tuner.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona::tuner {

struct OpenStudy {
  explicit OpenStudy(TunerOptions given);
  ~OpenStudy();
  OpenStudy(const OpenStudy&) = delete;
  OpenStudy& operator=(const OpenStudy&) = delete;

  // The description of the study for plugins. Metrics are read by `its_names`, else by the store's.
  plugin::StudyInfo info() const { return info(store->names()); }
  plugin::StudyInfo info(const study::Names& its_names) const {
    return project::study_info(settings, state, place, its_names);
  }
  // Once all suspects have ended, nobody is suspected at the next start.
  void clear_suspects();
  Recipe recipe(std::optional<std::uint64_t> trial) const {
    return journal.with_state(
        [&](const study::State& now) { return recipe_of(now, settings, place, trial); });
  }
  // Calls function(const View&, const State&) under the journal's lock.
  template <class Function>
  auto viewed(Function&& function) const {
    return journal.with_state([&](const study::State& now) {
      return function(View(now, store->names(), objective), now);
    });
  }

  // False once the store has failed: sinks will not get what it did not write.
  bool can_write();

  // All trials, and those with a score as View::best() has them. Each is as it is when it is
  // copied: the journal's lock is taken for a few of them at a time, so that no worker waits for
  // all.
  std::vector<Result> trials() const;
  std::vector<Result> best(std::uint64_t count) const;
  std::vector<Result> front() const;

  Ranked ranked() const;

  const TunerOptions options;
  const plugin::Catalogue catalogue;
  // Complete. Of it max_trials, max_seconds and parallel_trials alone may change, while a search runs.
  StudyOptions settings;
  const study::Objective objective;  // of the settings
  const std::string directory;       // as given
  const std::string place;           // the same, wherever the process goes
  const std::shared_ptr<KernelServices> shared_services;
  KernelServices& services;
  const base::SystemClock clock;
  const std::unique_ptr<project::SetAside> aside;  // none where nothing is written
  const std::unique_ptr<project::RescoredStore> store;
  project::Folded folded;
  study::State& state;  // guarded by the journal
  schedule::Journal journal;
  space::SearchSpace space;
  study::ScoreRule rule;
  // Unfinished trials of which any may have crashed an earlier process. They run one at a time.
  std::vector<std::uint64_t> suspects;

 private:
  template <class Visit>
  void visit_in_slices(std::size_t count, Visit&& visit) const;
  void tell_of_scores();
};

// A plugin's options as JSON; they were checked when the settings were made.
boost::json::object parsed_options(const PluginUse& choice);

}  // namespace dodona::tuner
