// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <dodona/error.hpp>

#include <string>
#include <unistd.h>

namespace dodona::base {

MakerProcess::MakerProcess() : pid_(::getpid()) {}

bool MakerProcess::is_here() const noexcept {
  return ::getpid() == pid_;
}

void MakerProcess::check(const char* what) const {
  if (is_here()) return;
  throw Error(kState, std::string(what) + " belongs to process " + std::to_string(pid_) +
                          "; its forked child " + std::to_string(::getpid()) +
                          " cannot use it, and opens a study of its own");
}

}  // namespace dodona::base
