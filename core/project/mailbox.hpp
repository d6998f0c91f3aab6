// SPDX-License-Identifier: Apache-2.0
//
// The mailbox of a project: through files in its directory `mailbox`, any process asks the owner of
// the study something, and gets an answer.
//
//   ID.request  written under a temporary name and renamed; the owner takes it by removing it
//   ID.answer   the same way back; the one who asked removes it
//
// There are no locks, and nobody is notified, so it works where files do: over NFS, too. Both sides
// look by listing the directory, as opening a directory makes NFS ask the server, and a look for a
// name may be answered from a cache for half a minute. A request is an object of JSON; its meaning
// is not the mailbox's business.
//
// Errors:  Error{kIo} where the directory cannot be read or written.
// Threads: one an object; any number of objects and processes.
#pragma once

#include "base/file.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace dodona::project {

inline constexpr std::size_t kRequestBytesMax = std::size_t{64} << 10;

// The owner's side.
class Mailbox {
 public:
  using Clock = std::chrono::steady_clock;
  // Makes the directory if need be. Throws away what an earlier time left there, unread.
  explicit Mailbox(const std::string& project_directory);
  // Removes what is there, and the directory.
  ~Mailbox();
  // Waits until each answer was fetched, for at most this time.
  void wait_for_fetching(std::chrono::milliseconds time) const;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Takes each request that is there, and gives it the answer that `answer` makes of its text. A text
  // is no longer than kRequestBytesMax; of what is longer, or no file, it gets an empty one. An answer
  // that nobody fetches for ten seconds goes. `now` is the time of the look.
  void look(const std::function<std::string(const std::string& request)>& answer,
            Clock::time_point now = Clock::now());

 private:
  void clear() noexcept;

  const std::filesystem::path place_;
  std::map<std::filesystem::path, Clock::time_point> answered_;
};

// The other side: one request.
class Request {
 public:
  // Posts it.
  Request(const std::string& project_directory, const std::string& text);
  // Nothing of it is left.
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // The answer, if it is there.
  std::optional<std::string> answer() const;
  // Takes the request back. False if the owner has taken it.
  bool withdraw();

 private:
  const std::filesystem::path place_;
  bool made_place_ = false;
  std::string id_;
};

// Posts a request and waits for its answer. Nothing if no process owns the study, or none answers
// within three seconds; then nobody will act by it, unless the owner took it in the last moment.
std::optional<std::string> ask_owner(const std::string& project_directory, const std::string& text);

// The owner of the study by its lock.
std::optional<base::Holder> owner_of(const std::string& project_directory);

}  // namespace dodona::project
