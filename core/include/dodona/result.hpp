// SPDX-License-Identifier: Apache-2.0
//
// What a search found: trials with their values, scores and metrics.
//
// Scores and metrics stand as the model reported them; `best` means best in the objective's
// direction.
//
// Threads: plain values.
#pragma once

#include <dodona/error.hpp>
#include <dodona/export.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {

// The active hyperparameters of a trial by name, in the order of the space.
class DODONA_API Values {
 public:
  Values() = default;
  // Each name once.
  explicit Values(std::vector<std::pair<std::string, HyperParameterValue>> entries)
      : entries_(std::move(entries)) {}

  // Throw Error{kInvalid} for a name that is not active, or a value of another type.
  std::int64_t integer(std::string_view name) const;
  // An integer counts as a float.
  double real(std::string_view name) const;
  // Of a boolean.
  bool boolean(std::string_view name) const;
  // Of a text; the reference lives as long as these values.
  const std::string& text(std::string_view name) const&;
  // The same of a temporary, as a copy.
  std::string text(std::string_view name) && { return std::as_const(*this).text(name); }
  // True if the name is active.
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  // Nothing where the name is not active.
  const HyperParameterValue* find(std::string_view name) const&;
  const HyperParameterValue* find(std::string_view name) && = delete;
  // Names and values, in the order of the space.
  const std::vector<std::pair<std::string, HyperParameterValue>>& entries() const& {
    return entries_;
  }
  // The same of a temporary.
  std::vector<std::pair<std::string, HyperParameterValue>> entries() && {
    return std::move(entries_);
  }

 private:
  std::vector<std::pair<std::string, HyperParameterValue>> entries_;
};

enum class TrialState : std::uint8_t {
  kWaiting = 1,  // for its turn, or to run again as nobody runs the study
  kRunning,
  kCompleted,
  kStopped,  // early; its score is that of the best step so far
  kFailed,
  kInvalid  // the objective was not finite
};
// `waiting`, `running`, `completed`, `stopped`, `failed` or `invalid`.
DODONA_API const char* to_text(TrialState state);

// One trial.
struct Result {
  std::uint64_t trial = 0;
  TrialState state = TrialState::kWaiting;
  Values values;
  // Of several executions, the mean. In a study of several objectives, of the first one.
  std::optional<double> score;
  // In a study of several objectives, all of them by name, nothing where the trial has none; and its
  // place: 0 if no other trial beats it in all objectives, 1 if only such trials do, and so on.
  std::vector<std::pair<std::string, std::optional<double>>> scores;
  std::optional<std::uint64_t> rank;
  // In a study with limits, by how much each is not kept, by the metric's name, as a share of its
  // bound: 0 or less where it is kept, nothing where the metric is not known.
  std::vector<std::pair<std::string, std::optional<double>>> excesses;
  // How the last attempt ended: ok, model_error, crash, exit, time, silence, memory, output, lost or
  // infeasible. Empty: the trial has not ended.
  std::string outcome;
  // Of several executions: the score of each, nothing where it has none at the best step; and the
  // standard deviation of a sample, of two scores at least.
  std::vector<std::optional<double>> execution_scores;
  std::optional<double> spread;
  std::uint64_t best_step = 0;                          // 0: none
  std::vector<std::pair<std::string, double>> metrics;  // at the best step
  std::string message;                                  // why it failed
  std::uint64_t seed = 0;                               // of its first execution
  std::uint64_t budget = 0;                             // 0: none
  std::optional<std::uint64_t> resume_of;
  std::optional<std::uint64_t> repeat_of{};  // the first trial of its values
  // Among the best trials: of how many runs of its values the score is the mean.
  std::uint32_t runs = 1;
  // Among the best trials under noise: the score that the model of the oracle expects, and its
  // standard deviation. Nothing where it has no model.
  std::optional<double> expected{};
  std::optional<double> deviation{};
  std::uint32_t attempt = 0;
  std::uint32_t losses = 0;  // of the processes that ran it, through no fault of its own
  std::string lost{};        // why the last of them was lost
  std::int64_t started_unix_nanos = 0;
  std::int64_t finished_unix_nanos = 0;
  std::vector<std::pair<std::string, std::string>> notes{};  // by key
};

// Asks for the best trials under noise: the order is that of what the model of the oracle expects at
// the values of each trial, or, where it has none, of the means over runs of the same values.
struct Robust {};
inline constexpr Robust robust{};  // NOLINT(readability-identifier-naming): a word at a call

// {"trials": [{"trial", "state", "outcome", "values", "score", "scores", "front", "rank", "excess",
// "spread", "execution_scores", "best_step", "metrics", "message", "seed", "budget", "resume_of",
// "repeat_of", "attempt", "started", "finished", "seconds", "notes", "runs", "expected",
// "deviation"}]}. "scores", an object by name, "rank" and "front", true for rank 0, are there in a
// study of several objectives alone, and "excess", an object by metric, in one with limits. "runs"
// is there where it is above 1, "losses" where it is above 0, with "lost", why; "expected" and "deviation" where a model tells. An absent value is
// null; the seed is a string, as many readers of JSON know no whole numbers beyond 2^53; times are
// UTC, and seconds those from start to finish.
DODONA_API std::string to_json(const std::vector<Result>& trials);
DODONA_API std::string to_json(const Result& trial);  // one of them alone

// A row a trial (RFC 4180): trial, state, outcome, of several objectives rank, score, best_step,
// spread, runs, expected and deviation where there are any, losses and lost too, each of several objectives, of each limit
// excess.METRIC, score_0 and so on of several executions, each hyperparameter, each metric, each
// note, message, seed, budget, resume_of, repeat_of, attempt, started, finished. An absent value is
// empty; times are UTC. A name that has a column already gets one as values.NAME, metrics.NAME or
// notes.NAME.
DODONA_API std::string to_csv(const std::vector<Result>& trials);

// Metrics that a trial reported at a step.
struct Report {
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t step = 0;
  std::string verdict;  // continue, stop_trial or stop_study
  std::vector<std::pair<std::string, double>> metrics;
};
// {"reports": [{"trial", "execution", "attempt", "step", "verdict", "metrics"}]}
DODONA_API std::string to_json(const std::vector<Report>& reports);
// A row a report: trial, execution, attempt, step, verdict, each metric.
DODONA_API std::string to_csv(const std::vector<Report>& reports);

// How the values of a trial came about.
struct Explanation {
  std::uint64_t trial = 0;
  std::string
      source;        // oracle, user (enqueued), or model (default values, before a space is known)
  std::string note;  // what the oracle had to say: a JSON object, or empty
};
// {"explanations": [{"trial", "source", "note"}]}
DODONA_API std::string to_json(const std::vector<Explanation>& explanations);
// A row a trial: trial, source, note.
DODONA_API std::string to_csv(const std::vector<Explanation>& explanations);

// One definition of a hyperparameter.
struct HyperParameter {
  std::string name;
  std::string type;  // int, float, choice, boolean or fixed
  std::optional<HyperParameterValue> min_value, max_value, step;
  std::string sampling;                     // linear, log or reverse_log; int and float only
  std::vector<HyperParameterValue> values;  // choice and fixed
  HyperParameterValue initial;
  std::vector<std::pair<std::string, std::vector<HyperParameterValue>>> when;
};
// {"space": [...], "constraints": [...]}, as a study file takes them.
DODONA_API std::string to_json(const std::vector<HyperParameter>& space,
                               const std::vector<std::string>& constraints = {});
// `0.003`, `64`, `true`, or the text itself.
DODONA_API std::string to_text(const HyperParameterValue& value);

// Why a search ended.
enum class End : std::uint8_t {
  kMaxTrials = 1,
  kExhausted,  // the oracle has nothing left to propose
  kMaxSeconds,
  kInterrupted,  // stop() was called
  kFailures      // too many trials failed one after another
};
// In words, such as `max_trials reached`.
DODONA_API const char* to_text(End end);

// The end of a search, and the study's trials so far.
struct Summary {
  End end = End::kMaxTrials;
  std::uint64_t completed = 0;  // of the whole study, earlier searches included
  std::uint64_t stopped = 0;
  std::uint64_t failed = 0;  // and invalid ones
  std::uint64_t unfinished = 0;
  double seconds = 0.0;        // of this search
  std::string message;         // "trial 3: ..." of the last failure
  std::optional<Result> best;  // of several objectives, by the first one
  std::uint64_t front = 0;     // trials that no other one beats in all objectives
  // Where the oracle left its proposals to another one, as `auto` does: which, and why, of the last
  // proposal.
  std::string delegate, reason;
};

}  // namespace dodona
