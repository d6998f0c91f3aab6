// SPDX-License-Identifier: Apache-2.0
//
// One runner as its owner sees it: a process that serves the hypermodel of a study.
//
// Errors:  as said.
// Threads: one at a time.
#pragma once

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "runner/keeper.hpp"
#include "runner/limit_watch.hpp"
#include "runner/line.hpp"
#include "study/roles.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dodona::runner {

// Facts of a runner's build, which must be those of its owner.
struct Build {
  std::string abi;
  std::string version;   // of the plugin
  std::string build_id;  // of its library
};

// The way to runners of one study.
struct Launch {
  std::vector<std::string> words;  // the program and its arguments
  boost::json::object greeting;
  std::string label;  // of the hypermodel, for messages
  Build build;
  std::chrono::milliseconds beat{2000};
  std::chrono::milliseconds silence{30000};
  Limits limits{};
};

// The end of a runner that nobody asked for.
struct Ended {
  study::Outcome outcome = study::Outcome::kLost;
  std::string how;    // such as `crashed with SIGSEGV`
  std::string words;  // the end of its standard error; may be empty
};

// Facts that a hypermodel told in its runner.
struct Told {
  bool declares = false;
  bool saves = false;
  bool goes_on = false;
  std::vector<study::ToldMetric> metrics;
};

class Runner {
 public:
  // Starts the process. `services` gets what it logs.
  Runner(Keeper& keeper, const Launch& launch, study::Services& services);
  // Ends it: it has a second for that, then it is killed.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Greets it, and waits for its answer. Nothing if `given_up` answered true meanwhile. Throws the
  // error of a hypermodel that cannot be created there, or Error{kPlugin} for a runner that ended or
  // is of another build.
  std::optional<Told> greet(const std::function<bool()>& given_up);

  // False if it is gone; read() then says how.
  bool send(const boost::json::object& message);
  enum class Heard : std::uint8_t { kMessage = 1, kNothing, kEnd };
  // The next message, for `patience` at most. kEnd where it has ended, is silent for too long or
  // talks nonsense; it is killed then.
  Heard read(base::JsonDocument& message, std::chrono::milliseconds patience);
  // How it ended. Only after kEnd.
  const Ended& ended() const { return *ended_; }

  // True if it has not ended, as far as can be told without waiting.
  bool is_alive();
  const std::string& host() const { return host_; }
  // The memory of its session when it was measured last, and the bytes that it wrote since
  // forget_words().
  std::uint64_t resident_bytes() const { return kept_->resident_bytes; }
  std::uint64_t output_bytes() const { return kept_->tail.bytes(); }
  // Asks it to end, or kills it; read() then says that it has ended.
  void send_signal(int signal) { kept_->child.send(signal); }
  // From here on its words on standard error belong to another execution.
  void forget_words() { kept_->tail.clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  bool heed(const base::JsonReader& message);
  void end_with(study::Outcome outcome, const std::string& how);
  void find_how();

  const Launch& launch_;
  study::Services& services_;
  const std::shared_ptr<Kept> kept_;
  LineReader in_;
  Clock::time_point heard_;
  std::string host_;
  std::optional<std::string> farewell_;
  std::int64_t exit_code_ = 0;  // of a farewell
  std::uint64_t kills_before_;  // by the kernel, for want of memory
  std::optional<Ended> ended_;
};

}  // namespace dodona::runner
