// SPDX-License-Identifier: Apache-2.0
//
// dodona search
#include "host/crash.hpp"
#include "host/exit_code.hpp"
#include "host/interrupt.hpp"
#include "host/log.hpp"
#include "host/openmp.hpp"
#include "host/overtime.hpp"
#include "host/progress.hpp"
#include "host/study_place.hpp"
#include "host/summary.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/plugin_calls.hpp>
#include <dodona/study.hpp>
#include <dodona/tuner.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

struct SearchCommand : StudyCommand {
  bool quiet = false;
  bool json = false;
  bool once = false;  // --try
  bool retry_failed = false;
  std::string again;  // the command line that goes on
};

// For a shell: as it is where nothing in it is special, else in single quotes.
std::string shell_word(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-+=./:,@%") == std::string::npos;
  if (plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The same words; --overwrite would throw away what there is to go on with.
std::string command_again(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (word != "--overwrite") text += (text.empty() ? "" : " ") + shell_word(word);
  }
  return text;
}

std::string opening(const TunerOptions& options) {
  std::vector<Objective> objectives = options.study.objectives;
  if (objectives.empty()) objectives.push_back(options.study.objective);
  std::string text = "searching for the best ";
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    if (i > 0) text += i + 1 < objectives.size() ? ", " : " and ";
    text +=
        shown(objectives[i]) + (objectives[i].direction == Direction::kMin ? " (min)" : " (max)");
  }
  if (options.study.hypermodel) text += " of " + options.study.hypermodel->plugin;
  text += ": oracle " + options.study.oracle.plugin;
  if (options.study.max_trials > 0) text += ", " + counted(options.study.max_trials, "trial");
  return text + ", " + std::to_string(options.study.parallel_trials) + " in parallel";
}

// Prints to standard error what the summary leaves out, and gives the exit code.
int conclude(const SearchCommand& command, const Summary& summary, const std::string& directory) {
  if (summary.end == End::kInterrupted) {
    complain(directory.empty() ? "interrupted; the memory store keeps nothing"
                               : "interrupted; to go on: " + command.again);
    return kInterrupted;
  }
  const std::string last =
      summary.message.empty() ? "" : "; the last failure: " + headline(summary.message);
  if (summary.end == End::kFailures) {
    complain("gave up, as too many trials failed one after another" + last);
    return kNoResult;
  }
  if (summary.best) return kDone;
  complain((summary.completed > 0 ? "no trial has a score" : "no trial completed") + last);
  return kNoResult;
}

// Prints the summary, and answers the exit code.
int report(const SearchCommand& command, const Tuner& tuner, Outcome outcome) {
  outcome.objectives = tuner.objectives();
  outcome.directory = tuner.directory();
  outcome.space = tuner.space();
  if (!outcome.directory.empty()) outcome.files = files_written(outcome.directory);
  print(command.json ? summary_json(outcome) : summary_text(outcome, output_width()));
  return conclude(command, outcome.summary, outcome.directory);
}

// At the end of its time plus a grace, a search whose trials do not come back is left to itself.
class OverdueSearch {
 public:
  static constexpr std::chrono::seconds kGrace{30};
  // The limit after which the search is left to itself; 0: none.
  static Overtime::Seconds time_of(double max_seconds) {
    const Overtime::Seconds time(max_seconds);
    return max_seconds > 0 ? time + kGrace : time;
  }

  OverdueSearch(const SearchCommand& command, Tuner& tuner, ProgressDisplay& display)
      : command_(command), tuner_(tuner), display_(display) {}

  // Ends the process, unless it is only sinks that are waited for, which have limits of their own.
  void leave(Overtime::Seconds over) {
    std::vector<std::uint64_t> trials(64);
    trials.resize(running_trials(trials.data(), trials.size()));
    if (trials.empty() && over < 2 * kGrace) return;
    Outcome outcome;
    outcome.summary = tuner_.close_log(End::kMaxSeconds);
    display_.close();
    const int code = report(command_, tuner_, std::move(outcome));
    std::sort(trials.begin(), trials.end());
    std::string text;
    for (const std::uint64_t trial : trials) {
      text += (text.empty() ? "; trial " : ", trial ") + std::to_string(trial);
    }
    if (!text.empty()) text += " did not come back, and runs again when the study goes on";
    complain("max_seconds and " + std::to_string(kGrace.count()) + " s more are over" + text);
    _exit(code);
  }

 private:
  const SearchCommand& command_;
  Tuner& tuner_;
  ProgressDisplay& display_;
};

// ---- --try -------------------------------------------------------------------------------------

// The default of each hyperparameter that is active under the defaults before it.
Values defaults_of(const std::vector<HyperParameter>& space) {
  std::vector<std::pair<std::string, HyperParameterValue>> entries;
  const auto value_of = [&](const std::string& name) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return entry.first == name; });
  };
  for (const HyperParameter& each : space) {
    const bool active = std::all_of(each.when.begin(), each.when.end(), [&](const auto& condition) {
      const auto parent = value_of(condition.first);
      const auto& values = condition.second;
      return parent != entries.end() &&
             std::find(values.begin(), values.end(), parent->second) != values.end();
    });
    if (active && value_of(each.name) == entries.end()) {
      entries.emplace_back(each.name, each.initial);
    }
  }
  return Values(std::move(entries));
}

// One trial of one step, here and in memory: nothing is written, and nobody else is told.
StudyOptions short_study(StudyOptions study) {
  keep_in_memory(study);
  study.oracle = PluginUse("random");
  study.stopper.reset();
  study.sinks.clear();
  study.initial.clear();
  study.max_trials = study.max_steps = study.parallel_trials = study.executions_per_trial = 1;
  study.lag = 0;
  study.max_retries_per_trial = 0;
  study.confirm = study.keep = 0;
  return study;
}

int try_once(const SearchCommand& command, TunerOptions options) {
  options.study = short_study(std::move(options.study));
  options.on_log = [](dodona_level level, const std::string& message) {
    if (level >= DODONA_WARN) complain(message);
  };
  Tuner tuner(options);
  const std::vector<HyperParameter> space = tuner.discover_space();
  if (!space.empty()) tuner.enqueue(defaults_of(space));
  const Summary summary = tuner.search();
  const std::vector<Result> trials = tuner.trials();
  if (command.json) print(to_json(trials) + "\n");
  if (trials.empty() || !trials.front().score) {
    complain("the trial has no score" +
             (summary.message.empty() ? "" : ": " + headline(summary.message)));
    return kNoResult;
  }
  const Result& trial = trials.front();
  if (!command.json) {
    print("one short trial on default values: " + shown(tuner.objective()) + " " +
          number(*trial.score) + " in " + duration(summary.seconds) +
          "\nvalues: " + shown(trial.values) + "\nnothing was written\n");
  }
  return kDone;
}

// ---- --retry-failed ------------------------------------------------------------------------------

// Values of failed trials that no later trial had, each once. Makes room for as many trials.
std::vector<Values> failed_values(StudyOptions& study) {
  const std::filesystem::path directory =
      std::filesystem::path(study.directory) / study.project_name;
  std::error_code ignored;
  if (study.store == "memory" || !std::filesystem::exists(directory / "study.db", ignored)) {
    throw Error(DODONA_E_INVALID, "--retry-failed: there is no study in " + directory.string());
  }
  const std::vector<Result> trials = open(directory.string()).trials();
  std::vector<Values> failed;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto same = [&](const Result& other) {
      return other.values.entries() == trials[i].values.entries();
    };
    const bool failure =
        trials[i].state == TrialState::kFailed || trials[i].state == TrialState::kInvalid;
    const auto next = trials.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    if (failure && std::none_of(next, trials.end(), same)) failed.push_back(trials[i].values);
  }
  if (study.max_trials > 0) {
    study.max_trials = std::max<std::uint64_t>(study.max_trials, trials.size() + failed.size());
  }
  return failed;
}

int search(const SearchCommand& command) {
  Interrupt interrupt;            // before anything starts a thread
  std::signal(SIGPIPE, SIG_IGN);  // a search outlives whoever watches it
  const PluginSources plugins = plugin_sources(command.plugin_directories);
  const std::string study = command.study == "-" ? "/dev/stdin" : command.study;
  TunerOptions options = read_study_file(study, command.sets, plugins);
  if (!options.study.hypermodel) {  // before anything is written
    throw Error(DODONA_E_INVALID, study +
                                      ": hypermodel is missing: what is to be tuned? "
                                      "for example \"hypermodel\": {\"plugin\": \"torch_mlp\"}");
  }
  options.plugins = plugins;
  if (command.once) return try_once(command, std::move(options));
  const std::vector<Values> failed =
      command.retry_failed ? failed_values(options.study) : std::vector<Values>{};
  options.overwrite = command.overwrite;
  options.accept_changes = command.accept_changes;
  ProgressDisplay display(
      {options.study.objective, options.study.max_trials, options.study.max_steps,
       options.study.max_seconds, options.study.executions_per_trial},
      command.quiet || command.json ? ProgressDisplay::Shown::kMessages
                                    : ProgressDisplay::Shown::kProgress);
  Log log(display, command.verbose);
  std::optional<Tuner> tuner;
  Overtime* time = nullptr;  // of the search
  options.on_progress = [&](const Progress& progress) {
    watch_this_thread();
    display.apply(progress);
    if (progress.kind == Progress::Kind::kChanged) {
      time->set(OverdueSearch::time_of(progress.max_seconds));
    }
    if (interrupt.came()) tuner->stop();  // for one that came before the search began
  };
  options.on_log = [&log](dodona_level level, const std::string& message) {
    log.write(level, message);
  };
  log.write(DODONA_INFO, openmp_waits());
  const std::string first_line = opening(options);

  tuner.emplace(options);
  for (const Values& values : failed) tuner->enqueue(values);
  watch_project(tuner->directory());
  Outcome outcome;
  OverdueSearch overdue(command, *tuner, display);
  {
    const Interrupt::Action action(interrupt, [&] {
      display.print(
          "stopping: waiting for running trials' next report (Ctrl-C again to leave at once)",
          Tone::kWarning);
      tuner->stop();
    });
    if (!command.quiet && !command.json) display.print(first_line);
    if (command.retry_failed && !command.json) {
      display.print(failed.empty() ? "no failed trial to be run again"
                                   : "the values of " + counted(failed.size(), "failed trial") +
                                         " run again, as new trials");
    }
    Overtime overtime(OverdueSearch::time_of(options.study.max_seconds),
                      [&](Overtime::Seconds over) { overdue.leave(over); });
    time = &overtime;
    outcome.summary = tuner->search();
  }
  display.close();
  return report(command, *tuner, std::move(outcome));
}

}  // namespace

void add_search(CLI::App& program, Commands& commands, const Words& words) {
  const auto given = std::make_shared<SearchCommand>();
  given->again = command_again(words);
  CLI::App* app = program.add_subcommand("search", "Run a search, or go on with one");
  add_study(*app, *given, "The study file; - reads standard input");
  app->add_flag("-q,--quiet", given->quiet, "No progress, only the summary");
  app->add_flag("--retry-failed", given->retry_failed,
                "Run the values of failed trials again first, as new trials, beyond max_trials if "
                "need be; for one whose cause is mended")
      ->excludes("--overwrite");
  app->add_flag(
         "--try", given->once,
         "Run one trial of one step on default values, in memory: shows that a model builds, "
         "and writes nothing")
      ->excludes("--overwrite")
      ->excludes("--retry-failed");
  app->add_flag("--json", given->json, "The summary as one JSON document, and no progress");
  app->footer(R"(Examples:
  dodona search fashion.json
  dodona search fashion.json --set max_trials=5 --set oracle.options.seed_trials=3
  dodona search fashion.json --try                  does the model build and train?
  dodona search fashion.json --retry-failed
  dodona search fashion.json --overwrite --json > summary.json
  make-study | dodona search -

Finished trials of an earlier search are kept, unfinished ones run again with the same values.
Ctrl-C stops running trials at their next report and saves; a second one leaves at once.)");
  commands.push_back({app, [given] { return run_placed(*given, [&] { return search(*given); }); }});
}

}  // namespace dodona::host
