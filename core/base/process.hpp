// SPDX-License-Identifier: Apache-2.0
//
// Tells the process that made an object from a child that was forked later. A forked child has the
// memory of its parent, but none of its threads, and its mutexes may be locked for ever.
//
// Errors:  Error{kState}, as said.
// Threads: any.
// Cost:    one system call.
#pragma once

#include <sys/types.h>

namespace dodona::base {

class MakerProcess {
 public:
  MakerProcess();
  bool is_here() const noexcept;
  // Throws in another process than the maker; `what` says whose it is, as "this tuner".
  void check(const char* what) const;

 private:
  pid_t pid_;
};

}  // namespace dodona::base
