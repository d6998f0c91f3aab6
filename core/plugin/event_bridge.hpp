// SPDX-License-Identifier: Apache-2.0
//
// Events of the study as dodona_event, with their bodies.
//
// Errors:  none; values of definitions that the space does not have trap.
// Threads: one at a time.
// Cost:    about 10 ns an event and 2 ns a value; no allocation once the buffers have grown, except
//          for definitions that join the space.
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace dodona::plugin {

// A space and its C form, which borrows from it.
class AbiSpace {
 public:
  explicit AbiSpace(const Space& space);
  AbiSpace(const AbiSpace&) = delete;
  AbiSpace& operator=(const AbiSpace&) = delete;

  const Space& space() const { return space_; }
  const dodona_space* get() const { return &raw_; }

 private:
  Space space_;
  AbiParams params_;
  std::vector<dodona_str> constraints_;
  dodona_space raw_{};
};

class EventBridge {
 public:
  static constexpr std::size_t kBlock = 256;

  // `names` outlives the bridge.
  explicit EventBridge(const study::Names& names);

  // `space` is borrowed until the next call.
  void set_space(const AbiSpace& space) { space_ = &space; }

  // At most kBlock events. The answer, and what it borrows of `events`, is valid until the next call.
  std::span<const dodona_event* const> convert(std::span<const study::Event> events);

 private:
  union Body {
    dodona_created_event created;
    dodona_configured_event configured;
    dodona_space_grown_event space_grown;
    dodona_enqueued_event enqueued;
    dodona_imported_event imported;
    dodona_noted_event noted;
    dodona_proposed_event proposed;
    dodona_started_event started;
    dodona_filled_event filled;
    dodona_reported_event reported;
    dodona_finished_event finished;
    dodona_stopped_event stopped;
    dodona_lost_event lost;
  };
  // Plugins of a study in their C form.
  struct Identities {
    explicit Identities(const std::vector<study::PluginIdentity>& in);
    std::vector<dodona_plugin_identity> all;
    std::vector<const dodona_plugin_identity*> pointers;
  };
  struct Filler;

  dodona_str name(std::uint32_t index);
  dodona_assignment assignment(const Assignment& in) const;
  dodona_assignment_span assignments(const std::vector<Assignment>& in);
  dodona_metric_span metrics(const std::vector<study::MetricValue>& in);
  void make_room(std::span<const study::Event> events);

  const study::Names& names_;
  const AbiSpace* space_ = nullptr;
  std::vector<dodona_str> name_cache_;
  std::vector<dodona_event> events_;
  std::vector<const dodona_event*> pointers_;
  std::vector<Body> bodies_;
  std::vector<dodona_assignment> assignments_;
  std::vector<dodona_metric> metrics_;
  std::size_t assignments_used_ = 0;
  std::size_t metrics_used_ = 0;
  std::vector<std::unique_ptr<AbiParams>> grown_;
  std::vector<std::unique_ptr<const Identities>> identities_;
  std::deque<std::vector<dodona_str>> texts_;  // of constraints
};

}  // namespace dodona::plugin
