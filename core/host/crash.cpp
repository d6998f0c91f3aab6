// SPDX-License-Identifier: Apache-2.0
#include "host/crash.hpp"

#include "host/exit_code.hpp"

#include <dodona/plugin_calls.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <list>
#include <memory>
#include <unistd.h>

namespace dodona::host {
namespace {

struct Fatal {
  int signal;
  const char* name;
};
constexpr Fatal kFatal[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
                            {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}};
constexpr std::size_t kTrialsNamed = 16;
constexpr std::size_t kStackBytes = std::size_t{1} << 16;

// Prepared before the crash. A signal handler reads them.
std::atomic<pid_t> watched = 0;
std::atomic<bool> ending = false;
std::atomic<const char*> project = nullptr;  // its directory; null: none

// Text on standard error, without an allocation.
class Line {
 public:
  Line& add(const char* text) {
    const std::size_t size = std::min(std::strlen(text), bytes_.size() - size_);
    std::memcpy(bytes_.data() + size_, text, size);
    size_ += size;
    return *this;
  }
  Line& add(std::uint64_t number) {
    char digits[21] = {};
    char* at = digits + sizeof digits - 1;
    do {
      *--at = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    return add(at);
  }
  void write() const {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, bytes_.data(), size_);
  }

 private:
  std::array<char, 1024> bytes_;
  std::size_t size_ = 0;
};

// ` in hypermodel "toy" while trial 5 ran`, as far as it is known.
void add_place(Line& line) {
  const PluginCall call = plugin_call();
  if (call.plugin != nullptr) line.add(" in ").add(call.plugin);
  if (call.trial != kNoTrial) {
    line.add(" while trial ").add(call.trial).add(" ran");
    return;
  }
  std::array<std::uint64_t, kTrialsNamed> trials;
  const std::size_t count =
      call.plugin == nullptr ? running_trials(trials.data(), trials.size()) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    line.add(i > 0 ? ", " : count > 1 ? " while trials " : " while trial ").add(trials[i]);
  }
  if (count > 0) line.add(" ran");
}

// Time for the thread that writes the log: what happened until now belongs to it.
void let_the_log_be_written() {
  timespec left{0, 250'000'000};
  while (nanosleep(&left, &left) != 0) {
  }
}

// False if another thread ends the process already.
bool first_to_end() {
  return !ending.exchange(true);
}

void leave_word(const char* how) {
  if (project == nullptr) return;
  leave_witness(project, how);
  let_the_log_be_written();
}

void die(int signal) {
  const char* name = "a signal";
  for (const Fatal& fatal : kFatal) {
    if (fatal.signal == signal) name = fatal.name;
  }
  if (watched == getpid()) {
    while (!first_to_end()) pause();
    Line line;
    line.add("dodona: ").add(name);
    add_place(line);
    line.add("\n").write();
    leave_word(name);
  }
  std::signal(signal, SIG_DFL);
  raise(signal);  // held back until this handler returns
}

// A stack for the handler on this thread.
class HandlerStack {
 public:
  HandlerStack() : bytes_(std::make_unique<std::byte[]>(kStackBytes)) {
    stack_t own{};
    own.ss_sp = bytes_.get();
    own.ss_size = kStackBytes;
    sigaltstack(&own, &before_);
  }
  ~HandlerStack() { sigaltstack(&before_, nullptr); }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;

 private:
  std::unique_ptr<std::byte[]> bytes_;
  stack_t before_{};
};

}  // namespace

void watch_for_crashes() {
  watched = getpid();
  struct sigaction action {};
  action.sa_handler = die;
  action.sa_flags = SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (const Fatal& fatal : kFatal) sigaction(fatal.signal, &action, nullptr);
  at_quick_exit(exit_was_called);
  watch_this_thread();
}

void watch_project(const std::string& directory) {
  static auto& kept = *new std::list<std::string>;  // never destroyed: a handler may read it last
  if (directory.empty()) {
    project = nullptr;
    return;
  }
  kept.push_back(std::filesystem::absolute(directory).lexically_normal().string());
  project = kept.back().c_str();
}

void watch_this_thread() {
  thread_local const HandlerStack kStack;
  static_cast<void>(kStack);
}

void exit_was_called() {
  if (watched != getpid()) return;
  while (!first_to_end()) pause();
  Line line;
  line.add("dodona: plugin code called exit");
  add_place(line);
  line.add("\n").write();
  leave_word("a call of exit");
  _exit(kNoResult);
}

}  // namespace dodona::host
