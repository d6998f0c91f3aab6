// SPDX-License-Identifier: Apache-2.0
//
// The service of a runner: a process that builds and trains models for the owner of a study. The
// program dodona-runner, which the kernel starts where trials are isolated, is made of it.
//
// Errors:  Error{DODONA_E_INVALID} where the other side does not speak as an owner does. Failures of
//          the hypermodel go to the owner.
#pragma once

#include <dodona/export.hpp>

#include <memory>

namespace dodona {

// The exit code of a runner that has lost its owner, or was asked to end.
inline constexpr int kRunnerLeft = 75;

// The part that a library must leave to its program.
//
// Threads: any, several at a time.
struct RunnerHooks {
  // Ends the process at once, with kRunnerLeft. Does not return.
  void (*leave)() = nullptr;
  // True once somebody has asked the process to end, as by SIGTERM.
  bool (*asked_to_leave)() = nullptr;
};

// Serves one hypermodel to one owner, over two descriptors.
class DODONA_API RunnerService {
 public:
  // The owner's lines come from `input`, and answers go to `output`. Neither may be in reach of a
  // plugin as standard input or output.
  RunnerService(int input, int output, const RunnerHooks& hooks);
  ~RunnerService();
  RunnerService(const RunnerService&) = delete;
  RunnerService& operator=(const RunnerService&) = delete;

  // Returns once the owner has closed its end. Where it does so while a trial runs, or falls silent,
  // `leave` is called.
  void serve();
  // Tells the owner that the process ends by a call of exit(code). Threads: any.
  void say_exit(int code) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dodona
