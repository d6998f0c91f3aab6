// SPDX-License-Identifier: Apache-2.0
#include "runner/child.hpp"

#include "runner/session.hpp"

#include <dodona/error.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona::runner {
namespace {

struct Pipe {
  Descriptor reading, writing;
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Error(DODONA_E_IO, std::string("cannot make a pipe for a runner: ") + strerror(errno));
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

class SpawnFiles {
 public:
  SpawnFiles(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  }
  ~SpawnFiles() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnFiles(const SpawnFiles&) = delete;
  SpawnFiles& operator=(const SpawnFiles&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSID) |
                                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// A process that was killed ends, be it after a while in the system's hands.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kLook{5};

}  // namespace

void Descriptor::close() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

Child::Child(const std::vector<std::string>& words, Session session) : session_(session) {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const SpawnFiles files(in.reading.get(), out.writing.get(), err.writing.get());
  const SpawnAttributes attributes;
  const int error =
      posix_spawnp(&pid_, pointers[0], files.get(), attributes.get(), pointers.data(), environ);
  if (error != 0) {
    throw Error(DODONA_E_IO, "cannot start " + words[0] + ": " + std::strerror(error));
  }
  process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  input_ = std::move(in.writing);
  output_ = std::move(out.reading);
  errors_ = std::move(err.reading);
  ::fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  send(SIGKILL);
  wait(kPatience);
}

bool Child::has_ended(std::chrono::milliseconds patience) const {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    siginfo_t info{};
    // Leaves it unreaped: its number stays its own until its session is dealt with.
    const int found = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if ((found == 0 && info.si_pid == pid_) || (found < 0 && errno == ECHILD)) return true;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    // Without a pidfd, which an old kernel does not have, it looks again and again.
    pollfd entry{process_.get(), POLLIN, 0};
    const bool known = process_.get() >= 0;
    ::poll(&entry, known ? 1 : 0, static_cast<int>(known ? left.count() : kLook.count()));
  }
}

std::optional<int> Child::wait(std::chrono::milliseconds patience) {
  if (status_ || !has_ended(patience)) return status_;
  if (session_ == Session::kEnd) kill_followers(pid_);  // it is a zombie here
  int status = 0;
  pid_t ended = 0;
  while ((ended = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  status_ = ended == pid_ ? status : 0;  // 0: somebody else has reaped it
  return status_;
}

void Child::send(int signal) const {
  if (!status_) ::kill(pid_, signal);
}

}  // namespace dodona::runner
