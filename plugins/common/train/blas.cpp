// SPDX-License-Identifier: Apache-2.0
#include "common/train/blas.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <mutex>
#include <system_error>

namespace dodona::train {
namespace {

// openblas_get_parallel answers it for a build with a pool of its own; 0 is one thread, 2 OpenMP.
constexpr int kOwnPool = 1;

// The library whose matrix product LibTorch is bound to. The process may have others as well: if
// the BLAS is the reference one, an OpenBLAS may come along with LAPACK.
struct Library {
  void* handle = nullptr;  // never closed; also searches the libraries that it needs
  std::string path = "an unknown file";
};

Library find_library() {
  Library out;
  Dl_info info{};
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return out;
  out.handle = dlopen(info.dli_fname, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  // The file to which the system's alternatives link.
  std::error_code failed;
  const auto path = std::filesystem::canonical(info.dli_fname, failed);
  out.path = failed ? info.dli_fname : path.string();
  return out;
}

const Library& library() {
  static const Library found = find_library();
  return found;
}

template <class Function>
Function* find(const char* symbol) {
  if (library().handle == nullptr) return nullptr;
  return reinterpret_cast<Function*>(dlsym(library().handle, symbol));
}

}  // namespace

Blas find_blas() {
  const std::string file = " (" + library().path + ")";
  if (auto* config = find<char*()>("openblas_get_config")) return {config() + file, true};
  if (find<void()>("MKL_Get_Version") != nullptr) return {"MKL" + file, true};
  return {"an unknown BLAS" + file, false};
}

void set_blas_threads(int threads) {
  static std::mutex mutex;
  static int current = 0;
  auto* parallel = find<int()>("openblas_get_parallel");
  auto* set = find<void(int)>("openblas_set_num_threads");
  if (parallel == nullptr || set == nullptr || parallel() != kOwnPool) return;
  // Each setting waits for the pool, so only a change is passed on.
  const std::lock_guard lock(mutex);
  if (current == threads) return;
  set(threads);
  current = threads;
}

}  // namespace dodona::train
