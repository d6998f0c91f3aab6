// SPDX-License-Identifier: Apache-2.0
//
// Stopper `median`: stops a trial whose best so far is worse than the median of what completed
// trials had at the same step.
//
// Source: Golovin, Solnik, Moitra, Kochanski, Karro & Sculley (2017), "Google Vizier", KDD, section
//         3.2.2, with the values of a step where they take running averages.
// Cost:   O(log n) a report for n completed trials; O(n) to move 8 bytes each, at the end of a
// trial,
//         for each of its reports.
#include "common/oracle/curve.hpp"
#include "common/oracle/stopper.hpp"

#include <dodona/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace {

class Median : public dodona::common::Stopper {
 public:
  explicit Median(const dodona::StudyContext& context)
      : Stopper(context),
        startup_trials_(context.options.get<std::int64_t>("startup_trials")),
        warmup_steps_(context.options.get<std::int64_t>("warmup_steps")) {}

  void observe(const dodona_event& event) {
    const std::size_t ended = history().ended().size();
    Stopper::observe(event);
    if (history().ended().size() == ended) return;
    const dodona::PastTrial& trial = history().trials().at(event.trial);
    if (trial.state != DODONA_COMPLETED) return;
    ++completed_;
    for (const dodona::PastReport& report : trial.reports) {
      auto& values = values_[{report.execution, report.step}];
      values.insert(std::upper_bound(values.begin(), values.end(), report.objective),
                    report.objective);
    }
  }

  dodona_verdict judge(const dodona_event& event) {
    const auto& report = *dodona::body_of<dodona_reported_event>(event);
    const dodona::PastTrial& trial = history().trials().at(event.trial);
    if (nothing_to_decide(trial, report) || completed_ < startup_trials_ ||
        report.step <= static_cast<std::uint64_t>(warmup_steps_)) {
      return DODONA_CONTINUE;
    }
    const auto others = values_.find({report.execution, report.step});
    if (others == values_.end()) return DODONA_CONTINUE;
    const bool worse = dodona::common::best_so_far(trial, report) > median(others->second);
    return worse ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
  }

 private:
  static double median(const std::vector<double>& sorted) {
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 != 0 ? sorted[half] : 0.5 * sorted[half - 1] + 0.5 * sorted[half];
  }

  std::int64_t startup_trials_;
  std::int64_t warmup_steps_;
  std::int64_t completed_ = 0;
  // Of completed trials, by execution and step, in rising order.
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<double>> values_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Median>(
    {.id = "org.dodona.median",
     .name = "median",
     .description = "stops a trial that is worse than the median of completed ones at its step"},
    dodona::option("startup_trials", 5,
                   "completed trials before any is stopped. Fewer: sooner savings, by a median of "
                   "less worth",
                   {.low = 1}),
    dodona::option("warmup_steps", 0,
                   "steps at the beginning of a trial at which it is not stopped. More: slow "
                   "starters survive, at the cost of those steps for every trial",
                   {.low = 0})))
