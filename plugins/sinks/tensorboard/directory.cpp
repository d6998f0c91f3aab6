// SPDX-License-Identifier: Apache-2.0
#include "directory.hpp"

#include "names.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tensorboard {
namespace {

namespace fs = std::filesystem;

// With more files one syncfs is cheaper, though it also waits for the writes of other programs.
constexpr std::size_t kSyncedFilesMax = 32;

class File {
 public:
  File(int directory, const std::string& name, int flags)
      : fd_(::openat(directory, name.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return true;
}

}  // namespace

Directory::Directory(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) fail("open", "");
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(fd_);
  errno = reason;
  if (reason != EWOULDBLOCK) fail("lock", "");
  throw dodona::Error(DODONA_E_STATE,
                      "another sink writes to " + path_.string() + "; give each its own directory");
}

Directory::~Directory() {
  ::close(fd_);
}

void Directory::fail(const char* what, const std::string& file) const {
  const std::string reason = std::strerror(errno);
  throw dodona::Error(DODONA_E_IO, std::string("cannot ") + what + ' ' +
                                       (file.empty() ? path_ : path_ / file).string() + ": " +
                                       reason);
}

std::string Directory::read(const std::string& file) const {
  const File in(fd_, file, O_RDONLY);
  if (!in.is_open()) {
    if (errno == ENOENT) return {};
    fail("open", file);
  }
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(in.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", file);
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
}

void Directory::append(const std::string& file, std::uint64_t size, std::string_view bytes) {
  if (size == 0) {
    std::error_code error;
    fs::create_directories((path_ / file).parent_path(), error);  // an error shows in the next call
  }
  const File out(fd_, file, O_WRONLY | (size == 0 ? O_CREAT | O_TRUNC : 0));
  if (!out.is_open()) fail("open", file);
  if (!write_all(out.get(), bytes, size)) fail("write to", file);
  unsynced_.insert(file);
}

void Directory::cut(const std::string& file, std::uint64_t size) {
  const File out(fd_, file, O_WRONLY);
  if (!out.is_open()) fail("open", file);
  struct stat status {};
  if (::fstat(out.get(), &status) != 0) fail("look at", file);
  if (static_cast<std::uint64_t>(status.st_size) < size) {
    throw dodona::Error(DODONA_E_STATE, (path_ / file).string() +
                                            " is shorter than what was written to it; give another "
                                            "\"directory\", which begins with the first event");
  }
  if (::ftruncate(out.get(), static_cast<off_t>(size)) != 0) fail("shorten", file);
}

void Directory::replace(const std::string& file, std::string_view bytes) {
  const std::string temporary(kTemporaryFile);
  {
    const File out(fd_, temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!out.is_open()) fail("open", temporary);
    if (!write_all(out.get(), bytes, 0)) fail("write to", temporary);
    if (::fsync(out.get()) != 0) fail("make durable", temporary);
  }
  if (::renameat(fd_, temporary.c_str(), fd_, file.c_str()) != 0) fail("rename", temporary);
  ::fsync(fd_);  // a file system that cannot do so makes the name as durable as it is able to
}

void Directory::remove(const std::string& file) {
  unsynced_.erase(file);
  if (::unlinkat(fd_, file.c_str(), 0) != 0 && errno != ENOENT) fail("remove", file);
  for (fs::path parent = fs::path(file).parent_path(); !parent.empty();
       parent = parent.parent_path()) {
    if (::unlinkat(fd_, parent.c_str(), AT_REMOVEDIR) != 0) return;  // not empty
  }
}

void Directory::clear() {
  unsynced_.clear();
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
    if (!is_ours(entry.path().filename().string())) continue;
    fs::remove_all(entry.path(), error);
    if (error) break;
  }
  if (!error) return;
  throw dodona::Error(DODONA_E_IO, "cannot clear " + path_.string() + ": " + error.message());
}

void Directory::sync_path(const std::string& file, int flags) const {
  const File open_file(fd_, file, flags);
  const bool done = open_file.is_open() && ::fsync(open_file.get()) == 0;
  if (!done && (flags & O_DIRECTORY) == 0) fail("make durable", file);
}

void Directory::sync() {
  if (unsynced_.size() > kSyncedFilesMax) {
    if (::syncfs(fd_) != 0) fail("make durable", "");
  } else {
    std::set<std::string> parents;
    for (const std::string& file : unsynced_) {
      sync_path(file, O_RDONLY);
      for (fs::path parent = fs::path(file).parent_path(); !parent.empty();
           parent = parent.parent_path()) {
        parents.insert(parent.string());
      }
    }
    for (const std::string& parent : parents) sync_path(parent, O_RDONLY | O_DIRECTORY);
    if (!unsynced_.empty()) ::fsync(fd_);
  }
  unsynced_.clear();
}

}  // namespace tensorboard
