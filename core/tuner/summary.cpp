// SPDX-License-Identifier: Apache-2.0
#include "tuner/summary.hpp"

#include "tuner/results.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace dodona::tuner {
namespace {

// The note of the oracle's last proposal, looked for from the end of the log.
std::string last_note(study::Store& store) {
  const std::uint64_t size = store.size();
  std::optional<std::string> note;
  std::uint64_t first = size;
  for (std::uint64_t back = 256; !note && first > 0; back *= 8) {
    first = size > back ? size - back : 0;
    store.read(first, [&](const study::Event& event) {
      const auto* proposed = std::get_if<study::Proposed>(&event.body);
      if (proposed != nullptr && proposed->enqueued == study::kNoSequence) note = proposed->note;
      return true;
    });
  }
  return note.value_or("");
}

}  // namespace

Summary summary_of(const OpenStudy& study, End end, double seconds) {
  const std::string note = last_note(*study.store);
  return study.viewed([&](const View& view, const study::State& now) {
    Summary summary;
    summary.end = end;
    summary.completed = now.count(study::TrialState::kCompleted);
    summary.stopped = now.count(study::TrialState::kStopped);
    summary.failed = now.count(study::TrialState::kFailed) + now.count(study::TrialState::kInvalid);
    summary.unfinished = now.trials().size() - now.finished();
    summary.seconds = seconds;
    if (const auto last = now.last_message()) {
      const study::TrialRecord& trial = now.trials()[static_cast<std::size_t>(*last)];
      summary.message = "trial " + std::to_string(*last) + ": " + trial.message;
    }
    if (now.best()) summary.best = view.result_of_all_runs(*now.best());
    summary.front = view.front().size();
    summary.delegate = note_member(note, "delegate");
    summary.reason = note_member(note, "reason");
    return summary;
  });
}

}  // namespace dodona::tuner
