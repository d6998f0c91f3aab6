// SPDX-License-Identifier: Apache-2.0
//
// The implementation of AskedTrial: a desk with its oracle and sinks, and handles of its trials.
//
// Threads: as AskedTrial says.
#pragma once

#include "base/process.hpp"
#include "plugin/hp_bridge.hpp"
#include "schedule/desk.hpp"
#include "tuner/oracles.hpp"
#include "tuner/sinks.hpp"

#include <dodona/asked_trial.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace dodona::tuner {

// One desk with all that it needs. A search ends it, and the tuner's end does; handles of trials
// may outlive it.
struct Asking {
  explicit Asking(const OpenStudy& study) : oracles(make_oracles(study)), sinks(study) {}

  Oracles oracles;
  Sinks sinks;
  std::unique_ptr<schedule::Desk> desk;
  std::function<Result(std::uint64_t trial)> result;
};

}  // namespace dodona::tuner

namespace dodona {

// One handle of a trial, which all copies of an AskedTrial share; or the answer that there is none.
struct AskedState {
  AskedState(std::weak_ptr<tuner::Asking> from, std::shared_ptr<schedule::Desk::Asked> given,
             bool no_more);
  ~AskedState();
  AskedState(const AskedState&) = delete;
  AskedState& operator=(const AskedState&) = delete;

  // The desk of the trial, which stays as long as the answer is held. Throw Error{kState} where
  // there is no trial, or nobody who knows it; open() also where it ended.
  std::shared_ptr<tuner::Asking> known() const;
  std::shared_ptr<tuner::Asking> open() const;
  // Ends the trial, as Desk::tell() does.
  void tell(TrialState state, const Metrics& metrics, const std::string& message);

  const base::MakerProcess maker;
  const std::weak_ptr<tuner::Asking> asking;
  std::shared_ptr<schedule::Desk::Asked> trial;  // or none
  const bool exhausted;
  std::optional<plugin::HpBridge> bridge;
  dodona_hp guarded{};  // the bridge, while the trial is open
};

}  // namespace dodona
