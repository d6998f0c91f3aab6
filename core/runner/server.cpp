// SPDX-License-Identifier: Apache-2.0
#include "runner/server.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "runner/files.hpp"
#include "runner/session.hpp"
#include "runner/wire.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;
using std::chrono::milliseconds;

// The time between two looks at the clock, and the most that counts as silence between them: a
// process that was stopped for a while has not been waiting.
constexpr milliseconds kTick{250};
constexpr milliseconds kMostOfATick{2000};
constexpr milliseconds kPatience{60000};

// The job of an engine, as it tells its processes.
std::string job() {
  const char* const name = std::getenv("SLURM_JOB_ID");
  return name == nullptr ? "" : name;
}

// The error of a piece of a file that cannot be taken.
std::optional<Error> taken(const JsonReader& piece, const std::filesystem::path& scratch) {
  try {
    const bool trial = piece.required("into").string() == "trial";
    take_piece(piece, scratch / (trial ? "trial" : "resume"));
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

// The hard stop of this process, a quarter above the limit of all. 0: none.
void limit_memory(std::uint64_t megabytes) {
  if (megabytes == 0) return;
  const rlim_t bytes = (megabytes + megabytes / 4) << 20;
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_DATA, &limit);  // refused above an administrator's, which holds then
}

}  // namespace

// An execution whose every service is asked of the owner.
class Server::RemoteRun final : public study::Run {
 public:
  RemoteRun(Server& server, const JsonReader& facts)
      : server_(server),
        asker_([&server](const json::object& question,
                         const Answered& read) { server.ask(question, read); },
               false) {
    read_facts(facts, *this);
    if (server_.scratch_) fetch();
  }

  study::Asker& asker() override { return asker_; }
  study::Verdict report(std::uint64_t step, std::span<const study::NamedMetric> metrics) override {
    study::Verdict verdict = study::Verdict::kContinue;
    server_.ask({{"report", step}, {"metrics", to_json(metrics)}}, [&](const JsonReader& answer) {
      verdict = static_cast<study::Verdict>(answer.required("verdict").whole());
      wants_save_ = answer.required("save").boolean();
    });
    return verdict;
  }
  void make_directory() override {
    if (server_.scratch_) return base::make_directory(directory);
    server_.ask({{"make_directory", true}}, [](const JsonReader&) {});
  }
  bool wants_save() const override { return wants_save_; }
  std::string save_directory() override {
    if (!wants_save_) return "";
    std::string to;
    server_.ask({{"save_directory", true}},
                [&](const JsonReader& answer) { to = read_text(answer); });
    if (server_.scratch_ && !to.empty()) base::make_empty_directory(to = place("save"));
    return to;
  }
  void saved() override {
    wants_save_ = false;
    if (server_.scratch_) {
      send_all(files_below(place("save")), place("save"), "save");
      send_all(outputs_in(directory), directory, "trial");
    }
    server_.ask({{"saved", true}}, [](const JsonReader&) {});
  }
  bool save_failed(const Error& error) override {
    wants_save_ = false;
    bool bearable = false;
    server_.ask({{"save_failed", to_json(error)}},
                [&](const JsonReader& answer) { bearable = answer.boolean(); });
    return bearable;
  }
  void finish(std::span<const study::NamedMetric> metrics) override {
    server_.ask({{"finish", to_json(metrics)}},
                [&](const JsonReader& answer) { wants_save_ = answer.boolean(); });
  }
  void note(std::string_view key, std::string_view value) override {
    server_.ask({{"note", json::array{json::string(key), json::string(value)}}},
                [](const JsonReader&) {});
  }
  void stop_at_next_report() override {
    server_.ask({{"limit_reached", true}}, [](const JsonReader&) {});
    server_.trial_cancelled_ = true;
  }
  bool must_stop() const override { return server_.trial_cancelled_; }
  bool cancelled() const override {
    if (server_.trial_cancelled_) told_ = true;
    return server_.trial_cancelled_;
  }

  bool told() const { return told_; }

  // The execution has ended. Sends what it left in its directory, up to the limit.
  void send_rest() {
    if (!server_.scratch_) return;
    std::vector<TreeFile> files = files_below(directory);
    std::stable_partition(files.begin(), files.end(), is_output);
    std::uint64_t bytes = 0;
    const std::size_t all = files.size();
    std::erase_if(files, [&](const TreeFile& file) {
      bytes += file.bytes;
      return server_.output_bytes_ > 0 && bytes > server_.output_bytes_ && !is_output(file);
    });
    if (files.size() < all) {
      server_.log(study::Level::kWarn, "runner",
                  "trial " + std::to_string(trial) + " left more than trial_limits.output_mb; " +
                      std::to_string(all - files.size()) + " of its " + std::to_string(all) +
                      " files stay where they are and are lost");
    }
    send_all(files, directory, "trial");
  }

 private:
  std::string place(const char* name) const { return (server_.scratch_->path() / name).string(); }

  // Its directories are here. The owner has what it goes on from.
  void fetch() {
    base::make_empty_directory(directory = place("trial"));
    if (resume_directory.empty()) return;
    base::make_empty_directory(resume_directory = place("resume"));
    server_.ask({{"fetch", true}}, [](const JsonReader&) {});
  }

  void send_all(const std::vector<TreeFile>& files, const std::string& from, const char* into) {
    for (const TreeFile& file : files) {
      send_file(from, file, [&](json::object&& piece) {
        piece["into"] = into;
        server_.send(piece);
      });
    }
  }

  Server& server_;
  RemoteAsker asker_;
  bool wants_save_ = false;
  mutable std::atomic<bool> told_ = false;
};

Server::Server(int input, int output, Hooks hooks)
    : input_(input), hooks_(std::move(hooks)), out_(output) {}

Server::~Server() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (reading_.joinable()) reading_.join();
  if (beating_.joinable()) beating_.join();
}

bool Server::send(const json::object& message) {
  return out_.write(base::to_text(message), kPatience);
}

void Server::log(study::Level level, std::string_view source, std::string_view message) {
  send({{"log", static_cast<std::int64_t>(level)}, {"source", source}, {"message", message}});
}

void Server::say_farewell(const json::object& farewell) {
  if (scratch_) scratch_->remove();
  out_.write(base::to_text(farewell), milliseconds(1000));
}

// Nothing that its trial has started outlives a runner.
void Server::leave() const {
  kill_followers(::getpid());
  if (scratch_) scratch_->remove();
  hooks_.leave();
}

// ---- the threads -------------------------------------------------------------------------------

void Server::read() {
  LineReader in(input_);
  std::string line;
  for (;;) {
    LineReader::Read read = LineReader::Read::kEnd;
    try {
      read = in.read(line, kTick);
      if (read == LineReader::Read::kLine) heed(base::parse_json(line, "owner"));
    } catch (const Error&) {  // no owner speaks so
      read = LineReader::Read::kEnd;
    }
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    if (read != LineReader::Read::kEnd) continue;
    if (requests_ > 0) leave();
    gone_ = true;
    changed_.notify_all();
    return;
  }
}

void Server::heed(base::JsonDocument&& message) {
  const JsonReader reader(message);
  const auto cancel = reader.member("cancel");
  if (cancel) {
    trial_cancelled_ = true;
    if (cancel->string() == "study") hooks_.cancelled();
  }
  const bool run = reader.member("run").has_value();
  if (run) trial_cancelled_ = false;  // of the one before
  const bool request = run || reader.member("declare");
  const bool passing = cancel || reader.member("beat");
  const std::lock_guard lock(mutex_);
  heard_ = Clock::now();
  if (passing) return;
  if (request) ++requests_;  // from here on, so that the end of the owner is never missed
  inbox_.push_back(std::make_unique<base::JsonDocument>(std::move(message)));
  changed_.notify_all();
}

std::string Server::sign_of_life() const {
  json::object beat{{"beat", true}};
  if (tells_memory_) beat["resident"] = resident_of_session(::getpid());
  return base::to_text(beat);
}

void Server::beat() {
  milliseconds silent{0};
  milliseconds since_beat{0};
  auto before = Clock::now();
  auto heard = before;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait_for(lock, kTick, [this] { return ending_; });
    const auto now = Clock::now();
    const auto passed =
        std::min(std::chrono::duration_cast<milliseconds>(now - before), kMostOfATick);
    before = now;
    silent = heard_ == heard ? silent + passed : milliseconds(0);
    heard = heard_;
    since_beat += passed;
    if (silent > silence_) leave();
    if (hooks_.asked_to_leave()) {
      out_.write_if_free(R"({"bye":"terminated"})");
      leave();
    }
    if (since_beat < beat_ && !tells_memory_) continue;
    since_beat = milliseconds(0);
    out_.write_if_free(sign_of_life());
  }
}

std::unique_ptr<base::JsonDocument> Server::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return gone_ || !inbox_.empty(); });
  if (inbox_.empty()) return nullptr;
  auto message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

void Server::end_request() {
  const std::lock_guard lock(mutex_);
  DODONA_ASSERT(requests_ > 0);
  --requests_;
}

// ---- requests ----------------------------------------------------------------------------------

void Server::ask(const json::object& question, const Answered& read) {
  const std::lock_guard one(asking_);
  if (!send(question)) throw Error(DODONA_E_CANCELLED, "the owner of the study is gone");
  std::optional<Error> failed;  // to take a piece of a file, all of which come before the answer
  for (;;) {
    const auto message = next();
    if (message == nullptr) throw Error(DODONA_E_CANCELLED, "the owner of the study is gone");
    const JsonReader reader(*message);
    if (reader.member("file")) {
      if (!failed) failed = taken(reader, scratch_->path());
      continue;
    }
    if (failed) throw Error(*failed);
    if (const auto error = reader.member("error")) throw read_error(*error);
    return read(reader.required("answer"));
  }
}

// A runner that does not see the mark of its owner's directory has one of its own.
void Server::find_directory(base::JsonDocument& greeting) {
  const JsonReader reader(greeting);
  const auto mark = reader.member("mark");
  std::error_code none;
  if (!mark || std::filesystem::exists(read_text(*mark), none)) return;
  scratch_.emplace();
  output_bytes_ = read_count(reader.required("output_mb")) << 20;
  const std::string study = (scratch_->path() / "study").string();
  base::make_directory(study);
  greeting.set("study.directory", json::value(study), "runner");
}

void Server::serve() {
  serve_owner();
  if (scratch_) scratch_->remove();
}

void Server::serve_owner() {
  LineReader in(input_);
  std::string line;
  // The owner may be waiting for a place for this very process, so it may take its time.
  if (in.read(line, std::chrono::hours(24)) != LineReader::Read::kLine) return;
  base::JsonDocument greeting = base::parse_json(line, "owner");
  const JsonReader reader(greeting);
  const std::int64_t protocol = reader.required("hello").whole();
  if (protocol != kProtocol) {
    send({{"bye", "failed"},
          {"error", to_json(Error(DODONA_E_UNSUPPORTED,
                                  "the runner speaks protocol " + std::to_string(kProtocol) +
                                      ", and the owner " + std::to_string(protocol) +
                                      "; install the same version of Dodona on both sides"))}});
    return;
  }
  try {
    find_directory(greeting);
  } catch (const Error& error) {
    send({{"bye", "failed"}, {"error", to_json(error)}});
    return;
  }
  beat_ = milliseconds(reader.required("beat_ms").whole());
  silence_ = milliseconds(reader.required("silence_ms").whole());
  if (const auto limit = reader.member("memory_mb")) {
    limit_memory(read_count(*limit));
    tells_memory_ = limit->whole() > 0 && reader.member("far");
  }
  heard_ = Clock::now();
  requests_ = 1;  // the greeting; nobody else knows of it yet
  reading_ = std::thread([this] { read(); });
  beating_ = std::thread([this] { beat(); });
  std::unique_ptr<study::HyperModel> model;
  try {
    json::object answer{{"hello", kProtocol},
                        {"host", base::this_process().host},
                        {"pid", static_cast<std::int64_t>(::getpid())},
                        {"job", job()}};
    model = hooks_.make(reader, answer);
    answer["declares"] = model->declares();
    answer["saves"] = model->saves();
    answer["goes_on"] = model->goes_on();
    json::array& metrics = answer["metrics"].emplace_array();
    for (const study::ToldMetric& metric : model->metrics()) {
      const std::int64_t better = metric.better ? static_cast<std::int64_t>(*metric.better) : 0;
      metrics.push_back(json::array{json::string(metric.name), better});
    }
    end_request();  // before the owner can know of it
    send(answer);
  } catch (...) {
    send({{"bye", "failed"}, {"error", to_json(error_of(std::current_exception()))}});
    return;
  }
  while (const auto message = next()) answer(*model, JsonReader(*message));
}

// The request has ended before the owner knows its result, as the next one may follow at once.
void Server::answer(study::HyperModel& model, const JsonReader& request) {
  json::object result;
  try {
    if (const auto facts = request.member("run")) {
      result = run(model, *facts);
    } else {
      request.required("declare");
      result = declare(model);
    }
  } catch (const study::RunFailed& error) {
    result["failed"] = to_json(error);
    result["outcome"] = static_cast<std::int64_t>(error.outcome);
  } catch (...) {
    result["failed"] = to_json(error_of(std::current_exception()));
  }
  end_request();
  send(result);
}

json::object Server::declare(study::HyperModel& model) {
  RemoteAsker asker(
      [this](const json::object& question, const Answered& read) { ask(question, read); }, true);
  model.declare(asker);
  return {{"done", true}, {"told", false}};
}

json::object Server::run(study::HyperModel& model, const JsonReader& facts) {
  RemoteRun run(*this, facts);
  const std::size_t threads =
      tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const std::size_t slots = std::clamp<std::size_t>(run.threads, 1, threads);
  tbb::task_arena arena(static_cast<int>(slots), 1);
  bool done = false;
  try {
    done = arena.execute([&] { return model.execute(run); });
  } catch (...) {
    run.send_rest();
    throw;
  }
  run.send_rest();
  return {{"done", done}, {"told", run.told()}};
}

}  // namespace dodona::runner
