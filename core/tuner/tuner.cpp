// SPDX-License-Identifier: Apache-2.0
//
// The facade's Tuner: the one place that wires store, schedule and plugins together.
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/hypermodel.hpp"
#include "plugin/oracle.hpp"
#include "plugin/sink.hpp"
#include "project/project.hpp"
#include "project/warm_start.hpp"
#include "schedule/scheduler.hpp"
#include "schedule/sink_pump.hpp"
#include "space/definition.hpp"
#include "space/discovery.hpp"
#include "tuner/asking.hpp"
#include "tuner/models.hpp"
#include "tuner/results.hpp"
#include "tuner/services.hpp"
#include "tuner/view.hpp"

#include <dodona/tuner.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace dodona {
namespace {

constexpr std::chrono::milliseconds kSinkPatience{30'000};
constexpr std::chrono::milliseconds kSinkPatienceInterrupted{2'000};  // the cursor goes on

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// A `space` entry that the hypermodel never asks for is a slip of the pen.
void check_overrides(const std::vector<space::Override>& entries,
                     const std::vector<space::Definition>& definitions) {
  std::vector<std::string> names;
  for (const space::Definition& definition : definitions) names.push_back(definition.param.name);
  for (const space::Override& entry : entries) {
    bool asked = false;
    for (const space::Definition& definition : definitions) {
      const Param& param = definition.param;
      asked = asked || (param.name == entry.param.name &&
                        (!entry.conditional || param.conditions == entry.param.conditions));
    }
    if (asked) continue;
    const auto near = base::nearest(entry.param.name, names);
    throw Error(DODONA_E_INVALID, "space: the hypermodel has no hyperparameter \"" +
                                      entry.param.name + "\"" +
                                      (entry.conditional ? " under these conditions" : "") +
                                      (near ? "; did you mean \"" + *near + "\"?" : ""));
  }
}

// What decides about scores and proposals does not change by accident; and the lag, on which the
// meaning of the log's proposals depends, not at all.
void check_choices(const study::State& state, const study::Settings& settings,
                   const std::string& directory, bool accept_changes) {
  const base::JsonDocument before = base::parse_json(state.document(), "study document");
  const base::JsonDocument now =
      base::parse_json(document::document_text(settings), "study document");
  const bool proposed = state.enqueued_taken() < state.trials().size();
  for (const std::string_view key : {"schedule", "oracle", "stopper", "hypermodel"}) {
    const bool lag = key == "schedule";
    const bool model = key == "hypermodel";
    if (!lag && accept_changes) continue;
    if (!model && !proposed) continue;  // values that a user gave: no oracle to be faithful to
    const auto value = [&](const base::JsonDocument& document) {
      const boost::json::value* found = document.root.as_object().if_contains(key);
      return found != nullptr ? base::to_text(*found, false) : "null";
    };
    if (value(before) == value(now) || (model && value(before) == "null")) continue;
    const char* const accept = "or all the same with --accept-changes (accept_changes), ";
    throw Error(DODONA_E_INVALID, "the study in " + directory + " was made with " +
                                      std::string(key) + " " + value(before) + ", not " +
                                      value(now) + "; go on with that one, " + (lag ? "" : accept) +
                                      "or begin anew with overwrite");
  }
}

// `max accuracy`, or `sum of min loss, max accuracy`.
std::string to_text(const study::Objective& objective) {
  const auto term_text = [](const study::ObjectiveTerm& term) {
    return (term.direction == study::Direction::kMaximize ? "max " : "min ") + term.name;
  };
  if (objective.sum.empty()) return term_text(objective);
  std::string text;
  for (const study::ObjectiveTerm& term : objective.sum) {
    text += (text.empty() ? "sum of " : ", ") + term_text(term);
  }
  return text;
}

// What a study was made with cannot change under its scores.
void check_unchanged(const study::State& state, const study::Settings& settings,
                     const std::string& directory, bool accept_changes) {
  if (settings.seed && state.seed() && *settings.seed != *state.seed()) {
    throw Error(DODONA_E_INVALID, "the study in " + directory + " has seed " +
                                      std::to_string(*state.seed()) + ", not " +
                                      std::to_string(*settings.seed) +
                                      "; leave seed out to go on, or begin anew with overwrite");
  }
  if (state.document().empty()) return;
  if (!state.trials().empty()) check_choices(state, settings, directory, accept_changes);
  const study::Objective before = document::objective_of(state.document());
  if (accept_changes || before == settings.objective) return;
  throw Error(DODONA_E_INVALID, "the study in " + directory + " has the objective " +
                                    to_text(before) + ", not " + to_text(settings.objective) +
                                    "; go on with that one, or all the same with --accept-changes "
                                    "(accept_changes), which makes the scores anew from what "
                                    "trials reported, or begin anew with overwrite");
}

// Options were checked when the settings were made.
boost::json::object parsed(const std::string& options) {
  return base::parse_json(options, "options").root.as_object();
}

}  // namespace

struct Tuner::Impl {
  explicit Impl(TunerOptions given)
      : options(std::move(given)),
        catalogue(document::catalogue_of(options.plugins)),
        settings(document::settings_of(options, catalogue)),
        directory(prepare(options, settings)),
        place(directory.empty() ? "" : std::filesystem::absolute(directory).string()),
        shared_services(std::make_shared<tuner::KernelServices>(options.on_log)),
        services(*shared_services),
        store(project::open_store(settings)),
        folded(project::fold(*store, settings.objective)),
        state(folded.state),
        journal(*store, state, clock),
        space(project::overrides_of(settings)) {
    check_unchanged(state, settings, directory, options.accept_changes);
    tell_of_scores();
    space.restore(state.params());
    if (!state.seed()) {
      const std::uint64_t seed = settings.seed.value_or(random_seed());
      journal.append(study::kNoTrial, study::Created{seed, version()});
    }
    const std::string document = document::document_text(settings);
    if (document != state.document()) {
      journal.append(study::kNoTrial, study::Configured{document});
    }
    rule = study::rule_of(settings.objective, store->names());
  }
  ~Impl() {
    finish_sinks();
    services.silence();  // a sink that does not come back may outlive who listens
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static std::string prepare(const TunerOptions& options, const study::Settings& settings) {
    std::string directory = project::project_directory(settings);
    if (options.overwrite && !directory.empty()) project::delete_project(directory);
    return directory;
  }

  plugin::StudyInfo info() const;
  schedule::Plan plan(bool declared);
  std::unique_ptr<study::Oracle> make_oracle(const study::PluginChoice& choice);
  std::unique_ptr<study::Oracle> make_proposing_oracle();
  std::vector<std::unique_ptr<study::Oracle>> make_judges(const study::Oracle& oracle);
  std::vector<Assignment> assignments_of(const study::NamedValues& values) const;
  void enqueue(const study::NamedValues& values);
  void enqueue_wishes();
  void tell_of_scores();
  bool needs_warm_start() const;
  void check_warm_start() const;
  void take_warm_start();
  bool grow_space(study::HyperModel* model);
  void notify(const schedule::Notice& notice);
  std::vector<std::unique_ptr<schedule::SinkPump>> start_sinks();
  Summary search(study::HyperModel& model);
  std::string last_note() const;
  Summary summary(schedule::End end, double seconds) const;
  tuner::Recipe recipe(std::optional<std::uint64_t> trial) const {
    return journal.with_state(
        [&](const study::State& now) { return tuner::recipe_of(now, settings, place, trial); });
  }
  std::shared_ptr<tuner::Asking> ask_desk();
  void end_asking();
  void finish_sinks();

  template <class Function>
  auto viewed(Function&& function) const {
    return journal.with_state([&](const study::State& now) {
      return function(tuner::View(now, store->names(), settings.objective), now);
    });
  }

  const TunerOptions options;
  const plugin::Catalogue catalogue;
  const study::Settings settings;
  const std::string directory;  // as given
  const std::string place;      // the same, wherever the process goes
  const std::shared_ptr<tuner::KernelServices> shared_services;
  tuner::KernelServices& services;
  const base::SystemClock clock;
  const std::unique_ptr<project::RescoredStore> store;
  project::Folded folded;
  study::State& state;  // guarded by the journal
  schedule::Journal journal;
  space::SearchSpace space;
  study::ScoreRule rule;

  // One search at a time, which callbacks might break too.
  struct Turn {
    explicit Turn(Impl& whose) : tuner(whose) {
      if (tuner.searching.exchange(true)) {
        throw Error(DODONA_E_STATE, "a search of this tuner is running");
      }
    }
    ~Turn() {
      const std::lock_guard lock(tuner.mutex);
      tuner.running = nullptr;
      tuner.stop_requested = false;
      tuner.services.set_cancelled(false);
      tuner.searching = false;
    }
    Impl& tuner;
  };

  std::atomic<bool> searching = false;
  std::mutex progress_mutex;
  std::mutex mutex;
  schedule::Scheduler* running = nullptr;
  bool stop_requested = false;
  std::vector<study::NamedValues> wishes;  // enqueued before the space was known

  std::mutex asking_mutex;                // makes and ends the desk; taken before `mutex`
  std::shared_ptr<tuner::Asking> asking;  // while trials are asked for
};

plugin::StudyInfo Tuner::Impl::info() const {
  return project::study_info(settings, *state.seed(), place, store->names());
}

schedule::Plan Tuner::Impl::plan(bool declared) {
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  schedule::Plan plan;
  plan.seed = *state.seed();
  plan.rule = rule;
  plan.max_trials = settings.max_trials;
  plan.max_seconds = settings.max_seconds;
  plan.max_steps = settings.max_steps;
  plan.executions = settings.executions_per_trial;
  plan.parallel_trials = settings.parallel_trials;
  plan.lag = settings.lag;
  plan.devices = settings.devices;
  plan.threads_per_trial = settings.threads_per_trial > 0 ? settings.threads_per_trial
                           : settings.lag > 0             ? 1  // the same on every machine
                                              : std::max(1u, cores / settings.parallel_trials);
  plan.keeps_last =
      (catalogue.find(DODONA_ROLE_ORACLE, settings.oracle.plugin).flags & DODONA_FLAG_RESUMES) != 0;
  plan.on_space_known = [this] {
    take_warm_start();
    enqueue_wishes();
  };
  plan.max_retries = settings.max_retries_per_trial;
  plan.max_consecutive_failures = settings.max_consecutive_failed_trials;
  plan.declared = declared;
  plan.keep = settings.keep.trials;
  plan.directory = place;
  return plan;
}

std::unique_ptr<study::Oracle> Tuner::Impl::make_oracle(const study::PluginChoice& choice) {
  const plugin::Descriptor& descriptor = catalogue.find(DODONA_ROLE_ORACLE, choice.plugin);
  return plugin::make_oracle(descriptor, info(), parsed(choice.options), services);
}

std::unique_ptr<study::Oracle> Tuner::Impl::make_proposing_oracle() {
  auto oracle = make_oracle(settings.oracle);
  if (oracle->proposes()) return oracle;
  throw Error(DODONA_E_INVALID, "oracle: " + base::quote(settings.oracle.plugin) +
                                    " only judges; name it under stopper");
}

// The stopper; with a lag, for each slot one, and an oracle that judges too.
std::vector<std::unique_ptr<study::Oracle>> Tuner::Impl::make_judges(const study::Oracle& oracle) {
  std::vector<std::unique_ptr<study::Oracle>> judges;
  for (std::uint32_t slot = 0; slot < std::max(1u, settings.lag); ++slot) {
    if (settings.lag > 0 && oracle.judges()) judges.push_back(make_oracle(settings.oracle));
    if (!settings.stopper) continue;
    judges.push_back(make_oracle(*settings.stopper));
    if (judges.back()->proposes() || !judges.back()->judges()) {
      throw Error(DODONA_E_INVALID, "stopper: " + base::quote(settings.stopper->plugin) +
                                        " proposes; name it under oracle");
    }
  }
  return judges;
}

// Values by place; a name may have several definitions, of which one at most will be active.
std::vector<Assignment> Tuner::Impl::assignments_of(const study::NamedValues& values) const {
  const auto snapshot = space.snapshot();
  const std::vector<Param>& params = snapshot->space.params();
  std::vector<std::string> names;
  for (const Param& param : params) names.push_back(param.name);
  std::vector<Assignment> assignments;
  for (const auto& [name, value] : values) {
    const Param* refused = nullptr;
    const std::size_t before = assignments.size();
    for (std::uint32_t i = 0; i < params.size(); ++i) {
      if (params[i].name != name) continue;
      const auto cell = cell_of(params[i], value);
      if (cell) assignments.push_back({i, *cell});
      if (!cell) refused = &params[i];
    }
    if (assignments.size() > before) continue;
    if (refused != nullptr) {
      throw Error(DODONA_E_INVALID, "initial: " + space::to_text(value) + " is not a value of " +
                                        space::to_text(*refused));
    }
    const auto near = base::nearest(name, names);
    throw Error(DODONA_E_INVALID, "initial: there is no hyperparameter " + base::quote(name) +
                                      (near ? "; did you mean " + base::quote(*near) + "?" : ""));
  }
  std::sort(assignments.begin(), assignments.end(),
            [](const Assignment& a, const Assignment& b) { return a.param < b.param; });
  return assignments;
}

void Tuner::Impl::enqueue(const study::NamedValues& values) {
  journal.wait_durable(journal.append(study::kNoTrial, study::Enqueued{assignments_of(values)}));
}

// The study file's initial values, those of an earlier search excepted, then the application's.
void Tuner::Impl::enqueue_wishes() {
  for (const study::NamedValues& values : settings.initial) {
    const std::vector<Assignment> assignments = assignments_of(values);
    const bool there = journal.with_state([&](const study::State& now) {
      return std::any_of(now.enqueued().begin(), now.enqueued().end(),
                         [&](const auto& each) { return each.assignments == assignments; });
    });
    if (!there) enqueue(values);
  }
  std::vector<study::NamedValues> mine;
  {
    const std::lock_guard lock(mutex);
    mine.swap(wishes);
  }
  for (const study::NamedValues& values : mine) enqueue(values);
}

void Tuner::Impl::tell_of_scores() {
  const auto [scored, unscored] = folded.scored_again;
  if (scored + unscored == 0) return;
  services.log(unscored > 0 ? study::Level::kWarn : study::Level::kInfo, "study",
               "scores are made anew by the objective " + to_text(settings.objective) + ": " +
                   std::to_string(scored) + " trials have one" +
                   (unscored > 0 ? ", " + std::to_string(unscored) +
                                       " lack its metrics and have none from now on"
                                 : ""));
}

bool Tuner::Impl::needs_warm_start() const {
  if (!settings.warm_start) return false;
  const std::string source = project::warm_start_source(*settings.warm_start);
  return journal.with_state([&](const study::State& now) {
    return std::none_of(now.notes().begin(), now.notes().end(), [&](const study::Noted& noted) {
      return noted.key == project::kWarmStart && noted.value == source;
    });
  });
}

// Better now than after the first trial.
void Tuner::Impl::check_warm_start() const {
  if (needs_warm_start()) project::check_warm_start(*settings.warm_start, place);
}

// Once a study: the log holds it. What a crash left of it is completed. With a lag, it comes in the
// turn of the trial that made the space, and knows no later definitions.
void Tuner::Impl::take_warm_start() {
  if (!needs_warm_start()) return;
  Space known;
  std::vector<study::Imported> before;
  std::uint64_t turn = study::kNoTrial;
  journal.with_state([&](const study::State& now) {
    std::uint64_t made = 0;  // by so many trials, the first ones
    while (made < now.trials().size() && now.trials()[made].proposed_empty) ++made;
    if (settings.lag > 0 && made > 0) turn = made - 1;
    const std::size_t count = settings.lag > 0 ? now.params_before(made) : now.params().size();
    for (std::size_t i = 0; i < count; ++i) known.add(now.params()[i]);
    before = now.imported();
  });
  const project::WarmStart from =
      project::read_warm_start(*settings.warm_start, settings.objective, known, store->names());
  for (const study::Imported& trial : from.trials) {
    if (!project::is_among(trial, before)) journal.append(turn, trial);
  }
  journal.wait_durable(journal.append(
      study::kNoTrial,
      study::Noted{project::kWarmStart, project::warm_start_source(*settings.warm_start)}));
  services.log(from.left_out ? study::Level::kWarn : study::Level::kInfo, project::kWarmStart,
               from.summary);
}

// Says whether the space is known before the first trial.
bool Tuner::Impl::grow_space(study::HyperModel* model) {
  std::vector<space::Definition> definitions;
  if (model != nullptr && model->declares()) {
    definitions =
        space::discover([&](study::Asker& asker) { model->declare(asker); }, space.overrides());
  }
  if (!definitions.empty()) {
    check_overrides(settings.space, definitions);
  } else {
    for (const space::Override& entry : settings.space) {
      definitions.push_back({std::nullopt, entry.param});
    }
  }
  space.add(definitions, [&](std::uint32_t first, const std::vector<Param>& params) {
    journal.append(study::kNoTrial, study::SpaceGrown{first, params});
  });
  return !definitions.empty();
}

void Tuner::Impl::notify(const schedule::Notice& notice) {
  if (!options.on_progress) return;
  Progress progress;
  progress.kind = static_cast<Progress::Kind>(notice.kind);
  progress.trial = notice.trial;
  progress.execution = notice.execution;
  progress.attempt = notice.attempt;
  progress.step = notice.step;
  const std::lock_guard lock(progress_mutex);
  Result result;
  viewed([&](const tuner::View& view, const study::State& now) {
    if (notice.kind != schedule::Notice::Kind::kReported) {
      result = view.result(notice.trial);
      progress.result = &result;
    }
    progress.score = view.score(notice.objective);
    progress.trials_finished = now.finished();
    if (const auto best = now.best()) {
      progress.best_trial = *best;
      progress.best_score = view.score(now.trials()[*best].score);
    }
  });
  options.on_progress(progress);
}

std::vector<std::unique_ptr<schedule::SinkPump>> Tuner::Impl::start_sinks() {
  std::vector<std::unique_ptr<schedule::SinkPump>> pumps;
  std::map<std::string, int> cursors;
  for (const study::PluginChoice& choice : settings.sinks) {
    const plugin::Descriptor& descriptor = catalogue.find(DODONA_ROLE_SINK, choice.plugin);
    const auto names = std::make_shared<study::Names>();
    auto sink =
        plugin::make_sink(descriptor, project::study_info(settings, *state.seed(), place, *names),
                          parsed(choice.options), services);
    // A sink with other options is another one, and begins with the first event.
    std::string cursor = descriptor.id + " " + choice.options;
    if (const int same = cursors[cursor]++; same > 0) cursor += " #" + std::to_string(same);
    pumps.push_back(std::make_unique<schedule::SinkPump>(descriptor.name, std::move(cursor),
                                                         std::move(sink), names, *store, space,
                                                         shared_services));
  }
  return pumps;
}

static_assert(static_cast<int>(End::kFailures) == static_cast<int>(schedule::End::kFailures));

Summary Tuner::Impl::search(study::HyperModel& model) {
  const auto start = std::chrono::steady_clock::now();
  const Turn turn(*this);
  end_asking();
  check_warm_start();
  const bool declared = grow_space(&model);
  const auto oracle = make_proposing_oracle();
  const auto judges = make_judges(*oracle);
  std::vector<study::Oracle*> judging;
  for (const auto& judge : judges) judging.push_back(judge.get());
  const auto pumps = start_sinks();
  schedule::Scheduler scheduler(plan(declared), journal, space, *oracle, judging, model,
                                [this](const schedule::Notice& notice) { notify(notice); });
  {
    const std::lock_guard lock(mutex);
    running = &scheduler;
    if (stop_requested) scheduler.stop();
  }
  schedule::End end = schedule::End::kInterrupted;
  std::exception_ptr error;
  try {
    end = scheduler.run();
    journal.wait_durable(
        journal.append(study::kNoTrial, study::Stopped{to_text(static_cast<End>(end))}));
  } catch (...) {
    error = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex);
    running = nullptr;
  }
  const auto patience = error                                ? std::chrono::milliseconds(0)
                        : end == schedule::End::kInterrupted ? kSinkPatienceInterrupted
                                                             : kSinkPatience;
  for (const auto& pump : pumps) pump->finish(patience);
  if (error) std::rethrow_exception(error);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return summary(end, seconds.count());
}

// The note of the oracle's last proposal, looked for from the end of the log.
std::string Tuner::Impl::last_note() const {
  const std::uint64_t size = store->size();
  std::optional<std::string> note;
  std::uint64_t first = size;
  for (std::uint64_t back = 256; !note && first > 0; back *= 8) {
    first = size > back ? size - back : 0;
    store->read(first, [&](const study::Event& event) {
      const auto* proposed = std::get_if<study::Proposed>(&event.body);
      if (proposed != nullptr && proposed->enqueued == study::kNoSequence) note = proposed->note;
      return true;
    });
  }
  return note.value_or("");
}

Summary Tuner::Impl::summary(schedule::End end, double seconds) const {
  return viewed([&](const tuner::View& view, const study::State& now) {
    Summary summary;
    summary.end = static_cast<End>(end);
    summary.completed = now.count(study::TrialState::kCompleted);
    summary.stopped = now.count(study::TrialState::kStopped);
    summary.failed = now.count(study::TrialState::kFailed) + now.count(study::TrialState::kInvalid);
    summary.unfinished = now.trials().size() - now.finished();
    summary.seconds = seconds;
    std::int64_t last = 0;
    for (std::size_t id = 0; id < now.trials().size(); ++id) {
      const study::Trial& trial = now.trials()[id];
      if (trial.message.empty() || trial.finished_unix_nanos < last) continue;
      last = trial.finished_unix_nanos;
      summary.message = "trial " + std::to_string(id) + ": " + trial.message;
    }
    if (now.best()) summary.best = view.result(*now.best());
    const std::string note = last_note();
    summary.delegate = tuner::note_member(note, "delegate");
    summary.reason = tuner::note_member(note, "reason");
    return summary;
  });
}

// The desk at which trials are asked for, from the first one on.
std::shared_ptr<tuner::Asking> Tuner::Impl::ask_desk() {
  const std::lock_guard making(asking_mutex);
  if (searching) throw Error(DODONA_E_STATE, "a search of this tuner is running");
  if (asking != nullptr) return asking;
  check_warm_start();
  const bool declared = grow_space(nullptr);
  if (declared) enqueue_wishes();
  const auto made = std::make_shared<tuner::Asking>();
  made->oracle = make_proposing_oracle();
  made->judges = make_judges(*made->oracle);
  std::vector<study::Oracle*> judging;
  for (const auto& judge : made->judges) judging.push_back(judge.get());
  made->pumps = start_sinks();
  made->desk =
      std::make_unique<schedule::Desk>(plan(declared), journal, space, *made->oracle, judging,
                                       [this](const schedule::Notice& notice) { notify(notice); });
  made->result = [this](std::uint64_t trial) {
    return viewed([&](const tuner::View& view, const study::State&) { return view.result(trial); });
  };
  const std::lock_guard lock(mutex);
  asking = made;
  if (stop_requested) asking->desk->stop();
  return asking;
}

void Tuner::Impl::end_asking() {
  const std::lock_guard making(asking_mutex);
  if (asking == nullptr) return;
  if (!asking->desk->close()) {
    throw Error(DODONA_E_STATE, "trials that were asked for are not told yet");
  }
  finish_sinks();
  const std::lock_guard lock(mutex);
  asking = nullptr;
  services.set_cancelled(false);
}

void Tuner::Impl::finish_sinks() {
  if (asking == nullptr) return;
  const auto patience = services.cancelled() ? kSinkPatienceInterrupted : kSinkPatience;
  for (const auto& pump : asking->pumps) pump->finish(patience);
}

Tuner::Tuner(const TunerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Tuner::Tuner(Tuner&&) noexcept = default;
Tuner& Tuner::operator=(Tuner&&) noexcept = default;
Tuner::~Tuner() = default;

Summary Tuner::search() {
  if (!impl_->settings.hypermodel) {
    throw Error(DODONA_E_INVALID,
                "hypermodel is missing: what is to be tuned? for example \"hypermodel\": "
                "{\"plugin\": \"torch_mlp\"}");
  }
  const study::PluginChoice& choice = *impl_->settings.hypermodel;
  const plugin::Descriptor& descriptor =
      impl_->catalogue.find(DODONA_ROLE_HYPERMODEL, choice.plugin);
  const auto model = plugin::make_hypermodel(descriptor, parsed(choice.options), impl_->services);
  return impl_->search(*model);
}

Summary Tuner::search_table(const dodona_hypermodel_vtable* table, void* self) {
  const auto model =
      plugin::make_hypermodel(table, self, "the application's hypermodel", impl_->services);
  return impl_->search(*model);
}

std::shared_ptr<void> Tuner::load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                        void* self) const {
  return tuner::load_model(impl_->recipe(trial), tuner::maker_of(table, self));
}

Retrained Tuner::retrain_table(const dodona_hypermodel_vtable* table, void* self,
                               const RetrainOptions& options) const {
  const tuner::Recipe recipe = impl_->recipe(options.trial);
  const std::string about = impl_->viewed([&](const tuner::View& view, const study::State&) {
    return to_json(view.result(recipe.trial));
  });
  return tuner::retrain(recipe, tuner::maker_of(table, self), options, about);
}

void Tuner::enqueue(const Values& values) {
  if (impl_->space.size() > 0) {
    impl_->enqueue(values.entries());
    return;
  }
  const std::lock_guard lock(impl_->mutex);
  impl_->wishes.push_back(values.entries());
}

void Tuner::open_desk() {
  impl_->ask_desk();
}

std::shared_ptr<AskedState> Tuner::ask_trial() {
  const auto asking = impl_->ask_desk();
  std::shared_ptr<schedule::Desk::Asked> trial;
  const study::Answer answer = asking->desk->ask(trial);
  return std::make_shared<AskedState>(asking, trial, answer == study::Answer::kExhausted);
}

std::shared_ptr<AskedState> Tuner::asked_trial(std::uint64_t trial) {
  const auto asking = impl_->ask_desk();
  return std::make_shared<AskedState>(asking, asking->desk->asked(trial), false);
}

void Tuner::tell_trial(AskedState& trial, State state, const Metrics& metrics,
                       const std::string& message) {
  if (state != State::kCompleted && state != State::kStopped && state != State::kFailed) {
    throw Error(DODONA_E_INVALID, std::string("a trial is told as completed, stopped or failed, ") +
                                      "not as " + to_text(state));
  }
  trial.tell(state, metrics, message);
}

void Tuner::stop() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->asking != nullptr) {
    impl_->asking->desk->stop();
  } else {
    impl_->stop_requested = true;
  }
  impl_->services.set_cancelled(true);
  if (impl_->running != nullptr) impl_->running->stop();
}

std::vector<Result> Tuner::trials() const {
  return impl_->viewed([](const tuner::View& view, const study::State&) { return view.trials(); });
}

std::vector<Result> Tuner::best(std::uint64_t count) const {
  return impl_->viewed(
      [&](const tuner::View& view, const study::State&) { return view.best(count); });
}

Values Tuner::best_hyperparameters() const {
  return impl_->viewed([](const tuner::View& view, const study::State& now) {
    if (!now.best()) throw Error(DODONA_E_STATE, "no trial of the study has a score yet");
    return view.result(*now.best()).values;
  });
}

std::vector<HyperParameter> Tuner::space() const {
  return document::to_facade(impl_->space.snapshot()->space.params());
}

Objective Tuner::objective() const {
  return document::to_facade(impl_->settings.objective);
}
std::uint64_t Tuner::seed() const {
  return *impl_->state.seed();
}
std::string Tuner::directory() const {
  return impl_->directory;
}

}  // namespace dodona
