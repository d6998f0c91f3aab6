// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

#include "processes.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern "C" {  // the header of glibc 2.36 lacks it
#include <sys/pidfd.h>
}

namespace command {
namespace {

// Orders come as lines, `add GROUP` and `drop GROUP`. At the end of the input every group that was
// not dropped is killed.
constexpr const char* kGuard = R"(
groups=' '
while read -r order group; do
  case $order in
    add) groups="$groups$group " ;;
    drop) groups="${groups%%" $group "*} ${groups#*" $group "}" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
)";

class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  void place(const FileDescriptor& file, int number) {
    posix_spawn_file_actions_adddup2(&actions_, file.get(), number);
  }
  void open(const char* path, int flags, int number) {
    posix_spawn_file_actions_addopen(&actions_, number, path, flags, 0);
  }
  const posix_spawn_file_actions_t* get() {
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    return &actions_;
  }

 private:
  posix_spawn_file_actions_t actions_{};
};

// The attributes of the child: a new session, and no signal blocked or ignored.
class Attributes {
 public:
  Attributes() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// The texts as posix_spawn takes them: pointers to char, to which it does not write.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
            Actions& actions) {
  const Attributes attributes;
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments.front().c_str(), actions.get(), attributes.get(),
                                 pointers(arguments).data(), pointers(environment).data());
  if (error == 0) return pid;
  throw dodona::Error(DODONA_E_IO,
                      "cannot start \"" + arguments.front() + "\": " + std::strerror(error));
}

std::optional<int> wait_for(pid_t pid, int flags) {
  int status = 0;
  for (;;) {
    const pid_t got = waitpid(pid, &status, flags);
    if (got == pid) return status;
    if (got == 0) return std::nullopt;
    if (errno != EINTR) return 0;  // the application reaps all children, and this one has ended
  }
}

}  // namespace

// ---- the guardian ------------------------------------------------------------------------------

Guardian::Guardian() {
  Pipe orders;
  Actions actions;
  actions.place(orders.read, 0);
  actions.open("/dev/null", O_WRONLY, 1);
  actions.open("/dev/null", O_WRONLY, 2);
  pid_ = spawn({"/bin/sh", "-c", kGuard, "dodona-guardian"}, {}, actions);
  orders_ = std::move(orders.write);
}

Guardian::~Guardian() {
  orders_.close();
  wait_for(pid_, 0);
}

void Guardian::add(pid_t group) const {
  write_quietly(orders_, "add " + std::to_string(group) + "\n");
}

void Guardian::drop(pid_t group) const {
  write_quietly(orders_, "drop " + std::to_string(group) + "\n");
}

// ---- a child -----------------------------------------------------------------------------------

Child::Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
             const Guardian& guardian)
    : guardian_(guardian) {
  Pipe input;
  Pipe output;
  Pipe error;
  Actions actions;
  actions.place(input.read, 0);
  actions.place(output.write, 1);
  actions.place(error.write, 2);
  pid_ = spawn(arguments, environment, actions);
  guardian_.add(pid_);
  exit_ = FileDescriptor(pidfd_open(pid_, 0));  // without it the waiting code polls
  input_ = std::move(input.write);
  output_ = std::move(output.read);
  error_ = std::move(error.read);
  set_nonblocking(input_);
  set_nonblocking(output_);
  set_nonblocking(error_);
}

Child::~Child() {
  signal(SIGKILL);
  guardian_.drop(pid_);
  if (!status_) wait_for(pid_, 0);
}

void Child::signal(int number) const {
  if (!status_ || !group_is_empty()) kill(-pid_, number);
}

void Child::limit_memory(std::uint64_t bytes) const {
  const rlimit limit{bytes, bytes};
  prlimit(pid_, RLIMIT_DATA, &limit,
          nullptr);  // refused above an administrator's, which holds then
}

std::optional<int> Child::status() {
  if (status_) return status_;
  status_ = wait_for(pid_, WNOHANG);
  if (status_) exit_.close();
  return status_;
}

bool Child::group_is_empty() const {
  if (kill(-pid_, 0) != 0 && errno == ESRCH) return true;
  return !has_living_member(pid_);
}

}  // namespace command
