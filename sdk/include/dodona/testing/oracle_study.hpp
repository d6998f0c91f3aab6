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

#include <dodona/event.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/event_log.hpp>
#include <dodona/testing/oracle_object.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// The result of a trial: signed objectives in the study's order, by how much each limit of the
// study is broken, and how the last attempt went.
struct Result {
  std::vector<double> objectives{};
  std::vector<double> excesses{};
  dodona_outcome outcome = DODONA_OUTCOME_OK;
};

// A study that an oracle searches, or a stopper judges. Where a test tells it one number of a
// trial, the number is the first objective; the other ones and the excesses are functions of it.
class OracleStudy {
 public:
  // A trial. Its point has the values that were filled later, too.
  struct Trial : Proposal {
    std::uint64_t seen = 0;      // number of events that the oracle had observed
    std::size_t space_size = 0;  // number of definitions at that time
    bool enqueued = false;       // true: the trial came from the user, not from the oracle
    dodona_trial_state state = DODONA_RUNNING;
    double objective = std::numeric_limits<double>::quiet_NaN();
    Result result{};         // with the end; `objective` is the first of its objectives
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
    const Answer answer = oracle_->propose(space_, space_.size(), trials_.size(), trial);
    if (answer == Answer::kProposed) append_trial(std::move(trial));
    return answer;
  }

  // Starts a trial that the user wants, and returns its id.
  std::uint64_t enqueue(const Point& point) {
    enqueued_ = log_.size();
    log_.append(DODONA_NO_TRIAL, dodona_enqueued_event{},
                {.assignments = assignments_of(space_, point)});
    Trial trial;
    trial.point = point;
    trial.enqueued = true;
    append_trial(std::move(trial));
    return trials_.size() - 1;
  }

  // Tells the oracle of a result of another study.
  void import(const Point& point, double objective) { import(point, result_of(objective)); }
  void import(const Point& point, const Result& result) {
    dodona_imported_event body{};
    body.state = DODONA_COMPLETED;
    body.source_trial = imported_++;
    log_.append(DODONA_NO_TRIAL, body,
                {.assignments = assignments_of(space_, point),
                 .metrics = {{to_abi("loss"), first_of(result), 0}},
                 .objectives = result.objectives,
                 .excesses = result.excesses,
                 .text = "another study"});
  }

  dodona_verdict report(std::uint64_t trial, std::uint64_t step, double objective,
                        std::uint32_t execution = 0) {
    Result result = result_of(objective);
    EventParts parts{.metrics = {{to_abi("loss"), objective, 0}},
                     .objectives = std::move(result.objectives),
                     .excesses = std::move(result.excesses)};
    dodona_reported_event body{};
    body.struct_size = sizeof body;
    body.execution = execution;
    body.step = step;
    body.metrics = {parts.metrics.data(), parts.metrics.size()};
    body.objectives = {parts.objectives.data(), parts.objectives.size()};
    body.excesses = {parts.excesses.data(), parts.excesses.size()};
    body.verdict = DODONA_CONTINUE;
    if (oracle_->table().judge != nullptr) {
      observe();
      body.verdict = oracle_->judge(log_.next_event(DODONA_EVENT_REPORTED, trial, &body));
    }
    trials_[trial].step = step;
    const dodona_verdict verdict = body.verdict;
    log_.append(trial, body, std::move(parts));
    return verdict;
  }

  void finish(std::uint64_t trial, double objective, dodona_trial_state state = DODONA_COMPLETED) {
    Result result = result_of(objective);
    if (state == DODONA_FAILED) result.outcome = DODONA_OUTCOME_MODEL_ERROR;
    finish(trial, std::move(result), state);
  }
  void finish(std::uint64_t trial, Result result, dodona_trial_state state = DODONA_COMPLETED) {
    dodona_finished_event body{};
    body.state = state;
    body.best_step = trials_[trial].step;
    body.outcome = result.outcome;
    body.seconds = std::numeric_limits<double>::quiet_NaN();
    log_.append(trial, body,
                {.assignments = assignments_of(space_, trials_[trial].point),
                 .metrics = {{to_abi("loss"), first_of(result), 0}},
                 .objectives = result.objectives,
                 .excesses = result.excesses,
                 .text = state == DODONA_FAILED ? "out of luck" : ""});
    trials_[trial].state = state;
    trials_[trial].objective = first_of(result);
    trials_[trial].result = std::move(result);
    running_.erase(std::find(running_.begin(), running_.end(), trial));
  }

  void start(std::uint64_t trial, std::uint32_t execution, std::uint32_t attempt) {
    trials_[trial].step = trials_[trial].start_step;
    log_.append(trial, dodona_started_event{0, execution, attempt, 0, UINT64_MAX, {}});
  }

  // An execution that was interrupted goes on from a step that it has done.
  void go_on(std::uint64_t trial, std::uint32_t execution, std::uint64_t step) {
    trials_[trial].step = step;
    log_.append(trial, dodona_started_event{0, execution, 0, 0, step, {}});
  }

  // The running trial meets a new hyperparameter. Its value comes from the oracle, or is the
  // default.
  void grow(std::uint64_t trial, const Param& param) {
    const std::size_t at = space_.add(param);
    dodona_space_grown_event grown{};
    grown.first = static_cast<std::uint32_t>(at);
    log_.append(DODONA_NO_TRIAL, grown, {.params = {param}});
    if (!space_.is_active(at, trials_[trial].point)) return;
    fill(trial, at, oracle_->fill(trial, param));
  }

  // The trial gets a value that its proposal did not give.
  void fill(std::uint64_t trial, std::size_t param, Cell cell) {
    trials_[trial].point.set(param, cell);
    log_.append(trial, dodona_filled_event{},
                {.assignments = {{static_cast<std::uint32_t>(param), 0,
                                  to_abi(space_.params()[param], cell)}}});
  }

  // The expectations of the oracle's model at points of the space, by the whole log; see OracleObject.
  std::vector<dodona_estimate> estimate(const std::vector<Point>& points) {
    observe();
    return oracle_->estimate(space_, points);
  }

  // The log, for events that the functions here do not make.
  EventLog& log() { return log_; }
  OracleObject& oracle() { return *oracle_; }

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
        oracle->observe(log_, observed, count);
        observed += count;
      }
      Proposal again;
      const Answer answer = oracle->propose(space_, trial.space_size, id, again);
      const bool same = answer == Answer::kProposed && again.budget == trial.budget &&
                        again.start_step == trial.start_step &&
                        again.resume_of == trial.resume_of && again.repeat_of == trial.repeat_of &&
                        again.tag == trial.tag && again.note == trial.note &&
                        same_cells(again.point, trial);
      if (!same) return "trial " + std::to_string(id) + " is proposed otherwise";
    }
    return "";
  }

 private:
  static double first_of(const Result& result) {
    return result.objectives.empty() ? std::numeric_limits<double>::quiet_NaN()
                                     : result.objectives.front();
  }

  Result result_of(double first) const {
    Result out;
    for (std::uint64_t i = 0; i < settings_.objectives; ++i) {
      out.objectives.push_back(i % 2 == 0 ? first + static_cast<double>(i) : -first);
    }
    for (std::size_t i = 0; i < settings_.limits.size(); ++i) {
      out.excesses.push_back(i % 2 == 0 ? first - static_cast<double>(i) : -first);
    }
    return out;
  }

  void append_trial(Trial&& trial) {
    const std::uint64_t id = trials_.size();
    trial.seen = log_.size();
    trial.space_size = space_.size();
    dodona_proposed_event body{};
    body.budget = trial.budget;
    body.start_step = trial.start_step;
    body.resume_of = trial.resume_of;
    body.repeat_of = trial.repeat_of;
    body.tag = trial.tag;
    body.seen = trial.seen;
    body.enqueued = trial.enqueued ? enqueued_ : UINT64_MAX;
    log_.append(id, body, {.assignments = assignments_of(space_, trial.point), .text = trial.note});
    trials_.push_back(std::move(trial));
    running_.push_back(id);
    start(id, 0, 0);
  }

  void observe() {
    if (oracle_size_ != space_.size()) oracle_->set_space(space_, space_.size());
    oracle_size_ = space_.size();
    oracle_->observe(log_, observed_, log_.size() - observed_);
    observed_ = log_.size();
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
  EventLog log_;
  std::vector<Trial> trials_;
  std::vector<std::uint64_t> running_;
  std::unique_ptr<OracleObject> oracle_;
  std::uint64_t observed_ = 0;
  std::size_t oracle_size_ = SIZE_MAX;
  std::uint64_t enqueued_ = 0;  // sequence of the last enqueued event
  std::uint64_t imported_ = 0;
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
  // The whole result of a trial with this first objective; without it, the study makes one.
  std::function<Result(const OracleStudy::Trial&, double objective)> result{};
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
  const auto finish = [&](dodona_trial_state state) {
    if (course.result) return study.finish(id, course.result(trial, objective), state);
    study.finish(id, objective, state);
  };
  if (trial.step == end) {
    finish(DODONA_COMPLETED);
  } else if (study.report(id, trial.step + 1, objective) != DODONA_CONTINUE) {
    finish(DODONA_STOPPED);
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
