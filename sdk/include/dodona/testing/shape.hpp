// SPDX-License-Identifier: Apache-2.0
//
// The structs that a host hands out, in the sizes of other hosts: of the smallest that the epoch
// allows, and of one that is younger than these headers.
//
// Bytes that the receiver must not read are 0xA5, so that a pointer among them is none.
#pragma once

#include <dodona/abi.h>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// kCurrent: as these headers have them. kMinimal: each struct ends at its size of the first minor.
// kFuture: each is longer than these headers know.
enum class Shape { kCurrent = 1, kMinimal, kFuture };

namespace detail {

inline constexpr int kUnread = 0xA5;
inline constexpr std::size_t kTailBytes = 64;

template <class T>
inline constexpr std::uint32_t kSizeMin = 0;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_host> = DODONA_HOST_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_options> = DODONA_OPTIONS_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_objective> = DODONA_OBJECTIVE_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_limit> = DODONA_LIMIT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_study> = DODONA_STUDY_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_param> = DODONA_PARAM_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_space> = DODONA_SPACE_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_hp> = DODONA_HP_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_trial> = DODONA_TRIAL_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_request> = DODONA_REQUEST_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_proposal_sink> = DODONA_PROPOSAL_SINK_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_event> = DODONA_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_created_event> = DODONA_CREATED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_configured_event> = DODONA_CONFIGURED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_space_grown_event> =
    DODONA_SPACE_GROWN_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_enqueued_event> = DODONA_ENQUEUED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_imported_event> = DODONA_IMPORTED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_noted_event> = DODONA_NOTED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_proposed_event> = DODONA_PROPOSED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_started_event> = DODONA_STARTED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_filled_event> = DODONA_FILLED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_reported_event> = DODONA_REPORTED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_finished_event> = DODONA_FINISHED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_stopped_event> = DODONA_STOPPED_EVENT_SIZE_MIN;
template <>
inline constexpr std::uint32_t kSizeMin<dodona_lost_event> = DODONA_LOST_EVENT_SIZE_MIN;

}  // namespace detail

// Copies structs into a shape. The copies live as long as the shaper, or until clear().
class Shaper {
 public:
  explicit Shaper(Shape shape) : shape_(shape) {}
  Shaper(const Shaper&) = delete;
  Shaper& operator=(const Shaper&) = delete;

  Shape shape() const { return shape_; }
  void clear() { copies_.clear(); }

  // The struct itself for kCurrent.
  template <class T>
  T* of(T& in) {
    return shape_ == Shape::kCurrent ? &in : copy_of(in);
  }

  const dodona_space* of_space(const dodona_space& in) {
    if (shape_ == Shape::kCurrent) return &in;
    dodona_space out = in;
    out.params = params(in.params, in.count);
    return copy_of<const dodona_space>(out);
  }

  const dodona_event* of_event(const dodona_event& in) {
    if (shape_ == Shape::kCurrent) return &in;
    dodona_event out = in;
    out.body = body(in);
    return copy_of<const dodona_event>(out);
  }

 private:
  template <class T>
  T* copy_of(T& in) {
    using Plain = std::remove_const_t<T>;
    static_assert(detail::kSizeMin<Plain> != 0, "no struct of a host");
    const bool minimal = shape_ == Shape::kMinimal;
    const std::size_t size = minimal ? detail::kSizeMin<Plain> : sizeof(T);
    unsigned char* const bytes = room(sizeof(T) + detail::kTailBytes);
    std::memcpy(bytes, &in, size);
    const auto said = static_cast<std::uint32_t>(minimal ? size : sizeof(T) + detail::kTailBytes);
    std::memcpy(bytes, &said, sizeof said);
    return reinterpret_cast<T*>(bytes);
  }

  unsigned char* room(std::size_t bytes) {
    copies_.push_back(std::make_unique<unsigned char[]>(bytes));
    std::memset(copies_.back().get(), detail::kUnread, bytes);
    return copies_.back().get();
  }

  const dodona_param* const* params(const dodona_param* const* in, std::uint64_t count) {
    auto** const out = reinterpret_cast<const dodona_param**>(room((count + 1) * sizeof(void*)));
    for (std::uint64_t i = 0; i < count; ++i) out[i] = of<const dodona_param>(*in[i]);
    return out;
  }

  template <class Body>
  const void* plain(const dodona_event& event) {
    return of<const Body>(*static_cast<const Body*>(event.body));
  }

  const void* body(const dodona_event& event) {
    switch (event.type) {
      case DODONA_EVENT_CREATED:
        return plain<dodona_created_event>(event);
      case DODONA_EVENT_CONFIGURED:
        return plain<dodona_configured_event>(event);
      case DODONA_EVENT_SPACE_GROWN: {
        dodona_space_grown_event out = *static_cast<const dodona_space_grown_event*>(event.body);
        out.params = params(out.params, out.count);
        return copy_of<const dodona_space_grown_event>(out);
      }
      case DODONA_EVENT_ENQUEUED:
        return plain<dodona_enqueued_event>(event);
      case DODONA_EVENT_IMPORTED:
        return plain<dodona_imported_event>(event);
      case DODONA_EVENT_NOTED:
        return plain<dodona_noted_event>(event);
      case DODONA_EVENT_PROPOSED:
        return plain<dodona_proposed_event>(event);
      case DODONA_EVENT_STARTED:
        return plain<dodona_started_event>(event);
      case DODONA_EVENT_FILLED:
        return plain<dodona_filled_event>(event);
      case DODONA_EVENT_REPORTED:
        return plain<dodona_reported_event>(event);
      case DODONA_EVENT_FINISHED:
        return plain<dodona_finished_event>(event);
      case DODONA_EVENT_STOPPED:
        return plain<dodona_stopped_event>(event);
      case DODONA_EVENT_LOST:
        return plain<dodona_lost_event>(event);
      default:
        return event.body;
    }
  }

  Shape shape_;
  std::vector<std::unique_ptr<unsigned char[]>> copies_;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
