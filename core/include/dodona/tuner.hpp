// SPDX-License-Identifier: Apache-2.0
//
// Tuning: a search over hyperparameters of a function, a class or a plugin.
//
//   dodona::Tuner tuner({.objective = {"loss", dodona::Direction::kMin}, .max_trials = 50});
//   tuner.search([](dodona::HyperParameters& hp) {
//     const double x = hp.real("x", {.min = -1, .max = 1});
//     return x * x + 1;
//   });
//   tuner.best_hyperparameters().real("x");
//
// A study that exists is continued: finished trials count, unfinished ones run again with their
// values. A result is durable when the call that recorded it returns.
//
// The library installs no signal handlers, prints nothing, never exits and has no global state:
// several tuners run side by side.
//
// Errors:  Error{kInvalid} for options, Error{kPlugin} for plugins, Error{kState} for a directory
//          in use, Error{kIo} for the disk. A trial that throws fails alone.
// Threads: search() blocks. It waits half a minute for a sink that does not return, then leaves the
//          sink behind with a warning. One search at a time. stop() may be called from any thread,
//          also from a callback. Where the store is on the disk, a thread of its own reads the
//          project's mailbox (status.hpp) while a search runs or trials are asked for.
#pragma once

#include <dodona/asked_trial.hpp>
#include <dodona/build.hpp>
#include <dodona/export.hpp>
#include <dodona/hypermodel.hpp>
#include <dodona/kernel.hpp>
#include <dodona/models.hpp>
#include <dodona/result.hpp>
#include <dodona/status.hpp>
#include <dodona/study.hpp>
#include <dodona/study_options.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {

// Something that happened, for displays. The pointers live for the call.
struct Progress {
  enum class Kind : std::uint8_t {
    kStarted = 1,
    kReported,
    kFinished,
    kChanged  // of no trial: the search was paused or goes on, or has other limits
  };
  Kind kind = Kind::kStarted;
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t step = 0;  // kReported; kStarted: from which the trial goes on, 0 where it begins
  std::optional<double> score;        // kReported: the objective at this step
  const Result* result = nullptr;     // kStarted and kFinished
  std::uint64_t trials_finished = 0;  // of the whole study
  std::optional<double> best_score;   // of the whole study, this event included
  std::uint64_t best_trial = 0;
  // kChanged: as they are now; 0: no limit.
  bool paused = false;
  std::uint64_t max_trials = 0;
  double max_seconds = 0.0;
};

// A study, and what only an application can give.
struct TunerOptions {
  StudyOptions study{};
  // Begins anew. The study that is there, its models and what its sinks wrote are set aside in
  // PROJECT.before-overwrite, and deleted when a trial of the new one has a report or an end on the
  // disk. A start that fails before that puts them back, as does the next one after a kill.
  bool overwrite = false;
  // Goes on with another objective, oracle, stopper or hypermodel, or other options of one, than
  // the study was made with. Scores are then made anew, and the oracle begins anew from all that is
  // there.
  bool accept_changes = false;
  PluginSources plugins{};
  std::function<void(const Progress&)> on_progress{};              // one call at a time
  std::function<void(dodona_level, const std::string&)> on_log{};  // one call at a time
};

namespace boundary {

// Of the classes that describe a study.
__attribute__((visibility("hidden"))) inline SameBuild check_options() {
  return check_build({{"ApplicationObject", sizeof(ApplicationObject)},
                      {"PluginSources", sizeof(PluginSources)},
                      {"StudyOptions", sizeof(StudyOptions)},
                      {"TunerOptions", sizeof(TunerOptions)}});
}

}  // namespace boundary

// Reads and checks a study file; `sets` are overrides such as "max_trials=5" or
// "oracle.options.n=3". Errors name file, line, column, key and what would be right.
DODONA_API TunerOptions read_study_file(const std::string& path,
                                        const std::vector<std::string>& sets = {},
                                        const PluginSources& plugins = {},
                                        boundary::SameBuild build = boundary::check_options());
// The same for asking and telling: a hypermodel is ignored, and `space` must be there.
DODONA_API TunerOptions read_ask_tell_file(const std::string& path,
                                           const std::vector<std::string>& sets = {},
                                           const PluginSources& plugins = {},
                                           boundary::SameBuild build = boundary::check_options());

// A study and all that runs it.
class DODONA_API Tuner : public Models<Tuner> {
 public:
  // Opens the study of the options, or makes it. Throws as the top of this file says; what was there
  // is untouched then.
  explicit Tuner(const TunerOptions& options)
      : Tuner(options, boundary::check_build({{"ApplicationObject", sizeof(ApplicationObject)},
                                              {"HyperParameter", sizeof(HyperParameter)},
                                              {"Progress", sizeof(Progress)},
                                              {"Result", sizeof(Result)},
                                              {"RetrainOptions", sizeof(RetrainOptions)},
                                              {"Retrained", sizeof(Retrained)},
                                              {"Runner", sizeof(Runner)},
                                              {"StudyOptions", sizeof(StudyOptions)},
                                              {"StudyStatus", sizeof(StudyStatus)},
                                              {"Summary", sizeof(Summary)},
                                              {"TunerOptions", sizeof(TunerOptions)},
                                              {"Values", sizeof(Values)}})) {}
  // The same where there is nothing to add to the study: Tuner tuner({.max_trials = 50}).
  explicit Tuner(const StudyOptions& study) : Tuner(TunerOptions{.study = study}) {}
  // The other one can only be destroyed or assigned to then.
  Tuner(Tuner&&) noexcept;
  // Leaves its own study first, as the destructor does.
  Tuner& operator=(Tuner&&) noexcept;
  ~Tuner();

  // Asks the hypermodel of the options for its space, as a search does before its first trial, and
  // answers the space that the search would begin with. Options without a hypermodel answer their own
  // space. No trial is made. Empty if only a trial can
  // tell: the hypermodel has no `declare`, and the options give no space. The store learns the space;
  // with the memory store nothing is written. Throws as search() does.
  std::vector<HyperParameter> discover_space();

  // Tunes a function, or an object of a class as hypermodel.hpp describes it.
  template <class M>
  Summary search(M&& model) {
    return detail::with_table(model, [&](const dodona_hypermodel_vtable* table, void* self) {
      return search_table(table, self);
    });
  }
  // Tunes the hypermodel plugin of the options.
  Summary search();
  // The same from its C table; `self` stays the caller's.
  Summary search_table(const dodona_hypermodel_vtable* table, void* self);

  // Values of a trial that runs before the oracle's next; what is left out is drawn, what turns out
  // not to be active is dropped. Durable when it returns. Values of which no name is known yet wait
  // until a trial asks for one. If some names are known, the trial runs, and the other values count
  // as soon as it asks for them. The log names those for which no trial has asked when the search
  // ends. Throws Error{kInvalid} for an impossible value, and for an unknown name of a space that
  // counts as complete: of a model that declares it, and of the options before the first search and
  // where trials are asked for, though one of these may ask for more.
  void enqueue(const Values& values);

  // The next trial for an application that runs trials itself, on any number of threads; those
  // that were asked for before and not told come first, also one whose handles all went. Nothing
  // where all max_trials were given, or where the oracle waits for one that is out: then it waits
  // for up to `time` until another trial is told or let go. Durable. A hyperparameter that is
  // neither in the options' space nor in the study joins as a trial asks for it; the first one is
  // then given alone, with default values. Throws Error{kState} during a search; so does a search
  // where trials are out.
  AskedTrial ask(std::chrono::milliseconds time = std::chrono::milliseconds(0)) {
    return AskedTrial(ask_trial(time));
  }
  // Loads plugins and reads the log, as the first ask() does. Throws their errors.
  void open_desk();
  // A trial that was asked for and not told, also before a restart. One of which no handle was left
  // begins anew, unless it was detached. Throws Error{kInvalid} where
  // there was none, Error{kState} where it ended.
  AskedTrial asked(std::uint64_t trial) { return AskedTrial(asked_trial(trial)); }

  // Ends an asked trial: kCompleted, with the objective in these metrics or in a report (not
  // finite: it becomes kInvalid), kStopped early, or kFailed for good. Durable. Throws
  // Error{kInvalid} where the objective is missing, and nothing has changed then.
  void tell(const AskedTrial& trial, TrialState state, const Metrics& metrics,
            const std::string& message = {}) {
    tell_trial(*trial.asked_, state, metrics, message);
  }
  // A completed trial with its final metrics.
  void tell(const AskedTrial& trial, std::initializer_list<Metric> metrics) {
    tell(trial, TrialState::kCompleted, detail::metrics_of({metrics.begin(), metrics.size()}));
  }
  // A completed trial whose objective is this number.
  void tell(const AskedTrial& trial, double objective) { tell(trial, {{"", objective}}); }
  // Early, with the score of its best report.
  void tell_stopped(const AskedTrial& trial) { tell(trial, TrialState::kStopped, {}); }
  // For good; `message` says why.
  void tell_failed(const AskedTrial& trial, const std::string& message) {
    tell(trial, TrialState::kFailed, {}, message);
  }

  // Ends the search: trials stop at their next report and run again when the study goes on. Where
  // trials are asked for: no more are given, and reports answer that they shall stop.
  void stop();
  // From now on no trial begins, in a search that runs, one that begins later, and where trials are
  // asked for; those that run go on. pause(false): trials begin again. Any thread.
  void pause(bool paused = true);
  // Other values for max_trials, max_seconds and parallel_trials of the search that runs, or of the
  // asking, each as `parallel_trials=4`. The study's document has them, and later searches of this
  // tuner; a new tuner goes by its options. Workers are added at once, and surplus
  // ones leave when their trial has ended. The oracle is not told. With a lag there are no more
  // trials at a time than that. Any thread, also a callback.
  // Errors: Error{kInvalid}, as a study file has it; nothing has changed then. Error{kState} where
  //         nothing runs, or the search comes to its end.
  void set(const std::vector<std::string>& sets);
  // Stops a trial that runs at its next report, as if a stopper had said so: it keeps the score of its
  // best report. Any thread, also a callback.
  // Errors: Error{kState} for a trial that does not run.
  void stop_trial(std::uint64_t trial);
  // How the study stands. Any thread, also a callback.
  // Cost: looks at each trial.
  StudyStatus status() const;
  // The workers of the search that runs. Any thread, also a callback.
  std::vector<Runner> runners() const { return status().runners; }

  // For a process that leaves although search() does not return: writes the end to the log, and
  // answers what search() would. All that happened is on the disk then. The process must end, by
  // _exit(), and trials that run are run again when the study goes on. Sinks are left behind.
  Summary close_log(End end);

  // The study as it stands, during a search too.
  std::vector<Result> trials() const;
  // Trials with a score, best first; 0: all of them.
  std::vector<Result> best(std::uint64_t count = 0) const;
  // The same under noise, of one objective. Another oracle like that of the study is made, and asked.
  // Errors: Error{kPlugin} for one that fails, Error{kInvalid} for several objectives.
  // Cost:   the oracle reads the log again; workers wait meanwhile.
  std::vector<Result> best(Robust, std::uint64_t count = 0) const;
  // The trials that no other one beats in all objectives, in the order of best(). Of one objective,
  // the best trial alone.
  std::vector<Result> front() const;
  // Throws Error{kState} where no trial has a score yet.
  Values best_hyperparameters() const;
  // All definitions so far.
  std::vector<HyperParameter> space() const;
  // All constraints so far: those of the options and of the hypermodel.
  std::vector<std::string> constraints() const;
  // As it was given, with its direction. Of several, the first one.
  Objective objective() const;
  // All of them, at least one.
  std::vector<Objective> objectives() const;
  // From which all randomness of the study follows.
  std::uint64_t seed() const;
  // The project's directory; empty where nothing is written.
  std::string directory() const;

  // See models.hpp. The same from C tables; `self` stays the caller's.
  std::shared_ptr<void> load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                   void* self) const;
  // The same for Models::summary_of().
  ModelSummary summary_table(std::optional<std::uint64_t> trial,
                             const dodona_hypermodel_vtable* table, void* self) const;
  // The same for Models::retrain().
  Retrained retrain_table(const dodona_hypermodel_vtable* table, void* self,
                          const RetrainOptions& options) const;

 private:
  Tuner(const TunerOptions& options, boundary::SameBuild);
  std::shared_ptr<AskedState> ask_trial(std::chrono::milliseconds time);
  std::shared_ptr<AskedState> asked_trial(std::uint64_t trial);
  void tell_trial(AskedState& trial, TrialState state, const Metrics& metrics,
                  const std::string& message);

  struct Impl;
  // Throws Error{kState} in a forked child, and where the tuner was moved from.
  Impl& own() const;
  void leave() noexcept;
  std::unique_ptr<Impl> impl_;
};

// Answers one request of the program's ask-tell, an object of JSON, by another, on one line:
//   {"ask": 1}                                        {"trials": [{"trial", "values", "seed",
//                                                     "start_step", "budget", "resume_of",
//                                                     "directory"}]}, {"wait": true} or
//                                                     {"exhausted": true}
//   {"report": 0, "step": 1, "metrics": {"loss": 1}}  {"continue": true}
//   {"tell": 0, "metrics": {"loss": 0.3}}             {"ok": true}
//   {"tell": 0, "state": "failed", "message": "..."}  {"ok": true}
//   {"best": 1}                                       {"trials": [{"trial", "values", "score"}]}
// Anything wrong: {"error": "...", "key": "..."}, where the key is that of the request, or empty.
// Throws nothing but std::bad_alloc.
DODONA_API std::string answer(Tuner& tuner, std::string_view request);

}  // namespace dodona
