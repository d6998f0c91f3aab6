// SPDX-License-Identifier: Apache-2.0
//
// A study without a kernel. It drives an oracle through its C table, keeps the log, and checks
// every proposal as the kernel does.
//
//   OracleStudy study(plugin("grid"), space, {.seed = 7});
//   simulate(study, random, {.parallel = 3, .failures = 0.1});
//   EXPECT_EQ(study.replay_mismatch(random), "");
//
// Errors:  throws Error with the reason for anything that an oracle must not do.
#pragma once

#include <dodona/convert.hpp>
#include <dodona/event.hpp>
#include <dodona/oracle.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <dlfcn.h>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

struct OracleSettings {
  std::uint64_t seed = 1;
  std::uint32_t parallel_trials = 1;
  std::uint64_t max_trials = 0;
  std::uint64_t max_steps = 0;
  std::vector<std::pair<std::string, Value>> options{};  // all other options have their defaults
};

// One object of an oracle, with the host, study and options of its creation.
class OracleObject {
 public:
  OracleObject(const dodona_descriptor& descriptor, const OracleSettings& settings)
      : descriptor_(descriptor),
        settings_(settings),
        table_(static_cast<const dodona_oracle_vtable*>(descriptor.vtable)) {
    options_.struct_size = DODONA_SIZE_TO(dodona_options, size);
    options_.impl = this;
    options_.get = get_option;
    host_.struct_size = sizeof host_;
    host_.abi_minor = DODONA_ABI_MINOR;
    host_.log = [](const dodona_host*, dodona_level, dodona_str) noexcept {};
    host_.get_extension = [](const dodona_host*, const char*) noexcept -> const void* {
      return nullptr;
    };
    host_.cancelled = [](const dodona_host*) noexcept -> std::uint32_t { return 0; };
    host_.parallel_for = [](const dodona_host*, std::uint64_t count, std::uint64_t grain,
                            dodona_status (*body)(void*, std::uint64_t, std::uint64_t) noexcept,
                            void* ctx, dodona_error*) noexcept {
      dodona_status status = DODONA_OK;
      for (std::uint64_t at = 0; at < count && status == DODONA_OK; at += grain) {
        status = body(ctx, at, std::min(count, at + grain));
      }
      return status;
    };
    dodona_objective objective{sizeof objective, DODONA_MINIMIZE, to_abi("loss")};
    const dodona_objective* objectives[] = {&objective};
    dodona_study study{};
    study.struct_size = sizeof study;
    study.parallel_trials = settings.parallel_trials;
    study.seed = settings.seed;
    study.objectives = objectives;
    study.objective_count = 1;
    study.max_trials = settings.max_trials;
    study.max_steps = settings.max_steps;
    call([&](dodona_error* error) {
      return table_->create(&host_, &study, &options_, &self_, error);
    });
  }
  OracleObject(const OracleObject&) = delete;
  OracleObject& operator=(const OracleObject&) = delete;
  ~OracleObject() {
    if (self_ != nullptr) table_->destroy(self_);
  }

  const dodona_oracle_vtable& table() const { return *table_; }
  void* self() const { return self_; }

  // Gives the oracle the first `size` definitions of `space`.
  void set_space(const Space& space, std::size_t size) {
    AbiParams params;
    for (std::size_t i = 0; i < size; ++i) params.add(space.params()[i]);
    const dodona_space given{
        sizeof given, static_cast<std::uint32_t>(size), params.pointers().data(), size, {}};
    call([&](dodona_error* error) { return table_->set_space(self_, &given, error); });
  }

 private:
  static dodona_status get_option(const dodona_options* options, dodona_str path, dodona_value* out,
                                  dodona_error* error) noexcept {
    const auto& self = *static_cast<const OracleObject*>(options->impl);
    for (const auto& [name, value] : self.settings_.options) {
      if (name == view(path)) return *out = to_abi(value), DODONA_OK;
    }
    for (std::uint64_t i = 0; i < self.descriptor_.option_count; ++i) {
      const dodona_option& option = *self.descriptor_.options[i];
      if (option.name == view(path)) return *out = option.initial, DODONA_OK;
    }
    return fill_error(error, DODONA_E_INVALID, "no such option");
  }

  const dodona_descriptor& descriptor_;
  const OracleSettings settings_;
  const dodona_oracle_vtable* table_;
  dodona_options options_{};
  dodona_host host_{};
  void* self_ = nullptr;
};

enum class Answer { kProposed = 1, kWait, kExhausted };

class OracleStudy {
 public:
  struct Trial {
    Point point;  // the proposed values, and values filled later
    std::uint64_t budget = 0;
    std::uint64_t start_step = 0;
    std::uint64_t resume_of = DODONA_NO_TRIAL;
    std::uint64_t tag = 0;
    std::string note;
    std::uint64_t seen = 0;      // number of events that the oracle had observed
    std::size_t space_size = 0;  // number of definitions at that time
    bool enqueued = false;       // true: the trial came from the user, not from the oracle
    dodona_trial_state state = DODONA_RUNNING;
    double objective = std::numeric_limits<double>::quiet_NaN();
    std::uint64_t step = 0;  // the last one reported
  };

  OracleStudy(const dodona_descriptor& descriptor, Space space, OracleSettings settings = {})
      : descriptor_(descriptor), settings_(std::move(settings)), space_(std::move(space)) {
    restart();
  }

  const Space& space() const { return space_; }
  const std::vector<Trial>& trials() const { return trials_; }
  const std::vector<std::uint64_t>& running() const { return running_; }  // in rising order

  // Makes a new object, as after a crash, and gives it the whole log in one portion.
  void restart() { restart(settings_); }
  // The same with other settings.
  void restart(OracleSettings settings) {
    settings_ = std::move(settings);
    oracle_ = std::make_unique<OracleObject>(descriptor_, settings_);
    oracle_size_ = SIZE_MAX;
    observed_ = 0;
    observe();
  }

  // Asks for the next trial, which then runs.
  Answer ask() {
    observe();
    Trial trial;
    const Answer answer = propose(*oracle_, trials_.size(), trial, space_.size());
    if (answer == Answer::kProposed) append_trial(std::move(trial));
    return answer;
  }

  // Starts a trial that the user wants, and returns its id.
  std::uint64_t enqueue(const Point& point) {
    Trial trial;
    trial.point = point;
    trial.enqueued = true;
    append_trial(std::move(trial));
    return trials_.size() - 1;
  }

  dodona_verdict report(std::uint64_t trial, std::uint64_t step, double objective,
                        std::uint32_t execution = 0) {
    Entry entry;
    dodona_reported_event body{};
    body.struct_size = sizeof body;
    body.execution = execution;
    body.step = step;
    body.objectives = {&objective, 1};
    body.verdict = DODONA_CONTINUE;
    if (oracle_->table().judge != nullptr) {
      observe();
      dodona_event event = event_of(DODONA_EVENT_REPORTED, trial);
      event.body = &body;
      dodona_verdict verdict = 0;
      call([&](dodona_error* error) {
        return oracle_->table().judge(oracle_->self(), &event, &verdict, error);
      });
      body.verdict = verdict;
    }
    trials_[trial].step = step;
    entry.objective = objective;
    entry.body = body;
    append(DODONA_EVENT_REPORTED, trial, std::move(entry));
    return body.verdict;
  }

  void finish(std::uint64_t trial, double objective, dodona_trial_state state = DODONA_COMPLETED) {
    Entry entry;
    dodona_finished_event body{};
    body.struct_size = sizeof body;
    body.state = state;
    entry.objective = objective;
    body.outcome = state == DODONA_FAILED ? DODONA_OUTCOME_MODEL_ERROR : DODONA_OUTCOME_OK;
    body.seconds = std::numeric_limits<double>::quiet_NaN();
    entry.body = body;
    entry.assign(space_, trials_[trial].point);
    append(DODONA_EVENT_FINISHED, trial, std::move(entry));
    trials_[trial].state = state;
    trials_[trial].objective = objective;
    running_.erase(std::find(running_.begin(), running_.end(), trial));
  }

  void start(std::uint64_t trial, std::uint32_t execution, std::uint32_t attempt) {
    Entry entry;
    entry.body =
        dodona_started_event{sizeof(dodona_started_event), execution, attempt, 0, UINT64_MAX, {}};
    append(DODONA_EVENT_STARTED, trial, std::move(entry));
  }

  // The running trial meets a new hyperparameter. Its value comes from the oracle, or is the
  // default.
  void grow(std::uint64_t trial, const Param& param) {
    const std::size_t at = space_.add(param);
    Entry grown;
    grown.growth = std::make_unique<Growth>(param);
    grown.body = dodona_space_grown_event{
        sizeof(dodona_space_grown_event), static_cast<std::uint32_t>(at), nullptr, 1, {}};
    append(DODONA_EVENT_SPACE_GROWN, DODONA_NO_TRIAL, std::move(grown));
    if (!space_.is_active(at, trials_[trial].point)) return;
    Cell cell = param.initial;
    if (oracle_->table().fill != nullptr) {
      AbiParams params;
      params.add(param);
      dodona_value value{};
      call([&](dodona_error* error) {
        return oracle_->table().fill(oracle_->self(), trial, params.pointers().front(), &value,
                                     error);
      });
      cell = cell_of(param, value).value();
    }
    fill(trial, at, cell);
  }

  // The trial gets a value that its proposal did not give.
  void fill(std::uint64_t trial, std::size_t param, Cell cell) {
    trials_[trial].point.set(param, cell);
    Entry entry;
    dodona_filled_event body{};
    body.struct_size = sizeof body;
    body.assignment = {static_cast<std::uint32_t>(param), 0, to_abi(space_.params()[param], cell)};
    entry.body = body;
    append(DODONA_EVENT_FILLED, trial, std::move(entry));
  }

  // Proposes every trial again, from other portions of the log and with restarts in between.
  // Returns the first difference, or "".
  std::string replay_mismatch(RandomStream& random) const {
    std::unique_ptr<OracleObject> oracle;
    std::uint64_t observed = 0;
    std::size_t size = 0;
    for (std::uint64_t id = 0; id < trials_.size(); ++id) {
      const Trial& trial = trials_[id];
      if (trial.enqueued) continue;
      if (!oracle || random.below(8) == 0) {
        oracle = std::make_unique<OracleObject>(descriptor_, settings_);
        observed = size = 0;
      }
      if (observed == 0 || size != trial.space_size) {
        oracle->set_space(space_, size = trial.space_size);
      }
      while (observed < trial.seen) {
        const std::uint64_t count = std::min(trial.seen - observed, 1 + random.below(7));
        give(*oracle, observed, count);
        observed += count;
      }
      Trial again;
      const Answer answer = propose(*oracle, id, again, trial.space_size);
      const bool same = answer == Answer::kProposed && again.budget == trial.budget &&
                        again.start_step == trial.start_step &&
                        again.resume_of == trial.resume_of && again.tag == trial.tag &&
                        again.note == trial.note && same_cells(again.point, trial);
      if (!same) return "trial " + std::to_string(id) + " is proposed otherwise";
    }
    return "";
  }

 private:
  struct Growth {
    explicit Growth(Param met) : param(std::move(met)) { params.add(param); }
    Param param;
    AbiParams params;
  };

  struct Entry {
    dodona_event event{};
    std::variant<dodona_space_grown_event, dodona_proposed_event, dodona_started_event,
                 dodona_filled_event, dodona_reported_event, dodona_finished_event>
        body;
    std::vector<dodona_assignment> assignments;
    double objective = 0.0;
    std::string note;
    std::unique_ptr<Growth> growth;

    void assign(const Space& space, const Point& point) {
      for (const Assignment& each : point.assignments()) {
        assignments.push_back({each.param, 0, to_abi(space.params()[each.param], each.cell)});
      }
    }
  };

  dodona_event event_of(dodona_event_type type, std::uint64_t trial) const {
    return {sizeof(dodona_event), type, log_.size(), trial, 0, nullptr};
  }

  void append(dodona_event_type type, std::uint64_t trial, Entry&& entry) {
    const dodona_event event = event_of(type, trial);
    Entry& kept = log_.emplace_back(std::move(entry));
    kept.event = event;
    const dodona_assignment_span span{kept.assignments.data(), kept.assignments.size()};
    if (auto* grown = std::get_if<dodona_space_grown_event>(&kept.body)) {
      grown->params = kept.growth->params.pointers().data();
    } else if (auto* proposed = std::get_if<dodona_proposed_event>(&kept.body)) {
      proposed->assignments = span;
      proposed->note = to_abi(kept.note);
    } else if (auto* finished = std::get_if<dodona_finished_event>(&kept.body)) {
      finished->assignments = span;
      finished->objectives = {&kept.objective, 1};
    } else if (auto* reported = std::get_if<dodona_reported_event>(&kept.body)) {
      reported->objectives = {&kept.objective, 1};
    }
    kept.event.body = std::visit([](auto& body) -> const void* { return &body; }, kept.body);
  }

  void append_trial(Trial&& trial) {
    const std::uint64_t id = trials_.size();
    trial.seen = log_.size();
    trial.space_size = space_.size();
    trial.step = trial.start_step;
    Entry entry;
    dodona_proposed_event body{};
    body.struct_size = sizeof body;
    body.budget = trial.budget;
    body.start_step = trial.start_step;
    body.resume_of = trial.resume_of;
    body.repeat_of = DODONA_NO_TRIAL;
    body.tag = trial.tag;
    body.seen = trial.seen;
    body.enqueued = trial.enqueued ? 0 : UINT64_MAX;
    entry.body = body;
    entry.note = trial.note;
    entry.assign(space_, trial.point);
    append(DODONA_EVENT_PROPOSED, id, std::move(entry));
    trials_.push_back(std::move(trial));
    running_.push_back(id);
    start(id, 0, 0);
  }

  void observe() {
    if (oracle_size_ != space_.size()) oracle_->set_space(space_, space_.size());
    oracle_size_ = space_.size();
    give(*oracle_, observed_, log_.size() - observed_);
    observed_ = log_.size();
  }

  void give(OracleObject& oracle, std::uint64_t from, std::uint64_t count) const {
    std::vector<const dodona_event*> events;
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(&log_[from + i].event);
    call([&](dodona_error* error) {
      return oracle.table().observe(oracle.self(), events.data(), count, error);
    });
  }

  struct Turn {
    const Space& space;
    std::size_t size;
    std::uint64_t id;
    Trial& trial;
    int pushes = 0;
  };

  Answer propose(OracleObject& oracle, std::uint64_t id, Trial& trial, std::size_t size) const {
    Turn turn{space_, size, id, trial};
    const dodona_request request{sizeof request, 0, id};
    const dodona_proposal_sink sink{sizeof sink, 0, &turn, take};
    std::array<char, 512> text{};
    dodona_error error{DODONA_SIZE_TO(dodona_error, size), 0, text.data(), text.size(), 0};
    const dodona_status status = oracle.table().propose(oracle.self(), &request, &sink, &error);
    if (status == DODONA_E_WAIT || status == DODONA_E_EXHAUSTED) {
      if (turn.pushes != 0) throw Error(DODONA_E_PLUGIN, "it proposes and says that it does not");
      return status == DODONA_E_WAIT ? Answer::kWait : Answer::kExhausted;
    }
    if (status != DODONA_OK) throw Error(status, std::string(text.data(), error.size));
    if (turn.pushes != 1) throw Error(DODONA_E_PLUGIN, "it answers OK without one push");
    return Answer::kProposed;
  }

  static dodona_status take(void* impl, const dodona_proposal* in, std::uint64_t* id,
                            dodona_error* error) noexcept {
    return guard(error, [&] {
      Turn& turn = *static_cast<Turn*>(impl);
      const auto require = [](bool fine, const char* what) {
        if (!fine) throw Error(DODONA_E_INVALID, what);
      };
      require(++turn.pushes == 1, "a second proposal of one request");
      turn.trial.point.clear(turn.size);
      for (const dodona_assignment& each : list(in->assignments)) {
        require(each.param < turn.size, "a hyperparameter that does not exist");
        require(!turn.trial.point.active(each.param), "a value given twice");
        const auto cell = cell_of(turn.space.params()[each.param], each.value);
        require(cell.has_value(), "an illegal value");
        turn.trial.point.set(each.param, *cell);
      }
      for (std::size_t i = 0; i < turn.size; ++i) {
        require(turn.space.is_active(i, turn.trial.point) == turn.trial.point.active(i),
                "not exactly the active hyperparameters");
      }
      require(in->budget == 0 || in->start_step < in->budget, "start_step is not below budget");
      require(in->resume_of == DODONA_NO_TRIAL || in->resume_of < turn.id,
              "resume_of is no earlier trial");
      turn.trial.budget = in->budget;
      turn.trial.start_step = in->start_step;
      turn.trial.resume_of = in->resume_of;
      turn.trial.tag = in->tag;
      turn.trial.note = view(in->note);
      *id = turn.id;
    });
  }

  // True if the proposal has the trial's values. Values that were filled later are no part of it.
  static bool same_cells(const Point& again, const Trial& trial) {
    for (std::size_t i = 0; i < trial.space_size; ++i) {
      if (again.active(i) != trial.point.active(i)) return false;
      if (again.active(i) && !(again[i] == trial.point[i])) return false;
    }
    return true;
  }

  const dodona_descriptor& descriptor_;
  OracleSettings settings_;
  Space space_;
  std::deque<Entry> log_;
  std::vector<Trial> trials_;
  std::vector<std::uint64_t> running_;
  std::unique_ptr<OracleObject> oracle_;
  std::uint64_t observed_ = 0;
  std::size_t oracle_size_ = SIZE_MAX;
};

// Course of a simulated study. Probabilities are per event.
struct Course {
  std::uint32_t parallel = 1;
  double failures = 0.0;
  double growth = 0.0;                    // probability: a running trial meets a hyperparameter
  double restarts = 0.0;                  // probability: the process starts anew
  std::uint64_t steps = 1;                // number of steps of a trial without budget
  std::uint64_t trials_max = UINT64_MAX;  // the study ends at this number of trials
  std::size_t space_max = 0;              // the space grows to this number of definitions at most
  std::function<double(const OracleStudy::Trial&, std::uint64_t step)> objective =
      [](const OracleStudy::Trial&, std::uint64_t step) { return 1.0 / static_cast<double>(step); };
  std::function<Param(const Space&, RandomStream&)> growing{};
};

namespace detail {

// Takes one running trial, chosen at random, further by one event.
inline void advance(OracleStudy& study, RandomStream& random, const Course& course) {
  const std::uint64_t id = study.running()[random.below(study.running().size())];
  if (study.space().size() < course.space_max && random.uniform() < course.growth) {
    study.grow(id, course.growing(study.space(), random));
  }
  const OracleStudy::Trial& trial = study.trials()[id];
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  if (random.uniform() < course.failures) {
    study.finish(id, nothing, random.below(2) == 0 ? DODONA_FAILED : DODONA_INVALID);
    return;
  }
  const std::uint64_t end = trial.budget != 0 ? trial.budget : course.steps;
  const double objective = course.objective(trial, trial.step + (trial.step < end ? 1 : 0));
  if (trial.step == end) {
    study.finish(id, objective);
  } else if (study.report(id, trial.step + 1, objective) != DODONA_CONTINUE) {
    study.finish(id, objective, DODONA_STOPPED);
  }
}

}  // namespace detail

// Runs until the oracle is exhausted and no trial runs, or until the course's trials_max. Throws if
// the oracle waits while no trial runs, or proposes after it was exhausted.
inline Answer simulate(OracleStudy& study, RandomStream& random, const Course& course) {
  Answer last = Answer::kProposed;
  bool exhausted = false;
  for (;;) {
    const bool room = study.running().size() < course.parallel;
    if (random.uniform() < course.restarts) study.restart();
    if (study.trials().size() >= course.trials_max) {
      if (study.running().empty()) return last;
    } else if (room && (study.running().empty() || random.below(2) == 0)) {
      last = study.ask();
      if (exhausted && last != Answer::kExhausted) {
        throw Error(DODONA_E_PLUGIN, "the oracle goes on after it was exhausted");
      }
      exhausted = last == Answer::kExhausted;
      if (study.running().empty() && exhausted) return last;
      if (study.running().empty()) throw Error(DODONA_E_PLUGIN, "it waits while nothing runs");
      if (last == Answer::kProposed) continue;
    }
    if (!study.running().empty()) detail::advance(study, random, course);
  }
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
