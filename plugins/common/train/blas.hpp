// SPDX-License-Identifier: Apache-2.0
//
// The BLAS of LibTorch's matrix products. It decides the speed of training.
//
// Debian's libtorch takes the BLAS that the system's alternatives choose, so it is looked up at
// run time.
//
// Threads: call from any thread.
#pragma once

#include <string>

namespace dodona::train {

struct Blas {
  std::string text;   // name, version and file, for the log
  bool fast = false;  // false: most likely the reference BLAS, which is ten times slower
};
Blas find_blas();

// Sets the number of threads of an OpenBLAS with a pool of its own. The number belongs to the
// process: the last caller wins. Any other BLAS follows LibTorch's number or has one thread.
void set_blas_threads(int threads);

}  // namespace dodona::train
