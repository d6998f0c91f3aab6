// SPDX-License-Identifier: Apache-2.0
//
// The requests of other processes to the owner of a study, as text in its mailbox:
//
//   {"request": "status", "from": "process 7 on host a"}             the status, as to_json() has it
//   {"request": "pause", "paused": true, "from": ...}                {}
//   {"request": "stop", "from": ...}                                 {}
//   {"request": "set", "sets": ["max_trials=50"], "from": ...}       {}
//   {"request": "stop_trial", "trial": 7, "from": ...}               {}
//   {"request": "enqueue", "values": {"lr": 0.1}, "from": ...}       {}
//   {"request": "note", "trial": 7, "text": "...", "from": ...}      {}; of the study without "trial"
//   anything else                                                    {"error": "...", "code": -1}
//
// Threads: answers on one of its own; what it is given is called there.
#pragma once

#include "base/json_reader.hpp"
#include "project/mailbox.hpp"
#include "study/roles.hpp"

#include <dodona/status.hpp>
#include <dodona/study_options.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::tuner {

// The keys of notes: the last thing that a user did to a trial or to the study, and a user's words.
inline constexpr const char* kActionKey = "dodona.action";
inline constexpr const char* kNoteKey = "note";
// Bytes of such words.
inline constexpr std::size_t kNoteMax = 4000;

// Values by name, of an object. Throws Error{kInvalid} for what is none, and for an empty one.
NamedValues read_values(const base::JsonReader& object);
// Throws Error{kInvalid} for words that are none, or too many.
void check_note(const std::string& text);

// The owner's part: each does what it says, or throws Error.
struct Owner {
  std::function<StudyStatus()> status;
  std::function<void(bool paused)> pause;
  std::function<void()> stop;
  std::function<void(const std::vector<std::string>& sets)> set;
  std::function<void(std::uint64_t trial)> stop_trial;
  std::function<void(const NamedValues& values)> enqueue;
  // Logs a note on a trial, or on the study.
  std::function<void(std::optional<std::uint64_t> trial, const std::string& key,
                     const std::string& value)>
      note;
  // Called before an order is obeyed, with who gave it.
  std::function<void(const std::string& line)> tell;
};

// The answer to the text of a request, whatever that is. Throws nothing but std::bad_alloc.
std::string answer_request(const std::string& text, const Owner& owner);

// Reads the mailbox of a project once a second, as long as it lives. It is of no use where the
// mailbox cannot be made or read, which a line of the log says.
class MailReader {
 public:
  MailReader(const std::string& project_directory, Owner owner, study::Services& services);
  // Waits for up to half a second until the last answers are fetched.
  ~MailReader();
  MailReader(const MailReader&) = delete;
  MailReader& operator=(const MailReader&) = delete;

 private:
  void read(const std::string& project_directory);

  const Owner owner_;
  study::Services& services_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace dodona::tuner
