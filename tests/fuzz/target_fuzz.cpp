// SPDX-License-Identifier: Apache-2.0
//
// The target and host of a request to the live page, from anybody: read, or refused.
#include "pages/target.cpp"  // the library of pages hides it

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dodona::pages::is_own_host(text, false, "node1");
  dodona::pages::is_own_host(text, true, "node1");
  dodona::pages::is_same_origin(text, text);
  dodona::pages::parse_target(text);
  return 0;
}
