// SPDX-License-Identifier: Apache-2.0
#include "common/text/log_file.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace dodona::common {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;

void sync_directory(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);  // a file system that cannot do so makes the name as durable as it is able to
  ::close(fd);
}

}  // namespace

LogFile::LogFile(std::filesystem::path path, const LogFormat& format)
    : path_(std::move(path)), format_(format) {
  try {
    open();
    check_ours();
    mend();
  } catch (...) {
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

LogFile::~LogFile() {
  ::close(fd_);
}

void LogFile::fail(const char* what) const {
  throw Error(DODONA_E_IO,
              std::string("cannot ") + what + ' ' + path_.string() + ": " + std::strerror(errno));
}

void LogFile::open() {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) fail("open");
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail("lock");
    throw Error(DODONA_E_STATE,
                "another sink writes to " + path_.string() + "; give each its own path");
  }
  struct stat status {};
  if (::fstat(fd_, &status) != 0) fail("look at");
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ == 0) sync_directory(path_.parent_path());
}

void LogFile::check_ours() const {
  const std::string start = read(0, std::min<std::uint64_t>(size_, format_.start.size()));
  if (start == format_.start.substr(0, start.size())) return;
  throw Error(DODONA_E_INVALID, path_.string() +
                                    " is there already and not a log of this kind; move it "
                                    "away or give another path");
}

void LogFile::mend() {
  std::uint64_t end = size_;
  while (end > 0) {
    const std::uint64_t start = line_start(end);
    const std::string line = read(start, end - start);
    if (line.back() == '\n') {
      const auto sequence = format_.last_of(std::string_view(line).substr(0, line.size() - 1));
      if (sequence) {
        next_ = *sequence + 1;
        break;
      }
    }
    end = start;
  }
  if (end != size_) truncate(end);
}

// The offset at which the line begins whose line break is the last byte before `end`.
std::uint64_t LogFile::line_start(std::uint64_t end) const {
  std::uint64_t searched = end - 1;  // the line's own break does not count
  while (searched > 0) {
    const std::uint64_t begin = searched - std::min<std::uint64_t>(searched, kBufferBytes);
    const std::string piece = read(begin, searched - begin);
    if (const auto at = piece.rfind('\n'); at != std::string::npos) return begin + at + 1;
    searched = begin;
  }
  return 0;
}

std::string LogFile::read(std::uint64_t offset, std::uint64_t size) const {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        ::pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read");
    if (count == 0) break;  // another process has shortened the file
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

std::string LogFile::first_line() const {
  std::string line;
  while (line.size() < size_) {
    line += read(line.size(), std::min<std::uint64_t>(kBufferBytes, size_ - line.size()));
    if (const auto at = line.find('\n'); at != std::string::npos) return line.substr(0, at);
  }
  return line;
}

void LogFile::append(std::string_view lines, std::uint64_t sequence) {
  buffer_ += lines;
  buffer_ += '\n';
  next_ = sequence + 1;
  if (buffer_.size() >= kBufferBytes) write_out();
}

void LogFile::write_out() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t count = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write to");
    done += static_cast<std::size_t>(count);
  }
  size_ += buffer_.size();
  buffer_.clear();
}

void LogFile::sync() {
  write_out();
  if (::fsync(fd_) != 0) fail("make durable");
}

void LogFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail("shorten");
  size_ = size;
}

void LogFile::clear() {
  buffer_.clear();
  truncate(0);
  next_ = 0;
}

}  // namespace dodona::common
