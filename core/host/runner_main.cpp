// SPDX-License-Identifier: Apache-2.0
//
// The program `dodona-runner`: serves a hypermodel to the owner of a study, on its standard input
// and output. The kernel starts it; people have no use for it.
#include "host/openmp.hpp"

#include <dodona/error.hpp>
#include <dodona/runner.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <unistd.h>

namespace dodona::host {
namespace {

std::atomic<bool> terminated = false;
std::atomic<RunnerService*> service = nullptr;

int output = -1;

// The client of an engine may not tell its owner of the signal that ended a runner. The line is short
// enough to be written as a whole.
void tell_of_crash(int signal) {
  char line[] = "{\"bye\":\"crash\",\"code\":128}\n";
  const int code = 128 + signal;
  constexpr std::size_t digits = sizeof line - 6;
  line[digits + 1] = static_cast<char>('0' + code / 10 % 10);
  line[digits + 2] = static_cast<char>('0' + code % 10);
  [[maybe_unused]] const ssize_t written = ::write(output, line, sizeof line - 1);
  ::raise(signal);  // once more, for the system's own action
}

void tell_of_crashes() {
  static std::array<char, std::size_t{64} << 10> stack;  // where that of the thread is used up
  const stack_t alternate{stack.data(), 0, stack.size()};
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_handler = tell_of_crash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    ::sigaction(signal, &action, nullptr);
  }
}

void leave() {
  ::_exit(kRunnerLeft);
}

// A descriptor that no program inherits, out of the way of 0 to 2.
int take_away(int file) {
  return ::fcntl(file, F_DUPFD_CLOEXEC, 3);
}

// The processes that its trials start belong to its session. An engine may have made it the leader of
// a group in the engine's session; the system gives a leader no session until it has left its group.
void begin_session() {
  if (::getsid(0) == ::getpid() || ::setsid() >= 0) return;
  ::setpgid(0, ::getpgid(::getppid()));
  ::setsid();
}

// Also where somebody tries it by hand.
int usage() {
  static constexpr char kText[] =
      "dodona-runner: runs trials for a search with \"isolation\": \"process\", which starts it by "
      "itself; see dodona search --help\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, sizeof kText - 1);
  return 2;
}

// Becomes the client of an engine. The system asks it to end when its owner does, so that it takes
// its job out of the queue, too.
int become_client(char** words) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::execvp(words[0], words);
  std::fprintf(stderr, "cannot start %s: %s\n", words[0], std::strerror(errno));
  static constexpr int kNotFound = 127;
  return kNotFound;
}

int run() {
  // Nobody but the service reads or writes there: a plugin's output goes to standard error.
  const int input = take_away(STDIN_FILENO);
  output = take_away(STDOUT_FILENO);
  if (input < 0 || output < 0) return usage();
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  static RunnerService runner(input, output,
                              {leave, [] { return terminated.load(std::memory_order_relaxed); }});
  service = &runner;
  tell_of_crashes();
  std::signal(SIGTERM, [](int) { terminated.store(true, std::memory_order_relaxed); });
  std::signal(SIGINT, SIG_IGN);  // a terminal's, which is the owner's affair
  runner.serve();
  return kRunnerLeft;
}

int guarded() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dodona-runner: %s\n", error.what());
    return 2;
  }
}

}  // namespace
}  // namespace dodona::host

// The program's own stands before that of the C library for every plugin that is loaded.
extern "C" void exit(int status) noexcept {
  dodona::RunnerService* const runner = dodona::host::service.exchange(nullptr);
  if (runner != nullptr) runner->say_exit(status);
  ::_exit(status);
}

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "--client") {
    return dodona::host::become_client(argv + 2);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  dodona::host::begin_session();
  dodona::host::openmp_waits();
  const bool by_hand = argc > 1 || ::isatty(STDIN_FILENO) == 1;
  const int code = by_hand ? dodona::host::usage() : dodona::host::guarded();
  dodona::host::service = nullptr;
  std::fflush(nullptr);
  ::_exit(code);  // nothing that a plugin left runs any more
}
