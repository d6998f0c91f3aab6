// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sched.h>
#include <set>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

// The paths that this thread made durable; "" for a whole file system.
static std::vector<std::string>& synced() {
  thread_local std::vector<std::string> paths;
  return paths;
}

// In the place of the system's, for this program alone.
extern "C" int fsync(int fd) {
  std::error_code none;
  synced().push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none));
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int syncfs(int) noexcept {
  synced().emplace_back();
  return 0;
}

namespace dodona::base {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string name = (fs::temp_directory_path() / "dodona-file-XXXXXX").native();
    directory_ = ::mkdtemp(name.data());
    fs::permissions(directory_, fs::perms::all);  // for the tests under another user
  }
  ~FileTest() override { fs::remove_all(directory_); }

  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
};

using FileLockTest = FileTest;
using ReadFile = FileTest;
using WriteFileAtomically = FileTest;

std::string host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

template <class Action>
std::string message_of(dodona_status code, Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "";
}

// A process of its own that runs `body` with the writing end of a pipe, and the reading end here.
class Child {
 public:
  explicit Child(const std::function<void(int)>& body) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  ~Child() {
    kill();
    ::close(pipe_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Waits for one byte; NUL at the end.
  char read_byte() const {
    char byte = 0;
    return ::read(pipe_, &byte, 1) == 1 ? byte : '\0';
  }
  std::string read_all() const {
    std::string text;
    for (char byte = read_byte(); byte != '\0'; byte = read_byte()) text += byte;
    return text;
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
};

void send(int pipe, std::string_view text) {
  if (::write(pipe, text.data(), text.size()) < 0) ::_exit(1);
}

// The message of the Error that `action` throws in a child which first did `prepare`; "skip" where
// that is not allowed here.
std::string message_in_child(const std::function<bool()>& prepare,
                             const std::function<void()>& action) {
  const Child child([&](int pipe) {
    if (!prepare()) {
      send(pipe, "skip");
      return;
    }
    try {
      action();
      send(pipe, "no error");
    } catch (const Error& error) {
      send(pipe, error.what());
    }
  });
  return child.read_all();
}

// Root is asked by nobody for permission, so it becomes somebody else first.
bool become_nobody() {
  return ::geteuid() != 0 || ::seteuid(65534) == 0;
}

// A file system of 64 KiB on `directory`, seen by this process alone.
bool mount_small(const fs::path& directory) {
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=64k") == 0;
}

TEST_F(ReadFile, GivesEveryByte) {
  const fs::path path = directory_ / "file";
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 100'000U}) {
    std::string bytes(size, 'x');
    if (size > 0) bytes[size / 2] = '\0';
    write_file_atomically(path, bytes);
    EXPECT_EQ(read_file(path), bytes);
  }
}

TEST_F(ReadFile, ReadsFilesThatSayTheyAreEmpty) {
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);
}

TEST_F(ReadFile, SaysWhyItCannot) {
  const std::string missing = (directory_ / "no such").native();
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { read_file(missing); }),
            "cannot read \"" + missing + "\": No such file or directory; give a path that exists");
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { read_file(directory_); }),
            "cannot read \"" + directory_.native() + "\": Is a directory; give the path of a file");
  write_file_atomically(directory_ / "file", "x");
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { read_file(directory_ / "file" / "x"); }),
            "cannot read \"" + (directory_ / "file" / "x").native() +
                "\": Not a directory; what stands before a slash should be a directory");
}

TEST_F(ReadFile, SaysWhoLacksTheRight) {
  const fs::path path = directory_ / "secret";
  write_file_atomically(path, "x");
  fs::permissions(path, fs::perms::none);
  const std::string message = message_in_child(become_nobody, [&] { read_file(path); });
  if (message == "skip") GTEST_SKIP() << "cannot become another user";
  const uid_t user = ::geteuid() == 0 ? 65534 : ::geteuid();
  EXPECT_EQ(message, "cannot read \"" + path.native() + "\": Permission denied; user " +
                         std::to_string(user) + " should have the right to do so");
}

TEST_F(WriteFileAtomically, CreatesAndReplaces) {
  const fs::path path = directory_ / "file";
  write_file_atomically(path, "first, and longer");
  write_file_atomically(path, "second");
  EXPECT_EQ(read_file(path), "second");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WriteFileAtomically, TakesNamesOfFullLengthAndOfTheWorkingDirectory) {
  const fs::path path = directory_ / std::string(255, 'n');
  write_file_atomically(path, "x");
  EXPECT_EQ(read_file(path), "x");
  const Child child([&](int pipe) {
    fs::current_path(directory_);
    write_file_atomically("bare", "y");
    send(pipe, "done");
  });
  EXPECT_EQ(child.read_all(), "done");
  EXPECT_EQ(read_file(directory_ / "bare"), "y");
}

TEST_F(WriteFileAtomically, ObeysTheUmask) {
  const Child child([&](int pipe) {
    ::umask(027);
    write_file_atomically(directory_ / "file", "x");
    send(pipe, "done");
  });
  EXPECT_EQ(child.read_all(), "done");
  EXPECT_EQ(fs::status(directory_ / "file").permissions(), static_cast<fs::perms>(0640));
}

TEST_F(WriteFileAtomically, PassesOverWhatAKilledProcessLeft) {
  const std::string start = ".dodona-" + std::to_string(::getpid()) + "-";
  const fs::path path = directory_ / "file";
  for (int i = 0; i < 1000; ++i) {
    const fs::path stale = directory_ / (start + std::to_string(i) + ".tmp");
    ::close(::open(stale.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  }
  write_file_atomically(path, "x");
  EXPECT_EQ(read_file(path), "x");
  EXPECT_EQ(entries(), 1001U);
}

TEST_F(WriteFileAtomically, LeavesTheOldBytesOnAnError) {
  const fs::path path = directory_ / "sub";
  fs::create_directory(path);
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { write_file_atomically(path, "x"); }),
            "cannot write \"" + path.native() + "\": Is a directory; give the path of a file");
  EXPECT_EQ(entries(), 1U);  // no temporary file is left
  const fs::path missing = directory_ / "none" / "file";
  EXPECT_EQ(message_of(DODONA_E_IO, [&] { write_file_atomically(missing, "x"); }),
            "cannot write \"" + missing.native() +
                "\": No such file or directory; give a path that exists");
}

TEST_F(WriteFileAtomically, SaysThatTheDiskIsFullAndKeepsTheOldBytes) {
  const fs::path path = directory_ / "file";
  const std::string message = message_in_child(
      [&] {
        if (!mount_small(directory_)) return false;
        write_file_atomically(path, "old");
        return true;
      },
      [&] {
        try {
          write_file_atomically(path, std::string(1 << 20, 'x'));
        } catch (const Error& error) {
          throw Error(error.code(), std::string(error.what()) + " | " + read_file(path) + " | " +
                                        std::to_string(entries()));
        }
      });
  if (message == "skip") GTEST_SKIP() << "cannot mount a small file system";
  EXPECT_EQ(message, "cannot write \"" + path.native() +
                         "\": No space left on device; free some space, or choose another "
                         "directory | old | 1");
}

TEST_F(WriteFileAtomically, SaysThatTheDiskIsReadOnly) {
  const fs::path path = directory_ / "file";
  const auto prepare = [&] {
    return mount_small(directory_) &&
           ::mount(nullptr, directory_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  };
  const std::string end =
      "\": Read-only file system; choose a directory on a disk that can be "
      "written";
  const std::string message = message_in_child(prepare, [&] { write_file_atomically(path, "x"); });
  if (message == "skip") GTEST_SKIP() << "cannot mount a small file system";
  EXPECT_EQ(message, "cannot write \"" + path.native() + end);
  EXPECT_EQ(message_in_child(prepare, [&] { FileLock lock(path); }),
            "cannot open lock \"" + path.native() + end);
}

// Kills a writer at 30 moments; whatever is found is whole.
TEST_F(WriteFileAtomically, IsWholeAfterKill) {
  constexpr std::uint64_t kSeed = 1;
  SCOPED_TRACE(kSeed);
  RandomStream random(kSeed, 0, Purpose::kProposal);
  const fs::path path = directory_ / "file";
  write_file_atomically(path, std::string(50'000, 'z'));
  for (int round = 0; round < 30; ++round) {
    Child child([&](int pipe) {
      for (char letter = 'a';; letter = letter == 'y' ? 'a' : static_cast<char>(letter + 1)) {
        write_file_atomically(path, std::string(50'000, letter));
        send(pipe, std::string_view(&letter, 1));
      }
    });
    char acknowledged = 'z';
    for (std::uint64_t n = random.below(3); n > 0; --n) acknowledged = child.read_byte();
    // A moment of its own within the next write, which takes a few milliseconds. Not sched_yield:
    // on a busy machine each one gives away a whole time slice.
    const auto moment = std::chrono::steady_clock::now() +
                        std::chrono::microseconds(static_cast<int>(random.below(3000)));
    while (std::chrono::steady_clock::now() < moment) continue;
    child.kill();
    for (char c = child.read_byte(); c != '\0'; c = child.read_byte()) acknowledged = c;
    const std::string bytes = read_file(path);
    ASSERT_EQ(bytes, std::string(50'000, bytes.at(0)));
    if (acknowledged != 'z') {
      // The content that was acknowledged last, or the next one, which may be in place before that.
      const char next = acknowledged == 'y' ? 'a' : static_cast<char>(acknowledged + 1);
      ASSERT_TRUE(bytes[0] == acknowledged || bytes[0] == next) << acknowledged << bytes[0];
    }
  }
}

TEST_F(WriteFileAtomically, ServesManyThreads) {
  const fs::path path = directory_ / "file";
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    threads.emplace_back([&, letter] {
      for (int i = 0; i < 20; ++i) {
        write_file_atomically(path, std::string(1000, letter));
        const std::string bytes = read_file(path);
        EXPECT_EQ(bytes, std::string(1000, bytes.at(0)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FileLockTest, SaysWhoHoldsItAndNobodyAfterwards) {
  const fs::path path = directory_ / "study.lock";
  {
    EXPECT_FALSE(is_locked(path));
    const FileLock lock(path);
    EXPECT_TRUE(is_locked(path));
    EXPECT_EQ(lock_holder(path)->text(), this_process().text());
    EXPECT_EQ(lock.path(), path);
    EXPECT_EQ(read_file(path), std::to_string(::getpid()) + " " + host() + "\n");
  }
  EXPECT_EQ(read_file(path), "");
  EXPECT_NO_THROW(FileLock{path});
  EXPECT_FALSE(is_locked(path));
}

TEST_F(FileLockTest, RefusesASecondOwnerInThisProcess) {
  const fs::path path = directory_ / "study.lock";
  const FileLock lock(path);
  EXPECT_EQ(message_of(DODONA_E_STATE, [&] { FileLock second(path); }),
            "\"" + path.native() + "\" is locked by process " + std::to_string(::getpid()) +
                " on host " + host() +
                " (this process); wait for it, stop it, or choose another directory");
}

TEST_F(FileLockTest, NamesTheProcessThatHoldsItAndFollowsItsDeath) {
  const fs::path path = directory_ / "study.lock";
  write_file_atomically(path, "1 elsewhere\nand a longer text from earlier\n");
  Child child([&](int pipe) {
    const FileLock lock(path);
    send(pipe, "x");
    while (true) ::pause();
  });
  ASSERT_EQ(child.read_byte(), 'x');
  EXPECT_EQ(message_of(DODONA_E_STATE, [&] { FileLock second(path); }),
            "\"" + path.native() + "\" is locked by process " + std::to_string(child.pid()) +
                " on host " + host() + "; wait for it, stop it, or choose another directory");
  EXPECT_TRUE(is_locked(path));
  child.kill();
  EXPECT_FALSE(is_locked(path));  // though it still names it
  const FileLock lock(path);
  EXPECT_EQ(read_file(path), std::to_string(::getpid()) + " " + host() + "\n");
}

TEST_F(FileLockTest, SaysSoWhereTheHolderHasNoName) {
  const fs::path path = directory_ / "study.lock";
  const FileLock lock(path);
  for (const char* text : {"", "nonsense", "12\nx y"}) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ASSERT_EQ(::write(fd, text, std::string_view(text).size()),
              static_cast<ssize_t>(std::string_view(text).size()));
    ::close(fd);
    EXPECT_EQ(message_of(DODONA_E_STATE, [&] { FileLock second(path); }),
              "\"" + path.native() +
                  "\" is locked by another process; wait for it, stop it, or choose another "
                  "directory");
  }
}

TEST_F(FileLockTest, MovesWithItsOwner) {
  const fs::path path = directory_ / "study.lock";
  FileLock first(path);
  FileLock second(std::move(first));
  EXPECT_THROW(FileLock{path}, Error);
  FileLock other(directory_ / "other.lock");
  other = std::move(second);
  EXPECT_EQ(other.path(), path);
  EXPECT_THROW(FileLock{path}, Error);
  EXPECT_NO_THROW(FileLock{directory_ / "other.lock"});
}

TEST_F(FileLockTest, IsNotReleasedByAForkedChild) {
  const fs::path path = directory_ / "study.lock";
  FileLock lock(path);
  {
    const Child child([&](int pipe) {
      const FileLock taken(std::move(lock));  // destroyed in the child
      send(pipe, "x");
    });
    EXPECT_EQ(child.read_all(), "x");
  }
  EXPECT_THROW(FileLock{path}, Error);
}

TEST_F(FileLockTest, IsReleasedThoughAForkedChildLives) {
  const fs::path path = directory_ / "study.lock";
  auto lock = std::make_unique<FileLock>(path);
  const Child child([](int pipe) {
    send(pipe, "x");
    while (true) ::pause();
  });
  ASSERT_EQ(child.read_byte(), 'x');
  lock.reset();
  EXPECT_NO_THROW(FileLock{path});
}

TEST_F(FileLockTest, SaysWhyItCannotBeOpened) {
  const std::string path = (directory_ / "none" / "study.lock").native();
  EXPECT_EQ(
      message_of(DODONA_E_IO, [&] { FileLock lock(path); }),
      "cannot open lock \"" + path + "\": No such file or directory; give a path that exists");
}

// Of ten processes that want it at the same moment, one at a time has it.
TEST_F(FileLockTest, HasOneOwnerAmongMany) {
  const fs::path path = directory_ / "study.lock";
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 10; ++i) {
    children.push_back(std::make_unique<Child>([&](int pipe) {
      try {
        const FileLock lock(path);
        send(pipe, "y");
        while (true) ::pause();
      } catch (const Error&) {
        send(pipe, "n");
      }
    }));
  }
  int owners = 0;
  for (const auto& child : children) owners += child->read_byte() == 'y';
  EXPECT_EQ(owners, 1);
}

class DirectoryTest : public FileTest {
 protected:
  // A directory with one file in a folder.
  std::filesystem::path made(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(directory_ / name / "folder");
    std::ofstream(directory_ / name / "folder" / "file") << text;
    return directory_ / name;
  }
  std::string text(const std::string& name) {
    return read_file(directory_ / name / "folder" / "file");
  }
};

TEST_F(DirectoryTest, IsReplacedByAnother) {
  replace_directory(made("new", "1"), directory_ / "kept");
  EXPECT_EQ(text("kept"), "1");
  replace_directory(made("new", "2"), directory_ / "kept");
  EXPECT_EQ(text("kept"), "2");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "new"));
}

TEST_F(DirectoryTest, StaysWhereThereIsNothingToReplaceItBy) {
  const auto kept = made("kept", "1");
  EXPECT_THROW(replace_directory(directory_ / "none", kept), Error);
  EXPECT_EQ(text("kept"), "1");
}

TEST_F(DirectoryTest, IsCopiedWithAllThatLiesBelow) {
  const auto from = made("from", "1");
  made("to", "old");
  copy_directory(from, directory_ / "to");
  std::filesystem::remove_all(from);
  EXPECT_EQ(text("to"), "1");
}

// A checkpoint once was made durable by syncfs, which waits for the writes of all other programs.
TEST_F(DirectoryTest, IsMadeDurableWithWhatLiesBelowAndNothingElse) {
  const auto save = made("save", "1");
  made("other", "2");
  std::ofstream(save / "weights") << "3";
  std::set<std::string> below = {save};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(save)) {
    below.insert(entry.path());
  }
  synced().clear();
  sync_below(save);
  EXPECT_EQ(std::set<std::string>(synced().begin(), synced().end()), below);
  EXPECT_EQ(synced().size(), below.size());
}

TEST_F(DirectoryTest, IsMadeDurableOrNamed) {
  EXPECT_NO_THROW(sync_below(directory_));
  try {
    sync_below("/there/is/none");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_IO);
    EXPECT_NE(std::string(error.what()).find("/there/is/none"), std::string::npos);
  }
}

}  // namespace
}  // namespace dodona::base
