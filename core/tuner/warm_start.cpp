// SPDX-License-Identifier: Apache-2.0
#include "tuner/warm_start.hpp"

#include "project/warm_start.hpp"
#include "schedule/turns.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

bool needs_warm_start(const OpenStudy& study) {
  if (study.settings.warm_start.empty()) return false;
  const std::string source = project::warm_start_source(study.settings.warm_start);
  return study.journal.with_state([&](const study::State& now) {
    return std::none_of(now.notes().begin(), now.notes().end(), [&](const study::Noted& noted) {
      return noted.key == project::kWarmStart && noted.value == source;
    });
  });
}

}  // namespace

void check_warm_start(const OpenStudy& study) {
  if (needs_warm_start(study)) {
    project::check_warm_start(study.settings.warm_start, study.place);
  }
}

void take_warm_start(OpenStudy& study) {
  if (!needs_warm_start(study)) return;
  Space known;
  std::vector<study::Imported> before;
  std::uint64_t turn = study::kNoTrial;
  study.journal.with_state([&](const study::State& now) {
    std::uint64_t made = 0;  // by so many trials, the first ones
    while (made < now.trials().size() && now.trials()[made].proposed_empty) ++made;
    const bool in_turns = schedule::in_turns(study.settings);
    if (in_turns && made > 0) turn = made - 1;
    const std::size_t count = in_turns ? now.params_before(made) : now.params().size();
    for (std::size_t i = 0; i < count; ++i) known.add(now.params()[i]);
    const std::size_t constraints =
        in_turns ? now.constraints_before(made) : now.constraints().size();
    for (std::size_t i = 0; i < constraints; ++i) known.add_constraint(now.constraints()[i]);
    before = now.imported();
  });
  const project::WarmStart from = project::read_warm_start(
      study.settings.warm_start, study.objective, known, study.store->names());
  for (const study::Imported& trial : from.trials) {
    if (!project::is_among(trial, before)) study.journal.append(turn, trial);
  }
  study.journal.wait_durable(study.journal.append(
      study::kNoTrial,
      study::Noted{project::kWarmStart, project::warm_start_source(study.settings.warm_start)}));
  study.services.log(from.left_out ? study::Level::kWarn : study::Level::kInfo, project::kWarmStart,
                     from.summary);
}

void hand_over_again(OpenStudy& study) {
  std::vector<study::Imported> again;
  const std::uint64_t turn = study.journal.with_state([&](const study::State& now) {
    Space known;
    for (const study::Imported& trial : now.imported()) {
      if (trial.later.empty()) continue;
      while (known.size() < now.params().size()) known.add(now.params()[known.size()]);
      while (known.constraint_count() < now.constraints().size()) {
        known.add_constraint(now.constraints()[known.constraint_count()]);
      }
      auto more = project::with_later_values(trial, known);
      if (more) again.push_back(std::move(*more));
    }
    return now.last_growth();
  });
  for (study::Imported& trial : again) study.journal.append(turn, std::move(trial));
}

}  // namespace dodona::tuner
