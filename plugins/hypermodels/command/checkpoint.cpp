// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

namespace command {
namespace {

namespace fs = std::filesystem;

// A model of some megabytes is written after these attempts. A directory that always changes costs
// no more than they do.
constexpr int kAttempts = 10;
constexpr std::chrono::milliseconds kPause{20};

void clear(const fs::path& directory) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored))
    fs::remove_all(entry.path(), ignored);
}

}  // namespace

Checkpoint::Checkpoint(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  fs::remove_all(path_);
  fs::create_directories(path_);
}

bool Checkpoint::empty() const {
  std::error_code error;
  return path_.empty() || fs::is_empty(path_, error) || error;
}

bool Checkpoint::copy_to(const std::string& to) {
  constexpr auto options = fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                           fs::copy_options::overwrite_existing;
  for (int attempt = 1;; ++attempt) {
    seen_ = listed();
    std::error_code error;
    clear(to);
    fs::copy(path_, to, options, error);
    const bool rests = !error && !changed();
    if (rests) return true;
    if (attempt == kAttempts && !error) return false;
    if (attempt == kAttempts) {
      clear(to);  // a disk that is full needs the room
      throw dodona::Error(DODONA_E_IO,
                          "cannot copy " + path_ + " to " + to + ": " + error.message());
    }
    std::this_thread::sleep_for(kPause);
  }
}

void Checkpoint::remember() {
  seen_ = listed();
}

bool Checkpoint::changed() const {
  return listed() != seen_;
}

void Checkpoint::remove() const {
  if (!path_.empty()) fs::remove_all(path_);
}

// The entries of the directory. An entry that goes away during the listing is left out.
std::vector<Checkpoint::Entry> Checkpoint::listed() const {
  std::vector<Entry> entries;
  if (path_.empty()) return entries;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(path_, ignored), end; at != end; at.increment(ignored)) {
    std::error_code gone;
    const bool file = at->is_regular_file(gone);
    const auto written = at->last_write_time(gone).time_since_epoch();
    entries.push_back({at->path().string(), file ? at->file_size(gone) : 0,
                       std::chrono::duration_cast<std::chrono::nanoseconds>(written).count()});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace command
