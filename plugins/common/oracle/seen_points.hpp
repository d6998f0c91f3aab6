// SPDX-License-Identifier: Apache-2.0
//
// The points that an oracle has seen: a set of 64-bit hashes of their active cells.
//
// Two points with one hash count as the same. Among 10^6 points of a study that has a probability
// of 5e-8, and costs one point of the space.
//
// Threads: one at a time.
// Cost:    about one cache miss for a call; 8 bytes for an entry at a load of at most 5/8.
#pragma once

#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::common {

class SeenPoints {
 public:
  // The number of different points.
  std::size_t size() const { return size_; }

  bool contains(const Point& point) const {
    return !slots_.empty() && slots_[place(slots_, hash(point))] != 0;
  }

  // Adds a point, unless it is there. A call that doubles the memory takes time for each entry.
  void insert(const Point& point) {
    if (slots_.size() * 5 <= (size_ + 1) * 8) grow();
    const std::uint64_t key = hash(point);
    std::uint64_t& slot = slots_[place(slots_, key)];
    if (slot == 0) ++size_;
    slot = key;
  }

 private:
  // The hash of a point. It is never 0, which marks an empty slot.
  static std::uint64_t hash(const Point& point) {
    std::uint64_t hash = 0x9E3779B97F4A7C15;
    for (std::size_t i = 0; i < point.size(); ++i) {
      if (!point.active(i)) continue;
      hash ^= static_cast<std::uint64_t>(point[i].whole()) + i * 0xD6E8FEB86659FD93;
      hash *= 0xFF51AFD7ED558CCD;
      hash ^= hash >> 32;
    }
    return hash | 1;
  }

  // The slot of a key, or the empty slot for it: linear probing from its upper bits.
  static std::size_t place(const std::vector<std::uint64_t>& slots, std::uint64_t key) {
    const std::size_t mask = slots.size() - 1;  // a power of two
    std::size_t at = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15) >> 20) & mask;
    while (slots[at] != 0 && slots[at] != key) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<std::uint64_t> larger(slots_.empty() ? 64 : slots_.size() * 2);
    for (const std::uint64_t key : slots_) {
      if (key != 0) larger[place(larger, key)] = key;
    }
    slots_ = std::move(larger);
  }

  std::vector<std::uint64_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace dodona::common
