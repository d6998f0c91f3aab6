// SPDX-License-Identifier: Apache-2.0
//
// Stopper `patient`: stops a trial whose best objective has not improved for a while.
//
// It looks at the trial alone, so it also serves a study of few trials.
//
// Cost: O(reports of the trial) a report.
#include "common/oracle/stopper.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>
#include <limits>

namespace {

class Patient : public dodona::common::Stopper {
 public:
  explicit Patient(const dodona::StudyContext& context)
      : Stopper(context),
        patience_(context.options.get<std::int64_t>("patience")),
        min_delta_(context.options.get<double>("min_delta")) {}

  dodona_verdict judge(const dodona_event& event) {
    const auto& report = *dodona::body_of<dodona_reported_event>(event);
    const dodona::PastTrial& trial = history().trials().at(event.trial);
    if (nothing_to_decide(trial, report)) return DODONA_CONTINUE;
    double best = std::numeric_limits<double>::infinity();
    std::int64_t waited = 0;
    const auto take = [&](double objective) {
      const bool improved = objective < best - min_delta_;
      if (improved) best = objective;
      waited = improved ? 0 : waited + 1;
    };
    for (const dodona::PastReport& each : trial.reports) {
      if (each.execution == report.execution) take(each.objective);
    }
    take(dodona::first_of(report.objectives));
    return waited >= patience_ ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
  }

 private:
  std::int64_t patience_;
  double min_delta_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Patient>(
    {.id = "org.dodona.patient",
     .name = "patient",
     .description = "stops a trial whose best objective has not improved for some reports"},
    dodona::option("patience", 10,
                   "reports without improvement after which a trial is stopped. More: plateaus are "
                   "survived, at the cost of so many steps for each trial",
                   {.low = 1}),
    dodona::option("min_delta", 0.0,
                   "by how much the objective must get better to count as improved. Larger: noise "
                   "does not pass for progress",
                   {.low = 0})))
