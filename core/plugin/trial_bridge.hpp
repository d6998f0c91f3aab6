// SPDX-License-Identifier: Apache-2.0
//
// dodona_trial over a Run: one execution, as the hypermodel sees it.
//
// Threads: one, of the trial; `cancelled` from any thread.
#pragma once

#include "plugin/hp_bridge.hpp"
#include "study/roles.hpp"

#include <dodona/abi.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dodona::plugin {

class TrialBridge {
 public:
  explicit TrialBridge(study::Run& run);
  TrialBridge(const TrialBridge&) = delete;
  TrialBridge& operator=(const TrialBridge&) = delete;

  dodona_trial* get() { return &raw_; }
  dodona_hp* hp() { return hp_.get(); }
  void check() const { hp_.check(); }  // see HpBridge

  // How the model that is being trained is saved; without, the model is asked to do it itself.
  using Save = std::function<void(const std::string& directory)>;
  void save_by(Save save) { save_ = std::move(save); }
  // At the end, for one that reports nothing.
  void save_if_asked();

 private:
  void save(dodona_reply& reply);
  std::span<const study::NamedMetric> named(dodona_metric_span metrics);

  study::Run& run_;
  HpBridge hp_;
  Save save_;
  std::vector<dodona_str> devices_;
  std::string save_to_;                      // what a reply points to
  std::vector<study::NamedMetric> metrics_;  // kept for its memory
  dodona_trial raw_{};
};

}  // namespace dodona::plugin
