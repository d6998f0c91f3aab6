// SPDX-License-Identifier: Apache-2.0
//
// Part of a test in a process of its own: one that is killed, that has little disk, that is another
// user. The parent must have no other threads at that time.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona::store {

class Child {
 public:
  // Runs `body` with the end of a pipe to write to. An exception is an exit code of 1.
  explicit Child(const std::function<void(int)>& body) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      int code = 0;
      try {
        body(ends[1]);
      } catch (const std::exception& error) {
        const std::string_view message = error.what();
        code = ::write(ends[1], message.data(), message.size()) < 0 ? 2 : 1;
      }
      ::_exit(code);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) kill();
    ::close(pipe_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next number that the child wrote; nothing at its end.
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    if (::read(pipe_, &value, sizeof value) != sizeof value) return std::nullopt;
    return value;
  }
  std::string text() {
    std::string result;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::read(pipe_, part.data(), part.size())) > 0;) {
      result.append(part.data(), static_cast<std::size_t>(size));
    }
    return result;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
};

inline void tell(int pipe, std::uint64_t value) {
  if (::write(pipe, &value, sizeof value) != sizeof value) throw std::runtime_error("no parent");
}

// Runs `body` in a child; what it throws fails the test.
inline void in_child(const std::function<void()>& body) {
  Child child([&](int) { body(); });
  const std::string message = child.text();
  EXPECT_EQ(child.wait(), 0) << message;
}

inline void require(bool condition, const std::string& otherwise) {
  if (!condition) throw std::runtime_error(otherwise);
}

// Mounts that end with this process. The process must be root: see can_mount().
inline void mount_tmpfs(const std::string& directory, const std::string& options) {
  require(::unshare(CLONE_NEWNS) == 0, "unshare failed");
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private / failed");
  require(::mount("tmpfs", directory.c_str(), "tmpfs", 0, options.c_str()) == 0, "mount failed");
}
inline void make_read_only(const std::string& directory) {
  require(::unshare(CLONE_NEWNS) == 0, "unshare failed");
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private / failed");
  require(::mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind");
  const unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY;
  require(::mount(nullptr, directory.c_str(), nullptr, flags, nullptr) == 0, "remount failed");
}

inline bool can_mount() {
  Child child([](int) { require(::unshare(CLONE_NEWNS) == 0, "not root"); });
  return child.wait() == 0;
}

}  // namespace dodona::store
