// SPDX-License-Identifier: Apache-2.0
//
// One execution of a trial by a program, from its start to the end of all that it started.
//
//   running -> asked to stop -> SIGTERM -> SIGKILL
//
// It is asked, by a line on its standard input, when the trial is cancelled, at its budget, or when
// something is wrong with what it reports; each further step comes a grace period later. At the
// budget alone nothing follows, as long as it does not go on to report. What a program leaves
// running when it ends goes the same way.
//
// Errors:  Cancelled; Error for what could not be started, reported or written, and for a program
//          that fails: its exit code or signal, and its last lines of standard error. For one that
//          reported nothing, but came near to it: the line, and what is wrong with the line.
// Threads: the trial's own.
#pragma once

#include "checkpoint.hpp"
#include "child.hpp"
#include "metric_lines.hpp"
#include "settings.hpp"
#include "streams.hpp"
#include "told.hpp"

#include <dodona/hypermodel.hpp>

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
  // Gets what the user should know although the trial does not fail.
  using Warn = std::function<void(const std::string& text)>;

  // `inherited`: the environment that is added to.
  Session(const Settings& settings, const Variables& inherited, const Guardian& guardian,
          const dodona::Trial& trial, Warn warn = {});
  void run();

 private:
  using Clock = std::chrono::steady_clock;

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
  std::string name_of(Stream stream) const;
  void warn(const std::string& what) const;

  void take(Reading&& reading);
  void report(const Reading& reading);
  void report_held();
  void copy();
  void end_copy();
  void take_last_state();

  void answer(bool go_on);
  void stop();
  void push_on();

  const Settings& settings_;
  const Variables& inherited_;
  const Guardian& guardian_;
  dodona::Trial trial_;
  Warn warn_;
  Places places_;
  std::string suffix_;  // of files that each attempt has for itself

  std::optional<Child> child_;
  std::optional<OutputFile> output_;
  std::optional<OutputFile> error_;
  LastLines last_lines_;
  FollowedFile metrics_file_{""};
  MetricStream from_output_;
  MetricStream from_error_;
  MetricStream from_file_;
  bool file_again_ = false;  // steps of it may have been reported already

  std::map<std::string, double> result_;
  std::optional<Reading> last_;  // report
  std::optional<Reading> held_;  // of the budget, until its checkpoint is complete

  std::string mistake_;  // the first line that came near to a report

  Checkpoint checkpoint_;
  std::string copy_to_;  // of the last report, until it is told to be complete
  bool copied_ = false;  // something is in copy_to_
  bool taken_ = false;   // a copy of the checkpoint is, or will be, the kernel's
  bool cancelled_ = false;
  bool stopping_ = false;  // asked, and more will follow
  bool terminated_ = false;
  std::exception_ptr failure_;  // of a report
  std::optional<Clock::time_point> terminate_at_;
  std::optional<Clock::time_point> kill_at_;
  std::optional<Clock::time_point> give_up_at_;
};

}  // namespace command
