// SPDX-License-Identifier: Apache-2.0
#include "tuner/status.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "document/document.hpp"
#include "project/mailbox.hpp"
#include "project/project.hpp"
#include "tuner/view.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace dodona {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t kWindowNanos = 300'000'000'000;
constexpr double kNanos = 1e9;
constexpr int kDepthMax = 4;

constexpr std::array<RunnerState, 5> kStates{RunnerState::kStarting, RunnerState::kQueued,
                                             RunnerState::kIdle, RunnerState::kBusy,
                                             RunnerState::kLost};

template <class Number>
json::value or_null(const std::optional<Number>& number) {
  return number ? json::value(*number) : json::value();
}

json::value limit_or_null(auto limit) {
  return limit > 0 ? json::value(limit) : json::value();
}

json::object to_object(const Runner& runner) {
  return {{"name", runner.name},
          {"host", runner.host.empty() ? json::value() : json::value(runner.host)},
          {"state", to_text(runner.state)},
          {"trial", or_null(runner.trial)},
          {"seconds", runner.seconds},
          {"losses", runner.losses},
          {"busy", runner.busy}};
}

// ---- from an answer ----------------------------------------------------------------------------

std::optional<base::JsonReader> known(const base::JsonReader& at, std::string_view key) {
  const auto found = at.member(key);
  return found && !found->value().is_null() ? found : std::nullopt;
}

std::uint64_t count(const base::JsonReader& at, std::string_view key) {
  const auto found = known(at, key);
  return found ? static_cast<std::uint64_t>(std::max<std::int64_t>(found->whole(), 0)) : 0;
}

std::optional<double> real(const base::JsonReader& at, std::string_view key) {
  const auto found = known(at, key);
  return found ? std::optional(found->real()) : std::nullopt;
}

std::string text(const base::JsonReader& at, std::string_view key) {
  const auto found = known(at, key);
  return found ? std::string(found->string()) : "";
}

Runner runner_of(const base::JsonReader& at) {
  Runner runner;
  runner.name = text(at, "name");
  runner.host = text(at, "host");
  std::array<std::string, kStates.size()> words;
  std::transform(kStates.begin(), kStates.end(), words.begin(),
                 [](auto each) { return to_text(each); });
  runner.state = kStates[at.required("state").word(words)];
  if (known(at, "trial")) runner.trial = count(at, "trial");
  runner.seconds = real(at, "seconds").value_or(0);
  runner.losses = count(at, "losses");
  runner.busy = real(at, "busy").value_or(0);
  return runner;
}

StudyStatus status_of(const base::JsonDocument& document) {
  const base::JsonReader root(document);
  StudyStatus status;
  status.owner = text(root, "owner");
  status.paused = root.required("paused").boolean();
  status.stopping = root.required("stopping").boolean();
  const base::JsonReader trials = root.required("trials");
  status.completed = count(trials, "completed");
  status.stopped = count(trials, "stopped");
  status.failed = count(trials, "failed");
  status.running = count(trials, "running");
  status.waiting = count(trials, "waiting");
  status.max_trials = count(trials, "max");
  status.parallel_trials = static_cast<std::uint32_t>(count(root, "parallel_trials"));
  status.max_seconds = real(root, "max_seconds").value_or(0);
  status.seconds = real(root, "seconds").value_or(0);
  status.trials_per_minute = real(root, "trials_per_minute");
  status.utilisation = real(root, "utilisation");
  if (const auto best = known(root, "best")) {
    status.best_trial = count(*best, "trial");
    status.best_score = real(*best, "score");
  }
  const base::JsonReader runners = root.required("runners");
  for (std::size_t i = 0; i < runners.array().size(); ++i) {
    status.runners.push_back(runner_of(runners.element(i)));
  }
  return status;
}

StudyStatus status_of_log(const std::string& directory) {
  const auto store = project::open_to_read(directory);
  const project::Folded folded = project::fold(*store, {}, project::Damage::kTold);
  const std::string& document = folded.state.document();
  StudyOptions settings;
  study::Objective objective;
  if (!document.empty()) {
    settings = document::plain_options_of(document, store->path());
    objective = document::objective_of(document);
  }
  const tuner::View view(folded.state, store->names(), objective, tuner::View::Runs::kNo);
  StudyStatus status = tuner::standing_of(view, folded.state, settings);
  status.waiting += std::exchange(status.running, 0);
  return status;
}

// Adds the studies in `directory` and below.
void add_studies(const fs::path& directory, int depth, std::vector<std::string>& found) {
  std::error_code error;
  if (fs::exists(directory / "study.db", error)) {
    found.push_back(directory.lexically_normal().string());
    return;
  }
  if (depth == kDepthMax) return;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const bool draft = it->path().filename() == "study.new";  // of an import that was cut off
    if (!draft && it->is_directory(ignored) && !it->is_symlink(ignored)) {
      add_studies(it->path(), depth + 1, found);
    }
  }
}

}  // namespace

namespace tuner {

std::optional<base::JsonDocument> ask_owner(const std::string& directory, json::object request) {
  request["from"] = base::this_process().text();
  const auto answer = project::ask_owner(directory, base::to_text(request));
  if (!answer) return std::nullopt;
  base::JsonDocument document = base::parse_json(*answer, "the owner's answer");
  const base::JsonReader root(document);
  if (const auto error = root.member("error")) {
    throw Error(static_cast<dodona_status>(root.required("code").whole()),
                std::string(error->string()));
  }
  return document;
}

StudyStatus standing_of(const View& view, const study::State& state, const StudyOptions& settings) {
  using State = study::TrialState;
  StudyStatus status;
  status.completed = state.count(State::kCompleted);
  status.stopped = state.count(State::kStopped);
  status.failed = state.count(State::kFailed) + state.count(State::kInvalid);
  status.running = state.count(State::kRunning);
  status.waiting = state.count(State::kWaiting);
  status.max_trials = settings.max_trials;
  status.max_seconds = settings.max_seconds;
  status.parallel_trials = settings.parallel_trials;
  if (const auto best = state.best()) {
    status.best_trial = *best;
    status.best_score = view.score(state.trials()[*best].score);
  }
  return status;
}

void add_pace(StudyStatus& status, const study::State& state, std::int64_t now_unix_nanos,
              double seconds) {
  status.seconds = seconds;
  if (seconds < 1) return;
  const double window = std::min(seconds * kNanos, static_cast<double>(kWindowNanos));
  const std::int64_t since = now_unix_nanos - static_cast<std::int64_t>(window);
  const auto ended = std::count_if(
      state.trials().begin(), state.trials().end(), [&](const study::TrialRecord& trial) {
        return study::is_final(trial.state) && trial.finished_unix_nanos >= since;
      });
  status.trials_per_minute = static_cast<double>(ended) * 60 * kNanos / window;
}

void add_runners(StudyStatus& status, const schedule::Scheduler::Runners& runners) {
  double busy = runners.left.busy;
  double here = runners.left.here;
  const std::string host = base::this_process().host;
  for (const schedule::RunnerView& view : runners.here) {
    Runner runner;
    runner.name = view.name.empty() ? "this process" : "dodona-runner";
    runner.host = view.name.empty() ? host : view.name;
    runner.state = static_cast<RunnerState>(view.state);
    runner.trial = view.trial;
    runner.seconds = view.seconds;
    runner.losses = view.losses;
    if (view.here > 0) runner.busy = view.busy / view.here;
    status.runners.push_back(std::move(runner));
    busy += view.busy;
    here += view.here;
  }
  if (here > 0) status.utilisation = busy / here;
}

static_assert(static_cast<int>(RunnerState::kLost) ==
              static_cast<int>(schedule::RunnerView::State::kLost));

}  // namespace tuner

const char* to_text(RunnerState state) {
  switch (state) {
    case RunnerState::kStarting:
      return "starting";
    case RunnerState::kQueued:
      return "queued";
    case RunnerState::kIdle:
      return "idle";
    case RunnerState::kBusy:
      return "busy";
    case RunnerState::kLost:
      break;
  }
  return "lost";
}

std::string to_json(const StudyStatus& status) {
  json::array runners;
  for (const Runner& runner : status.runners) runners.push_back(to_object(runner));
  json::value best;
  if (status.best_trial) {
    best = {{"trial", *status.best_trial}, {"score", or_null(status.best_score)}};
  }
  return base::to_pretty_text(
      json::object{{"owner", status.owner.empty() ? json::value() : json::value(status.owner)},
                   {"paused", status.paused},
                   {"stopping", status.stopping},
                   {"trials",
                    {{"finished", status.finished()},
                     {"completed", status.completed},
                     {"stopped", status.stopped},
                     {"failed", status.failed},
                     {"running", status.running},
                     {"waiting", status.waiting},
                     {"max", limit_or_null(status.max_trials)}}},
                   {"parallel_trials", status.parallel_trials},
                   {"max_seconds", limit_or_null(status.max_seconds)},
                   {"seconds", status.seconds},
                   {"trials_per_minute", or_null(status.trials_per_minute)},
                   {"utilisation", or_null(status.utilisation)},
                   {"best", std::move(best)},
                   {"runners", std::move(runners)}});
}

StudyStatus study_status(const std::string& project_directory, boundary::SameBuild) {
  const auto answer = tuner::ask_owner(project_directory, {{"request", "status"}});
  return answer ? status_of(*answer) : status_of_log(project_directory);
}

std::vector<std::string> find_studies(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw Error(DODONA_E_IO, directory + " is no directory");
  }
  std::vector<std::string> found;
  add_studies(directory, 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

bool pause_study(const std::string& project_directory, bool paused) {
  return tuner::ask_owner(project_directory, {{"request", "pause"}, {"paused", paused}})
      .has_value();
}

bool stop_study(const std::string& project_directory) {
  return tuner::ask_owner(project_directory, {{"request", "stop"}}).has_value();
}

bool set_study(const std::string& project_directory, const std::vector<std::string>& sets) {
  json::array list;
  for (const std::string& set : sets) list.emplace_back(set);
  return tuner::ask_owner(project_directory, {{"request", "set"}, {"sets", std::move(list)}})
      .has_value();
}

}  // namespace dodona
