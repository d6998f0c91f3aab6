// SPDX-License-Identifier: Apache-2.0
//
// The requests of other processes to the owner of a study, as text in its mailbox:
//
//   {"request": "status", "from": "process 7 on host a"}             the status, as to_json() has it
//   {"request": "pause", "paused": true, "from": ...}                {}
//   {"request": "stop", "from": ...}                                 {}
//   {"request": "set", "sets": ["max_trials=50"], "from": ...}       {}
//   anything else                                                    {"error": "...", "code": -1}
//
// Threads: answers on one of its own; what it is given is called there.
#pragma once

#include "project/mailbox.hpp"
#include "study/roles.hpp"

#include <dodona/status.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dodona::tuner {

// The owner's part: each does what it says, or throws Error.
struct Owner {
  std::function<StudyStatus()> status;
  std::function<void(bool paused)> pause;
  std::function<void()> stop;
  std::function<void(const std::vector<std::string>& sets)> set;
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
