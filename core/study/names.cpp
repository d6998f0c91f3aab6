// SPDX-License-Identifier: Apache-2.0
#include "study/names.hpp"

#include "base/assert.hpp"

namespace dodona::study {

std::uint32_t Names::intern(std::string_view name) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto index = find_locked(name)) return *index;
  }
  const std::unique_lock lock(mutex_);
  if (const auto index = find_locked(name)) return *index;
  names_.emplace_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

std::optional<std::uint32_t> Names::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return find_locked(name);
}

const std::string& Names::operator[](std::uint32_t index) const {
  const std::shared_lock lock(mutex_);
  DODONA_ASSERT(index < names_.size());
  return names_[index];
}

std::uint32_t Names::size() const {
  const std::shared_lock lock(mutex_);
  return static_cast<std::uint32_t>(names_.size());
}

std::optional<std::uint32_t> Names::find_locked(std::string_view name) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace dodona::study
