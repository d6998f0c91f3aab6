// SPDX-License-Identifier: Apache-2.0
#include "runner/remote_model.hpp"

#include "base/assert.hpp"
#include "base/json_reader.hpp"
#include "runner/files.hpp"
#include "runner/remote_asker.hpp"
#include "runner/wire.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;

// The time between two looks whether the execution has to stop.
constexpr std::chrono::milliseconds kSlice{50};
// The time between two tries to start a runner in a slot.
constexpr std::chrono::milliseconds kPauseMin{1000};
constexpr std::chrono::milliseconds kPauseMax{60000};

// The files of an execution whose runner does not see them.
class Exchange {
 public:
  Exchange(study::Run& run, study::Services& services) : run_(run), services_(services) {}

  // Takes a piece, or keeps its error: for the end of the save, or for the log.
  void take(const JsonReader& piece) {
    try {
      const bool save = piece.required("into").string() == "save";
      if (save && (failed_ || save_to_.empty())) return;
      take_piece(piece, save ? save_to_ : run_.directory);
    } catch (const Error& error) {
      if (!failed_) services_.log(study::Level::kWarn, "runner", error.what());
      failed_ = error;
    }
  }
  std::string begin_save() {
    failed_.reset();
    return save_to_ = run_.save_directory();
  }
  void end_save() {
    save_to_.clear();
    if (!failed_) return run_.saved();
    const Error error(*std::exchange(failed_, std::nullopt));
    if (!run_.save_failed(error)) throw Error(error);
  }
  void send_to(Runner& runner) const {
    const auto send = [&](const std::string& from, const TreeFile& file, const char* into) {
      send_file(from, file, [&](json::object&& piece) {
        piece["into"] = into;
        runner.send(piece);
      });
    };
    for (const TreeFile& file : files_below(run_.resume_directory)) {
      send(run_.resume_directory, file, "resume");
    }
    for (const TreeFile& file : outputs_in(run_.directory)) send(run_.directory, file, "trial");
  }

 private:
  study::Run& run_;
  study::Services& services_;
  std::string save_to_;
  std::optional<Error> failed_;
};

// The answer to a question about an execution, or nothing if the message is none.
std::optional<json::value> answer_for(const JsonReader& message, study::Run& run, Exchange& files) {
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
  if (message.member("limit_reached")) {
    run.stop_at_next_report();
    return true;
  }
  if (message.member("make_directory")) {
    run.make_directory();
    return true;
  }
  if (message.member("save_directory")) return json::value(files.begin_save());
  if (const auto error = message.member("save_failed")) return run.save_failed(read_error(*error));
  if (message.member("saved")) {
    files.end_save();
    return true;
  }
  return answer_of(message, run.asker());
}

// Answers the questions of a runner until it sends a result, which is left in `message`. False if
// it has ended.
template <class Answer, class Take, class Cancel>
bool converse(Runner& runner, base::JsonDocument& message, Answer&& answer, Take&& take,
              Cancel&& cancel) {
  for (;;) {
    const Runner::Heard heard = runner.read(message, kSlice);
    if (heard == Runner::Heard::kEnd) return false;
    if (heard == Runner::Heard::kNothing) {
      cancel();
      continue;
    }
    const JsonReader reader(message);
    if (reader.member("done") || reader.member("failed")) return true;
    if (reader.member("file")) {
      take(reader);
      cancel();
      continue;
    }
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

}  // namespace

// A worker's runner, which is started when it is needed.
class RemoteModel::RemoteSeat final : public study::Seat {
 public:
  RemoteSeat(RemoteModel& model, std::size_t slot) : model_(model), slot_(slot) {}
  ~RemoteSeat() override {
    if (runner_ != nullptr) model_.give_back(std::move(runner_), slot_);
  }

  bool is_ready() override {
    if (runner_ != nullptr && !runner_->is_alive()) runner_.reset();
    return runner_ != nullptr;
  }
  bool ready(const std::function<bool()>& given_up) override {
    if (!is_ready()) runner_ = model_.take(slot_, given_up);
    return runner_ != nullptr;
  }

  bool execute(study::Run& run) override {
    const auto given_up = [&] { return run.must_stop(); };
    do {
      if (!ready(given_up)) return give_up(run);
    } while (!runner_->wake());
    const Resting resting(runner_);
    Running now{run, {model_.launch_.limits, Seconds(run.spent_seconds), Clock::now()}};
    now.step = run.start_step;
    runner_->forget_words();
    runner_->send({{"run", facts_to_json(run)}});
    base::JsonDocument message;
    Exchange files(run, model_.services_);
    const auto take = [&](const JsonReader& piece) { files.take(piece); };
    const auto answer = [&](const JsonReader& question) -> std::optional<json::value> {
      if (question.member("fetch")) {
        files.send_to(*runner_);
        return true;
      }
      if (const auto step = question.member("report")) {
        now.step = read_count(*step);
        now.watch.hear(Clock::now());
      }
      return answer_for(question, run, files);
    };
    if (!converse(*runner_, message, answer, take, [&] { look_after(now); })) throw_end(now);
    const JsonReader result(message);
    check_result(result, now);
    if (result.required("told").boolean()) run.cancelled();
    return result.required("done").boolean();
  }

  std::string runner() const override {
    return runner_ == nullptr ? model_.launch_.slots[slot_].name : runner_->host();
  }

 private:
  // Lets the runner rest again, where it is still there.
  class Resting {
   public:
    explicit Resting(const std::unique_ptr<Runner>& runner) : runner_(runner) {}
    ~Resting() {
      if (runner_ != nullptr) runner_->rest();
    }
    Resting(const Resting&) = delete;
    Resting& operator=(const Resting&) = delete;

   private:
    const std::unique_ptr<Runner>& runner_;
  };

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

  // There is no runner for it.
  static bool give_up(const study::Run& run) {
    if (run.must_stop()) return run.cancelled(), false;
    throw study::RunnerLost("there is no runner any more in this place");
  }

  // Holds it to its limits, and tells the runner if it must stop.
  void look_after(Running& now) {
    const Due due =
        now.watch.look(Clock::now(), runner_->resident_bytes(), runner_->output_bytes());
    if (due > now.done) {
      now.done = due;
      if (due == Due::kStop) now.run.stop_at_next_report();
      if (due == Due::kTerminate) runner_->ask_to_end();
      if (due == Due::kKill) runner_->kill();
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
    if (const auto outcome = result.member("outcome")) {
      throw study::RunFailed(read_outcome(*outcome), error.what());
    }
    const bool limited = model_.launch_.limits.memory_mb > 0;
    if (error.code() != DODONA_E_NO_MEMORY || !limited) throw Error(error);
    const bool known = now.done != Due::kNothing && now.watch.outcome() == DODONA_OUTCOME_MEMORY;
    const std::string how = known ? now.watch.how() : "ran out of memory";
    throw study::RunFailed(study::Outcome::kMemory, told(how, now, error.what()));
  }

  [[noreturn]] void throw_end(const Running& now) {
    const Ended ended = runner_->ended();
    runner_.reset();
    if (now.done != Due::kNothing) {
      throw study::RunFailed(static_cast<study::Outcome>(now.watch.outcome()),
                             told(now.watch.how(), now, ended.words));
    }
    if (ended.outcome == study::Outcome::kLost) {
      if (!ended.reason.empty()) throw study::RunnerLost(ended.reason);
      throw study::RunnerLost("the runner " + ended.how +
                              (ended.words.empty() ? "" : ": " + ended.words));
    }
    throw study::RunFailed(ended.outcome, told(ended.how, now, ended.words));
  }

  std::string told(const std::string& how, const Running& now, const std::string& words) const {
    return model_.launch_.label + " " + tell_end(how, now.run.trial, now.step, words);
  }

  RemoteModel& model_;
  const std::size_t slot_;
  std::unique_ptr<Runner> runner_;
};

RemoteModel::RemoteModel(Launch launch, study::Services& services)
    : launch_(std::move(launch)),
      services_(services),
      slots_(launch_.slots.size()),
      keeper_(launch_.beat, launch_.idle,
              launch_.limits.memory_mb > 0 && !launch_.far ? Keeper::Memory::kMeasured
                                                           : Keeper::Memory::kUnmeasured) {
  DODONA_ASSERT(!slots_.empty());
  if (launch_.far && !launch_.directory.empty()) {
    mark_.emplace(launch_.directory);
    launch_.greeting["mark"] = mark_->path().string();
  }
  start_first();
}

// The first slot that has a runner will do. As many as the search has workers are tried at the same
// time, so that nobody waits for one without a place; then the others, one by one. Runners that have
// not answered yet are left to their workers.
void RemoteModel::start_first() {
  std::size_t tried = 0;
  const auto at_once = [] { return true; };
  std::vector<Placed> waiting;
  do {
    for (; tried < slots_.size() && (tried < launch_.workers || waiting.empty()); ++tried) {
      if (auto runner = begin(tried)) waiting.push_back({std::move(runner), tried});
    }
    for (Placed& each : waiting) {
      if (meet(each.slot, each.runner, at_once)) {
        give_back(std::move(each.runner), each.slot);
        break;
      }
    }
    std::erase_if(waiting, [](const Placed& each) { return each.runner == nullptr; });
    if (services_.cancelled()) throw Error(DODONA_E_CANCELLED, "the search has ended");
  } while (!told_ && (!waiting.empty() || tried < slots_.size()));
  if (!told_) throw Error(*last_error_);
  const std::lock_guard lock(mutex_);
  starting_ = std::move(waiting);
}

std::string RemoteModel::before(std::size_t slot) const {
  const std::string& name = launch_.slots[slot].name;
  return name.empty() ? "" : name + ": ";
}

// None where it cannot be started at all; the slot is out then.
std::unique_ptr<Runner> RemoteModel::begin(std::size_t slot) {
  try {
    return std::make_unique<Runner>(keeper_, launch_, launch_.slots[slot], services_);
  } catch (const Error& error) {
    refuse(slot, Error(error.code(), before(slot) + error.what()), Retry::kNever);
    return nullptr;
  }
}

// Waits for the answer of a runner. True once it came; false if `given_up` answered true meanwhile, or
// it is refused, and then gone. The slot may be out then, and the log was told.
bool RemoteModel::meet(std::size_t slot, std::unique_ptr<Runner>& runner,
                       const std::function<bool()>& given_up) {
  Told told;
  try {
    const Runner::Greeted greeted = runner->greet(given_up, told);
    if (greeted == Runner::Greeted::kGivenUp) return false;
    if (greeted == Runner::Greeted::kReady) {
      runner->rest();
      welcome(slot, runner->host(), std::move(told));
      return true;
    }
    const Ended& ended = runner->ended();
    const Error error(DODONA_E_PLUGIN, before(slot) + launch_.label + " " + ended.how +
                                           " while it was created" +
                                           (ended.words.empty() ? "" : ": " + ended.words));
    // A host may come back, and an engine change its mind. A crash here would happen again.
    const bool lost = ended.outcome == study::Outcome::kLost;
    refuse(slot, error, launch_.far && lost ? Retry::kLater : Retry::kNever);
  } catch (const Error& error) {
    refuse(slot, Error(error.code(), before(slot) + error.what()), Retry::kNever);
  }
  runner.reset();
  return false;
}

// One try.
std::unique_ptr<Runner> RemoteModel::start(std::size_t slot,
                                           const std::function<bool()>& given_up) {
  std::unique_ptr<Runner> runner = find(starting_, slot);
  if (runner == nullptr) runner = begin(slot);
  return runner != nullptr && meet(slot, runner, given_up) ? std::move(runner) : nullptr;
}

// A runner there has answered.
void RemoteModel::welcome(std::size_t slot, const std::string& host, Told&& told) {
  const std::string processor = told.processor;
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    is_news = told.processor != launch_.processor && !slots_[slot].differs;
    slots_[slot] = {};
    slots_[slot].differs = told.processor != launch_.processor;
    if (!told_) told_ = std::move(told);
  }
  if (!is_news) return;
  services_.log(study::Level::kWarn, "runner",
                launch_.label + " on " + host + " is compiled for " +
                    (processor.empty() ? "every processor" : processor) + ", and here for " +
                    (launch_.processor.empty() ? "every processor" : launch_.processor) +
                    "; last digits of its results may differ");
}

void RemoteModel::refuse(std::size_t slot, const Error& error, Retry retry) {
  std::string news;
  {
    const std::lock_guard lock(mutex_);
    SlotState& state = slots_[slot];
    state.out = retry == Retry::kNever;
    if (state.said != error.what()) news = state.said = error.what();
    last_error_ = error;
    // The caller throws it.
    if (std::all_of(slots_.begin(), slots_.end(), [](const auto& each) { return each.out; }))
      return;
  }
  if (news.empty()) return;
  services_.log(
      study::Level::kWarn, "runner",
      news + (retry == Retry::kNever ? "; the search goes on without it" : "; it is tried again"));
}

// Throws where all are.
bool RemoteModel::is_out(std::size_t slot) {
  const std::lock_guard lock(mutex_);
  if (std::all_of(slots_.begin(), slots_.end(), [](const auto& each) { return each.out; })) {
    throw Error(*last_error_);
  }
  return slots_[slot].out;
}

// A runner of this slot that lives, taken out of the list; none if there is none.
std::unique_ptr<Runner> RemoteModel::find(std::vector<Placed>& list, std::size_t slot) {
  const std::lock_guard lock(mutex_);
  for (auto each = list.begin(); each != list.end();) {
    if (each->slot != slot) {
      ++each;
      continue;
    }
    std::unique_ptr<Runner> runner = std::move(each->runner);
    each = list.erase(each);
    if (runner->is_alive()) return runner;
  }
  return nullptr;
}

std::unique_ptr<Runner> RemoteModel::take(std::size_t slot, const std::function<bool()>& given_up) {
  if (auto runner = find(idle_, slot)) return runner;
  for (auto pause = kPauseMin; !is_out(slot) && !given_up();
       pause = std::min(2 * pause, kPauseMax)) {
    if (auto runner = start(slot, given_up)) return runner;
    if (is_out(slot)) break;
    const auto until = std::chrono::steady_clock::now() + pause;
    while (std::chrono::steady_clock::now() < until && !given_up()) {
      std::this_thread::sleep_for(kSlice);
    }
  }
  return nullptr;
}

void RemoteModel::give_back(std::unique_ptr<Runner> runner, std::size_t slot) {
  if (!runner->is_alive()) return;
  runner->rest();
  const std::lock_guard lock(mutex_);
  idle_.push_back({std::move(runner), slot});
}

std::unique_ptr<study::Seat> RemoteModel::seat(std::uint32_t worker) {
  return std::make_unique<RemoteSeat>(*this, worker % slots_.size());
}

bool RemoteModel::execute(study::Run& run) {
  return RemoteSeat(*this, 0).execute(run);
}

void RemoteModel::declare(study::Asker& asker) {
  std::size_t slot = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) slot = idle_.back().slot;
  }
  std::unique_ptr<Runner> runner;
  do {
    runner = take(slot, [&] { return services_.cancelled(); });
    if (runner == nullptr) throw Error(DODONA_E_CANCELLED, "the search has ended");
  } while (!runner->wake());
  runner->send({{"declare", true}});
  base::JsonDocument message;
  const auto answer = [&](const JsonReader& question) { return answer_of(question, asker); };
  const auto take = [](const JsonReader&) {};
  if (!converse(*runner, message, answer, take, [] {})) {
    const Ended& ended = runner->ended();
    throw Error(DODONA_E_PLUGIN, launch_.label + " " + ended.how + " while it declared its space" +
                                     (ended.words.empty() ? "" : ": " + ended.words));
  }
  give_back(std::move(runner), slot);
  const JsonReader result(message);
  if (const auto failed = result.member("failed")) throw read_error(*failed);
}

std::shared_ptr<void> RemoteModel::make(study::Run&) {
  throw Error(DODONA_E_UNSUPPORTED, "a model of a runner cannot be had in this process");
}

}  // namespace dodona::runner
