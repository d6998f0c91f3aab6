// SPDX-License-Identifier: Apache-2.0
//
// A study of hand-made learning curves for tests of stoppers. Curves have a value for each step.
#pragma once

#include <dodona/testing/oracle_study.hpp>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// A study whose trials another oracle proposed, without hyperparameters.
class StopperStudy : public OracleStudy {
 public:
  explicit StopperStudy(const dodona_descriptor& stopper, OracleSettings settings = {})
      : OracleStudy(stopper, Space(), std::move(settings)) {}

  // Runs a trial to its end whatever the verdicts, as if another oracle had proposed it.
  void complete(const std::vector<double>& curve, dodona_trial_state state = DODONA_COMPLETED) {
    const std::uint64_t id = enqueue(Point());
    for (std::size_t i = 0; i < curve.size(); ++i) report(id, i + 1, curve[i]);
    finish(id, curve.back(), state);
  }

  // Runs a trial that obeys the verdicts. Returns the step at which it was stopped; 0: never.
  std::uint64_t stopped_at(const std::vector<double>& curve) {
    const std::uint64_t id = enqueue(Point());
    for (std::size_t i = 0; i < curve.size(); ++i) {
      if (report(id, i + 1, curve[i]) == DODONA_CONTINUE) continue;
      finish(id, curve[i], DODONA_STOPPED);
      return i + 1;
    }
    finish(id, curve.back());
    return 0;
  }
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
