// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch.hpp"

#include "base/file.hpp"
#include "base/text.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

namespace dodona::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "shared.";
constexpr std::string_view kScratch = "dodona-runner-";

std::string random_name() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(device() & 0xff);
  return base::to_hex(bytes);
}

// Calls visit(path) for the entries whose names begin so.
template <class Visit>
void visit_entries(const fs::path& directory, std::string_view begin, Visit&& visit) {
  std::error_code none;
  for (fs::directory_iterator each(directory, none), end; !none && each != end;
       each.increment(none)) {
    if (each->path().filename().string().starts_with(begin)) visit(each->path());
  }
}

// The lock of a directory, or none where somebody has it.
Descriptor lock_of(const fs::path& directory) {
  Descriptor file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0 || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return Descriptor();
  return file;
}

bool is_still(const fs::path& directory, const Descriptor& file) {
  struct stat there {};
  struct stat held {};
  return ::stat(directory.c_str(), &there) == 0 && ::fstat(file.get(), &held) == 0 &&
         there.st_ino == held.st_ino;
}

}  // namespace

SharedMark::SharedMark(const fs::path& directory) {
  std::error_code none;
  visit_entries(directory, kMark, [&](const fs::path& left) { fs::remove(left, none); });
  path_ = directory / (std::string(kMark) + random_name());
  base::write_file_atomically(path_, "");
}

SharedMark::~SharedMark() {
  std::error_code none;
  fs::remove(path_, none);
}

Scratch::Scratch() {
  std::error_code none;
  const fs::path temporary = fs::temp_directory_path(none);
  visit_entries(temporary, kScratch, [&](const fs::path& left) {
    const Descriptor lock = lock_of(left);
    if (lock.get() >= 0) fs::remove_all(left, none);
  });
  // Another runner may take it for one that was left, before it is locked.
  do {
    std::string name = (temporary / (std::string(kScratch) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(DODONA_E_IO,
                  "cannot make a directory in " + temporary.string() + ": " + std::strerror(errno));
    }
    path_ = name;
    lock_ = lock_of(path_);
  } while (lock_.get() < 0 || !is_still(path_, lock_));
}

void Scratch::remove() const noexcept {
  std::error_code none;
  fs::remove_all(path_, none);
}

}  // namespace dodona::runner
