// SPDX-License-Identifier: Apache-2.0
//
// The task of a study: the study file's keys as a struct.
//
//   dodona::Tuner tuner({.objective = "val_loss", .max_trials = 50});
//
// The struct is the one description of a study. Each key of a study file stands for a member, and
// the comment of a member is the help of its key, with what the member says where a file says null.
// An application's struct goes through the same checks as a file; errors name the member.
//
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona {

// The value of a hyperparameter: an int, float, boolean or string.
using HyperParameterValue = std::variant<std::int64_t, double, bool, std::string>;

// Values of hyperparameters by name: {{"lr", 0.01}, {"units", 32}, {"optimizer", "adam"}}.
using NamedValues = std::vector<std::pair<std::string, HyperParameterValue>>;

enum class Direction : std::uint8_t { kMin = 1, kMax };

// The metric that decides. Without a direction, the one in which the metric of this name is known
// to be better counts (val_accuracy: kMax), and a name that is not known is an error of the tuner,
// as it is in a study file. The objective that a tuner or a study answers has a direction.
struct Objective {
  // Not an aggregate: gcc 12 warns of uninitialised members where one is nested in braces.
  Objective() = default;
  Objective(const char* metric) : name(metric) {}             // NOLINT(google-explicit-constructor)
  Objective(std::string metric) : name(std::move(metric)) {}  // NOLINT(google-explicit-constructor)
  // One metric, better in this direction.
  Objective(std::string metric, Direction better) : name(std::move(metric)), direction(better) {}
  // The sum of several metrics, those to maximise subtracted; it is minimised. A report without
  // all of them has no objective.
  static Objective sum_of(std::vector<Objective> terms) {
    Objective objective("multi_objective", Direction::kMin);
    objective.sum = std::move(terms);
    return objective;
  }

  friend bool operator==(const Objective&, const Objective&) = default;

  std::string name = "default_objective";
  std::optional<Direction> direction;  // none: as the name says
  std::vector<Objective> sum;          // empty: one metric
};

// Bounds of a metric, included: one of them at least.
struct MetricLimit {
  std::string metric;
  std::optional<double> min;
  std::optional<double> max;

  friend bool operator==(const MetricLimit&, const MetricLimit&) = default;
};

// A plugin of the study, by short name or id, and its options.
struct PluginUse {
  PluginUse() = default;
  PluginUse(const char* name) : plugin(name) {}             // NOLINT(google-explicit-constructor)
  PluginUse(std::string name) : plugin(std::move(name)) {}  // NOLINT(google-explicit-constructor)
  // Options as a JSON object.
  PluginUse(std::string name, std::string json)
      : plugin(std::move(name)), options(std::move(json)) {}

  std::string plugin;
  std::string options = "{}";  // JSON object; what it leaves out is the plugin's default
};

// The state of a running trial is saved after so many steps or so many seconds: one of them is above
// 0.
struct Checkpoint {
  std::uint64_t steps = 0;
  double seconds = 0.0;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A study: the same keys as in a study file, with the same defaults and bounds.
struct StudyOptions {
  // The plugin that proposes hyperparameters.
  PluginUse oracle{"auto"};

  // A plugin that stops trials which do not promise much. It needs a model that reports steps.
  // None: no trial is stopped early.
  std::optional<PluginUse> stopper{};

  // The metric that decides: the name of a known one, or a name with the direction in which it is
  // better, or the sum of several, those to maximise subtracted. Left out, a number that the model
  // returns is minimised. Several metrics in a list (`objectives`) are a search for those trials that
  // no other one beats in all of them, a Pareto front.
  Objective objective{};

  // Several metrics, in place of `objective`: the search is for those trials that no other one beats
  // in all of them, a Pareto front. Stoppers and the best step of a trial go by the first one. Each
  // is one metric, not a sum. Empty: `objective` alone decides.
  std::vector<Objective> objectives{};

  // Bounds of what is measured, such as {"metric": "model_mb", "max": 5}. A trial that keeps them
  // all ranks before every one that does not, and so does a step of a trial.
  std::vector<MetricLimit> limits{};

  // The metric by which a stopper and the best step of a trial go. It is reported at steps. None:
  // the first objective.
  std::optional<Objective> stop_on{};

  // The most trials that the study has, failed ones and those of earlier searches included. Left
  // out of a study file, an oracle that ends by itself (grid, hyperband) has no limit. 0: no limit.
  std::uint64_t max_trials = 10;

  // The longest time that one search takes. Trials that run then are stopped at their next report.
  // 0: no limit.
  double max_seconds = 0.0;

  // The step, such as an epoch, at which a trial ends. The cost of a trial is proportional. A
  // promoted trial that has done so many already keeps its score. 0: the model's own choice.
  std::uint64_t max_steps = 0;

  // Runs of each trial, each with another seed; the score is the mean. More make a noisy objective
  // more reliable and cost as much more.
  std::uint32_t executions_per_trial = 1;

  // Trials that run at the same time. Each needs memory of its own, and proposals are made without
  // the results of those that run.
  std::uint32_t parallel_trials = 1;

  // Threads that a trial may use. 0: the cores, divided by parallel_trials.
  std::uint32_t threads_per_trial = 0;

  // Names such as "cuda:0", dealt out among the trials that run at the same time. A trial holds its
  // own while it runs, and the model is told them. A device that is named twice is shared by two.
  std::vector<std::string> devices{};

  // Proposal k is made from the results of exactly the trials 0 to k - lag. So any number of
  // parallel trials up to the lag gives the same study. It costs waiting for slow trials. 0:
  // results count as they come.
  std::uint32_t lag = 0;

  // The whole state of a running trial is saved every so many seconds or steps, such as {"seconds":
  // 60} or {"steps": 5}. A trial that was interrupted, or lost its process, goes on from there. Each
  // time costs a save of the model. It takes the store sqlite, and a model that can be saved and
  // loaded. None: never.
  std::optional<Checkpoint> checkpoint{{.steps = 0, .seconds = 60.0}};

  // New attempts for a trial that fails, with the same values and another seed. A trial is not
  // tried again where the model says that the values are invalid.
  std::uint32_t max_retries_per_trial = 0;

  // So often a trial may lose the process that runs it, through no fault of its own, and go on in
  // another one. Beyond that it fails.
  std::uint32_t max_losses = 5;

  // The search ends after so many failed trials in a row. Invalid trials do not count. 0: it never
  // does.
  std::uint32_t max_consecutive_failed_trials = 3;

  // The five best trials run so many times more before the study ends, with other seeds and beyond
  // max_trials, until the best of them is told from the rest. The score of values that ran several
  // times is the mean. For one noisy objective; it costs at most five times as many runs. 0: none.
  std::uint64_t confirm = 0;

  // Where all random numbers begin. The same seed gives the same proposals to the same results.
  // None: a random one, which the study keeps.
  std::optional<std::uint64_t> seed{};

  // Of how many of the best trials the trained model stays in the project's directory, or "all". 0
  // saves none, and a trial then takes no time to save its best step.
  std::uint64_t keep = 3;
  static constexpr std::uint64_t kKeepAll = UINT64_MAX;

  // Where projects lie. Nothing is written outside of it.
  std::string directory = ".";

  // The directory of the study, within `directory`. The same name goes on with the study that is
  // there.
  std::string project_name = "untitled_project";

  // Where the log lives: sqlite keeps everything in the project's directory, memory writes nothing
  // and forgets all at the end.
  std::string store = "sqlite";

  // Plugins that are told all that happens. No trial waits for them.
  std::vector<PluginUse> sinks{};

  // The plugin that builds, trains and scores a model for given hyperparameters. None: the
  // application's own.
  std::optional<PluginUse> hypermodel{};

  // Where trials run: inline, in the process that searches, or process, each worker's in a process of
  // its own. A model that crashes or exits there costs its trial, not the search, and so does one that
  // hangs, with `trial_limits`. Takes a third of a millisecond a trial. Needs a plugin's hypermodel
  // and the store sqlite. Empty: as the plugin asks for.
  std::string isolation{};

  // The command that starts a runner, a program and its arguments, where trials run on other machines:
  // such as ["ssh", "-T", "{slot}", "exec {runner}"] or ["srun", "-n1", "{runner}"]. It carries the
  // runner's standard input and output. {runner} is the path of dodona-runner, which must be the same
  // there, {slot} one of `runner.slots`, {study} the study's id. Implies "isolation": "process".
  // Without it, runners are started on this machine.
  std::vector<std::string> launch{};

  // Places for runners, such as hosts or partitions, that fill {slot}. Each is used as often as it is
  // listed, and again from the first one where there are more parallel trials.
  std::vector<std::string> slots{};

  // A runner for which the study has nothing to do is ended after so many seconds, so that others get
  // its place. 0: never.
  double idle_seconds = 300.0;

  // The time in seconds between two signs of life, both ways.
  double beat_seconds = 2.0;

  // A runner that gives no sign of life for so many seconds is lost, and its trial goes on in another
  // one. It ends itself when it hears nothing of its owner for as long.
  double silence_seconds = 30.0;

  // The longest time in seconds that one execution of a trial takes, over all its starts. At its
  // next report it is told to stop, and the trial keeps its score. If it goes on all the same, its
  // process is killed and the trial fails. Limits need isolation, but for `command`. 0: no limit.
  double max_trial_seconds = 0.0;

  // The longest time in seconds between two reports of a trial, or before its first one. 0: no limit.
  double max_step_seconds = 0.0;

  // The most memory that the processes of a trial take together. They are measured four times a
  // second, so they may have taken more in between, but for a hard stop of a process at a quarter
  // above. 0: no limit.
  std::uint64_t max_trial_memory_mb = 0;

  // The most that a trial writes on standard output and standard error together. 0: no limit.
  std::uint64_t max_trial_output_mb = 0;

  // Hyperparameters, a list in JSON. Where the hypermodel describes its own, an entry replaces the
  // one of its name.
  std::string space = "[]";

  // Constraints that the values of every trial keep, such as "units_0 >= units_1" or "optimizer ==
  // 'sgd' or momentum == 0". A constraint holds where a hyperparameter that it names is not active.
  // A name that is not a word stands in back quotes.
  std::vector<std::string> constraints{};

  // True if the hypermodel may have hyperparameters that `space` does not name. If it may not, the
  // search fails and names them.
  bool allow_new_entries = true;

  // True if hyperparameters that `space` does not name are tuned. If not, they keep their defaults.
  bool tune_new_entries = true;

  // The project directory of another study, whose results the oracle is given at the start. They
  // are no trials of this study. Empty: none.
  std::string warm_start{};

  // Values of trials that run first, each an object of names. A value that one leaves out is drawn.
  std::vector<NamedValues> initial{};
};

}  // namespace dodona
