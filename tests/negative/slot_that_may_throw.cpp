// SPDX-License-Identifier: Apache-2.0
//
// A table that is written by hand, with a function that may throw into the host.
// Diagnostic: noexcept
#include <dodona/abi.h>

#ifdef CONTROL
#define PROMISE noexcept
#else
#define PROMISE
#endif

namespace {

dodona_status flush(void* /*self*/, dodona_error* /*error*/) PROMISE {
  return DODONA_OK;
}

dodona_sink_vtable table() {
  dodona_sink_vtable table{};
  table.flush = flush;
  return table;
}

}  // namespace

int main() {
  return table().flush == nullptr ? 1 : 0;
}
