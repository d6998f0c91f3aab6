// SPDX-License-Identifier: Apache-2.0
//
// Files of data, read whole, and kept once for all who use them at the same time.
//
// Errors:  Error{kIo} that names the file.
// Threads: any.
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

// Values read from files, one for all holders of the same key. The references are weak, so that
// the memory goes with its last user.
template <class Value>
class SharedFiles {
 public:
  // The value of the file (the same for all paths that lead there) and whatever else decides how it
  // is read; `read` makes it. The lock is held while reading: whoever else comes would have to wait
  // for the same file anyway.
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
