// SPDX-License-Identifier: Apache-2.0
//
// When the result of a trial counts: as it comes, or in the order of trials. Nothing else in the
// kernel asks which of the two a study does.
//
// As they come: the oracle and the stoppers know at once what the log holds.
//
// In order, with a lag of L: a trial has its turn once all trials before it had theirs and its end
// is in the log. Proposal k rests on the turns of the trials 0 to k-L, or on some more where the
// oracle waited for them. A verdict on trial k rests on the same ones, and on its own reports. A
// trial may then be judged while an earlier one's turn is to come. So each of L slots has stoppers
// of its own, and trial k belongs to slot k mod L. A trial knows the space as those turns made it.
// A definition that it meets beyond that joins the study's space in its own turn. So the study is
// the same for any number of workers up to L. See decisions/0006-lag.md.
//
// Errors:  what the oracle, a stopper or the store fails with. An oracle or stopper that failed
//          must not be shown anything more.
// Threads: what is about proposals under the oracle's lock; the rest any. settle_all() when nothing
//          is proposed and no trial runs. judge() of a trial one at a time; it takes the locks of
//          those who judge, and so waits for a proposal of an oracle that judges too.
// Lifetime: the parts outlive it.
#pragma once

#include "schedule/journal.hpp"
#include "schedule/observer.hpp"
#include "space/search_space.hpp"
#include "study/roles.hpp"
#include "study/state.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace dodona::schedule {

// Of a study's options: whether results count in the order of trials, and how many slots there are.
template <class Options>
bool in_turns(const Options& options) {
  return options.lag > 0;
}
template <class Options>
std::uint32_t slots_in_turns(const Options& options) {
  return options.lag;
}

class Turns {
 public:
  enum class Growth : std::uint8_t {
    kInTurn = 1,  // with turns: what a trial meets joins the space in its turn, and its end waits
    kAtOnce       // the end of a trial is in the log when finish() returns, whatever it met
  };
  struct Parts {
    Journal& journal;
    space::SearchSpace& space;
    study::Oracle& oracle;
    // Stoppers. In order: for each slot the same ones, those of a slot side by side.
    std::vector<study::Oracle*> judges{};
    Growth growth = Growth::kInTurn;
    // The space has grown in the turn of a trial, which nobody has observed yet.
    std::function<void()> grew{};
    // The end of a trial is in the log, durably.
    std::function<void(std::uint64_t trial, double objective)> ended{};
    // One more end counts; these are the rows of bad ones so far.
    std::function<void(const study::Streaks&)> counted{};
  };

  virtual ~Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // The number of workers that are of use, of those wanted.
  virtual std::uint32_t workers(std::uint32_t wanted) const = 0;
  // True if a proposal may be made before a trial is needed.
  virtual bool allows_early_proposals() const = 0;

  // ---- proposals -----------------------------------------------------------------------------
  Observer& oracle() { return oracle_; }
  // Gives the oracle and the stoppers the log of earlier searches.
  virtual void catch_up() = 0;
  // Shows the oracle what proposal `trial` has to rest on. False: another trial must end first.
  virtual bool show(std::uint64_t trial) = 0;
  // The oracle waits: shows it more than it has to know. False: there is no more by now.
  virtual bool show_more(std::uint64_t trial) = 0;
  // Shows the oracle all that it may know by now. Returns what `seen` of a proposal says of it.
  virtual std::uint64_t seen() = 0;
  // Number of definitions that a proposal may use, and of constraints that it must keep.
  virtual std::size_t params() const = 0;
  virtual std::size_t constraints() const = 0;

  // ---- running trials ------------------------------------------------------------------------
  // A trial begins, for the first time or again. Forgets what was held back of it.
  virtual void begin(std::uint64_t trial) = 0;
  // The space that it knows. Valid until finish() or the next begin() of the trial.
  virtual space::SearchSpace& space_of(std::uint64_t trial) = 0;
  // Values, definitions and constraints that a trial met.
  virtual void filled(std::uint64_t trial, const Assignment& assignment) = 0;
  virtual void grown(const space::Growth& growth) = 0;
  // Values that were filled and are not in the log yet.
  virtual std::vector<Assignment> filled_by(std::uint64_t trial) = 0;
  // False if the trial met what is held back until its turn: a trial that went on from the middle
  // would not meet it again.
  virtual bool can_go_on(std::uint64_t trial) = 0;
  // The highest verdict of the judges.
  virtual study::Verdict judge(const study::Event& report) = 0;
  // Observes if much has piled up and nobody else is at it.
  virtual void relieve() = 0;

  // ---- ends ----------------------------------------------------------------------------------
  // Logs the end of a trial, durably; or keeps it until its turn, where its values need that. Calls
  // `ended` once the end is in the log, and `counted` once it counts.
  virtual void finish(std::uint64_t trial, study::Finished&& result) = 0;
  // Gives all trials their turn whose turn would come if nothing more were proposed.
  virtual void settle_all() = 0;

 protected:
  Turns(const Parts& parts, Observer::Order order)
      : parts_(parts), oracle_(parts.oracle, parts.journal, parts.space, order) {}
  // Logs an end.
  void log_end(std::uint64_t trial, study::Finished&& result);

  const Parts parts_;
  Observer oracle_;
};

// `slots`: the lag; 0: results count as they come.
std::unique_ptr<Turns> make_turns(std::uint32_t slots, const Turns::Parts& parts);

}  // namespace dodona::schedule
