// SPDX-License-Identifier: Apache-2.0
//
// Checks of oracles and stoppers. Each takes one object after another through studies without a
// kernel.
#pragma once

#include <dodona/abi.h>
#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/event_log.hpp>
#include <dodona/testing/oracle_object.hpp>
#include <dodona/testing/oracle_study.hpp>
#include <dodona/testing/random_space.hpp>
#include <dodona/visibility.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// An objective that depends on every active hyperparameter.
inline double bumpy(const OracleStudy::Trial& trial) {
  double sum = 0;
  for (const Assignment& each : trial.point.assignments()) {
    sum += std::cos(static_cast<double>(each.cell.whole() % 1009) + each.param);
  }
  return sum;
}

namespace detail {

inline constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Parallel trials over a growing space, with failures.
inline Course random_course(RandomStream& random, std::uint64_t trials) {
  Course course;
  course.parallel = static_cast<std::uint32_t>(1 + random.below(8));
  course.failures = 0.1;
  course.steps = 1 + random.below(3);
  course.trials_max = trials;
  course.objective = [](const OracleStudy::Trial& trial, std::uint64_t step) {
    return bumpy(trial) + 1.0 / static_cast<double>(step + 1);
  };
  course.growth = 0.05;
  course.space_max = 8;
  course.growing = [](const Space& grown, RandomStream& r) {
    return random_param(grown, r, false);
  };
  return course;
}

// A study of one round: a space that may grow, and settings that vary.
inline OracleStudy random_study(Run& run, RandomStream& random, Course& course,
                                std::uint64_t objectives = 1) {
  OracleSettings settings = run.oracle_settings();
  course = random_course(random, 24);
  settings.parallel_trials = course.parallel;
  settings.objectives = objectives;
  settings.max_trials = random.below(2) == 0 ? 0 : 24;
  settings.max_steps = random.below(2) == 0 ? 0 : course.steps;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (random.below(3) == 0) settings.limits.push_back({"mb", -infinity, 5.0});
  if (random.below(3) == 0) settings.limits.push_back({"seconds", 0.5, 5.0});
  return {run.descriptor(), random_space(random, 1 + random.below(6), false), settings};
}

inline void check_legal(Run& run) {
  while (run.more()) {
    RandomStream random = run.random();
    Course course;
    OracleStudy study = random_study(run, random, course);
    simulate(study, random, course);
    require(!study.trials().empty(), "proposes nothing for a space of " +
                                         std::to_string(study.space().size()) + " hyperparameters");
  }
}

inline void check_fold(Run& run) {
  while (run.more()) {
    RandomStream random = run.random();
    Course course;
    OracleStudy study = random_study(run, random, course);
    course.restarts = 0.05;
    simulate(study, random, course);
    const std::string mismatch = study.replay_mismatch(random);
    require(mismatch.empty(),
            mismatch +
                " when another object gets the same log in other portions: it must be a "
                "function of study, space and events alone");
  }
}

inline bool same_values(const Point& a, const Point& b) {
  return a.assignments() == b.assignments();
}

// A study with a lag: trials that run together, and the events of each.
class LaggingStudy {
 public:
  LaggingStudy(Run& run, RandomStream& random)
      : settings_(run.oracle_settings()),
        descriptor_(run.descriptor()),
        space_(random_space(random, 1 + random.below(5), false)),
        lag_(1 + random.below(4)),
        random_(random) {
    settings_.parallel_trials = static_cast<std::uint32_t>(lag_);
  }

  // Proposes up to `count` trials; proposal k is made from the events of the trials 0..k - lag.
  void run(std::uint64_t count) {
    OracleObject oracle(descriptor_, settings_);
    oracle.set_space(space_, space_.size());
    std::uint64_t told = 0;
    for (std::uint64_t id = 0; id < count; ++id) {
      if (id >= lag_) tell(oracle, told++);
      OracleStudy::Trial trial;
      Answer answer = oracle.propose(space_, space_.size(), id, trial);
      while (answer == Answer::kWait && told < id) {
        tell(oracle, told++);
        answer = oracle.propose(space_, space_.size(), id, trial);
      }
      require(answer != Answer::kWait, "waits although no trial runs");
      if (answer == Answer::kExhausted) return;
      trial.seen = told;
      trials_.push_back(std::move(trial));
      events_.emplace_back();
      append(id, proposed(trials_[id]), assignments_of(space_, trials_[id].point));
      append(id, dodona_started_event{0, 0, 0, 0, UINT64_MAX, {}});
    }
  }

  // Proposes all of it again, from other portions of the events.
  void repeat() {
    OracleObject oracle(descriptor_, settings_);
    oracle.set_space(space_, space_.size());
    std::uint64_t told = 0;
    for (std::uint64_t id = 0; id < trials_.size(); ++id) {
      std::vector<const dodona_event*> all;
      for (; told < trials_[id].seen; ++told) {
        for (const std::uint64_t at : events_[told]) all.push_back(&log_[at]);
      }
      oracle.observe(all);
      Proposal again;
      const Answer answer = oracle.propose(space_, space_.size(), id, again);
      require(answer == Answer::kProposed && same_values(again.point, trials_[id].point) &&
                  again.budget == trials_[id].budget && again.resume_of == trials_[id].resume_of,
              "trial " + std::to_string(id) +
                  " is proposed otherwise from the same trials, told in larger portions");
    }
  }

 private:
  static dodona_proposed_event proposed(const OracleStudy::Trial& trial) {
    dodona_proposed_event body{};
    body.budget = trial.budget;
    body.start_step = trial.start_step;
    body.resume_of = trial.resume_of;
    body.repeat_of = trial.repeat_of;
    body.tag = trial.tag;
    body.enqueued = UINT64_MAX;
    body.seen = trial.seen;
    return body;
  }

  template <class Body>
  void append(std::uint64_t id, const Body& body, const std::vector<dodona_assignment>& values = {},
              const std::vector<double>& objectives = {}) {
    events_[id].push_back(log_.size());
    log_.append(id, body, {.assignments = values, .objectives = objectives});
  }

  // One event of a running trial; true if that was its last one.
  bool advance(std::uint64_t id) {
    OracleStudy::Trial& trial = trials_[id];
    const double value = bumpy(trial);
    if (trial.step++ == trial.start_step) {
      dodona_reported_event body{};
      body.step = trial.step;
      body.verdict = DODONA_CONTINUE;
      append(id, body, {}, {value});
      return false;
    }
    dodona_finished_event body{};
    body.state = trial.state = id % 5 == 4 ? DODONA_FAILED : DODONA_COMPLETED;
    body.outcome = id % 5 == 4 ? DODONA_OUTCOME_MODEL_ERROR : DODONA_OUTCOME_OK;
    append(id, body, assignments_of(space_, trial.point), {id % 5 == 4 ? kNothing : value});
    return true;
  }

  // Lets the running trials go on in any order until `id` has ended, then tells all of it.
  void tell(OracleObject& oracle, std::uint64_t id) {
    while (trials_[id].state == DODONA_RUNNING) {
      const std::uint64_t any = id + random_.below(trials_.size() - id);
      if (trials_[any].state == DODONA_RUNNING) advance(any);
    }
    for (const std::uint64_t at : events_[id]) oracle.observe({&log_[at]});
  }

  OracleSettings settings_;
  const dodona_descriptor& descriptor_;
  Space space_;
  std::uint64_t lag_;
  RandomStream& random_;
  EventLog log_;
  std::vector<OracleStudy::Trial> trials_;
  std::vector<std::vector<std::uint64_t>> events_;  // of each trial, by sequence
};

inline void check_lag(Run& run) {
  while (run.more()) {
    RandomStream random = run.random();
    LaggingStudy study(run, random);
    study.run(16);
    study.repeat();
  }
}

inline Param edge_number(std::string name, ParamType type, double low, double high,
                         Sampling sampling = Sampling::kLinear) {
  Param out;
  out.type = type;
  out.name = std::move(name);
  out.sampling = sampling;
  const bool whole = type == ParamType::kInt;
  out.low = whole ? Cell::whole(static_cast<std::int64_t>(low)) : Cell::real(low);
  out.high = whole ? Cell::whole(static_cast<std::int64_t>(high)) : Cell::real(high);
  out.initial = out.low;
  return out;
}

inline Param edge_choice(std::string name, std::int64_t count) {
  Param out;
  out.type = ParamType::kChoice;
  out.name = std::move(name);
  for (std::int64_t i = 0; i < count; ++i) out.choices.emplace_back("v" + std::to_string(i));
  return out;
}

// Spaces at the edges of what a study file may say, each with a name for messages.
inline std::vector<std::pair<std::string, Space>> edge_spaces() {
  std::vector<std::pair<std::string, Space>> out(1, {"no hyperparameter", Space()});
  const auto add = [&](const char* what, const std::vector<Param>& params) {
    Space space;
    for (const Param& param : params) space.add(param);
    out.emplace_back(what, std::move(space));
  };
  add("one choice of one value", {edge_choice("c", 1)});
  add("a range of one value",
      {edge_number("x", ParamType::kFloat, 0.5, 0.5), edge_number("n", ParamType::kInt, 3, 3)});
  add("a log range over 12 decades",
      {edge_number("x", ParamType::kFloat, 1e-9, 1e3, Sampling::kLog)});
  add("a reverse_log range over 12 decades",
      {edge_number("x", ParamType::kFloat, 1e-9, 1e3, Sampling::kReverseLog)});
  Param stepped = edge_number("n", ParamType::kInt, 1, 10);
  stepped.step = Cell::whole(4);
  Param powers = edge_number("x", ParamType::kFloat, 1e-3, 2, Sampling::kLog);
  powers.step = Cell::real(10);
  add("steps that do not divide their range", {stepped, powers});
  add("integers over 2^62", {edge_number("n", ParamType::kInt, -0x1p61, 0x1p61)});
  add("numbers up to 1e300", {edge_number("x", ParamType::kFloat, -1e300, 1e300)});
  add("a choice of 1000 values", {edge_choice("c", 1000)});
  std::vector<Param> many;
  for (int i = 0; i < 200; ++i) {
    many.push_back(edge_number("x" + std::to_string(i), ParamType::kFloat, 0, 1));
  }
  add("200 hyperparameters", many);
  return out;
}

inline void check_edges(Run& run) {
  run.more();
  for (const auto& [what, space] : edge_spaces()) {
    if (run.is_late()) return;
    try {
      OracleStudy study(run.descriptor(), space, run.oracle_settings());
      RandomStream random = run.random();
      Course course;
      course.parallel = 2;
      course.trials_max = 12;
      course.objective = [](const OracleStudy::Trial& trial, std::uint64_t) {
        return bumpy(trial);
      };
      simulate(study, random, course);
    } catch (const Error& error) {
      throw Broken(what + ": " + error.what());
    }
  }
}

inline void check_objectives(Run& run) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  run.more();
  Space space;
  space.add(edge_number("x", ParamType::kFloat, 0, 1));
  space.add(edge_choice("c", 3));
  const std::vector<std::pair<const char*, std::vector<double>>> streams = {
      {"no objective at all", {kNothing}},
      {"infinite ones among others", {1.0, infinity, 2.0, -infinity}},
      {"equal ones", {1.0}},
      {"very large and very small ones", {1e300, -1e300, 1e-300}},
      {"now and then none", {0.5, kNothing, 0.25}}};
  for (const auto& [what, values] : streams) {
    if (run.is_late()) return;
    try {
      OracleStudy study(run.descriptor(), space, run.oracle_settings());
      for (std::uint64_t id = 0; id < 20 && study.ask() == Answer::kProposed; ++id) {
        const double value = values[id % values.size()];
        study.report(id, study.trials()[id].start_step + 1, value);
        study.finish(id, value, std::isfinite(value) ? DODONA_COMPLETED : DODONA_INVALID);
      }
    } catch (const Error& error) {
      throw Broken(std::string("objectives, ") + what + ": " + error.what());
    }
  }
}

// The rarer entries of a log, between those of trials.
inline void add_rare_events(OracleStudy& study, RandomStream& random) {
  EventLog& log = study.log();
  const auto remark = [&](std::uint64_t trial) {
    log.append(trial, dodona_noted_event{}, {.text = "remark", .more = "by the user"});
  };
  switch (random.below(6)) {
    case 0:
      return remark(study.trials().empty() ? DODONA_NO_TRIAL : 0);
    case 1:
      log.append(DODONA_NO_TRIAL, dodona_stopped_event{}, {.text = "interrupted"});
      return log.append(DODONA_NO_TRIAL, dodona_configured_event{}, {.text = "{}"});
    case 2:
      if (!study.trials().empty()) study.import(study.trials()[0].point, random.uniform());
      return;
    case 3:
      if (!study.trials().empty()) study.enqueue(study.trials()[0].point);
      return;
    case 4:
      if (!study.running().empty()) {
        log.append(study.running()[0], dodona_lost_event{}, {.text = "its runner fell silent"});
        study.start(study.running()[0], 0, 0);
      }
      return;
    default:  // a retry
      if (!study.running().empty()) study.start(study.running()[0], 0, 1);
  }
}

inline void check_events(Run& run) {
  while (run.more()) {
    RandomStream random = run.random();
    Course course;
    OracleStudy study = random_study(run, random, course);
    course.growth = 0;
    dodona_created_event created{};
    created.seed = run.seed();
    study.log().append(DODONA_NO_TRIAL, created, {.text = "0"});
    study.log().append(DODONA_NO_TRIAL, dodona_configured_event{}, {.text = "{}"});
    for (course.trials_max = 1; course.trials_max <= 12; ++course.trials_max) {
      simulate(study, random, course);
      if (study.ask() == Answer::kExhausted) break;
      add_rare_events(study, random);
      study.log().append_unknown(9999);
    }
    simulate(study, random, course);
    study.restart();
  }
}

inline void check_several_objectives(Run& run) {
  if ((run.descriptor().flags & DODONA_FLAG_OBJECTIVES) == 0) {
    throw NotApplicable("it does not take several objectives");
  }
  while (run.more()) {
    RandomStream random = run.random();
    Course course;
    OracleStudy study = random_study(run, random, course, 2 + random.below(2));
    simulate(study, random, course);
    require(study.replay_mismatch(random).empty(), "is no function of the log");
  }
}

// An oracle may ask before whether values keep the constraints, or push others once they do not.
inline void check_constraints(Run& run) {
  while (run.more()) {
    RandomStream random = run.random();
    Space space = random_space(random, 3, false);
    add_random_constraints(space, random);
    OracleStudy study(run.descriptor(), std::move(space), run.oracle_settings());
    try {
      for (std::uint64_t id = 0; id < 8; ++id) {
        const Answer answer = study.ask();
        require(answer != Answer::kWait, "waits after DODONA_E_INFEASIBLE although no trial runs");
        if (answer == Answer::kExhausted) break;
        study.finish(id, bumpy(study.trials()[id]));
      }
    } catch (const Error& error) {
      if (error.code() != DODONA_E_INFEASIBLE) throw;
      throw Error(DODONA_E_PLUGIN,
                  std::string("gives up where values break a constraint: it neither asks "
                              "is_feasible before nor pushes others after DODONA_E_INFEASIBLE; ") +
                      error.what());
    }
  }
}

// Checks that `fill` gives legal values, and the same ones to the same questions.
inline void check_fill(Run& run) {
  const auto& table = *static_cast<const dodona_oracle_vtable*>(run.descriptor().vtable);
  if (!DODONA_HAS(&table, dodona_oracle_vtable, fill)) throw NotApplicable("it has no fill");
  while (run.more()) {
    RandomStream random = run.random();
    OracleObject oracle(run.descriptor(), run.oracle_settings());
    oracle.set_space(Space(), 0);
    const Space space = random_space(random, 8, false);
    for (std::uint64_t trial = 0; trial < space.size(); ++trial) {
      const Param& param = space.params()[trial];
      const Cell one = oracle.fill(trial, param);
      require(one == oracle.fill(trial, param),
              "fills \"" + param.name + "\" of one trial with two values: it must be pure");
    }
  }
}

// The answers at a few points of the space; none where there is no model yet.
inline std::vector<dodona_estimate> estimates_of(OracleStudy& study, std::uint64_t seed) {
  std::vector<Point> points;
  for (std::uint64_t i = 0; i < 5; ++i) {
    RandomStream random(seed, i, Purpose::kTrialSeed);
    points.push_back(random_point(study.space(), random));
  }
  try {
    return study.estimate(points);
  } catch (const Error& error) {
    if (error.code() != DODONA_E_STATE) throw;
    return {};
  }
}

// Asks for estimates between proposals, which must stay what they are without.
inline void check_estimates(Run& run) {
  if (OracleObject(run.descriptor(), run.oracle_settings()).surrogate() == nullptr) {
    throw NotApplicable("it does not offer " DODONA_EXTENSION_SURROGATE);
  }
  while (run.more()) {
    RandomStream random = run.random();
    Course course;
    OracleStudy study = random_study(run, random, course);
    for (course.trials_max = 6; course.trials_max <= 24; course.trials_max += 6) {
      if (simulate(study, random, course) == Answer::kExhausted) break;
      const std::vector<dodona_estimate> first = estimates_of(study, run.seed());
      study.restart();
      const std::vector<dodona_estimate> again = estimates_of(study, run.seed());
      require(first.size() == again.size(), "has a model before a restart or after it alone");
      for (std::size_t i = 0; i < first.size(); ++i) {
        require(std::isfinite(first[i].mean) && first[i].deviation >= 0.0,
                "estimates " + std::to_string(first[i].mean) + " with the deviation " +
                    std::to_string(first[i].deviation));
        require(first[i].mean == again[i].mean && first[i].deviation == again[i].deviation,
                "estimates otherwise after a restart: it must be a function of study, space and "
                "events alone");
      }
    }
    const std::string mismatch = study.replay_mismatch(random);
    require(mismatch.empty(), mismatch + " where no estimate was asked for");
  }
}

// ---- judging ----------------------------------------------------------------------------------

inline void need_judge(const Run& run) {
  const auto& table = *static_cast<const dodona_oracle_vtable*>(run.descriptor().vtable);
  if (!DODONA_HAS(&table, dodona_oracle_vtable, judge)) throw NotApplicable("it does not judge");
}

// Lets trials that another oracle proposed report curves. Appends the verdicts.
inline void judge_curves(OracleStudy& study, RandomStream random, double restarts,
                         std::vector<dodona_verdict>& verdicts) {
  for (std::uint64_t id = 0; id < 12; ++id) {
    study.enqueue(Point());
    const double level = random.uniform();
    double value = level;
    bool stopped = false;
    for (std::uint64_t step = 1; step <= 9 && !stopped; ++step) {
      const bool missing = random.below(16) == 0;
      value = missing ? kNothing : level + 1.0 / static_cast<double>(step);
      if (random.uniform() < restarts) study.restart();
      verdicts.push_back(study.report(id, step, value));
      stopped = verdicts.back() != DODONA_CONTINUE;
    }
    study.finish(id, level, stopped ? DODONA_STOPPED : DODONA_COMPLETED);
  }
}

inline OracleSettings judging_settings(Run& run) {
  OracleSettings settings = run.oracle_settings();
  settings.max_steps = 9;
  return settings;
}

inline void check_verdicts(Run& run) {
  need_judge(run);
  while (run.more()) {
    OracleStudy study(run.descriptor(), Space(), judging_settings(run));
    std::vector<dodona_verdict> verdicts;
    judge_curves(study, run.random(), 0.0, verdicts);
    for (const dodona_verdict verdict : verdicts) {
      require(verdict >= DODONA_CONTINUE && verdict <= DODONA_STOP_STUDY,
              "answers the unknown verdict " + std::to_string(verdict));
    }
  }
}

inline void check_verdict_fold(Run& run) {
  need_judge(run);
  while (run.more()) {
    std::vector<dodona_verdict> verdicts[2];
    for (const std::size_t i : {0U, 1U}) {
      OracleStudy study(run.descriptor(), Space(), judging_settings(run));
      // The draws of restarts and curves are the same ones, only the restarts take place or not.
      judge_curves(study, run.random(), i == 0 ? -1.0 : 0.3, verdicts[i]);
    }
    require(verdicts[0] == verdicts[1],
            "judges otherwise after a restart: it must be a function of study and events alone");
  }
}

}  // namespace detail
}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
