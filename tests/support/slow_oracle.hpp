// SPDX-License-Identifier: Apache-2.0
//
// An oracle that is slow, so that its next proposal is worth making ahead. Trials on other threads
// can wait until it was asked for a certain trial. Its values depend on the number of events that
// it has observed.
#pragma once

#include "support/fake_roles.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::support {

class SlowOracle final : public FakeOracle {
 public:
  SlowOracle() {
    shape = [this](std::uint64_t, study::Proposed& proposal) {
      const double u = static_cast<double>(seen.size() % 97) / 97;
      for (Assignment& each : proposal.assignments) each.cell = Cell::real(u);
    };
  }

  study::Answer propose(std::uint64_t trial,
                        const std::function<void(study::Proposed&&)>& push) override {
    const auto start = std::chrono::steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back({trial, std::this_thread::get_id()});
    }
    changed_.notify_all();
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1)) {
    }
    return FakeOracle::propose(trial, push);
  }

  // Waits until the oracle was asked for a trial. Returns false after a minute.
  bool wait_until_asked(std::uint64_t trial) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::any_of(asked_.begin(), asked_.end(),
                         [&](const auto& each) { return each.first == trial; });
    });
  }

  // The trials that the oracle was asked for, and the asking threads.
  std::vector<std::pair<std::uint64_t, std::thread::id>> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<std::uint64_t> asked_trials() const {
    std::vector<std::uint64_t> trials;
    for (const auto& each : asked()) trials.push_back(each.first);
    return trials;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::uint64_t, std::thread::id>> asked_;
};

}  // namespace dodona::support
