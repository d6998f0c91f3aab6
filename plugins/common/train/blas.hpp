// SPDX-License-Identifier: Apache-2.0
//
// The BLAS that LibTorch's matrix products run on: it decides the speed of training.
//
// Debian's libtorch takes whichever BLAS the system's alternatives choose, so it is looked up at
// run time.
//
// Threads: any.
#pragma once

#include <string>

namespace dodona::train {

struct Blas {
  std::string text;   // name, version and file, for the log
  bool fast = false;  // false: most likely the reference BLAS, ten times slower
};
Blas find_blas();

// Sets the number of threads of an OpenBLAS that has its own pool: that number belongs to the
// process, and the last caller wins. Others follow LibTorch's number or have one thread.
void set_blas_threads(int threads);

}  // namespace dodona::train
