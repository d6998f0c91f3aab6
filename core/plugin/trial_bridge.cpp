// SPDX-License-Identifier: Apache-2.0
#include "plugin/trial_bridge.hpp"

#include "base/assert.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

namespace dodona::plugin {

namespace {

// Calls function(TrialBridge&) of the trial's bridge, unless the trial has ended.
template <class Function>
dodona_status with_bridge(const dodona_trial* trial, dodona_error* error,
                          Function&& function) noexcept {
  return with_handle(trial->impl, error,
                     [&](const Handle& handle) { function(*handle.trial_bridge); });
}

}  // namespace

// The slots of dodona_trial.
struct TrialBridge::Slots {
  static dodona_status report(dodona_trial* trial, std::uint64_t step, dodona_metric_span metrics,
                              dodona_reply* reply, dodona_error* error) noexcept {
    return with_bridge(trial, error, [&](TrialBridge& self) {
      const study::Verdict verdict = self.run_.report(step, self.named(metrics));
      reply->verdict = static_cast<dodona_verdict>(verdict);
      self.save(*reply);
    });
  }
  static dodona_status finish(dodona_trial* trial, dodona_metric_span metrics,
                              dodona_error* error) noexcept {
    return with_bridge(trial, error,
                       [&](TrialBridge& self) { self.run_.finish(self.named(metrics)); });
  }
  static dodona_status make_directory(dodona_trial* trial, dodona_error* error) noexcept {
    return with_bridge(trial, error, [](TrialBridge& self) { self.run_.make_directory(); });
  }
  static dodona_status saved(dodona_trial* trial, dodona_error* error) noexcept {
    return with_bridge(trial, error, [](TrialBridge& self) { self.run_.saved(); });
  }
  // True where it is too late, too: whoever asks should come to an end.
  static std::uint32_t cancelled(const dodona_trial* trial) noexcept {
    auto& handle = *static_cast<Handle*>(trial->impl);
    if (!handle.gate.enter()) return 1;
    const bool cancelled = handle.trial_bridge->run_.cancelled();
    handle.gate.leave();
    return cancelled ? 1 : 0;
  }
  static dodona_status note(dodona_trial* trial, dodona_str key, dodona_str value,
                            dodona_error* error) noexcept {
    return with_bridge(trial, error,
                       [&](TrialBridge& self) { self.run_.note(view(key), view(value)); });
  }
  static dodona_status limit_reached(dodona_trial* trial, dodona_outcome outcome,
                                     dodona_error* error) noexcept {
    return with_bridge(trial, error, [&](TrialBridge& self) { self.reach_limit(outcome); });
  }
};

void set_functions(dodona_trial& trial) {
  trial.struct_size = sizeof trial;
  trial.report = TrialBridge::Slots::report;
  trial.finish = TrialBridge::Slots::finish;
  trial.make_directory = TrialBridge::Slots::make_directory;
  trial.saved = TrialBridge::Slots::saved;
  trial.cancelled = TrialBridge::Slots::cancelled;
  trial.note = TrialBridge::Slots::note;
  trial.limit_reached = TrialBridge::Slots::limit_reached;
}

TrialBridge::TrialBridge(study::Run& run, const Complainant* complainant, const TrialLimits& limits)
    : run_(run), hp_(run.asker()), handle_(hp_.handle()) {
  dodona_trial& raw = handle_.trial;
  set_functions(raw);
  raw.execution = run.execution;
  raw.attempt = run.attempt;
  raw.threads = run.threads;
  raw.id = run.trial;
  raw.seed = run.seed;
  raw.start_step = run.start_step;
  raw.budget = run.budget;
  raw.directory = to_abi(run.directory);
  raw.resume_directory = to_abi(run.resume_directory);
  for (const std::string& device : run.devices) devices_.push_back(to_abi(device));
  raw.devices = devices_.data();
  raw.device_count = devices_.size();
  raw.deadline_unix_nanos = run.deadline_unix_nanos;
  raw.all_data = run.all_data ? 1 : 0;
  limits_ = {
      sizeof limits_,  0, limits.seconds, limits.step_seconds, run.spent_seconds, limits.memory_mb,
      limits.output_mb};
  if (limits.any()) raw.limits = &limits_;
  handle_.trial_bridge = this;
  handle_.id = run.trial;
  if (complainant != nullptr) handle_.complainant = complainant->id();
}

TrialBridge::~TrialBridge() {
  DODONA_ASSERT(handle_.trial_bridge == this);
  hp_.end();
}

void TrialBridge::reach_limit(dodona_outcome outcome) {
  if (handle_.trial.limits == nullptr) throw Error(DODONA_E_STATE, "the trial has no limits");
  if (outcome < DODONA_OUTCOME_TIME || outcome > DODONA_OUTCOME_OUTPUT) {
    throw Error(DODONA_E_INVALID, "outcome " + std::to_string(outcome) + " is not that of a limit");
  }
  limit_ = static_cast<study::Outcome>(outcome);
  run_.stop_at_next_report();
}

void TrialBridge::save(dodona_reply& reply) {
  const bool understood = reply.struct_size >= DODONA_SIZE_TO(dodona_reply, directory);
  if (understood) reply.save_now = 0;
  if (save_) {
    save_if_asked();
  } else if (understood) {
    save_to_ = run_.save_directory();
    if (save_to_.empty()) return;
    reply.save_now = 1;
    reply.directory = to_abi(save_to_);
  }
}

void TrialBridge::save_if_asked() {
  const std::string to = save_ ? run_.save_directory() : "";
  if (to.empty()) return;
  try {
    save_(to);
  } catch (const Error& error) {
    if (!run_.save_failed(error)) throw;
    return;
  }
  run_.saved();
}

std::span<const study::NamedMetric> TrialBridge::named(dodona_metric_span metrics) {
  metrics_.clear();
  for (std::uint64_t i = 0; i < metrics.size; ++i) {
    metrics_.push_back({view(metrics.data[i].name), metrics.data[i].value});
  }
  return metrics_;
}

}  // namespace dodona::plugin
