// SPDX-License-Identifier: Apache-2.0
//
// Reads the events of the log, as oracles and sinks receive them.
//
//   void observe(const dodona_event& event) {
//     if (const auto* proposed = body_of<dodona_proposed_event>(event)) {
//       assign(space, proposed->assignments, point);
//     }
//   }
//
// abi/events.h lists the types of events, and tells in which order they come.
//
// Errors:  none; events of unknown types have no body here and are passed over.
// Threads: pure functions.
// Lifetime: results point into the event, which lives until the call of observe, judge or consume
//          returns. A copy must copy its strings and lists too.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

namespace detail {

template <class Body>
inline constexpr dodona_event_type kEventOf = 0;
template <>
inline constexpr dodona_event_type kEventOf<dodona_created_event> = DODONA_EVENT_CREATED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_configured_event> = DODONA_EVENT_CONFIGURED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_space_grown_event> = DODONA_EVENT_SPACE_GROWN;
template <>
inline constexpr dodona_event_type kEventOf<dodona_enqueued_event> = DODONA_EVENT_ENQUEUED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_imported_event> = DODONA_EVENT_IMPORTED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_noted_event> = DODONA_EVENT_NOTED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_proposed_event> = DODONA_EVENT_PROPOSED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_started_event> = DODONA_EVENT_STARTED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_filled_event> = DODONA_EVENT_FILLED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_reported_event> = DODONA_EVENT_REPORTED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_finished_event> = DODONA_EVENT_FINISHED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_stopped_event> = DODONA_EVENT_STOPPED;
template <>
inline constexpr dodona_event_type kEventOf<dodona_lost_event> = DODONA_EVENT_LOST;

}  // namespace detail

// The body of an event, or nullptr for an event of another type. Another type than that of a body
// does not compile.
//   if (const auto* finished = body_of<dodona_finished_event>(event)) ...
template <class Body>
const Body* body_of(const dodona_event& event) {
  static_assert(detail::kEventOf<Body> != 0, "not the body of an event");
  return event.type == detail::kEventOf<Body> ? static_cast<const Body*>(event.body) : nullptr;
}

// True if the trial ends in that state, which this version need not know.
inline bool is_final(dodona_trial_state state) {
  return (state & DODONA_FINAL) != 0;
}

// The first objective, which is the only one in a study of one; NaN if there is none.
inline double first_of(dodona_number_span objectives) {
  return objectives.size > 0 ? objectives.data[0] : std::numeric_limits<double>::quiet_NaN();
}

// The values, metrics or numbers of an event, for a loop. Borrowed from the event.
inline std::span<const dodona_assignment> list(dodona_assignment_span span) {
  return {span.data, static_cast<std::size_t>(span.size)};
}
inline std::span<const dodona_metric> list(dodona_metric_span span) {
  return {span.data, static_cast<std::size_t>(span.size)};
}
inline std::span<const double> list(dodona_number_span span) {
  return {span.data, static_cast<std::size_t>(span.size)};
}

// Sets the assigned cells of a point of `space` and marks them active; other cells stay. Skips
// values that the space does not know: they are errors of the sender. The point grows as needed.
inline void assign(const Space& space, dodona_assignment_span assignments, Point& point) {
  for (const dodona_assignment& assignment : list(assignments)) {
    if (assignment.param >= space.size()) continue;
    const auto cell = cell_of(space.params()[assignment.param], assignment.value);
    if (cell) point.set(assignment.param, *cell);
  }
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
