// SPDX-License-Identifier: Apache-2.0
#include "runner/remote_model.hpp"

#include "base/json_reader.hpp"
#include "runner/remote_asker.hpp"
#include "runner/wire.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;

// The time between two looks whether the execution has to stop.
constexpr std::chrono::milliseconds kSlice{50};

// The answer to a question about an execution, or nothing if the message is none.
std::optional<json::value> answer_for(const JsonReader& message, study::Run& run) {
  if (const auto step = message.member("report")) {
    const Metrics metrics = read_metrics(message.required("metrics"));
    const study::Verdict verdict = run.report(read_count(*step), named(metrics));
    return json::object{{"verdict", static_cast<std::int64_t>(verdict)},
                        {"save", run.wants_save()}};
  }
  if (const auto metrics = message.member("finish")) {
    run.finish(named(read_metrics(*metrics)));
    return run.wants_save();
  }
  if (const auto note = message.member("note")) {
    run.note(read_text(note->element(0)), read_text(note->element(1)));
    return true;
  }
  if (message.member("make_directory")) {
    run.make_directory();
    return true;
  }
  if (message.member("save_directory")) return json::value(run.save_directory());
  if (const auto error = message.member("save_failed")) return run.save_failed(read_error(*error));
  if (message.member("saved")) {
    run.saved();
    return true;
  }
  return answer_of(message, run.asker());
}

// Answers the questions of a runner until it sends a result, which is left in `message`. False if
// it has ended.
template <class Answer, class Cancel>
bool converse(Runner& runner, base::JsonDocument& message, Answer&& answer, Cancel&& cancel) {
  for (;;) {
    const Runner::Heard heard = runner.read(message, kSlice);
    if (heard == Runner::Heard::kEnd) return false;
    if (heard == Runner::Heard::kNothing) {
      cancel();
      continue;
    }
    const JsonReader reader(message);
    if (reader.member("done") || reader.member("failed")) return true;
    json::object reply;
    try {
      std::optional<json::value> answered = answer(reader);
      if (!answered) throw Error(DODONA_E_PLUGIN, "the owner does not know this question");
      reply["answer"] = std::move(*answered);
    } catch (...) {
      reply["error"] = to_json(error_of(std::current_exception()));
    }
    runner.send(reply);
    cancel();
  }
}

bool never() {
  return false;
}

}  // namespace

// A worker's runner, which is started when it is needed.
class RemoteModel::RemoteSeat final : public study::Seat {
 public:
  explicit RemoteSeat(RemoteModel& model) : model_(model) {}
  ~RemoteSeat() override {
    if (runner_ != nullptr) model_.give_back(std::move(runner_));
  }

  bool ready(const std::function<bool()>& given_up) override {
    if (runner_ != nullptr && !runner_->is_alive()) runner_.reset();
    if (runner_ == nullptr) runner_ = model_.take(given_up);
    return runner_ != nullptr;
  }

  bool execute(study::Run& run) override {
    if (!ready([&] { return run.must_stop(); })) return false;
    Running now{run, {model_.launch_.limits, Seconds(run.spent_seconds), Clock::now()}};
    now.step = run.start_step;
    runner_->forget_words();
    runner_->send({{"run", facts_to_json(run)}});
    base::JsonDocument message;
    const auto answer = [&](const JsonReader& question) {
      if (const auto step = question.member("report")) {
        now.step = read_count(*step);
        now.watch.hear(Clock::now());
      }
      return answer_for(question, run);
    };
    if (!converse(*runner_, message, answer, [&] { look_after(now); })) throw_end(now);
    const JsonReader result(message);
    check_result(result, now);
    if (result.required("told").boolean()) run.cancelled();
    return result.required("done").boolean();
  }

  std::string runner() const override { return runner_ == nullptr ? "" : runner_->host(); }

 private:
  using Clock = LimitWatch::Clock;
  using Seconds = std::chrono::duration<double>;
  using Due = LimitWatch::Due;
  // An execution that runs.
  struct Running {
    study::Run& run;
    LimitWatch watch;
    std::uint64_t step = 0;  // of its last report
    bool cancelled = false;  // its runner was told
    Due done = Due::kNothing;
  };

  // Holds it to its limits, and tells the runner if it must stop.
  void look_after(Running& now) {
    const Due due =
        now.watch.look(Clock::now(), runner_->resident_bytes(), runner_->output_bytes());
    if (due > now.done) {
      now.done = due;
      if (due == Due::kStop) now.run.stop_at_next_report();
      if (due == Due::kTerminate) runner_->send_signal(SIGTERM);
      if (due == Due::kKill) runner_->send_signal(SIGKILL);
    }
    if (now.cancelled || !now.run.must_stop()) return;
    now.cancelled = true;
    runner_->send({{"cancel", model_.services_.cancelled() ? "study" : "trial"}});
  }

  // Throws the error of a result that is one.
  void check_result(const JsonReader& result, const Running& now) const {
    const auto failed = result.member("failed");
    if (!failed) return;
    const Error error = read_error(*failed);
    const bool limited = model_.launch_.limits.memory_mb > 0;
    if (error.code() != DODONA_E_NO_MEMORY || !limited) throw Error(error);
    const bool known = now.done != Due::kNothing && now.watch.outcome() == study::Outcome::kMemory;
    const std::string how = known ? now.watch.how() : "ran out of memory";
    throw study::RunFailed(study::Outcome::kMemory, told(how, now, error.what()));
  }

  [[noreturn]] void throw_end(const Running& now) {
    const Ended ended = runner_->ended();
    runner_.reset();
    if (now.done != Due::kNothing) {
      throw study::RunFailed(now.watch.outcome(), told(now.watch.how(), now, ended.words));
    }
    if (ended.outcome == study::Outcome::kLost) {
      throw study::RunnerLost("the runner " + ended.how +
                              (ended.words.empty() ? "" : ": " + ended.words));
    }
    throw study::RunFailed(ended.outcome, told(ended.how, now, ended.words));
  }

  std::string told(const std::string& how, const Running& now, const std::string& words) const {
    return model_.launch_.label + " " + how + " in trial " + std::to_string(now.run.trial) +
           " after step " + std::to_string(now.step) + (words.empty() ? "" : ": " + words);
  }

  RemoteModel& model_;
  std::unique_ptr<Runner> runner_;
};

RemoteModel::RemoteModel(Launch launch, study::Services& services)
    : launch_(std::move(launch)),
      services_(services),
      keeper_(launch_.beat, launch_.limits.memory_mb > 0 ? Keeper::Memory::kMeasured
                                                         : Keeper::Memory::kUnmeasured) {
  auto first = std::make_unique<Runner>(keeper_, launch_, services_);
  told_ = first->greet(never).value();
  idle_.push_back(std::move(first));
}

std::unique_ptr<Runner> RemoteModel::take(const std::function<bool()>& given_up) {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<Runner> runner = std::move(idle_.back());
      idle_.pop_back();
      if (runner->is_alive()) return runner;
    }
  }
  auto runner = std::make_unique<Runner>(keeper_, launch_, services_);
  return runner->greet(given_up) ? std::move(runner) : nullptr;
}

void RemoteModel::give_back(std::unique_ptr<Runner> runner) {
  const std::lock_guard lock(mutex_);
  if (runner->is_alive()) idle_.push_back(std::move(runner));
}

std::unique_ptr<study::Seat> RemoteModel::seat(std::uint32_t) {
  return std::make_unique<RemoteSeat>(*this);
}

bool RemoteModel::execute(study::Run& run) {
  return RemoteSeat(*this).execute(run);
}

void RemoteModel::declare(study::Asker& asker) {
  std::unique_ptr<Runner> runner = take(never);
  if (runner == nullptr) throw Error(DODONA_E_CANCELLED, "the search has ended");
  runner->send({{"declare", true}});
  base::JsonDocument message;
  const auto answer = [&](const JsonReader& question) { return answer_of(question, asker); };
  if (!converse(*runner, message, answer, [] {})) {
    const Ended& ended = runner->ended();
    throw Error(DODONA_E_PLUGIN, launch_.label + " " + ended.how + " while it declared its space" +
                                     (ended.words.empty() ? "" : ": " + ended.words));
  }
  give_back(std::move(runner));
  const JsonReader result(message);
  if (const auto failed = result.member("failed")) throw read_error(*failed);
}

std::shared_ptr<void> RemoteModel::make(study::Run&) {
  throw Error(DODONA_E_UNSUPPORTED, "a model of a runner cannot be had in this process");
}

}  // namespace dodona::runner
