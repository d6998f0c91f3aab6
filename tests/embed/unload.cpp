// SPDX-License-Identifier: Apache-2.0
//
// unload LIBRARY: loads a library that uses a tuner, has it used, and unloads it, ten times. A
// thread of oneTBB once outlived its code.
#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

// True if every other thread of the process sleeps or is gone. A thread that was woken to run code
// of the library is not.
bool others_rest() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::string stat;
    std::getline(std::ifstream(task.path() / "stat"), stat);
    const std::size_t name_end = stat.rfind(") ");
    if (name_end != std::string::npos && stat[name_end + 2] != 'S') return false;
  }
  return true;
}

}  // namespace

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
    while (!others_rest()) std::this_thread::yield();
  }
  return 0;
}
