// SPDX-License-Identifier: Apache-2.0
//
// The base of every oracle that searches with a model: the history of its study, and the points
// that were met. An engine makes a proposal from it alone, so that several can serve one oracle.
//
// Threads: one call at a time.
#pragma once

#include "common/oracle/from_history.hpp"
#include "common/oracle/note.hpp"
#include "common/oracle/seen_points.hpp"

#include <dodona/convert.hpp>
#include <dodona/history.hpp>
#include <dodona/host.hpp>
#include <dodona/oracle.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace dodona::common {

// The maker of a model-based oracle's proposal, as its tag.
enum class Origin : std::uint64_t { kInitial = 1, kModel, kLocal, kRandom, kBowl };

// The reports of trials are not kept: such an oracle judges none.
class Past : public FromHistory {
 public:
  explicit Past(const StudyContext& context)
      : FromHistory(Reports::kDropped),
        host(context.host),
        seed(context.study.seed),
        objectives(context.study.objective_count),
        limits(limits_of(context.study).size()),
        max_trials(context.study.max_trials),
        parallel_trials(context.study.parallel_trials) {
    host.log(DODONA_INFO, "numerics compiled for " DODONA_NUMERICS);
  }

  void observe(const dodona_event& event) {
    FromHistory::observe(event);
    const bool is_new = body_of<dodona_proposed_event>(event) != nullptr;
    const bool ended = body_of<dodona_finished_event>(event) != nullptr;
    if ((is_new || ended) && event.trial < history().trials().size()) {
      seen_.insert(history().trials()[event.trial].point);
    }
  }

  // The points of all trials, as they were proposed and as they ended.
  const SeenPoints& seen() const { return seen_; }

  // The text of a note, which says whose the proposal is where an oracle leaves it to an engine.
  std::string explain(Note note) const {
    if (!delegate.empty()) note.text("delegate", delegate).text("reason", reason);
    return note.json();
  }
  std::string delegate, reason;

  const Host host;
  const std::uint64_t seed;
  const std::uint64_t objectives;  // the number of them, as of limits
  const std::size_t limits;
  const std::uint64_t max_trials;  // 0: no limit
  const std::uint32_t parallel_trials;

 private:
  SeenPoints seen_;
};

// Every point of a finite space has a trial. That is the end unless one of them may yet meet a new
// hyperparameter.
inline void nothing_left(const Past& past, Proposals& out) {
  if (past.history().running().empty()) return out.exhausted();
  out.wait();
}

}  // namespace dodona::common
