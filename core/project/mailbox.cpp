// SPDX-License-Identifier: Apache-2.0
#include "project/mailbox.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kPlace = "mailbox";
constexpr std::string_view kRequest = ".request";
constexpr std::string_view kAnswer = ".answer";
constexpr std::string_view kTemporary = ".tmp";
constexpr std::size_t kIdSize = 32;
constexpr std::chrono::seconds kKept{10};
constexpr milliseconds kPoll{50};
// The owner looks once a second. It has until the last moment to answer a request that it has taken.
constexpr milliseconds kPatience{2500};
constexpr milliseconds kLastMoment{3000};

std::string random_id() {
  std::random_device device;
  std::string id;
  while (id.size() < kIdSize) {
    std::array<char, 9> word;
    std::snprintf(word.data(), word.size(), "%08x", static_cast<unsigned>(device()));
    id += word.data();
  }
  return id;
}

bool is_id(std::string_view text) {
  return text.size() == kIdSize &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_request(const std::string& name) {
  return name.ends_with(kRequest) &&
         is_id(std::string_view(name).substr(0, name.size() - kRequest.size()));
}

bool is_answer(const std::string& name) {
  return name.ends_with(kAnswer) &&
         is_id(std::string_view(name).substr(0, name.size() - kAnswer.size()));
}

// Whatever this or another process may have left of either.
bool is_ours(const std::string& name) {
  return is_request(name) || is_answer(name) ||
         (name.starts_with(".dodona-") && name.ends_with(kTemporary));
}

// The names in a directory, sorted; `error` is that of listing it.
std::vector<std::string> names_in(const fs::path& directory, std::error_code& error) {
  std::vector<std::string> names;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The text of a file, empty where it is too long or no file. Nobody is waited for.
std::string read_request(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return "";
  std::string text;
  struct stat status {};
  const bool whole = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (whole) text.resize(kRequestBytesMax + 1);
  std::size_t size = 0;
  ssize_t count = 1;
  while (size < text.size() && count > 0) {
    count = ::read(file, text.data() + size, text.size() - size);
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  ::close(file);
  text.resize(size <= kRequestBytesMax ? size : 0);
  return text;
}

}  // namespace

// ---- the owner's side --------------------------------------------------------------------------

Mailbox::Mailbox(const std::string& project_directory)
    : place_(fs::path(project_directory) / kPlace) {
  base::make_directory(place_);
  clear();
}

Mailbox::~Mailbox() {
  clear();
  std::error_code ignored;
  fs::remove(place_, ignored);  // unless somebody has put something else there
}

void Mailbox::clear() noexcept {
  try {
    std::error_code ignored;
    for (const std::string& name : names_in(place_, ignored)) {
      if (is_ours(name)) fs::remove(place_ / name, ignored);
    }
  } catch (const std::bad_alloc&) {  // the next owner does it
  }
}

void Mailbox::look(const std::function<std::string(const std::string& request)>& answer,
                   Clock::time_point now) {
  std::error_code error;
  const std::vector<std::string> names = names_in(place_, error);
  if (error) base::make_directory(place_);  // somebody removed it; throws what else it may be
  for (const std::string& name : names) {
    if (!is_request(name)) continue;
    const fs::path path = place_ / name;
    const std::string text = read_request(path);
    if (::unlink(path.c_str()) != 0) continue;  // it was withdrawn, or is no file
    fs::path to = path;
    to.replace_extension(kAnswer);
    base::write_file_atomically(to, answer(text));
    answered_[to] = now;
  }
  for (auto each = answered_.begin(); each != answered_.end();) {
    const bool old = now - each->second >= kKept;
    if (old) fs::remove(each->first, error);
    each = old ? answered_.erase(each) : std::next(each);
  }
}

void Mailbox::wait_for_fetching(milliseconds time) const {
  const auto is_there = [this] {
    std::error_code ignored;
    const std::vector<std::string> names = names_in(place_, ignored);
    return std::any_of(names.begin(), names.end(), is_answer);
  };
  const auto end = Clock::now() + time;
  while (!answered_.empty() && is_there() && Clock::now() < end) {
    std::this_thread::sleep_for(kPoll);
  }
}

// ---- the other side ----------------------------------------------------------------------------

Request::Request(const std::string& project_directory, const std::string& text)
    : place_(fs::path(project_directory) / kPlace), id_(random_id()) {
  for (bool again = true;; again = false) {
    std::error_code error;
    made_place_ = fs::create_directory(place_, error);
    try {
      base::write_file_atomically(place_ / (id_ + std::string(kRequest)), text);
      return;
    } catch (const Error&) {  // perhaps an owner has just begun or ended, and cleared the place
      if (!again) throw;
    }
  }
}

Request::~Request() {
  std::error_code ignored;
  for (const std::string_view suffix : {kRequest, kAnswer}) {
    fs::remove(place_ / (id_ + std::string(suffix)), ignored);
  }
  if (made_place_) fs::remove(place_, ignored);
}

std::optional<std::string> Request::answer() const {
  const std::string wanted = id_ + std::string(kAnswer);
  std::error_code ignored;
  const std::vector<std::string> names = names_in(place_, ignored);
  if (std::find(names.begin(), names.end(), wanted) == names.end()) return std::nullopt;
  return base::read_file(place_ / wanted);
}

bool Request::withdraw() {
  return ::unlink((place_ / (id_ + std::string(kRequest))).c_str()) == 0;
}

std::optional<std::string> ask_owner(const std::string& project_directory,
                                     const std::string& text) {
  if (!owner_of(project_directory)) return std::nullopt;
  Request request(project_directory, text);
  const auto begin = std::chrono::steady_clock::now();
  for (;; std::this_thread::sleep_for(kPoll)) {
    const bool gone = !owner_of(project_directory);
    if (auto answer = request.answer()) return answer;
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (gone || waited >= kLastMoment) return std::nullopt;
    if (waited >= kPatience && request.withdraw()) return std::nullopt;
  }
}

std::optional<base::Holder> owner_of(const std::string& project_directory) {
  return base::lock_holder(fs::path(project_directory) / "study.lock");
}

}  // namespace dodona::project
