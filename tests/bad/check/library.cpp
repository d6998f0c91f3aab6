// SPDX-License-Identifier: Apache-2.0
//
// A library with a sound oracle, and with one thing wrong: what BAD_... says on the command line.
#include "sound_oracle.hpp"

#include <cstdio>

namespace {

#ifdef BAD_DEFAULT
constexpr std::int64_t kDefault = 9;
#else
constexpr std::int64_t kDefault = 1;
#endif
#ifdef BAD_TEXT
constexpr const char* kVersion = "";
#else
constexpr const char* kVersion = "1.0.0";
#endif

auto described(const char* id) {
  return dodona::oracle<SoundOracle>(
      {.id = id, .name = id + 12, .description = "random points", .version = kVersion},
      dodona::option("rounds", kDefault, "of nothing", {.low = 0, .high = 5}));
}

}  // namespace

#ifdef BAD_OUTPUT
__attribute__((constructor)) static void talk() {
  std::puts("hello");
  std::fflush(stdout);
}
#endif

#ifdef BAD_EXPORT
DODONA_EXPORT int dodona_test_second_export();
int dodona_test_second_export() {
  return 1;
}
#endif

#ifdef BAD_RUNTIME
extern "C" int dodona_test_fake_runtime();
const volatile int kept = dodona_test_fake_runtime();
#endif

#ifndef BAD_NO_ENTRY
const dodona_module* dodona_module_v0(void) noexcept {
#ifdef BAD_IDS
  static const dodona::Module module{described("org.example.sound"),
                                     described("org.example.sound")};
#else
  static const dodona::Module module{described("org.example.sound")};
#endif
#ifdef BAD_ENTRY
  static dodona_module copies[2];
  static int calls = 0;
  dodona_module& copy = copies[calls++ % 2];
  copy = *module.get();
  return &copy;
#elif defined(BAD_TABLES)
  static dodona_module copy = *module.get();
  copy.abi_epoch = 7;
  return &copy;
#else
  return module.get();
#endif
}
#endif
