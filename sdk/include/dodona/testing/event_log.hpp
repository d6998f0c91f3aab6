// SPDX-License-Identifier: Apache-2.0
//
// A log as the kernel keeps it: events with all that they point to.
//
//   EventLog log;
//   log.append(DODONA_NO_TRIAL, dodona_noted_event{...}, {.text = "key", .more = "value"});
//   const dodona_event& event = log[0];
//
// Lifetime: events stay where they are as long as the log.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/event.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// The parts to which the body of an event points. Texts of values and metrics are borrowed.
struct EventParts {
  std::vector<dodona_assignment> assignments{};
  std::vector<dodona_metric> metrics{};
  std::vector<double> objectives{};
  std::vector<double> excesses{};
  std::vector<Param> params{};
  std::string text{};  // version, document, source, key, note, runner, message, reason or why
  std::string more{};  // the value of a remark
};

// The events of a study, in the order in which they were appended.
class EventLog {
 public:
  EventLog() = default;
  EventLog(EventLog&&) = default;
  EventLog& operator=(EventLog&&) = default;

  std::uint64_t size() const { return entries_.size(); }
  const dodona_event& operator[](std::uint64_t sequence) const { return entries_[sequence].event; }

  // The sizes of event and body, and the pointers of the body, are set here.
  template <class Body>
  void append(std::uint64_t trial, const Body& body, EventParts parts = {}) {
    Entry& entry = entries_.emplace_back();
    entry.parts = std::move(parts);
    for (const Param& param : entry.parts.params) entry.params.add(param);
    Body& kept = entry.body.emplace<Body>(body);
    kept.struct_size = sizeof kept;
    entry.refer(kept);
    entry.event = next_event(dodona::detail::kEventOf<Body>, trial, &kept);
    entry.event.sequence = entries_.size() - 1;
  }

  // An event of a type that is not known here.
  void append_unknown(dodona_event_type type) {
    Entry& entry = entries_.emplace_back();
    entry.event = next_event(type, DODONA_NO_TRIAL, &entry.unknown);
    entry.event.sequence = entries_.size() - 1;
  }

  // An event that is not kept, with the sequence of the next one.
  dodona_event next_event(dodona_event_type type, std::uint64_t trial, const void* body) const {
    return {sizeof(dodona_event), type, entries_.size(), trial, 0, body};
  }

 private:
  struct Entry {
    dodona_event event{};
    std::variant<std::monostate, dodona_created_event, dodona_configured_event,
                 dodona_space_grown_event, dodona_enqueued_event, dodona_imported_event,
                 dodona_noted_event, dodona_proposed_event, dodona_started_event,
                 dodona_filled_event, dodona_reported_event, dodona_finished_event,
                 dodona_stopped_event, dodona_lost_event>
        body;
    EventParts parts;
    AbiParams params;
    std::uint32_t unknown[4] = {sizeof unknown, 0, 0, 0};

    dodona_assignment_span assignments() const {
      return {parts.assignments.data(), parts.assignments.size()};
    }
    dodona_metric_span metrics() const { return {parts.metrics.data(), parts.metrics.size()}; }
    dodona_number_span objectives() const {
      return {parts.objectives.data(), parts.objectives.size()};
    }
    dodona_number_span excesses() const { return {parts.excesses.data(), parts.excesses.size()}; }

    void refer(dodona_created_event& out) const { out.version = to_abi(parts.text); }
    void refer(dodona_configured_event& out) const { out.document = to_abi(parts.text); }
    void refer(dodona_space_grown_event& out) const {
      out.params = params.pointers().data();
      out.count = params.pointers().size();
    }
    void refer(dodona_enqueued_event& out) const { out.assignments = assignments(); }
    void refer(dodona_imported_event& out) const {
      out.assignments = assignments();
      out.metrics = metrics();
      out.objectives = objectives();
      out.excesses = excesses();
      out.source = to_abi(parts.text);
    }
    void refer(dodona_noted_event& out) const {
      out.key = to_abi(parts.text);
      out.value = to_abi(parts.more);
    }
    void refer(dodona_proposed_event& out) const {
      out.assignments = assignments();
      out.note = to_abi(parts.text);
    }
    void refer(dodona_started_event& out) const { out.runner = to_abi(parts.text); }
    void refer(dodona_filled_event& out) const {
      if (!parts.assignments.empty()) out.assignment = parts.assignments.front();
    }
    void refer(dodona_reported_event& out) const {
      out.metrics = metrics();
      out.objectives = objectives();
      out.excesses = excesses();
    }
    void refer(dodona_finished_event& out) const {
      out.assignments = assignments();
      out.metrics = metrics();
      out.objectives = objectives();
      out.excesses = excesses();
      out.message = to_abi(parts.text);
    }
    void refer(dodona_stopped_event& out) const { out.reason = to_abi(parts.text); }
    void refer(dodona_lost_event& out) const { out.why = to_abi(parts.text); }
  };

  std::deque<Entry> entries_;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
