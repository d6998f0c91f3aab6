// SPDX-License-Identifier: Apache-2.0
#include "host/pager.hpp"

#include "host/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona::host {
namespace {

std::string command() {
  for (const char* name : {"DODONA_PAGER", "PAGER"}) {
    if (const char* value = std::getenv(name)) return value;
  }
  return "less";
}

// False where the pager cannot be started.
bool through(const std::string& pager, std::string_view text) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answers_descriptor(), STDOUT_FILENO);
  // Short text stays on the screen, and colours pass. A user's own setting stays.
  setenv("LESS", "FRX", 0);
  std::string shell = "sh", option = "-c", line = pager;
  char* const words[] = {shell.data(), option.data(), line.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, nullptr, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  if (error != 0) {
    close(ends[1]);
    return false;
  }
  // A pager that is left before the end, and one that is not there, close the pipe.
  auto* const before = std::signal(SIGPIPE, SIG_IGN);
  Terminal(ends[1]).write(text);
  close(ends[1]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGPIPE, before);
  static constexpr int kNotFound = 127;
  return !(WIFEXITED(status) && WEXITSTATUS(status) >= kNotFound - 1);
}

}  // namespace

void print_paged(std::string_view text) {
  const Terminal terminal(answers_descriptor());
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const std::string pager = command();
  const bool paged = terminal.live() && lines >= terminal.height() && !pager.empty();
  if (!paged || !through(pager, text)) print(text);
}

}  // namespace dodona::host
