// SPDX-License-Identifier: Apache-2.0
//
// dodona_trial over a Run: one execution, as the hypermodel sees it. The struct stays when the
// bridge goes, and then answers DODONA_E_STATE: see handle.hpp.
//
// Threads: one, of the trial; `cancelled` from any thread. The destructor waits for calls of other
//          threads that are under way.
#pragma once

#include "plugin/handle.hpp"
#include "plugin/hp_bridge.hpp"
#include "study/roles.hpp"

#include <dodona/abi.h>
#include <dodona/trial_limits.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dodona::plugin {

void set_functions(dodona_trial& trial);

class TrialBridge {
 public:
  // `complainant` is named in the log where the struct is used too late; it may be nullptr.
  // `limits` are those that the hypermodel keeps itself.
  explicit TrialBridge(study::Run& run, const Complainant* complainant = nullptr,
                       const TrialLimits& limits = {});
  ~TrialBridge();
  TrialBridge(const TrialBridge&) = delete;
  TrialBridge& operator=(const TrialBridge&) = delete;

  dodona_trial* get() { return &handle_.trial; }
  dodona_hp* hp() { return hp_.get(); }
  void check() const { hp_.check(); }  // see HpBridge

  // The limit that the model reached, or nothing.
  std::optional<study::Outcome> limit() const { return limit_; }

  // How the model that is being trained is saved; without, the model is asked to do it itself.
  using Save = std::function<void(const std::string& directory)>;
  void save_by(Save save) { save_ = std::move(save); }
  // At the end, for one that reports nothing.
  void save_if_asked();

 private:
  struct Slots;
  friend void set_functions(dodona_trial& trial);  // of Slots

  void reach_limit(dodona_outcome outcome);
  void save(dodona_reply& reply);
  std::span<const study::NamedMetric> named(dodona_metric_span metrics);

  study::Run& run_;
  HpBridge hp_;
  Handle& handle_;
  Save save_;
  std::vector<dodona_str> devices_;
  dodona_trial_limits limits_{};
  std::optional<study::Outcome> limit_;
  std::string save_to_;                      // what a reply points to
  std::vector<study::NamedMetric> metrics_;  // kept for its memory
};

}  // namespace dodona::plugin
