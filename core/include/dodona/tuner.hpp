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
//          also from a callback.
#pragma once

#include <dodona/asked_trial.hpp>
#include <dodona/export.hpp>
#include <dodona/hypermodel.hpp>
#include <dodona/kernel.hpp>
#include <dodona/models.hpp>
#include <dodona/result.hpp>
#include <dodona/study.hpp>

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
  enum class Kind : std::uint8_t { kStarted = 1, kReported, kFinished };
  Kind kind = Kind::kStarted;
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t step = 0;             // kReported
  std::optional<double> score;        // kReported: the objective at this step
  const Result* result = nullptr;     // kStarted and kFinished
  std::uint64_t trials_finished = 0;  // of the whole study
  std::optional<double> best_score;   // of the whole study, this event included
  std::uint64_t best_trial = 0;
};

struct PluginUse {
  std::string plugin;          // short name or id
  std::string options = "{}";  // JSON object
};

// The members of a study file, and what only an application can give. 0 is no limit.
struct TunerOptions {
  PluginUse oracle{"auto"};
  std::optional<PluginUse> stopper{};  // a plugin that only judges
  Objective objective{};
  std::uint64_t max_trials = 10;  // 0 for oracles that end by themselves: grid, hyperband
  double max_seconds = 0.0;
  std::uint64_t max_steps = 0;             // step at which a trial ends
  std::uint32_t executions_per_trial = 1;  // the score is their mean
  std::uint32_t parallel_trials = 1;
  std::uint32_t threads_per_trial = 0;  // 0: cores / parallel_trials
  // Slots such as "cuda:0", dealt out among the parallel trials; the model is told its own. One
  // that is named twice is shared by two.
  std::vector<std::string> devices{};
  // Proposal k rests on the trials 0..k-lag alone: the same study for any parallel_trials up to it.
  std::uint32_t lag = 0;
  std::uint32_t max_retries_per_trial = 0;
  std::uint32_t max_consecutive_failed_trials = 3;
  std::optional<std::uint64_t> seed{};  // random if left out, and logged
  // Of so many of the best trials the trained model stays, where it can be saved; see best_model().
  std::uint64_t keep = 3;
  static constexpr std::uint64_t kKeepAll = UINT64_MAX;
  std::string directory = ".";
  std::string project_name = "untitled_project";
  std::string store = "sqlite";  // or "memory": nothing is written
  bool overwrite = false;        // begin anew: deletes the study that is there, nothing else
  // Goes on with another oracle, stopper or hypermodel, or other options of one, than the study was
  // made with; the oracle then begins anew from all that is there.
  bool accept_changes = false;
  std::vector<PluginUse> sinks{};
  std::optional<PluginUse> hypermodel{};  // for search() without an argument
  std::string space = "[]";               // JSON list: definitions that override or add
  // Of hyperparameters that the hypermodel asks for and `space` does not name: whether it may, and
  // whether they are tuned or keep their defaults. To refuse them, give a space.
  bool allow_new_entries = true;
  bool tune_new_entries = true;
  // The project directory of another study: its results are given to the oracle at the start.
  std::string warm_start{};
  std::vector<Values> initial{};  // trials that run first; what one leaves out is drawn
  PluginSources plugins{};
  std::function<void(const Progress&)> on_progress{};              // one call at a time
  std::function<void(dodona_level, const std::string&)> on_log{};  // one call at a time
};

// Reads and checks a study file; `sets` are overrides such as "max_trials=5" or
// "oracle.options.n=3". Errors name file, line, column, key and what would be right.
DODONA_API TunerOptions read_study_file(const std::string& path,
                                        const std::vector<std::string>& sets = {},
                                        const PluginSources& plugins = {});
// The same for asking and telling: a hypermodel is ignored, and `space` must be there.
DODONA_API TunerOptions read_ask_tell_file(const std::string& path,
                                           const std::vector<std::string>& sets = {},
                                           const PluginSources& plugins = {});

class DODONA_API Tuner : public Models<Tuner> {
 public:
  explicit Tuner(const TunerOptions& options);
  Tuner(Tuner&&) noexcept;
  Tuner& operator=(Tuner&&) noexcept;
  ~Tuner();

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
  // not to be active is dropped. Durable at once if the space is known, else with the first trial
  // that makes it known. Throws Error{kInvalid} for an unknown name or an impossible value.
  void enqueue(const Values& values);

  // The next trial for an application that runs trials itself, on any number of threads; those
  // that were asked for before and not told come first. Nothing where all max_trials were given,
  // or where the oracle waits for one that is out. Durable. A hyperparameter that is neither in
  // the options' space nor in the study joins as a trial asks for it; the first one is then given
  // alone, with default values.
  // Throws Error{kState} during a search; so does a search where trials are out.
  AskedTrial ask() { return AskedTrial(ask_trial()); }
  // What the first ask() does: loads plugins and reads the log. Throws what is wrong with them.
  void open_desk();
  // A trial that was asked for and not told, also before a restart. Throws Error{kInvalid} where
  // there was none, Error{kState} where it ended.
  AskedTrial asked(std::uint64_t trial) { return AskedTrial(asked_trial(trial)); }

  // Ends an asked trial: kCompleted, with the objective in these metrics or in a report (not
  // finite: it becomes kInvalid), kStopped early, or kFailed for good. Durable. Throws
  // Error{kInvalid} where the objective is missing, and nothing has changed then.
  void tell(const AskedTrial& trial, State state, const Metrics& metrics,
            const std::string& message = {}) {
    tell_trial(*trial.asked_, state, metrics, message);
  }
  void tell(const AskedTrial& trial, std::initializer_list<Metric> metrics) {
    tell(trial, State::kCompleted, detail::metrics_of({metrics.begin(), metrics.size()}));
  }
  void tell(const AskedTrial& trial, double objective) { tell(trial, {{"", objective}}); }
  void tell_stopped(const AskedTrial& trial) { tell(trial, State::kStopped, {}); }
  void tell_failed(const AskedTrial& trial, const std::string& message) {
    tell(trial, State::kFailed, {}, message);
  }

  // Ends the search: trials stop at their next report and run again when the study goes on. Where
  // trials are asked for: no more are given, and reports answer that they shall stop.
  void stop();

  // The study as it stands, during a search too.
  std::vector<Result> trials() const;
  std::vector<Result> best(std::uint64_t count = 0) const;
  // Throws Error{kState} where no trial has a score yet.
  Values best_hyperparameters() const;
  std::vector<HyperParameter> space() const;
  Objective objective() const;
  std::uint64_t seed() const;
  // The project's directory; empty where nothing is written.
  std::string directory() const;

  // See models.hpp. The same from C tables; `self` stays the caller's.
  std::shared_ptr<void> load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                   void* self) const;
  Retrained retrain_table(const dodona_hypermodel_vtable* table, void* self,
                          const RetrainOptions& options) const;

 private:
  std::shared_ptr<AskedState> ask_trial();
  std::shared_ptr<AskedState> asked_trial(std::uint64_t trial);
  void tell_trial(AskedState& trial, State state, const Metrics& metrics,
                  const std::string& message);

  struct Impl;
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
