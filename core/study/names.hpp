// SPDX-License-Identifier: Apache-2.0
//
// Metric names as small numbers: a study has few names and millions of reports.
//
// Threads: any.
// Cost:    a comparison a known name; names are never forgotten.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace dodona::study {

class Names {
 public:
  // The index of a name, given on first sight; from 0 without gaps.
  std::uint32_t intern(std::string_view name);
  std::optional<std::uint32_t> find(std::string_view name) const;
  // Valid for ever. The index must have been given.
  const std::string& operator[](std::uint32_t index) const;
  std::uint32_t size() const;

 private:
  std::optional<std::uint32_t> find_locked(std::string_view name) const;

  mutable std::shared_mutex mutex_;
  std::deque<std::string> names_;  // a deque does not move what it holds
};

}  // namespace dodona::study
