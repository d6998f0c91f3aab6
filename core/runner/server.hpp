// SPDX-License-Identifier: Apache-2.0
//
// The runner's side: serves a hypermodel to the owner of a study, over two descriptors.
//
// It reads all the time on a thread of its own, and gives signs of life on another one. When the
// owner closes its end, or was silent for too long, a runner at work ends its process; an idle one
// returns.
//
// Errors:  of the hypermodel go to the owner. Error{kInvalid} for a first line that is no greeting.
// Threads: serve() one; the others any.
#pragma once

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "runner/line.hpp"
#include "runner/remote_asker.hpp"
#include "runner/scratch.hpp"
#include "study/roles.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace dodona::runner {

class Server {
 public:
  struct Hooks {
    // Makes the hypermodel of a greeting, and adds what the answer tells of it.
    std::function<std::unique_ptr<study::HyperModel>(const base::JsonReader& greeting,
                                                     boost::json::object& answer)>
        make;
    // The study is stopping, which is told once.
    std::function<void()> cancelled;
    // Ends the process at once. Does not return.
    std::function<void()> leave;
    // True once somebody has asked the process to end.
    std::function<bool()> asked_to_leave;
  };

  Server(int input, int output, Hooks hooks);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns once the owner has closed its end, and the hypermodel is destroyed.
  void serve();
  // A line for the application's log.
  void log(study::Level level, std::string_view source, std::string_view message);
  // The last line: the process ends now, and nothing is written any more.
  void say_farewell(const boost::json::object& farewell);

 private:
  class RemoteRun;
  using Clock = std::chrono::steady_clock;

  bool send(const boost::json::object& message);
  void leave() const;
  void read();
  void heed(base::JsonDocument&& message);
  void beat();
  std::string sign_of_life() const;
  // The next message, or nothing once the owner is gone.
  std::unique_ptr<base::JsonDocument> next();
  void ask(const boost::json::object& question, const Answered& read);
  void answer(study::HyperModel& model, const base::JsonReader& request);
  boost::json::object declare(study::HyperModel& model);
  boost::json::object run(study::HyperModel& model, const base::JsonReader& facts);
  void serve_owner();
  void find_directory(base::JsonDocument& greeting);
  void end_request();

  const int input_;
  const Hooks hooks_;
  LineWriter out_;
  std::optional<Scratch> scratch_;  // where the owner's directory is not to be seen
  std::uint64_t output_bytes_ = 0;  // of files that a trial may leave there; 0: no limit
  std::mutex asking_;               // one question at a time; taken before mutex_

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<base::JsonDocument>> inbox_;
  bool gone_ = false;           // the owner
  std::uint32_t requests_ = 0;  // that are not answered
  bool ending_ = false;         // the threads have to
  Clock::time_point heard_;
  std::chrono::milliseconds beat_{2000};
  std::chrono::milliseconds silence_{30000};
  bool tells_memory_ = false;  // with each sign of life, four times a second
  std::atomic<bool> trial_cancelled_ = false;
  std::thread reading_, beating_;
};

}  // namespace dodona::runner
