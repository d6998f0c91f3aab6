// SPDX-License-Identifier: Apache-2.0
#include "host/check_child.hpp"

#include <dodona/error.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace dodona::host {
namespace {

constexpr std::size_t kErrorsKept = 2000;

// The two ends of a pipe. The reading one does not block.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(DODONA_E_IO, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return ends;
}

// Becomes the program in the child. Calls nothing that needs a lock.
[[noreturn]] void become(char* const* words, int out, int error, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct rlimit no_core { 0, 0 };
  ::setrlimit(RLIMIT_CORE, &no_core);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  if (::getppid() == parent) ::execv("/proc/self/exe", words);
  ::_exit(127);
}

void append(std::string& text, int file) {
  std::array<char, 4096> bytes{};
  for (ssize_t count = 0; (count = ::read(file, bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

CheckChild::CheckChild(const std::vector<std::string>& arguments, Clock::time_point end)
    : begun_(Clock::now()), end_(end) {
  std::vector<std::string> words = {"dodona"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const auto out = make_pipe();
  const auto error = make_pipe();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(pointers.data(), out[1], error[1], parent);
  ::close(out[1]);
  ::close(error[1]);
  out_ = out[0];
  error_ = error[0];
  if (pid_ < 0) throw Error(DODONA_E_IO, "cannot start a process for a check");
  ::setpgid(pid_, pid_);  // whichever of the two is first
}

CheckChild::~CheckChild() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  ::close(out_);
  ::close(error_);
}

void CheckChild::read_all() {
  append(output_, out_);
  append(errors_, error_);
  if (errors_.size() > kErrorsKept) errors_.erase(0, errors_.size() - kErrorsKept);
}

bool CheckChild::poll() {
  if (pid_ < 0) return true;
  read_all();
  if (Clock::now() >= end_) {
    late_ = true;
    ::kill(-pid_, SIGKILL);
  }
  if (::waitpid(pid_, &status_, late_ ? 0 : WNOHANG) != pid_) return false;
  ended_ = Clock::now();
  ::kill(-pid_, SIGKILL);  // what it has left behind
  pid_ = -1;
  read_all();
  return true;
}

std::string CheckChild::ending() const {
  std::string out;
  if (WIFSIGNALED(status_)) {
    const int number = WTERMSIG(status_);
    out =
        "the process ended by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  } else if (WEXITSTATUS(status_) > 1 || output_.empty()) {
    out = "the process ended with exit code " + std::to_string(WEXITSTATUS(status_));
  } else {
    return {};
  }
  const std::size_t last = errors_.find_last_not_of('\n');
  return last == std::string::npos ? out : out + ": " + errors_.substr(0, last + 1);
}

std::vector<int> CheckChild::files() const {
  return {out_, error_};
}

}  // namespace dodona::host
