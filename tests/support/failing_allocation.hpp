// SPDX-License-Identifier: Apache-2.0
//
// Lets one allocation of a test program fail, to show that what was half done is not gone on with.
// Include it in one file of the program: it replaces operator new.
//
//   fail_allocation(7);      // the eighth one from here throws std::bad_alloc
//   ...
//   fail_no_allocation();
//
// Threads: any; allocations of all threads are counted together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace dodona::support {

inline std::atomic<std::int64_t> allocations_left{-1};  // below 0: none fails

inline void fail_allocation(std::int64_t after) {
  allocations_left = after;
}
inline void fail_no_allocation() {
  allocations_left = -1;
}

inline void* allocate(std::size_t size) {
  if (allocations_left.load() >= 0 && allocations_left.fetch_sub(1) == 0) throw std::bad_alloc();
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace dodona::support

void* operator new(std::size_t size) {
  return dodona::support::allocate(size);
}
void* operator new[](std::size_t size) {
  return dodona::support::allocate(size);
}
// std::stable_sort asks this way, and frees by the forms below. It never counts.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
// Inlined, gcc takes free() for the wrong counterpart of a new that does not throw.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
