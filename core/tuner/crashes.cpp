// SPDX-License-Identifier: Apache-2.0
#include "tuner/crashes.hpp"

#include "project/witness.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace dodona::tuner {
namespace {

// The trial that a witness names, as the log has it; nothing of one that has ended, or that is not
// in the log because it was proposed a moment before the crash.
std::optional<study::TrialRecord> unfinished(std::uint64_t trial,
                                             const schedule::Journal& journal) {
  return journal.with_state([&](const study::State& state) -> std::optional<study::TrialRecord> {
    if (trial >= state.trials().size()) return std::nullopt;
    const study::TrialRecord& found = state.trials()[static_cast<std::size_t>(trial)];
    return study::is_final(found.state) ? std::nullopt : std::optional(found);
  });
}

study::Finished failure_of(const study::TrialRecord& trial, const project::Witness& witness) {
  study::Finished failed;
  failed.state = study::TrialState::kFailed;
  failed.outcome = study::Outcome::kCrash;
  failed.assignments.assign(trial.assignments.begin(), trial.assignments.end());
  failed.message = "the process crashed twice while it ran: " + witness.how +
                   (witness.plugin.empty() ? "" : " in " + witness.plugin);
  return failed;
}

// Answers what is said of it.
std::string count(const project::Witness& witness, schedule::Journal& journal) {
  const auto trial = unfinished(*witness.trial, journal);
  if (!trial) return "";
  const auto note = std::find_if(trial->notes.begin(), trial->notes.end(),
                                 [](const auto& each) { return each.first == kCrashNote; });
  const std::string value = witness.text() + " (" + witness.id + ")";
  if (note != trial->notes.end() && note->second == value) return "";  // counted, and then killed
  const bool second = note != trial->notes.end();
  journal.wait_durable(second ? journal.append(*witness.trial, failure_of(*trial, witness))
                              : journal.append(*witness.trial, study::Noted{kCrashNote, value}));
  return second ? "; it fails, as this is the second time"
                : "; it runs again, and fails if that happens once more";
}

}  // namespace

std::vector<std::uint64_t> take_witness(const std::string& place, schedule::Journal& journal,
                                        study::Services& services) {
  const auto witness = project::read_witness(place);
  if (!witness) return {};
  std::string consequence = witness->trial ? count(*witness, journal) : "";
  std::vector<std::uint64_t> alone;
  for (const std::uint64_t trial : witness->ran) {
    if (unfinished(trial, journal)) alone.push_back(trial);
  }
  if (!alone.empty()) consequence = "; they run again one at a time";
  services.log(study::Level::kWarn, "study",
               "the process before this one ended by " + witness->text() + consequence);
  if (alone.empty()) project::remove_witness(place);
  return alone;
}

}  // namespace dodona::tuner
