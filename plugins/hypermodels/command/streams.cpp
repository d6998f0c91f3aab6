// SPDX-License-Identifier: Apache-2.0
#include "streams.hpp"

#include "common/text/utf8.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace command {
namespace {

constexpr std::size_t kChunk = 65536;

[[noreturn]] void fail(const std::string& path) {
  throw dodona::Error(DODONA_E_IO, "cannot write to " + path + ": " + std::strerror(errno));
}

}  // namespace

OutputFile::OutputFile(std::string path, Opens opens) : path_(std::move(path)) {
  if (path_.empty()) return;
  const int how = opens == Opens::kAnew ? O_TRUNC : O_APPEND;
  file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0644));
  if (!file_.open()) fail(path_);
}

void OutputFile::write(std::string_view bytes) {
  while (file_.open() && !bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void write_file(const std::string& path, std::string_view text) {
  OutputFile(path).write(text);
}

void LastLines::add(std::string_view bytes) {
  bytes_ += bytes.substr(bytes.size() - std::min(bytes.size(), kBytesMax));
  cut_ = cut_ || bytes.size() > kBytesMax || bytes_.size() > kBytesMax;
  if (bytes_.size() > 2 * kBytesMax) bytes_.erase(0, bytes_.size() - kBytesMax);
}

std::string LastLines::text() const {
  std::string_view last(bytes_);
  last.remove_prefix(last.size() - std::min(last.size(), kBytesMax));
  const std::size_t whole = cut_ ? last.find('\n') : std::string_view::npos;
  if (whole != std::string_view::npos) last.remove_prefix(whole);  // drops a part of a line
  std::string clean;
  for (const char c : utf8::mended(last)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (c == '\r') {
      clean += '\n';
    } else if (!control || c == '\n' || c == '\t') {
      clean += c;
    }
  }
  while (!clean.empty() && clean.back() == '\n') clean.pop_back();
  std::size_t begin = clean.size();
  for (std::size_t lines = 0; lines < kLinesMax && begin != 0; ++lines) {
    const std::size_t before = clean.rfind('\n', begin - 1);
    begin = before == std::string::npos ? 0 : before;
  }
  while (begin < clean.size() && clean[begin] == '\n') ++begin;
  return clean.substr(begin);
}

bool read_some(FileDescriptor& file, std::size_t most, const OnBytes& on_bytes) {
  std::array<char, kChunk> buffer;
  while (file.open() && most > 0) {
    const ssize_t got = ::read(file.get(), buffer.data(), std::min(most, buffer.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) {
      file.close();
      return false;
    }
    most -= static_cast<std::size_t>(got);
    on_bytes({buffer.data(), static_cast<std::size_t>(got)});
  }
  return file.open();
}

void FollowedFile::read(const std::function<void()>& on_restart, const OnBytes& on_bytes) {
  struct stat there {};
  if (path_.empty() || stat(path_.c_str(), &there) != 0 || !S_ISREG(there.st_mode)) return;
  const bool anew = file_.open() && (there.st_ino != inode_ || there.st_size < at_);
  if (anew) on_restart();
  if (anew || !file_.open()) {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    inode_ = there.st_ino;
    at_ = 0;
  }
  std::array<char, kChunk> buffer;
  for (;;) {
    const ssize_t got = pread(file_.get(), buffer.data(), buffer.size(), at_);
    if (got <= 0) return;
    at_ += got;
    on_bytes({buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace command
