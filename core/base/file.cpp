// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace dodona::base {
namespace {

namespace fs = std::filesystem;

// The remedy for the reader of the message; empty where the reason says it all.
std::string advice(int code) {
  switch (code) {
    case ENOENT:
      return "; give a path that exists";
    case EACCES:
    case EPERM:
      return "; user " + std::to_string(::geteuid()) + " should have the right to do so";
    case EISDIR:
      return "; give the path of a file";
    case ENOTDIR:
      return "; what stands before a slash should be a directory";
    case ENOSPC:
    case EDQUOT:
      return "; free some space, or choose another directory";
    case EROFS:
      return "; choose a directory on a disk that can be written";
    case EMFILE:
      return "; raise the limit of open files (ulimit -n)";
    case ENOLCK:
    case ENOSYS:
    case EOPNOTSUPP:
      return "; choose a directory on a file system with locks";
    default:
      return "";
  }
}

[[noreturn]] void fail(const std::string& tried, const fs::path& path, int code) {
  throw Error(DODONA_E_IO, "cannot " + tried + " " + quote(path.native()) + ": " +
                               std::generic_category().message(code) + advice(code));
}

// Closes what it holds; close_checked() for a file that was written, as some file systems report a
// failed write only then.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close_checked() { return ::close(std::exchange(fd_, -1)) == 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

int open_retrying(const fs::path& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// Reads to the end, whatever fstat says: files of /proc and pipes have no size. False: see errno.
bool read_all(int fd, std::string& bytes) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  std::size_t used = 0;
  // One byte more than there should be, so that a file of known size needs no second growth.
  bytes.resize(static_cast<std::size_t>(status.st_size) + 1);
  while (true) {
    if (used == bytes.size()) bytes.resize(2 * bytes.size() + 4096);
    const ssize_t count = ::read(fd, bytes.data() + used, bytes.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  bytes.resize(used);
  return true;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The name is short whatever the length of the target's, and new: what a killed process of the same
// pid left behind is passed over.
std::pair<int, fs::path> open_temporary(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  const std::string start = ".dodona-" + std::to_string(::getpid()) + "-";
  while (true) {
    fs::path path = directory_of(target) / (start + std::to_string(counter++) + ".tmp");
    const int fd = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd >= 0) return {fd, std::move(path)};
    if (errno != EEXIST) fail("write", target, errno);
  }
}

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string process_text(const std::string& pid, const std::string& host) {
  return "process " + pid + " on host " + host;
}

// Says who holds the lock. The text is empty or stale for the moment between taking the lock and
// writing the name, hence the guarded wording.
[[noreturn]] void refuse_held(int fd, const fs::path& path) {
  std::string text;
  if (!read_all(fd, text)) text.clear();
  const std::size_t space = text.find(' ');
  const std::size_t end = text.find('\n');
  std::string holder = "another process";
  if (space != std::string::npos && end != std::string::npos && space < end) {
    const std::string pid = text.substr(0, space);
    const std::string host = text.substr(space + 1, end - space - 1);
    holder = process_text(pid, host);
    if (host == host_name() && pid == std::to_string(::getpid())) holder += " (this process)";
  }
  throw Error(DODONA_E_STATE, quote(path.native()) + " is locked by " + holder +
                                  "; wait for it, stop it, or choose another directory");
}

}  // namespace

std::string read_file(const fs::path& path) {
  Descriptor fd(open_retrying(path, O_RDONLY));
  std::string bytes;
  if (fd.get() < 0 || !read_all(fd.get(), bytes)) fail("read", path, errno);
  return bytes;
}

std::optional<std::string> home_expanded(std::string_view path) {
  if (path != "~" && !path.starts_with("~/")) return std::nullopt;
  const char* const home = std::getenv("HOME");
  return (home == nullptr ? "/" : home) + std::string(path.substr(1));
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  auto [descriptor, temporary] = open_temporary(path);
  Descriptor fd(descriptor);
  const bool written = write_all(fd.get(), bytes) && ::fsync(fd.get()) == 0 && fd.close_checked() &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    const int code = errno;
    ::unlink(temporary.c_str());
    fail("write", path, code);
  }
  sync_directory(directory_of(path));
}

// File systems that cannot sync a directory say EINVAL, and have no need.
void sync_directory(const fs::path& directory) {
  Descriptor fd(open_retrying(directory, O_RDONLY | O_DIRECTORY));
  if (fd.get() < 0) fail("open directory", directory, errno);
  if (::fsync(fd.get()) != 0 && errno != EINVAL) fail("sync directory", directory, errno);
}

void sync_below(const fs::path& directory) {
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    if (it->is_symlink()) continue;
    if (it->is_directory()) {
      sync_directory(it->path());
    } else if (it->is_regular_file()) {
      const Descriptor fd(open_retrying(it->path(), O_RDONLY));
      if (fd.get() < 0 || ::fsync(fd.get()) != 0) fail("make durable", it->path(), errno);
    }
  }
  if (error) fail("make durable", directory, error.value());
  sync_directory(directory);
}

void make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) fail("create", directory, error.value());
}

void make_empty_directory(const fs::path& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) fail("remove", directory, error.value());
  make_directory(directory);
}

void copy_directory(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  if (!error) fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) fail("copy to", to, error.value());
}

void replace_directory(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (::rename(from.c_str(), to.c_str()) == 0) return;  // there was none, or an empty one
  if (errno != ENOTEMPTY && errno != EEXIST) fail("replace", to, errno);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(from, error);
    return;
  }
  fs::remove_all(to, error);  // a file system without exchange: there is a moment with none
  if (::rename(from.c_str(), to.c_str()) != 0) fail("replace", to, errno);
}

FileLock::FileLock(fs::path path) : path_(std::move(path)) {
  Descriptor fd(open_retrying(path_, O_RDWR | O_CREAT, 0666));
  if (fd.get() < 0) fail("open lock", path_, errno);
  int result = -1;
  do {
    result = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno == EWOULDBLOCK) refuse_held(fd.get(), path_);
  if (result != 0) fail("lock", path_, errno);
  const Holder own = this_process();
  const std::string text = std::to_string(own.pid) + " " + own.host + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || !write_all(fd.get(), text)) fail("write lock", path_, errno);
  fd_ = fd.release();
  owner_ = ::getpid();
}

FileLock::~FileLock() {
  release();
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), owner_(other.owner_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    owner_ = other.owner_;
  }
  return *this;
}

// A forked child must not unlock what it shares with its parent. The owner unlocks by name, as a
// child may keep the open file alive; the text goes first, so that nobody reads a name that is
// gone.
void FileLock::release() noexcept {
  if (fd_ < 0) return;
  if (owner_ == ::getpid()) {
    if (::ftruncate(fd_, 0) != 0) {
      // The stale name does no harm: it is read only while somebody holds the lock.
    }
    ::flock(fd_, LOCK_UN);
  }
  ::close(std::exchange(fd_, -1));
}

std::string Holder::text() const {
  return process_text(std::to_string(pid), host);
}

Holder this_process() {
  return {::getpid(), host_name()};
}

std::optional<Holder> lock_holder(const fs::path& path) {
  std::ifstream file(path);
  Holder holder;
  if (!(file >> holder.pid >> holder.host) || holder.pid <= 0) return std::nullopt;
  const bool dead = holder.host == host_name() && ::kill(holder.pid, 0) != 0 && errno == ESRCH;
  return dead ? std::nullopt : std::optional(holder);
}

}  // namespace dodona::base
