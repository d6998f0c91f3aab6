// SPDX-License-Identifier: Apache-2.0
#include "runner/line.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

namespace dodona::runner {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A pipe that is free takes so many bytes at once without blocking.
constexpr std::size_t kAtOnce = 4096;

// Holds SIGPIPE back on this thread, and takes away the one that came meanwhile.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    if (!was_pending_) pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    if (was_pending_) return;
    const timespec now{};
    while (sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

// True if the event came, or an error, within `patience`.
bool wait_for(int file, short event, milliseconds patience) {
  const auto until = Clock::now() + patience;
  for (;;) {
    pollfd entry{file, event, 0};
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    const int count = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

}  // namespace

bool LineWriter::put(std::string_view bytes, milliseconds patience) {
  const WithoutSigpipe guard;
  while (!bytes.empty()) {
    if (!wait_for(file_, POLLOUT, patience)) return false;
    const ssize_t count = ::write(file_, bytes.data(), std::min(bytes.size(), kAtOnce));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool LineWriter::write(std::string_view line, milliseconds patience) {
  std::string whole;
  whole.reserve(line.size() + 1);
  whole.append(line).push_back('\n');
  const std::lock_guard lock(mutex_);
  broken_ = broken_ || !put(whole, patience);
  return !broken_;
}

bool LineWriter::write_if_free(std::string_view line) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return true;
  if (broken_) return false;
  if (line.size() >= kAtOnce || !wait_for(file_, POLLOUT, milliseconds(0))) return true;
  broken_ = !put(std::string(line) + '\n', milliseconds(0));
  return !broken_;
}

void LineWriter::stop() {
  const std::lock_guard lock(mutex_);
  broken_ = true;
}

LineReader::Read LineReader::read(std::string& line, milliseconds patience) {
  const auto until = Clock::now() + patience;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      line.assign(buffer_, 0, end);
      buffer_.erase(0, end + 1);
      searched_ = 0;
      return Read::kLine;
    }
    searched_ = buffer_.size();
    if (searched_ > kLineMax) {
      throw Error(DODONA_E_IO, "a line has more than " + std::to_string(kLineMax) + " bytes");
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (!wait_for(file_, POLLIN, std::max(left, milliseconds(0)))) return Read::kNothing;
    std::array<char, std::size_t{1} << 16> bytes;
    const ssize_t count = ::read(file_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return Read::kEnd;
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace dodona::runner
