// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as events. Refused: with the code for damaged files, and nothing taken. Accepted: the
// encoder writes the very same bytes for what was read, but for an event of 0.1, and those for what
// it wrote itself; and skip() agrees on where they end.
#include "study/codec.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dodona::study;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view before = rest;
    try {
      const Event event = decode(rest);
      std::string again;
      encode(event, again);
      std::string_view taken = before.substr(0, before.size() - rest.size());
      while ((taken.front() & 0x80) != 0) taken.remove_prefix(1);  // the length
      const bool of_0_1 = taken[1] == 1;
      require(of_0_1 || again == before.substr(0, before.size() - rest.size()));
      std::string_view written = again;
      std::string once_more;
      encode(decode(written), once_more);
      require(written.empty() && once_more == again);
      std::string_view skipped = before;
      skip(skipped);
      require(skipped.data() == rest.data() && skipped.size() == rest.size());
    } catch (const dodona::Error& error) {
      require(error.code() == DODONA_E_IO && rest.size() == before.size());
      return 0;
    }
  }
  return 0;
}
