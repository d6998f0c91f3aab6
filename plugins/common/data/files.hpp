// SPDX-License-Identifier: Apache-2.0
//
// Files of data, read whole, and shared by all users at the same time.
//
// Errors:  Error{DODONA_E_IO} with the file's name.
// Threads: call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace dodona::common {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

// Values read from files, one for all holders of the same key. The references are weak: the last
// user frees the memory.
template <class Value>
class SharedFiles {
 public:
  // The value of a file, whatever path leads to it, read in a certain manner. `read` makes it. The
  // lock is held while reading: other callers would have to wait for the same file in most cases.
  template <class Read>
  std::shared_ptr<const Value> get(const std::string& path, const std::string& manner,
                                   Read&& read) {
    std::error_code failed;
    const auto canonical = std::filesystem::weakly_canonical(path, failed);
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[{failed ? path : canonical.string(), manner}];
    auto value = entry.lock();
    if (!value) {
      value = std::make_shared<const Value>(read());
      entry = value;
    }
    return value;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::weak_ptr<const Value>> entries_;
};

}  // namespace dodona::common
