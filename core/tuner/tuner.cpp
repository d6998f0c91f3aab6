// SPDX-License-Identifier: Apache-2.0
//
// The facade's Tuner: wires the parts of a search, and of trials that are asked for, together.
#include "base/assert.hpp"
#include "base/process.hpp"
#include "document/document.hpp"
#include "document/resume.hpp"
#include "document/space_entries.hpp"
#include "document/told_metrics.hpp"
#include "plugin/hypermodel.hpp"
#include "schedule/confirmation.hpp"
#include "schedule/scheduler.hpp"
#include "schedule/turns.hpp"
#include "space/discovery.hpp"
#include "tuner/asking.hpp"
#include "tuner/constraints.hpp"
#include "tuner/enqueued.hpp"
#include "tuner/isolation.hpp"
#include "tuner/models.hpp"
#include "tuner/open_study.hpp"
#include "tuner/oracles.hpp"
#include "tuner/requests.hpp"
#include "tuner/robust.hpp"
#include "tuner/sinks.hpp"
#include "tuner/status.hpp"
#include "tuner/summary.hpp"
#include "tuner/view.hpp"
#include "tuner/warm_start.hpp"

#include <dodona/tuner.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace dodona {

struct Tuner::Impl {
  using Names = tuner::EnqueuedValues::Names;

  explicit Impl(const TunerOptions& options) : study(options), enqueued(study) {}
  // Ends a search of another thread.
  ~Impl() {
    {
      std::unique_lock lock(mutex);
      if (searching) stop(lock);
      idle.wait(lock, [this] { return !searching; });
    }
    finish_asking();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  schedule::Limits limits() const;
  schedule::Plan plan(bool declared);
  schedule::Plan plan(bool declared, const study::HyperModel& model);
  // Where the options give a space, a hypermodel that does not declare its own asks for no more than
  // that, or may ask for more.
  enum class Asks : std::uint8_t { kWhatIsGiven = 1, kMore };
  // The knowledge of the space before the first trial.
  struct Known {
    bool declared;  // there is some
    bool complete;  // the hypermodel asks for no more
  };
  Known grow_space(study::HyperModel* model, Asks asks);
  void notify(const schedule::Notice& notice);
  std::unique_ptr<study::HyperModel> make_hypermodel();
  // `make` makes the hypermodel, which lives as long as the search.
  Summary search(Asks asks, const std::function<std::unique_ptr<study::HyperModel>()>& make);
  void stop(const std::unique_lock<std::mutex>& lock);
  void pause(bool now);
  void set(const std::vector<std::string>& sets);
  void stop_trial(std::uint64_t trial);
  void note(std::optional<std::uint64_t> trial, const std::string& key, const std::string& value);
  StudyStatus status();
  void begin_configuration();
  std::unique_ptr<tuner::MailReader> read_mail();
  std::shared_ptr<tuner::Asking> ask_desk();
  void end_asking();
  void finish_asking();

  const base::MakerProcess maker;
  Impl* inherited_before = nullptr;  // see Tuner::leave
  tuner::OpenStudy study;
  tuner::EnqueuedValues enqueued;

  // One search at a time, which callbacks might break too.
  struct Turn {
    explicit Turn(Impl& whose) : tuner(whose) {
      const std::lock_guard lock(tuner.mutex);
      if (tuner.searching) throw Error(DODONA_E_STATE, "a search of this tuner is running");
      tuner.searching = true;
    }
    ~Turn() {
      const std::lock_guard lock(tuner.mutex);
      tuner.running = nullptr;
      tuner.stop_requested = false;
      tuner.study.services.set_cancelled(false);
      tuner.searching = false;
      tuner.idle.notify_all();  // under the lock: the tuner may be gone right after it
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Impl& tuner;
  };

  std::mutex progress_mutex;
  std::atomic<bool> display_failed = false;
  std::mutex mutex;
  std::condition_variable idle;
  bool searching = false;
  std::chrono::steady_clock::time_point search_began;
  schedule::Scheduler* running = nullptr;
  bool stop_requested = false;
  bool paused = false;
  bool runs_plugin = false;    // the hypermodel of the options, not the application's own
  bool runs_isolated = false;  // in processes of its own

  std::mutex asking_mutex;                  // makes and ends the desk; taken before `mutex`
  std::shared_ptr<tuner::Asking> asking;    // while trials are asked for
  std::unique_ptr<tuner::MailReader> mail;  // the same; guarded by asking_mutex
};

schedule::Limits Tuner::Impl::limits() const {
  const StudyOptions& settings = study.settings;
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  schedule::Limits limits;
  limits.max_trials = settings.max_trials;
  limits.max_seconds = settings.max_seconds;
  limits.parallel_trials = settings.parallel_trials;
  limits.threads_per_trial = settings.threads_per_trial > 0 ? settings.threads_per_trial
                             : schedule::in_turns(settings) ? 1  // the same on every machine
                                                            : cores / settings.parallel_trials;
  limits.threads_per_trial = std::max(1u, limits.threads_per_trial);
  return limits;
}

schedule::Plan Tuner::Impl::plan(bool declared) {
  schedule::Plan plan;
  static_cast<schedule::Limits&>(plan) = limits();
  plan.seed = *study.state.seed();
  plan.rule = study.rule;
  plan.confirm = study.settings.confirm;
  plan.max_steps = study.settings.max_steps;
  plan.executions = study.settings.executions_per_trial;
  plan.slots_in_turns = schedule::slots_in_turns(study.settings);
  plan.devices = study.settings.devices;
  plan.keeps_last = (study.catalogue.find(DODONA_ROLE_ORACLE, study.settings.oracle.plugin).flags &
                     DODONA_FLAG_RESUMES) != 0;
  plan.before_proposal = [this, first = true, known = std::size_t{0}]() mutable {
    if (std::exchange(first, false)) tuner::take_warm_start(study);
    const std::size_t before = std::exchange(known, study.space.size());
    if (known != before) tuner::hand_over_again(study);
  };
  plan.space_grew = [this] { tuner::hand_over_again(study); };
  plan.log = [this](study::Level level, const std::string& message) {
    study.services.log(level, "search", message);
  };
  plan.max_retries = study.settings.max_retries_per_trial;
  plan.max_losses = study.settings.max_losses;
  plan.max_consecutive_failures = study.settings.max_consecutive_failed_trials;
  plan.declared = declared;
  plan.keep = study.settings.keep;
  // The best of those that are confirmed must have its model, whichever it will be.
  if (plan.confirm > 0 && plan.keep > 0) plan.keep = std::max(plan.keep, schedule::kLeaders);
  plan.directory = study.place;
  plan.alone = study.suspects;
  return plan;
}

schedule::Plan Tuner::Impl::plan(bool declared, const study::HyperModel& model) {
  schedule::Plan plan = this->plan(declared);
  if (!model.goes_on()) return plan;
  if (const std::optional<Checkpoint>& every = study.settings.checkpoint) {
    plan.checkpoint = {every->steps, every->seconds};
  }
  if (const std::optional<PluginUse>& use = study.settings.hypermodel) {
    plan.checkpoint.model = use->plugin + " " + use->options;
  }
  return plan;
}

Tuner::Impl::Known Tuner::Impl::grow_space(study::HyperModel* model, Asks asks) {
  study.space.keep(study.space.size());
  space::Discovered found;
  std::vector<space::Definition>& definitions = found.definitions;
  const bool declares = model != nullptr && model->declares();
  if (declares) {
    const bool fresh = study.state.trials().empty();
    found = space::discover([&](study::Asker& asker) { model->declare(asker); },
                            study.space.overrides(),
                            fresh ? space::BeyondAsked::kTried : space::BeyondAsked::kLeft);
  }
  if (!definitions.empty()) {
    document::check_asked_for(study.space.overrides().entries(), definitions);
  } else {
    document::check_parents(study.space.overrides().entries());
    for (const space::Override& entry : study.space.overrides().entries()) {
      definitions.push_back({std::nullopt, entry.param});
    }
  }
  study.space.add(definitions, [&](const space::Growth& growth) {
    study.journal.append(study::kNoTrial, growth);
  });
  const bool declared = !definitions.empty();
  const bool complete = declared && (asks == Asks::kWhatIsGiven || declares);
  tuner::add_constraints(study, found.constraints,
                         complete ? space::Names::kComplete : space::Names::kOpen);
  return {declared, complete};
}

// A display that throws is told nothing more: it fails neither a trial nor the search.
void Tuner::Impl::notify(const schedule::Notice& notice) {
  if (!study.options.on_progress || display_failed) return;
  Progress progress;
  progress.kind = static_cast<Progress::Kind>(notice.kind);
  progress.trial = notice.trial;
  progress.execution = notice.execution;
  progress.attempt = notice.attempt;
  progress.step = notice.step;
  const std::lock_guard lock(progress_mutex);
  using Kind = schedule::Notice::Kind;
  if (notice.kind == Kind::kChanged) {
    const std::lock_guard also(mutex);
    progress.paused = paused;
    progress.max_trials = study.settings.max_trials;
    progress.max_seconds = study.settings.max_seconds;
  }
  Result result;
  study.viewed([&](const tuner::View& view, const study::State& now) {
    if (notice.kind == Kind::kStarted || notice.kind == Kind::kFinished) {
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
  const auto set_aside = [this](const std::string& why) {
    display_failed = true;
    study.services.log(study::Level::kError, "on_progress",
                       "is not called any more, as it threw" + why);
  };
  try {
    study.options.on_progress(progress);
  } catch (const std::exception& error) {
    set_aside(std::string(": ") + error.what());
  } catch (...) {
    set_aside("");
  }
}

static_assert(static_cast<int>(Progress::Kind::kChanged) ==
              static_cast<int>(schedule::Notice::Kind::kChanged));
static_assert(static_cast<int>(End::kFailures) == static_cast<int>(schedule::End::kFailures));

Summary Tuner::Impl::search(Asks asks,
                            const std::function<std::unique_ptr<study::HyperModel>()>& make) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const Turn turn(*this);
  std::unique_ptr<study::HyperModel> model;
  Known known{};
  try {
    model = make();
    end_asking();
    tuner::check_warm_start(study);
    document::check_told(study.settings, model->metrics());
    known = grow_space(model.get(), asks);
  } catch (const Error& error) {
    // The search was stopped while its first runner waited for a place.
    if (error.code() != DODONA_E_CANCELLED || !study.services.cancelled()) throw;
    return tuner::summary_of(study, End::kInterrupted, seconds());
  }
  enqueued.check(known.complete ? Names::kComplete : Names::kOpen);
  begin_configuration();
  const tuner::Oracles oracles = tuner::make_oracles(study);
  tuner::Sinks sinks(study);
  enqueued.begin();
  schedule::Scheduler scheduler(plan(known.declared, *model), study.journal, study.space,
                                *oracles.proposing, oracles.judging(), *model,
                                [this](const schedule::Notice& notice) { notify(notice); });
  {
    const std::lock_guard lock(mutex);
    running = &scheduler;
    search_began = start;
    if (stop_requested) scheduler.stop();
    if (paused) scheduler.pause(true);
    runs_plugin = asks == Asks::kWhatIsGiven;
  }
  const auto reader = read_mail();
  schedule::End end = schedule::End::kInterrupted;
  std::exception_ptr error;
  try {
    end = scheduler.run();
    study.journal.wait_durable(
        study.journal.append(study::kNoTrial, study::Stopped{to_text(static_cast<End>(end))}));
    study.clear_suspects();
    enqueued.end();
    tuner::tell_of_unknown_names(study);
  } catch (...) {
    error = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex);
    running = nullptr;
  }
  using Patience = tuner::Sinks::Patience;
  Patience patience = end == schedule::End::kInterrupted ? Patience::kInterrupted : Patience::kFull;
  if (error) patience = study.can_write() ? Patience::kFull : Patience::kNone;
  sinks.finish(patience);
  if (error) std::rethrow_exception(error);
  return tuner::summary_of(study, static_cast<End>(end), seconds());
}

// The desk at which trials are asked for, from the first one on.
std::shared_ptr<tuner::Asking> Tuner::Impl::ask_desk() {
  const std::lock_guard making(asking_mutex);
  {
    const std::lock_guard lock(mutex);
    if (searching) throw Error(DODONA_E_STATE, "a search of this tuner is running");
  }
  if (asking != nullptr) return asking;
  tuner::check_warm_start(study);
  const bool declared = grow_space(nullptr, Asks::kWhatIsGiven).declared;
  enqueued.check(declared ? Names::kComplete : Names::kOpen);
  begin_configuration();
  const auto made = std::make_shared<tuner::Asking>(study);
  enqueued.begin();
  made->desk = std::make_unique<schedule::Desk>(
      plan(declared), study.journal, study.space, *made->oracles.proposing, made->oracles.judging(),
      [this](const schedule::Notice& notice) { notify(notice); });
  made->result = [this](std::uint64_t trial) {
    return study.viewed(
        [&](const tuner::View& view, const study::State&) { return view.result(trial); });
  };
  {
    const std::lock_guard lock(mutex);
    asking = made;
    search_began = std::chrono::steady_clock::now();
    if (paused) asking->desk->pause(true);
  }
  mail = read_mail();
  return asking;
}

void Tuner::Impl::end_asking() {
  const std::lock_guard making(asking_mutex);
  if (asking == nullptr) return;
  if (!asking->desk->close()) {
    throw Error(DODONA_E_STATE, "trials that ask() gave have no result yet: tell() it first");
  }
  finish_asking();
  const std::lock_guard lock(mutex);
  asking = nullptr;
  study.services.set_cancelled(false);
}

void Tuner::Impl::finish_asking() {
  mail = nullptr;
  if (asking == nullptr) return;
  enqueued.end();
  tuner::tell_of_unknown_names(study);
  using Patience = tuner::Sinks::Patience;
  asking->sinks.finish(study.services.cancelled() ? Patience::kInterrupted : Patience::kFull);
}

// Leaves an idle tuner as it is.
void Tuner::Impl::stop(const std::unique_lock<std::mutex>& lock) {
  DODONA_ASSERT(lock.owns_lock());
  if (searching) {
    stop_requested = true;
  } else if (asking != nullptr) {
    asking->desk->stop();
  } else {
    return;
  }
  // First the search: a plugin that heard of it sooner and gave up would have failed its trial.
  if (running != nullptr) running->stop();
  study.services.set_cancelled(true);
}

void Tuner::Impl::pause(bool now) {
  const std::lock_guard lock(mutex);
  paused = now;
  if (running != nullptr) {
    running->pause(now);
  } else if (asking != nullptr) {
    asking->desk->pause(now);
  }
}

void Tuner::Impl::set(const std::vector<std::string>& sets) {
  std::unique_lock lock(mutex);
  if (running == nullptr && asking == nullptr) {
    throw Error(DODONA_E_STATE,
                "no search runs whose limits could be set; give them with its options");
  }
  const schedule::Ending ending = running != nullptr ? running->ending() : asking->desk->ending();
  if (ending != schedule::Ending::kNone) {
    throw Error(DODONA_E_STATE,
                "the search comes to its end; go on with the study with other limits, such as "
                "--set max_trials=50");
  }
  const StudyOptions changed = document::with_limits(study.settings, sets, study.catalogue);
  if (running != nullptr && runs_plugin) {
    const plugin::Descriptor& descriptor =
        study.catalogue.find(DODONA_ROLE_HYPERMODEL, study.settings.hypermodel->plugin);
    // Each worker has a process of its own where trials are isolated.
    if (!runs_isolated) plugin::check_parallel(descriptor, changed.parallel_trials);
  }
  const std::uint64_t end = study.journal.append(
      study::kNoTrial, study::Configured{document::document_text(changed),
                                         document::identities_of(changed, study.catalogue), true});
  study.settings.max_trials = changed.max_trials;
  study.settings.max_seconds = changed.max_seconds;
  study.settings.parallel_trials = changed.parallel_trials;
  if (running != nullptr) {
    running->set(limits());
  } else {
    asking->desk->set(limits());
  }
  lock.unlock();
  study.journal.wait_durable(end);
}

void Tuner::Impl::stop_trial(std::uint64_t trial) {
  const std::lock_guard lock(mutex);
  if (running != nullptr) {
    running->stop_trial(trial);
  } else if (asking != nullptr) {
    asking->desk->stop_trial(trial);
  } else {
    throw Error(DODONA_E_STATE, "no trial runs");
  }
}

void Tuner::Impl::note(std::optional<std::uint64_t> trial, const std::string& key,
                       const std::string& value) {
  study.journal.wait_durable(
      study.journal.append(trial.value_or(study::kNoTrial), study::Noted{key, value}));
}

StudyStatus Tuner::Impl::status() {
  schedule::Scheduler::Runners runners;
  StudyOptions limits;
  bool active = false;
  bool is_paused = false;
  schedule::Ending ending = schedule::Ending::kNone;
  std::chrono::duration<double> seconds{};
  {
    const std::lock_guard lock(mutex);
    if (running != nullptr) runners = running->runners();
    active = searching || asking != nullptr;
    if (running != nullptr) ending = running->ending();
    if (running == nullptr && asking != nullptr) ending = asking->desk->ending();
    is_paused = paused;
    limits.max_trials = study.settings.max_trials;
    limits.max_seconds = study.settings.max_seconds;
    limits.parallel_trials = study.settings.parallel_trials;
    if (active) seconds = std::chrono::steady_clock::now() - search_began;
  }
  const std::int64_t now = study.clock.unix_nanos();
  StudyStatus status = study.viewed([&](const tuner::View& view, const study::State& state) {
    StudyStatus standing = tuner::standing_of(view, state, limits);
    if (active) tuner::add_pace(standing, state, now, seconds.count());
    return standing;
  });
  tuner::add_runners(status, runners);
  if (active) status.owner = base::this_process().text();
  status.paused = is_paused;
  status.stopping = ending != schedule::Ending::kNone;
  return status;
}

// The oracle that is made now is told of the limits in force. So they are those of a document that
// makes one.
void Tuner::Impl::begin_configuration() {
  const auto kept = study.journal.with_state([](const study::State& now) {
    return now.oracle_kept() ? std::optional(study::Configured{now.document(), now.plugins()})
                             : std::nullopt;
  });
  if (kept) study.journal.append(study::kNoTrial, *kept);
}

std::unique_ptr<tuner::MailReader> Tuner::Impl::read_mail() {
  if (study.place.empty()) return nullptr;
  tuner::Owner owner;
  owner.status = [this] { return status(); };
  owner.pause = [this](bool now) { pause(now); };
  owner.stop = [this] { stop(std::unique_lock(mutex)); };
  owner.set = [this](const std::vector<std::string>& sets) { set(sets); };
  owner.stop_trial = [this](std::uint64_t trial) { stop_trial(trial); };
  owner.enqueue = [this](const NamedValues& values) { enqueued.add(values); };
  owner.note = [this](std::optional<std::uint64_t> trial, const std::string& key,
                      const std::string& value) { note(trial, key, value); };
  owner.tell = [this](const std::string& line) {
    study.services.log(study::Level::kWarn, "search", line);
  };
  return std::make_unique<tuner::MailReader>(study.place, std::move(owner), study.services);
}

Tuner::Tuner(const TunerOptions& options, boundary::SameBuild)
    : impl_(std::make_unique<Impl>(options)) {}
Tuner::Tuner(Tuner&&) noexcept = default;
Tuner& Tuner::operator=(Tuner&& other) noexcept {
  if (this != &other) {
    leave();
    impl_ = std::move(other.impl_);
  }
  return *this;
}
Tuner::~Tuner() {
  leave();
}

Tuner::Impl& Tuner::own() const {
  if (impl_ == nullptr) throw Error(DODONA_E_STATE, "the tuner was moved from");
  impl_->maker.check("the tuner");
  return *impl_;
}

// A forked child can destroy nothing of what it inherited: the threads are gone, and the locks may
// be held for ever. It stays reachable, so that no checker takes it for a leak.
void Tuner::leave() noexcept {
  if (impl_ == nullptr || impl_->maker.is_here()) {
    impl_.reset();
    return;
  }
  static Impl* inherited = nullptr;
  Impl* const parents = impl_.release();
  parents->inherited_before = std::exchange(inherited, parents);
}

// The hypermodel that the options name.
std::unique_ptr<study::HyperModel> Tuner::Impl::make_hypermodel() {
  if (!study.settings.hypermodel) {
    throw Error(DODONA_E_INVALID,
                "hypermodel is missing: what is to be tuned? for example \"hypermodel\": "
                "{\"plugin\": \"torch_mlp\"}");
  }
  const PluginUse& choice = *study.settings.hypermodel;
  const plugin::Descriptor& descriptor =
      study.catalogue.find(DODONA_ROLE_HYPERMODEL, choice.plugin);
  runs_isolated = tuner::is_isolated(study.settings, descriptor, study.services);
  if (runs_isolated) {
    return tuner::make_isolated(descriptor, study.info(), tuner::parsed_options(choice),
                                study.options.plugins, study.settings, study.services);
  }
  return plugin::make_hypermodel(descriptor, study.info(), tuner::parsed_options(choice),
                                 study.services);
}

Summary Tuner::search() {
  return own().search(Impl::Asks::kWhatIsGiven, [this] { return own().make_hypermodel(); });
}

std::vector<HyperParameter> Tuner::discover_space() {
  const Impl::Turn turn(own());
  const bool given = !own().study.space.overrides().entries().empty();
  std::unique_ptr<study::HyperModel> model;  // none: the space of trials that are asked for
  if (own().study.settings.hypermodel || !given) model = own().make_hypermodel();
  own().grow_space(model.get(), Impl::Asks::kWhatIsGiven);
  return space();
}

Summary Tuner::search_table(const dodona_hypermodel_vtable* table, void* self) {
  return own().search(Impl::Asks::kMore, [=, this] {
    tuner::check_not_isolated(own().study.settings);
    return plugin::make_hypermodel(table, self, "the application's hypermodel",
                                   own().study.services);
  });
}

std::shared_ptr<void> Tuner::load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                        void* self) const {
  return tuner::load_model(own().study.recipe(trial), tuner::maker_of(table, self));
}

ModelSummary Tuner::summary_table(std::optional<std::uint64_t> trial,
                                  const dodona_hypermodel_vtable* table, void* self) const {
  const tuner::OpenStudy& study = own().study;
  const bool scored = study.viewed(
      [](const tuner::View&, const study::State& now) { return now.best().has_value(); });
  const auto make = tuner::maker_of(table, self);
  if (!trial && !scored)
    return {"", std::nullopt, tuner::layers_of(tuner::recipe_of(study.settings), make)};
  const tuner::Recipe recipe = study.recipe(trial);
  return {"", recipe.trial, tuner::layers_of(recipe, make)};
}

Retrained Tuner::retrain_table(const dodona_hypermodel_vtable* table, void* self,
                               const RetrainOptions& options) const {
  const tuner::Recipe recipe = own().study.recipe(options.trial);
  const Result about = own().study.viewed(
      [&](const tuner::View& view, const study::State&) { return view.result(recipe.trial); });
  return tuner::retrain(recipe, tuner::maker_of(table, self), options, about);
}

void Tuner::enqueue(const Values& values) {
  own().enqueued.add(values.entries());
}

void Tuner::open_desk() {
  own().ask_desk();
}

std::shared_ptr<AskedState> Tuner::ask_trial(std::chrono::milliseconds time) {
  const auto asking = own().ask_desk();
  std::shared_ptr<schedule::Desk::Asked> trial;
  const study::Answer answer = asking->desk->ask(trial, time);
  return std::make_shared<AskedState>(asking, trial, answer == study::Answer::kExhausted);
}

std::shared_ptr<AskedState> Tuner::asked_trial(std::uint64_t trial) {
  const auto asking = own().ask_desk();
  return std::make_shared<AskedState>(asking, asking->desk->asked(trial), false);
}

void Tuner::tell_trial(AskedState& trial, TrialState state, const Metrics& metrics,
                       const std::string& message) {
  if (state != TrialState::kCompleted && state != TrialState::kStopped &&
      state != TrialState::kFailed) {
    throw Error(DODONA_E_INVALID, std::string("a trial is told as completed, stopped or failed, ") +
                                      "not as " + to_text(state));
  }
  const auto from = trial.known();
  {
    const std::lock_guard lock(own().mutex);
    if (from != own().asking) {
      throw Error(DODONA_E_INVALID, "trial " + std::to_string(trial.trial->run.trial) +
                                        " was given by another tuner; tell that one");
    }
  }
  trial.tell(state, metrics, message);
}

void Tuner::stop() {
  own().stop(std::unique_lock(own().mutex));
}

void Tuner::pause(bool paused) {
  own().pause(paused);
}

void Tuner::set(const std::vector<std::string>& sets) {
  own().set(sets);
}

void Tuner::stop_trial(std::uint64_t trial) {
  own().stop_trial(trial);
}

StudyStatus Tuner::status() const {
  return own().status();
}

Summary Tuner::close_log(End end) {
  std::chrono::duration<double> seconds{};
  {
    const std::lock_guard lock(own().mutex);
    seconds = std::chrono::steady_clock::now() - own().search_began;
  }
  auto& journal = own().study.journal;
  journal.wait_durable(journal.append(study::kNoTrial, study::Stopped{to_text(end)}));
  return tuner::summary_of(own().study, end, seconds.count());
}

std::vector<Result> Tuner::trials() const {
  return own().study.trials();
}

std::vector<Result> Tuner::best(std::uint64_t count) const {
  return own().study.best(count);
}

std::vector<Result> Tuner::best(Robust, std::uint64_t count) const {
  return own().study.viewed([&](const tuner::View& view, const study::State& now) {
    return tuner::robust_best(view, *own().study.store, now, own().study.place,
                              own().study.options.plugins, count);
  });
}

std::vector<Result> Tuner::front() const {
  return own().study.front();
}

Values Tuner::best_hyperparameters() const {
  return own().study.viewed([](const tuner::View& view, const study::State& now) {
    if (!now.best()) throw Error(DODONA_E_STATE, "no trial of the study has a score yet");
    return view.result(*now.best()).values;
  });
}

std::vector<HyperParameter> Tuner::space() const {
  return document::to_facade(own().study.space.snapshot()->space.params());
}

std::vector<std::string> Tuner::constraints() const {
  const auto snapshot = own().study.space.snapshot();
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < snapshot->space.constraint_count(); ++i) {
    texts.push_back(snapshot->space.constraint(i).text());
  }
  return texts;
}

Objective Tuner::objective() const {
  return own().study.settings.objective;
}
std::vector<Objective> Tuner::objectives() const {
  return document::all_to_facade(own().study.objective);
}
std::uint64_t Tuner::seed() const {
  return *own().study.state.seed();
}
std::string Tuner::directory() const {
  return own().study.directory;
}

}  // namespace dodona
