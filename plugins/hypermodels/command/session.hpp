// SPDX-License-Identifier: Apache-2.0
//
// One execution of a trial by a program, from its start to the end of all its processes.
//
//   running -> asked to stop -> SIGTERM -> SIGKILL
//
// A line on standard input asks the program to stop when the trial is cancelled, at its budget, or
// after a wrong report. Each further stage comes a grace period later. At its budget a program has
// time without limit, unless it goes on to report. Processes that it leaves running when it ends
// are ended in the same way.
//
// A program at a limit of its trial goes the same way, at the pace of dodona::LimitWatch: it is
// asked to stop, and its next report is the last one. If signals had to end it, the trial fails.
//
// Errors:  Cancelled; Error for a program that cannot be started, a report that fails, a file that
//          cannot be written, and a program that fails. The last has the exit code or signal and
//          the last lines of standard error. If the program reported nothing, but nearly did, the
//          message has that line and its mistake.
// Threads: the trial's own.
#pragma once

#include "checkpoint.hpp"
#include "child.hpp"
#include "metric_lines.hpp"
#include "processes.hpp"
#include "settings.hpp"
#include "streams.hpp"
#include "told.hpp"

#include <dodona/hypermodel.hpp>
#include <dodona/trial_limits.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace command {

class Session {
 public:
  // Gets warnings for the user, of which no trial fails.
  using Warn = std::function<void(const std::string& text)>;

  // `inherited`: the environment to which the trial's variables are added. `meter` is asked where
  // memory is limited.
  Session(const CommandSettings& settings, const Variables& inherited, const Guardian& guardian,
          MemoryMeter& meter, const dodona::Trial& trial, Warn warn = {});
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  using Due = dodona::LimitWatch::Due;

  void prepare();
  void watch();
  void wait();
  void read(std::size_t most);
  bool over();
  void end();

  enum class Stream : std::uint8_t { kOutput = 1, kError, kFile };
  bool counts(Stream stream) const;
  void heard(Stream stream, Reading&& reading);
  MetricStream::OnMistake noting(Stream stream);
  std::string unmatched() const;
  std::string name_of(Stream stream) const;
  void warn(const std::string& what) const;

  void take(Reading&& reading);
  void report(const Reading& reading);
  void report_held();
  void copy();
  void end_copy();
  void take_last_state();

  void answer(std::string_view line);
  void stop();
  void push_on();
  void keep_limits();
  void ask_to_end();
  void kill();

  const CommandSettings& settings_;
  const Variables& inherited_;
  const Guardian& guardian_;
  MemoryMeter& meter_;
  dodona::Trial trial_;
  dodona::LimitWatch watch_;
  Warn warn_;
  Places places_;
  std::string suffix_;  // of the names of files that each attempt has for itself

  std::optional<Child> child_;
  std::optional<OutputFile> output_;
  std::optional<OutputFile> error_;
  LastLines last_lines_;
  FollowedFile metrics_file_{""};
  MetricStream from_output_;
  MetricStream from_error_;
  MetricStream from_file_;
  bool file_again_ = false;  // true: the metrics file began again, perhaps with reported steps

  std::map<std::string, double> result_;
  std::optional<Reading> last_;  // the last report
  std::optional<Reading> held_;  // the report at the budget, until its checkpoint is complete

  std::string mistake_;    // the first line that is nearly a report, with its mistake
  std::string elsewhere_;  // a place of metrics that does not count, with what counts

  Checkpoint checkpoint_;
  std::string copy_to_;  // place of the last report's copy, until that copy is closed
  bool copied_ = false;  // true: copy_to_ has a copy
  bool missed_ = false;  // true: it was told that a copy could not be made
  bool taken_ = false;   // true: the kernel has, or will have, a copy of the checkpoint
  bool cancelled_ = false;
  bool stopping_ = false;  // true: the program was asked to stop, and signals will follow
  bool terminated_ = false;
  Due due_ = Due::kNothing;         // by the limits; done already
  std::uint64_t output_bytes_ = 0;  // of both streams
  std::exception_ptr failure_;      // the exception of a report
  std::optional<Clock::time_point> terminate_at_;
  std::optional<Clock::time_point> kill_at_;
  std::optional<Clock::time_point> give_up_at_;
};

}  // namespace command
