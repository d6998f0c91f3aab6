// SPDX-License-Identifier: Apache-2.0
//
// The target, host and action of a request to the live page, from anybody: read, or refused.
#include "pages/action.cpp"  // the library of pages hides them
#include "pages/target.cpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dodona::pages::is_own_host(text, false, "node1");
  dodona::pages::is_own_host(text, true, "node1");
  dodona::pages::is_same_origin(text, text);
  dodona::pages::parse_target(text);
  dodona::pages::is_same_secret(text, "secret");
  try {
    dodona::pages::parse_action(text);
  } catch (const dodona::Error&) {
    return 0;
  }
  return 0;
}
