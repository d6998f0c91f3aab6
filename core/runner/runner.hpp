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
#include "runner/line.hpp"
#include "study/roles.hpp"

#include <dodona/trial_limits.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
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
  std::string build_id;  // of its library for every processor
};

// A place for runners.
struct Slot {
  std::string name;                // of a host or a partition, for messages; may be empty
  std::vector<std::string> words;  // the program that starts a runner there, and its arguments
};

// The way to runners of one study.
struct Launch {
  std::vector<Slot> slots;  // one at least
  std::size_t workers = 1;  // of the search, each of which has a slot
  // The programs are clients of an engine, which start runners on other machines.
  bool far = false;
  std::string
      directory{};  // of the project, which runners elsewhere may have in common with this one
  boost::json::object greeting;
  std::string label;  // of the hypermodel, for messages
  Build build;
  std::string processor{};  // which the library here was compiled for; empty: for every one
  std::chrono::milliseconds beat{2000};
  std::chrono::milliseconds silence{30000};
  std::chrono::milliseconds idle{0};  // after which a runner without a trial is ended; 0: never
  TrialLimits limits{};
};

// The end of a runner that nobody asked for.
struct Ended {
  study::Outcome outcome = study::Outcome::kLost;
  std::string how;     // such as `crashed with SIGSEGV`
  std::string words;   // the end of its standard error; may be empty
  std::string reason;  // of a loss, as its engine says; may be empty
};

// Facts that a hypermodel told in its runner.
struct Told {
  bool declares = false;
  bool saves = false;
  bool goes_on = false;
  std::vector<study::ToldMetric> metrics;
  std::string processor{};  // which the library there was compiled for
};

class Runner {
 public:
  // Starts the process, in a slot of `launch`, and greets it. `services` gets what it logs.
  Runner(Keeper& keeper, const Launch& launch, const Slot& slot, study::Services& services);
  // Ends it: it has a second for that, then it is killed. The client of an engine is left to the
  // keeper.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  enum class Greeted : std::uint8_t { kReady = 1, kGivenUp, kEnded };
  // Waits for its answer to the greeting, which may take long where an engine has a queue. kGivenUp if
  // `given_up` answered true meanwhile, after which it may be called again; ended() says more of
  // kEnded. Throws the error of a hypermodel
  // that cannot be created there, or Error{kPlugin} for a runner of another build: another try would
  // be useless.
  Greeted greet(const std::function<bool()>& given_up, Told& told);

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
  // It has nothing to do from now on, and the keeper may end it for that.
  void rest() { kept_->rest(); }
  // It has something to do. False if it is gone.
  bool wake() { return kept_->wake() && is_alive(); }
  // The memory of its session when it was measured last, and the bytes that it wrote since
  // forget_words().
  std::uint64_t resident_bytes() const { return kept_->resident_bytes; }
  std::uint64_t output_bytes() const { return kept_->tail.bytes(); }
  // Asks it to end, so that a script may tidy up, or kills it; read() then says that it has ended.
  void ask_to_end() { kept_->child.send(SIGTERM); }
  void kill();
  // From here on its words on standard error belong to another execution.
  void forget_words() { kept_->tail.clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  bool heed(const base::JsonReader& message);
  void end_with(study::Outcome outcome, const std::string& how);
  void find_how();
  void find_by_code(std::optional<int> status);
  void find_by_signal(int signal);

  const Launch& launch_;
  study::Services& services_;
  Keeper& keeper_;
  const std::shared_ptr<Kept> kept_;
  LineReader in_;
  Clock::time_point heard_;
  bool waits_;  // for a place in an engine's queue, so that silence means nothing
  std::string host_;
  std::optional<std::string> farewell_;
  std::int64_t exit_code_ = 0;  // of a farewell
  std::uint64_t kills_before_;  // by the kernel, for want of memory
  std::optional<Ended> ended_;
};

}  // namespace dodona::runner
