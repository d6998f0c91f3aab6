// SPDX-License-Identifier: Apache-2.0
//
// Stopper `asha`: a trial that reaches a rung goes on if it is among the best 1/factor of all that
// reached it so far.
//
// Rungs lie at the steps min_resource * factor^k. The best objective up to the rung counts. With
// fewer than `factor` trials at a rung, only the best so far goes on. A model that does not report
// at each step is judged at its first report at or after a rung.
//
// Source: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht & Talwalkar (2020), "A system
//         for massively parallel hyperparameter tuning", MLSys, in its form that stops trials.
// Cost:   O(log n) at a rung that n trials reached, O(1) between rungs.
#include "common/oracle/curve.hpp"
#include "common/oracle/stopper.hpp"

#include <dodona/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace {

// The objectives of the trials that reached a rung, of which the best 1/factor go on.
class Rung {
 public:
  explicit Rung(std::uint64_t factor) : factor_(factor) {}

  // True if a trial with this objective is among them, or would be.
  bool goes_on(double objective) const { return going_.empty() || objective <= *going_.rbegin(); }

  void add(double objective) {
    (goes_on(objective) ? going_ : others_).insert(objective);
    level();
  }

  void remove(double objective) {
    auto& among = goes_on(objective) ? going_ : others_;
    const auto found = among.find(objective);
    among.erase(found);
    level();
  }

 private:
  // Moves objectives until as many go on as are to.
  void level() {
    const std::size_t count = going_.size() + others_.size();
    const std::size_t wanted =
        std::min<std::size_t>(count, std::max<std::size_t>(1, (count + 1) / factor_));
    while (going_.size() > wanted) others_.insert(going_.extract(std::prev(going_.end())));
    while (going_.size() < wanted) going_.insert(others_.extract(others_.begin()));
  }

  std::uint64_t factor_;
  std::multiset<double> going_, others_;
};

class Asha : public dodona::common::Stopper {
 public:
  explicit Asha(const dodona::StudyContext& context)
      : Stopper(context),
        min_resource_(positive(context, "min_resource")),
        factor_(positive(context, "factor")) {}

  void observe(const dodona_event& event) {
    if (event.trial < history().trials().size()) {
      const dodona::PastTrial& trial = history().trials().at(event.trial);
      if (const auto* started = dodona::body_of<dodona_started_event>(event)) {
        forget(event.trial, trial, *started);
      }
      if (const auto* report = dodona::body_of<dodona_reported_event>(event)) {
        for (const std::uint64_t rung : reached(trial, *report)) {
          const double best = dodona::common::best_so_far(trial, *report);
          rungs_.try_emplace({report->execution, rung}, factor_).first->second.add(best);
          arrivals_[event.trial].push_back({report->execution, rung, report->step, best});
        }
      }
    }
    Stopper::observe(event);
  }

  dodona_verdict judge(const dodona_event& event) {
    const auto& report = *dodona::body_of<dodona_reported_event>(event);
    const dodona::PastTrial& trial = history().trials().at(event.trial);
    if (nothing_to_decide(trial, report)) return DODONA_CONTINUE;
    const double best = dodona::common::best_so_far(trial, report);
    const auto is_good_at = [&](std::uint64_t rung) {
      const auto found = rungs_.find({report.execution, rung});
      return found == rungs_.end() || found->second.goes_on(best);
    };
    const auto rungs = reached(trial, report);
    return std::all_of(rungs.begin(), rungs.end(), is_good_at) ? DODONA_CONTINUE
                                                               : DODONA_STOP_TRIAL;
  }

 private:
  // Of a trial at a rung.
  struct Arrival {
    std::uint32_t execution;
    std::uint64_t rung;
    std::uint64_t step;  // of the report
    double best;
  };

  static std::uint64_t positive(const dodona::StudyContext& context, const char* name) {
    return static_cast<std::uint64_t>(context.options.get<std::int64_t>(name));
  }

  // The rungs between the report before, if any, and this one.
  std::vector<std::uint64_t> reached(const dodona::PastTrial& trial,
                                     const dodona_reported_event& report) const {
    std::vector<std::uint64_t> rungs;
    if (std::isnan(dodona::first_of(report.objectives))) return rungs;
    std::uint64_t last = trial.start_step;
    for (const dodona::PastReport& each : trial.reports) {
      if (each.execution == report.execution) last = std::max(last, each.step);
    }
    for (std::uint64_t rung = min_resource_; rung <= report.step; rung *= factor_) {
      if (rung > last) rungs.push_back(rung);
      if (rung > report.step / factor_) break;
    }
    return rungs;
  }

  // An execution that starts again reaches its rungs again, but for those before the step from which
  // it goes on.
  void forget(std::uint64_t id, const dodona::PastTrial& trial,
              const dodona_started_event& started) {
    const auto found = arrivals_.find(id);
    if (found == arrivals_.end()) return;
    std::erase_if(found->second, [&](const Arrival& each) {
      const bool void_now = !dodona::stands(trial, each.execution, each.step, started);
      if (void_now) rungs_.at({each.execution, each.rung}).remove(each.best);
      return void_now;
    });
  }

  std::uint64_t min_resource_;
  std::uint64_t factor_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, Rung> rungs_;
  std::map<std::uint64_t, std::vector<Arrival>> arrivals_;  // by trial
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Asha>(
    {.id = "org.dodona.asha",
     .name = "asha",
     .description = "stops a trial that is not among the best 1/factor at a rung"},
    dodona::option("min_resource", 1,
                   "the step of the first rung: no trial is stopped before it. Larger: later and "
                   "surer decisions",
                   {.low = 1}),
    dodona::option("factor", 3,
                   "one in so many trials goes on at each rung, and the next rung lies so many "
                   "times farther. Larger: fewer survivors",
                   {.low = 2})))
