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
// Cost:   O(n) at a rung that n trials reached, O(1) between rungs.
#include "common/oracle/curve.hpp"
#include "common/oracle/stopper.hpp"

#include <dodona/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace {

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
          rungs_[{report->execution, rung}].push_back(
              {event.trial, report->step, dodona::common::best_so_far(trial, *report)});
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
      const auto& others = rungs_[{report.execution, rung}];
      const auto better = static_cast<std::uint64_t>(std::count_if(
          others.begin(), others.end(), [&](const Arrival& each) { return each.best < best; }));
      return better < std::max<std::uint64_t>(1, (others.size() + 1) / factor_);
    };
    const auto rungs = reached(trial, report);
    return std::all_of(rungs.begin(), rungs.end(), is_good_at) ? DODONA_CONTINUE
                                                               : DODONA_STOP_TRIAL;
  }

 private:
  struct Arrival {
    std::uint64_t trial;
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
    const bool reported = std::any_of(
        trial.reports.begin(), trial.reports.end(),
        [&](const dodona::PastReport& report) { return report.execution >= started.execution; });
    if (!reported) return;
    for (auto& [place, arrivals] : rungs_) {
      std::erase_if(arrivals, [&, execution = place.first](const Arrival& each) {
        return each.trial == id && !dodona::stands(trial, execution, each.step, started);
      });
    }
  }

  std::uint64_t min_resource_;
  std::uint64_t factor_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<Arrival>> rungs_;
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
