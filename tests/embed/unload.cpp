// SPDX-License-Identifier: Apache-2.0
//
// unload LIBRARY: loads a library that uses a tuner, has it used, and unloads it, ten times. A
// thread of oneTBB once outlived its code.
#include <chrono>
#include <cstdio>
#include <dlfcn.h>
#include <thread>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  for (int i = 0; i < 10; ++i) {
    void* const library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      std::printf("%s\n", dlerror());
      return 1;
    }
    const auto use = reinterpret_cast<int (*)()>(dlsym(library, "use_a_tuner"));
    if (use == nullptr || use() != 20) {
      std::printf("it did not search\n");
      return 1;
    }
    dlclose(library);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // for threads that would wake up
  }
  return 0;
}
