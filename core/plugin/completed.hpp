// SPDX-License-Identifier: Apache-2.0
//
// Structs of the contract as this version knows them, whatever the other side knew.
//
// Errors:  Error{kPlugin} for a struct that is shorter than its minimum.
// Threads: pure.
// Cost:    copies at most the struct.
#pragma once

#include <dodona/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace dodona::plugin {

// Throws unless a growable struct has the size that it must have. `what` begins the message.
inline void check_size(std::uint32_t size, std::uint32_t size_min, const std::string& what) {
  if (size >= size_min) return;
  throw Error(DODONA_E_PLUGIN, what + " has " + std::to_string(size) + " bytes, fewer than the " +
                                   std::to_string(size_min) + " that it must have");
}

// A copy in which all that the filler did not know is zero, and its struct_size that of `T`.
// The size was checked before.
template <class T>
T completed(const T& given) {
  static_assert(std::is_trivially_copyable_v<T>);
  T out{};
  std::memcpy(&out, &given, std::min<std::size_t>(given.struct_size, sizeof out));
  out.struct_size = sizeof out;
  return out;
}

}  // namespace dodona::plugin
