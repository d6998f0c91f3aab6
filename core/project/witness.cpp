// SPDX-License-Identifier: Apache-2.0
#include "project/witness.hpp"

#include "plugin/running_call.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "study.crash";
constexpr std::string_view kFirstLine = "dodona-crash 1";
constexpr std::string_view kLastLine = "end";
constexpr std::size_t kTrialsMax = 256;

// Text in a buffer of its own; what does not fit is cut off. Allocates nothing.
class Text {
 public:
  Text& add(const char* text) noexcept {
    while (*text != '\0' && size_ + 1 < bytes_.size()) bytes_[size_++] = *text++;
    return *this;
  }
  Text& add(std::uint64_t number) noexcept {
    char digits[21];
    std::size_t at = sizeof digits;
    digits[--at] = '\0';
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    return add(digits + at);
  }
  const char* c_str() noexcept {
    bytes_[size_] = '\0';
    return bytes_.data();
  }
  const char* data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return size_; }

 private:
  std::array<char, 8192> bytes_;
  std::size_t size_ = 0;
};

void describe(Text& text, const char* how) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  text.add(kFirstLine.data()).add("\nid ").add(static_cast<std::uint64_t>(getpid())).add("-");
  text.add(static_cast<std::uint64_t>(now.tv_sec)).add("\nhow ").add(how).add("\n");
  const plugin::RunningCall call = plugin::running_call();
  std::array<std::uint64_t, kTrialsMax> trials;
  const std::size_t count = plugin::running_trials(trials);
  if (call.plugin != nullptr) text.add("plugin ").add(call.plugin).add("\n");
  if (call.plugin != nullptr && call.model) {
    text.add("trial ").add(call.trial).add("\n");
  } else if (call.plugin == nullptr && count == 1) {
    text.add("trial ").add(trials[0]).add("\n");
  } else if (call.plugin == nullptr) {
    for (std::size_t i = 0; i < count; ++i) text.add("ran ").add(trials[i]).add("\n");
  }
  text.add(kLastLine.data()).add("\n");
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(text);
}

}  // namespace

std::string Witness::text() const {
  std::string text = how;
  if (!plugin.empty()) text += " in " + plugin;
  if (trial) text += " while trial " + std::to_string(*trial) + " ran";
  if (!ran.empty()) text += " while trials";
  for (const std::uint64_t each : ran) {
    text += (each == ran.front() ? " " : ", ") + std::to_string(each);
  }
  return ran.empty() ? text : text + " ran";
}

void leave_witness(const char* project_directory, const char* how) noexcept {
  const int before = errno;
  Text path;
  path.add(project_directory).add("/").add(kName);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0) {
    Text text;
    describe(text, how);
    [[maybe_unused]] const ssize_t written = ::write(file, text.data(), text.size());
    ::close(file);
  }
  errno = before;
}

std::optional<Witness> read_witness(const std::string& project_directory) {
  std::ifstream file(fs::path(project_directory) / kName);
  std::string line;
  if (!std::getline(file, line) || line != kFirstLine) return std::nullopt;
  Witness witness;
  while (std::getline(file, line) && line != kLastLine) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return std::nullopt;
    const std::string key = line.substr(0, space);
    const std::string value = line.substr(space + 1);
    const auto trial = number_of(value);
    if (key == "id") witness.id = value;
    if (key == "how") witness.how = value;
    if (key == "plugin") witness.plugin = value;
    if (key == "trial") witness.trial = trial;
    if (key == "ran" && trial) witness.ran.push_back(*trial);
  }
  return line == kLastLine ? std::optional(witness) : std::nullopt;
}

void remove_witness(const std::string& project_directory) {
  std::error_code ignored;  // one that stays is known by its id
  fs::remove(fs::path(project_directory) / kName, ignored);
}

}  // namespace dodona::project
