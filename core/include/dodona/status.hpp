// SPDX-License-Identifier: Apache-2.0
//
// How a search stands, and orders to it: of a tuner of this process by the members of the same names
// of Tuner, of any process by the project's directory.
//
//   dodona::StudyStatus now = dodona::study_status("runs/fashion");
//   dodona::pause_study("runs/fashion");
//
// The functions that take a directory ask the process that owns the study, through files in the
// directory `mailbox` of the project. So they work wherever the directory can be written, over NFS
// too. The owner looks there once a second while it searches or trials are asked for.
//
// Errors:  Error{kIo} where there is no study or the directory cannot be read or written; what the
//          owner refuses, with its code.
// Threads: any.
// Cost:    up to three seconds, at most one as a rule.
#pragma once

#include <dodona/build.hpp>
#include <dodona/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona {

enum class RunnerState : std::uint8_t {
  kStarting = 1,
  kQueued,  // it starts, or an engine has not given it a place yet
  kIdle,    // it waits for a trial
  kBusy,
  kLost  // there can be none in its place any more
};
// `starting`, `queued`, `idle`, `busy` or `lost`.
DODONA_API const char* to_text(RunnerState state);

// A worker of a search and the process in which it runs trials.
struct Runner {
  std::string name{};  // `this process`, or the runner's
  std::string host{};  // empty: not known
  RunnerState state = RunnerState::kStarting;
  std::optional<std::uint64_t> trial{};  // kBusy
  double seconds = 0.0;                  // in this state: of a trial, its age
  std::uint64_t losses = 0;
  double busy = 0.0;  // the share of its time with trials, 0 to 1
};

// A study at a moment.
struct StudyStatus {
  // `process 4242 on host node1`, which searches or gives out trials. Empty: none that answers, and
  // the rest is what the log says; trials that ran then are waiting.
  std::string owner{};
  bool paused = false;
  bool stopping = false;  // no trial begins any more
  std::uint64_t completed = 0;
  std::uint64_t stopped = 0;  // early
  std::uint64_t failed = 0;   // and invalid ones
  std::uint64_t running = 0;
  std::uint64_t waiting = 0;
  // As they are now. 0: no limit.
  std::uint64_t max_trials = 0;
  double max_seconds = 0.0;
  std::uint32_t parallel_trials = 0;
  double seconds = 0.0;  // since the search began
  // The trials that ended in the last five minutes of the search, by the minute. Nothing in the first
  // second, and without an owner.
  std::optional<double> trials_per_minute{};
  // The share of the workers' time with trials, 0 to 1, since the search began. Nothing without
  // workers.
  std::optional<double> utilisation{};
  // Of the first objective.
  std::optional<std::uint64_t> best_trial{};
  std::optional<double> best_score{};
  std::vector<Runner> runners{};  // empty where trials are asked for

  // All trials that have ended.
  std::uint64_t finished() const { return completed + stopped + failed; }
};
// {"owner", "paused", "stopping", "trials": {"finished", "completed", "stopped", "failed", "running",
// "waiting", "max"}, "parallel_trials", "max_seconds", "seconds", "trials_per_minute", "utilisation",
// "best": {"trial", "score"}, "runners": [{"name", "host", "state", "trial", "seconds", "losses",
// "busy"}]}. An absent value, and the number of a limit that there is not, is null.
DODONA_API std::string to_json(const StudyStatus& status);

namespace boundary {

// Of the classes about a search that runs.
__attribute__((visibility("hidden"))) inline SameBuild check_status() {
  return check_build({{"Runner", sizeof(Runner)}, {"StudyStatus", sizeof(StudyStatus)}});
}

}  // namespace boundary

// The status that the owner tells; without one, that of the log.
DODONA_API StudyStatus study_status(const std::string& project_directory,
                                    boundary::SameBuild build = boundary::check_status());

// The directories of the studies in `directory` and up to four levels below, sorted. A study's own
// directory is not looked into.
// Errors: Error{kIo} for what is no directory.
DODONA_API std::vector<std::string> find_studies(const std::string& directory);

// Tuner::pause() of the owner. False if no process owns the study, or none answers within three
// seconds; nothing has changed then.
DODONA_API bool pause_study(const std::string& project_directory, bool paused = true);
// The same for Tuner::stop().
DODONA_API bool stop_study(const std::string& project_directory);
// The same for Tuner::set().
DODONA_API bool set_study(const std::string& project_directory,
                          const std::vector<std::string>& sets);
// The same for Tuner::stop_trial().
DODONA_API bool stop_trial(const std::string& project_directory, std::uint64_t trial);
// Tuner::enqueue() of the owner. Where no process owns the study, into its log, for the next search.
// `values` is an object of JSON, such as {"lr": 0.01}.
// Errors: Error{kInvalid} for values that the study cannot have, Error{kState} for an owner that does
//         not answer.
DODONA_API void enqueue_values(const std::string& project_directory, const std::string& values);
// Keeps a note on a trial, or on the study, under the key `note`: through the owner, or without one in
// the log. It may have 4,000 bytes.
// Errors: as enqueue_values().
DODONA_API void keep_note(const std::string& project_directory, std::optional<std::uint64_t> trial,
                          const std::string& text);

}  // namespace dodona
