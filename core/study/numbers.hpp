// SPDX-License-Identifier: Apache-2.0
//
// A short list of numbers, such as the objectives of a report. One number lies in the object
// itself, so that a study of one objective pays for no list.
//
// Errors:  bad_alloc; the list is then as before. A list of one number never throws.
// Threads: as any value.
// Lifetime: pointers into a list are valid until it is resized, moved or assigned to.
// Cost:    16 bytes; two numbers or more are in memory of their own.
#pragma once

#include "base/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>

namespace dodona::study {

class Numbers {
 public:
  Numbers() = default;
  Numbers(double one)  // NOLINT(google-explicit-constructor): one number is the usual list
      : place_{.one = one}, size_(1) {}
  Numbers(std::initializer_list<double> all) : Numbers(std::span(all.begin(), all.size())) {}
  explicit Numbers(std::span<const double> all) {
    resize(all.size());
    std::copy(all.begin(), all.end(), data());
  }
  Numbers(const Numbers& other) : Numbers(std::span(other.data(), other.size())) {}
  Numbers(Numbers&& other) noexcept { swap(other); }
  Numbers& operator=(Numbers other) noexcept {
    swap(other);
    return *this;
  }
  ~Numbers() {
    if (size_ > 1) delete[] place_.many;
  }

  // Makes it a list of `size` zeros. Forgets what is there: the numbers are to be written next.
  void resize(std::size_t size) {
    DODONA_ASSERT(size <= UINT32_MAX);
    double* const many = size > 1 ? new double[size]() : nullptr;
    if (size_ > 1) delete[] place_.many;
    place_ = {};
    if (size > 1) place_.many = many;
    size_ = static_cast<std::uint32_t>(size);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  double* data() { return size_ > 1 ? place_.many : &place_.one; }
  const double* data() const { return size_ > 1 ? place_.many : &place_.one; }
  double* begin() { return data(); }
  double* end() { return data() + size_; }
  const double* begin() const { return data(); }
  const double* end() const { return data() + size_; }
  double operator[](std::size_t i) const {
    DODONA_ASSERT(i < size_);
    return data()[i];
  }
  // NaN where there is none.
  double first() const { return size_ > 0 ? *data() : std::numeric_limits<double>::quiet_NaN(); }

 private:
  union Place {
    double one = 0.0;
    double* many;
  };

  void swap(Numbers& other) noexcept {
    std::swap(place_, other.place_);
    std::swap(size_, other.size_);
  }

  Place place_;
  std::uint32_t size_ = 0;
};

static_assert(sizeof(Numbers) == 16);

}  // namespace dodona::study
