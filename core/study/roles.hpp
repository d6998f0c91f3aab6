// SPDX-License-Identifier: Apache-2.0
//
// The three roles as the kernel sees them; `plugin` implements them over the C tables of abi.h.
//
// Errors:  every member may throw Error; a role that breaks its contract is Error{kPlugin}.
// Threads: an Oracle or Sink gets one call at a time, except Oracle::fill; a HyperModel runs many
//          trials at once. The thread may change from call to call.
// Lifetime: arguments are borrowed until the call returns. Services outlive the roles.
#pragma once

#include "space/asker.hpp"
#include "study/event.hpp"
#include "study/objective.hpp"

#include <dodona/error.hpp>
#include <dodona/space.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::study {

// ---- oracle ------------------------------------------------------------------------------------

enum class Answer : std::uint8_t { kProposed = 1, kWait, kExhausted };

// The expectation of an oracle's model at a point: the mean of the first objective, signed, and the
// deviation of the mean.
struct Estimate {
  double mean = 0.0;
  double deviation = 0.0;
};

class Oracle {
 public:
  virtual ~Oracle() = default;
  // Must be called before anything else but proposes() and judges(). Copies the space. After an
  // error the former space stays in force.
  virtual void set_space(const Space& space) = 0;
  // Events in order, each once. The space at hand knows every definition that they use. After an
  // error the oracle has had some of them: they must not be given again, and it is of no use.
  virtual void observe(std::span<const Event> events) = 0;
  // Proposes values for the next trial. Calls `push` once for kProposed, from within and with legal
  // values. An exception of `push` goes back to the plugin, which may push once more. After an
  // exception of this function what was pushed stands.
  virtual Answer propose(std::uint64_t trial, const std::function<void(Proposed&&)>& push) = 0;
  // True if propose(), or judge(), may be called. [any]
  virtual bool proposes() const = 0;
  virtual bool judges() const = 0;
  // The verdict on a report that was not observed yet.
  virtual Verdict judge(const Event& report) = 0;
  // A legal value for a definition first met mid-trial; pure; nothing where the oracle has no
  // opinion. [any], also while another member runs.
  virtual std::optional<Cell> fill(std::uint64_t trial, const Param& param) = 0;
  // The expectations of its model at points of its space, by the events that it observed; nothing
  // where it has no model, or not yet. Changes no proposal.
  virtual std::optional<std::vector<Estimate>> estimate(std::span<const Point> /*points*/) {
    return std::nullopt;
  }
};

// ---- hypermodel --------------------------------------------------------------------------------

using space::Asker;

struct NamedMetric {
  std::string_view name;
  double value;
};

// One execution of a trial, as a hypermodel may use it. It outlives the call that gets it.
//
// Threads: must_stop(), cancelled() and make_directory() any; all else one call at a time.
class Run {
 public:
  virtual ~Run() = default;
  virtual Asker& asker() = 0;

  std::uint64_t trial = kNoTrial;
  std::uint64_t seed = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint32_t threads = 1;
  std::uint64_t start_step = 0;
  std::uint64_t budget = 0;
  std::int64_t deadline_unix_nanos = 0;
  double spent_seconds = 0;          // in earlier starts of this execution
  bool all_data = false;             // no part of the data is to be held back for validation
  std::vector<std::string> devices;  // this trial's alone while it runs
  std::string directory;             // may not exist yet
  std::string resume_directory;

  // Takes a report, and answers kContinue or what the model must obey. Steps increase. Throws
  // Error{kInvalid} for a step that does not or a metric that stands twice, Error{kState} after
  // finish(); nothing is logged then. An empty name is the objective's.
  virtual Verdict report(std::uint64_t step, std::span<const NamedMetric> metrics) = 0;
  // [any] Makes `directory`, where there is one.
  virtual void make_directory() = 0;
  // True if save_directory() would answer a directory now.
  virtual bool wants_save() const = 0;
  // After a report or the end: where the model's whole state is to be saved now, a directory that
  // this call makes, or "". A model that cannot be saved does not ask.
  virtual std::string save_directory() = 0;
  // Called when the requested files are complete. They replace the former ones as a whole; where the
  // disk refuses those stay, and people are warned. Cost: waits for the disk.
  virtual void saved() = 0;
  // The model could not save what was requested. Answers true where that costs no more than the
  // checkpoint, as where the disk is full, and then has told of it.
  virtual bool save_failed(const Error& /*error*/) { return false; }
  // The final metrics of the execution, once. No report may follow.
  virtual void finish(std::span<const NamedMetric> metrics) = 0;
  // A remark that is kept with the trial; the last one of a key counts.
  virtual void note(std::string_view key, std::string_view value) = 0;
  // [any] A limit of the execution is reached: its next report is answered that the trial must stop.
  virtual void stop_at_next_report() = 0;
  // True once the model must stop. cancelled() is the same, and counts as the model's knowledge.
  virtual bool must_stop() const = 0;
  virtual bool cancelled() const = 0;
};

// A metric that a model says that it reports.
struct ToldMetric {
  std::string name;
  std::optional<Direction> better;
};

// The runner of an execution was lost, through no fault of the trial. The text says why.
class RunnerLost : public Error {
 public:
  explicit RunnerLost(const std::string& why) : Error(DODONA_E_FAILED, why) {}
};

// The process of an execution came to an end that its model did not report: the model's own failure.
class RunFailed : public Error {
 public:
  RunFailed(Outcome how, const std::string& message)
      : Error(DODONA_E_FAILED, message), outcome(how) {}
  Outcome outcome;
};

// The means of one worker to run executions, one at a time.
//
// Threads: one, of the worker.
class Seat {
 public:
  virtual ~Seat() = default;
  // Returns true once an execution can begin. Returns false if none ever can here, which the log was
  // told then, or if `given_up` answers true meanwhile. Throws where no seat of the model is of use
  // any more.
  virtual bool ready(const std::function<bool()>& given_up) = 0;
  // True if an execution can begin without waiting: a runner that had nothing to do may be gone.
  virtual bool is_ready() = 0;
  // As HyperModel::execute; throws RunnerLost and RunFailed, too. Waits for a runner where the last
  // one is gone.
  virtual bool execute(Run& run) = 0;
  // The name of the runner for people, such as a host's, or of the place where it would be; empty:
  // this process.
  virtual std::string runner() const = 0;
};

// A layer of a network, or any other part of a model.
struct ModelLayer {
  std::string name;
  std::string kind;                 // may be empty
  std::vector<std::int64_t> shape;  // of its output for one sample; may be empty
  std::uint64_t parameters = 0;
  std::uint64_t trainable = 0;  // of them
};

// Takes a table: columns() once, then row() for each row, with a cell for each column.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual void columns(std::vector<std::string>&& names) = 0;
  virtual void row(std::vector<std::optional<Value>>&& cells) = 0;
};

// Takes what a model measures on data. Names are given once each.
class Evaluation {
 public:
  virtual ~Evaluation() = default;
  virtual void metric(std::string&& name, double value) = 0;
  // Begins a table. The former one is complete.
  virtual Rows& table(std::string&& name) = 0;
};

class HyperModel {
 public:
  virtual ~HyperModel() = default;
  // True if declare() describes the space; else the first trial does, running alone.
  virtual bool declares() const = 0;
  // Asks for every hyperparameter, at little cost. Called again and again, each time with another
  // asker. Throws Error{kUnsupported} unless declares().
  virtual void declare(Asker& asker) = 0;
  // The metrics that it reports. Empty: it does not say.
  virtual std::vector<ToldMetric> metrics() { return {}; }
  // Runs one execution to its end: build, load, fit, evaluate, release. Returns false if the model
  // was cancelled, throws what it failed with. The model is released then, too. [any], for
  // different runs at once.
  virtual bool execute(Run& run) = 0;
  // The means of worker `worker`, counted from 0, of a search. It lives no longer than this.
  virtual std::unique_ptr<Seat> seat(std::uint32_t worker);
  // True if models can be saved; a function may turn out to be unable.
  virtual bool saves() const = 0;
  // True if such a model can go on from what it saved.
  virtual bool goes_on() const { return saves(); }
  // Outside of a search: builds the model, loads it from the run's resume directory or, without
  // one, trains it. It lives no longer than this and the run; none where a function was run.
  virtual std::shared_ptr<void> make(Run& run) = 0;
  // Outside of a search: builds the model, loads it from the run's resume directory where there is
  // one, and lets it tell its layers, measure data (empty: those on which trials are scored) or
  // predict. Throws Error{kUnsupported} for a model that cannot.
  virtual std::vector<ModelLayer> layers(Run& run);
  virtual void evaluate_on(Run& run, const std::string& data, Evaluation& out);
  virtual void predict(Run& run, const std::string& input, Rows& out);
};

// ---- sink --------------------------------------------------------------------------------------

// After an error of a member nothing but the destructor may be called.
class Sink {
 public:
  virtual ~Sink() = default;
  // Before the first events that use a definition. Copies the space.
  virtual void set_space(const Space& space) = 0;
  // Events in order. After a crash some come again, with the same sequences.
  virtual void consume(std::span<const Event> events) = 0;
  // Returns once all that was consumed is durable.
  virtual void flush() = 0;
};

// ---- what the kernel offers to all of them -----------------------------------------------------

enum class Level : std::uint8_t { kDebug = 10, kInfo = 20, kWarn = 30, kError = 40 };

// Threads: any, concurrently.
class Services {
 public:
  virtual ~Services() = default;
  // A line for the application, after the name of its source. An exception of the application's log
  // is dropped.
  virtual void log(Level level, std::string_view source, std::string_view message) = 0;
  // True once the study is stopping.
  virtual bool cancelled() const = 0;
  // Chunks of `grain` over 0..count on the study's threads; returns when all are done. They run in
  // any order; a single one runs on the caller's thread. Throws the first exception of `body`.
  virtual void parallel_for(std::uint64_t count, std::uint64_t grain,
                            const std::function<void(std::uint64_t, std::uint64_t)>& body) = 0;
};

}  // namespace dodona::study
