// SPDX-License-Identifier: Apache-2.0
#include "insight/stopping.hpp"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

namespace dodona::insight {
namespace {

struct Curve {
  bool stopped = false;
  std::uint64_t last_step = 0;  // of the execution at hand
  double best = study::kNoScore;
};

void lower(double& best, double value) {
  if (std::isfinite(value) && !(value >= best)) best = value;
}

class Replay {
 public:
  Replay(study::Oracle& stopper, const study::State& state)
      : stopper_(stopper), curves_(state.trials().size()), state_(state) {}

  void take(const study::Event& event) {
    if (event.trial < curves_.size()) {
      Curve& curve = curves_[event.trial];
      if (const auto* report = std::get_if<study::Reported>(&event.body)) {
        take_report(event, *report, curve);
        return;
      }
      if (std::holds_alternative<study::Started>(event.body)) {
        curve.last_step = state_.trials()[event.trial].start_step;
      }
      const auto* finished = std::get_if<study::Finished>(&event.body);
      if (finished != nullptr && !study::is_failure(finished->state)) {
        const double score = finished->objectives.first();
        lower(best_, score);
        lower(with_it_, curve.stopped ? curve.best : score);
      }
      if (curve.stopped) return;
    }
    stopper_.observe({&event, 1});
  }

  Saved result() {
    if (std::isfinite(best_)) saved_.best = best_;
    if (std::isfinite(with_it_)) saved_.with_it = with_it_;
    return saved_;
  }

 private:
  void take_report(const study::Event& event, const study::Reported& report, Curve& curve) {
    const std::uint64_t steps = report.step > curve.last_step ? report.step - curve.last_step : 0;
    curve.last_step = report.step;
    ++saved_.reports;
    saved_.steps += steps;
    if (curve.stopped) {
      saved_.saved += steps;
      return;
    }
    study::Event judged = event;
    auto& body = std::get<study::Reported>(judged.body);
    body.verdict = study::Verdict::kContinue;
    lower(curve.best, report.objectives.first());
    const bool stops = stopper_.judge(judged) != study::Verdict::kContinue;
    if (stops) body.verdict = study::Verdict::kStopTrial;
    stopper_.observe({&judged, 1});
    if (!stops) return;
    curve.stopped = true;
    ++saved_.trials;
    study::Event end{event.sequence, event.trial, event.unix_nanos, study::Finished{}};
    auto& finished = std::get<study::Finished>(end.body);
    finished.state = study::TrialState::kStopped;
    finished.objectives = report.objectives;
    finished.excesses = report.excesses;
    finished.best_step = report.step;
    const auto& values = state_.trials()[event.trial].assignments;
    finished.assignments.assign(values.begin(), values.end());
    stopper_.observe({&end, 1});
  }

  study::Oracle& stopper_;
  std::vector<Curve> curves_;
  const study::State& state_;
  Saved saved_;
  double best_ = study::kNoScore;
  double with_it_ = study::kNoScore;
};

}  // namespace

Saved replay_stopper(study::Oracle& stopper, study::Store& log, const study::State& state) {
  Replay replay(stopper, state);
  study::read_below(log, state.events(), [&](const study::Event& event) { replay.take(event); });
  return replay.result();
}

}  // namespace dodona::insight
