// SPDX-License-Identifier: Apache-2.0
#include "plugin/trial_bridge.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

namespace dodona::plugin {

TrialBridge::TrialBridge(study::Run& run) : run_(run), hp_(run.asker()) {
  raw_.struct_size = sizeof raw_;
  raw_.execution = run.execution;
  raw_.attempt = run.attempt;
  raw_.threads = run.threads;
  raw_.impl = this;
  raw_.id = run.trial;
  raw_.seed = run.seed;
  raw_.start_step = run.start_step;
  raw_.budget = run.budget;
  raw_.directory = to_abi(run.directory);
  raw_.resume_directory = to_abi(run.resume_directory);
  for (const std::string& device : run.devices) devices_.push_back(to_abi(device));
  raw_.devices = devices_.data();
  raw_.device_count = devices_.size();
  raw_.deadline_unix_nanos = run.deadline_unix_nanos;
  raw_.all_data = run.all_data ? 1 : 0;
  raw_.hp = hp_.get();
  raw_.report = [](dodona_trial* trial, std::uint64_t step, dodona_metric_span metrics,
                   dodona_reply* reply, dodona_error* error) noexcept {
    return guard(error, [&] {
      auto& self = *static_cast<TrialBridge*>(trial->impl);
      const study::Verdict verdict = self.run_.report(step, self.named(metrics));
      reply->verdict = static_cast<dodona_verdict>(verdict);
      self.save(*reply);
    });
  };
  raw_.finish = [](dodona_trial* trial, dodona_metric_span metrics, dodona_error* error) noexcept {
    return guard(error, [&] {
      auto& self = *static_cast<TrialBridge*>(trial->impl);
      self.run_.finish(self.named(metrics));
    });
  };
  raw_.make_directory = [](dodona_trial* trial, dodona_error* error) noexcept {
    return guard(error, [&] { static_cast<TrialBridge*>(trial->impl)->run_.make_directory(); });
  };
  raw_.saved = [](dodona_trial* trial, dodona_error* error) noexcept {
    return guard(error, [&] { static_cast<TrialBridge*>(trial->impl)->run_.saved(); });
  };
  raw_.cancelled = [](const dodona_trial* trial) noexcept -> std::uint32_t {
    return static_cast<const TrialBridge*>(trial->impl)->run_.cancelled() ? 1 : 0;
  };
  raw_.note = [](dodona_trial* trial, dodona_str key, dodona_str value,
                 dodona_error* error) noexcept {
    return guard(
        error, [&] { static_cast<TrialBridge*>(trial->impl)->run_.note(view(key), view(value)); });
  };
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
  save_(to);
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
