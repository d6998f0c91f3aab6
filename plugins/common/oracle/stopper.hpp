// SPDX-License-Identifier: Apache-2.0
//
// The base of stoppers: what they ask of a trial's learning curve (curve.hpp), and when there is
// nothing to decide.
//
// Threads: one call at a time.
#pragma once

#include "common/oracle/curve.hpp"
#include "common/oracle/from_history.hpp"

#include <dodona/oracle.hpp>

#include <cmath>
#include <cstdint>

namespace dodona::common {

class Stopper : public FromHistory {
 protected:
  explicit Stopper(const StudyContext& context)
      : FromHistory(Reports::kKept), max_steps_(context.study.max_steps) {}

  // True if the report says nothing, or is the trial's last one anyway: to stop the trial there
  // would save nothing.
  bool nothing_to_decide(const PastTrial& trial, const dodona_reported_event& report) const {
    return std::isnan(first_of(report.objectives)) || ends_at(trial, max_steps_, report.step);
  }

 private:
  std::uint64_t max_steps_;
};

}  // namespace dodona::common
