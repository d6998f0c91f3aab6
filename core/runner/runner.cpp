// SPDX-License-Identifier: Apache-2.0
#include "runner/runner.hpp"

#include "base/assert.hpp"
#include "base/json_reader.hpp"
#include "runner/reason.hpp"
#include "runner/wire.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sys/wait.h>
#include <utility>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;
using std::chrono::milliseconds;

constexpr milliseconds kGreetingSlice{10};
// The time that a process has between the end of its output and its own.
constexpr milliseconds kToEnd{5000};
// The time that an idle runner has to end when it is not needed any more.
constexpr milliseconds kToLeave{1000};
constexpr milliseconds kForWords{200};
// The code of an end by a signal is this and the signal's number.
constexpr int kSignals = 128;
// A question is answered, or a request sent, within this time, or the runner is gone.
constexpr milliseconds kPatience{30000};

// The number of processes that the kernel of this machine has killed for want of memory.
std::uint64_t kernel_kills() {
  std::ifstream file("/proc/vmstat");
  std::string name;
  std::uint64_t count = 0;
  while (file >> name >> count) {
    if (name == "oom_kill") return count;
  }
  return 0;
}

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

study::ToldMetric read_metric(const JsonReader& from) {
  const std::int64_t better = from.element(1).whole();
  if (better < 1 || better > 2) return {read_text(from.element(0)), std::nullopt};
  return {read_text(from.element(0)), static_cast<study::Direction>(better)};
}

// In which respect a runner is of another build, or empty.
std::string difference(const JsonReader& greeting, const Build& own) {
  const auto differs = [&](const char* key, const std::string& mine, const char* what) {
    const auto member = greeting.member(key);
    const std::string theirs = member ? read_text(*member) : "";
    return theirs == mine ? "" : std::string(what) + " " + theirs + " instead of " + mine;
  };
  std::string found = differs("abi", own.abi, "has the plugin ABI");
  if (found.empty()) found = differs("version", own.version, "has version");
  if (found.empty()) found = differs("build_id", own.build_id, "has the build");
  return found;
}

}  // namespace

Runner::Runner(Keeper& keeper, const Launch& launch, const Slot& slot, study::Services& services)
    : launch_(launch),
      services_(services),
      keeper_(keeper),
      kept_(keeper.spawn(slot.words, launch.far ? Child::Session::kLeave : Child::Session::kEnd)),
      in_(kept_->child.output()),
      heard_(Clock::now()),
      waits_(launch.far),
      kills_before_(kernel_kills()) {
  send(launch_.greeting);
}

Runner::~Runner() {
  kept_->close_input();
  if (launch_.far) {
    if (!ended_) keeper_.dismiss(kept_, Keeper::Farewell::kFriendly);
    return;
  }
  if (!kept_->child.wait(ended_ ? milliseconds(0) : kToLeave)) kept_->child.send(SIGKILL);
}

bool Runner::send(const json::object& message) {
  return kept_->out.write(base::to_text(message), kPatience);
}

Runner::Greeted Runner::greet(const std::function<bool()>& given_up, Told& told) {
  base::JsonDocument message;
  for (;;) {
    const Heard heard = read(message, kGreetingSlice);
    if (heard == Heard::kMessage) break;
    if (heard == Heard::kEnd) return Greeted::kEnded;
    if (given_up()) return Greeted::kGivenUp;
  }
  const JsonReader reader(message);
  if (const auto error = reader.member("error")) throw read_error(*error);
  host_ = read_text(reader.required("host"));
  const std::string other = difference(reader, launch_.build);
  if (!other.empty()) {
    throw Error(DODONA_E_PLUGIN, launch_.label + " on " + host_ + " " + other +
                                     "; install the same files on both sides");
  }
  told = {reader.required("declares").boolean(),
          reader.required("saves").boolean(),
          reader.required("goes_on").boolean(),
          {},
          {}};
  if (const auto processor = reader.member("processor")) told.processor = read_text(*processor);
  const JsonReader metrics = reader.required("metrics");
  for (std::size_t i = 0; i < metrics.array().size(); ++i) {
    told.metrics.push_back(read_metric(metrics.element(i)));
  }
  return Greeted::kReady;
}

Runner::Heard Runner::read(base::JsonDocument& message, milliseconds patience) {
  if (ended_) return Heard::kEnd;
  const auto until = Clock::now() + patience;
  std::string line;
  try {
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
      const LineReader::Read read = in_.read(line, std::max(left, milliseconds(0)));
      if (read == LineReader::Read::kEnd) {
        find_how();
        return Heard::kEnd;
      }
      if (read == LineReader::Read::kNothing) {
        // A child that it has left behind may hold its end open.
        if (!is_alive()) {
          find_how();
          return Heard::kEnd;
        }
        if (waits_ || Clock::now() - heard_ <= launch_.silence) return Heard::kNothing;
        end_with(study::Outcome::kLost, "gave no sign of life for " +
                                            std::to_string(launch_.silence.count() / 1000) + " s");
        return Heard::kEnd;
      }
      heard_ = Clock::now();
      waits_ = false;
      message = base::parse_json(line, "runner");
      if (!heed(JsonReader(message))) return Heard::kMessage;
    }
  } catch (const Error& error) {
    end_with(study::Outcome::kLost, std::string("talked nonsense: ") + error.what());
    return Heard::kEnd;
  }
}

// Deals with what concerns no conversation. False if the message is one of a conversation.
bool Runner::heed(const JsonReader& message) {
  if (message.member("beat")) {
    // The keeper measures the processes of this machine.
    const auto resident = message.member("resident");
    if (launch_.far && resident) kept_->resident_bytes = read_count(*resident);
    return true;
  }
  if (const auto level = message.member("log")) {
    const auto text = read_text(message.required("message"));
    const auto source = read_text(message.required("source"));
    services_.log(static_cast<study::Level>(std::clamp<std::int64_t>(level->whole(), 0, 40)),
                  source, text);
    return true;
  }
  const auto bye = message.member("bye");
  if (!bye || bye->string() == "failed") return false;
  farewell_ = read_text(*bye);
  if (const auto code = message.member("code")) exit_code_ = code->whole();
  return true;
}

void Runner::end_with(study::Outcome outcome, const std::string& how) {
  DODONA_ASSERT(!ended_);
  if (!launch_.far) {
    kept_->child.send(SIGKILL);
    kept_->child.wait(kToEnd);
  }
  std::string words = kept_->tail.text(kForWords);
  // After its words: a client that is asked to end says so, at length.
  if (launch_.far) keeper_.dismiss(kept_, Keeper::Farewell::kShort);
  std::replace(words.begin(), words.end(), '\n', ' ');
  const bool lost = outcome == study::Outcome::kLost;
  std::string reason = launch_.far && lost ? engine_reason(words) : "";
  ended_ = Ended{outcome, how, std::move(words), std::move(reason)};
}

void Runner::find_how() {
  using study::Outcome;
  const std::optional<int> status = kept_->child.wait(kToEnd);
  if (farewell_ == "exit") {
    return end_with(Outcome::kExit, "called exit(" + std::to_string(exit_code_) + ")");
  }
  if (farewell_ == "crash") return find_by_signal(static_cast<int>(exit_code_) - kSignals);
  if (farewell_) return end_with(Outcome::kLost, "was asked to end by somebody else");
  if (launch_.far) return find_by_code(status);
  const bool left = status && WIFEXITED(*status) && WEXITSTATUS(*status) == kLeft;
  if (!status || left) return end_with(Outcome::kCrash, "closed the descriptors of its runner");
  if (WIFEXITED(*status)) {
    return end_with(Outcome::kExit,
                    "ended its process with code " + std::to_string(WEXITSTATUS(*status)));
  }
  const int signal = WTERMSIG(*status);
  if (signal == SIGKILL && kernel_kills() > kills_before_) {
    return end_with(Outcome::kMemory, "was killed by the kernel for want of memory");
  }
  find_by_signal(signal);
}

void Runner::find_by_signal(int signal) {
  using study::Outcome;
  const bool from_outside = signal == SIGKILL || signal == SIGTERM || signal == SIGHUP;
  if (from_outside) return end_with(Outcome::kLost, "was ended by " + signal_name(signal));
  end_with(Outcome::kCrash, "crashed with " + signal_name(signal));
}

// The client of an engine ends with 0 or 1 for a lost node, 255 for a lost connection, and 128 and
// the number for a signal that ended the runner.
void Runner::find_by_code(std::optional<int> status) {
  using study::Outcome;
  constexpr int connection = 255;
  if (!status) return end_with(Outcome::kLost, "closed its output");
  if (WIFSIGNALED(*status)) {
    return end_with(Outcome::kLost,
                    "lost its client, which was ended by " + signal_name(WTERMSIG(*status)));
  }
  const int code = WEXITSTATUS(*status);
  if (code == kLeft) return end_with(Outcome::kLost, "heard nothing of its owner");
  if (code <= 1 || code == connection) return end_with(Outcome::kLost, "is gone");
  if (code > kSignals) return find_by_signal(code - kSignals);
  end_with(Outcome::kExit, "ended its process with code " + std::to_string(code));
}

void Runner::kill() {
  if (launch_.far) {
    if (!ended_) end_with(study::Outcome::kLost, "was ended");
  } else {
    kept_->child.send(SIGKILL);
  }
}

bool Runner::is_alive() {
  return !ended_ && !kept_->child.wait(milliseconds(0));
}

}  // namespace dodona::runner
