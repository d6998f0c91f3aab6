// SPDX-License-Identifier: Apache-2.0
#include "host/terminal.hpp"

#include "host/text.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace dodona::host {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Standard output, wherever it is; -1 where the program was started without one.
int answers_fd = STDOUT_FILENO;

winsize size_of(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

}  // namespace

Terminal::Terminal(int fd)
    : fd_(fd),
      terminal_(isatty(fd) == 1),
      live_(terminal_ && !environment("TERM").empty() && environment("TERM") != "dumb"),
      colours_(live_ && environment("NO_COLOR").empty()) {}

// A terminal that does not know its size, such as a serial line, is taken for 80 x 24.
std::size_t Terminal::width() const {
  if (!terminal_) return 0;
  const std::size_t columns = size_of(fd_).ws_col;
  return columns == 0 ? 80 : columns;
}

std::size_t Terminal::height() const {
  if (!terminal_) return 0;
  const std::size_t rows = size_of(fd_).ws_row;
  return rows == 0 ? 24 : rows;
}

bool Terminal::write(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // made non-blocking by somebody else
      pollfd ready{fd_, POLLOUT, 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void keep_standard_output() {
  constexpr int fd_min = 10;  // far from those that shell scripts and careless plugins name
  answers_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, fd_min);
  if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) return;
  // Without standard error: what is written to either goes nowhere, and no file opens in its place.
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  if (nowhere > STDERR_FILENO) close(nowhere);
}

void print(std::string_view text) {
  if (Terminal(answers_fd).write(text)) return;
  throw Error(DODONA_E_IO, std::string("cannot write to standard output: ") + std::strerror(errno));
}

void complain(std::string_view text) {
  Terminal(STDERR_FILENO).write("dodona: " + one_line(text) + "\n");
}

int answers_descriptor() {
  return answers_fd;
}

std::size_t output_width() {
  return Terminal(answers_fd).width();
}

}  // namespace dodona::host
