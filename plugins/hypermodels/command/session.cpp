// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include "common/text/utf8.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <sys/wait.h>
#include <utility>

namespace command {
namespace {

namespace fs = std::filesystem;

// Cancellation and a metrics file give no sign, so they are looked at after this time.
constexpr std::chrono::milliseconds kTick{20};
// Bytes read from one stream at a time: a program that prints without end must not hold up others.
constexpr std::size_t kBytesPerTurn = std::size_t{1} << 20;
// Time for processes to go after SIGKILL. Processes that nobody reaps stay; for all others it is
// enough.
constexpr std::chrono::seconds kAfterKill{1};

constexpr std::string_view kGoOn = "{\"continue\": true}\n";  // the words of ask-tell
constexpr std::string_view kStop = "{\"continue\": false}\n";

std::string how_it_ended(int status) {
  if (WIFEXITED(status)) {
    return "the program ended with exit code " + std::to_string(WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  const char* const name = sigabbrev_np(signal);
  return "the program was killed by signal " + std::to_string(signal) +
         (name != nullptr ? std::string(" (SIG") + name + ")" : "");
}

constexpr std::string_view kHowToSave =
    "write the checkpoint before the report of its step, and go on after the answer to it on "
    "standard input, or write it under another name and rename it";

// The beginning of a line, for messages.
std::string shown(std::string_view line) {
  constexpr std::size_t most = 200;
  const std::string text = utf8::mended(line.substr(0, most));
  return line.size() > most ? text + "..." : text;
}

std::vector<dodona::Metric> listed(const Reading& reading) {
  std::vector<dodona::Metric> metrics;
  for (const auto& [name, value] : reading.metrics) metrics.push_back({name, value});
  return metrics;
}

}  // namespace

Session::Session(const CommandSettings& settings, const Variables& inherited,
                 const Guardian& guardian, MemoryMeter& meter, const dodona::Trial& trial,
                 Warn warn)
    : settings_(settings),
      inherited_(inherited),
      guardian_(guardian),
      meter_(meter),
      trial_(trial),
      watch_(trial_.limit_watch()),
      warn_(std::move(warn)),
      from_output_(
          settings.patterns,
          [this](Reading&& reading) { heard(Stream::kOutput, std::move(reading)); },
          noting(Stream::kOutput)),
      from_error_(settings.patterns,
                  [this](Reading&& reading) { heard(Stream::kError, std::move(reading)); }),
      from_file_(
          settings.patterns,
          [this](Reading&& reading) { heard(Stream::kFile, std::move(reading)); },
          noting(Stream::kFile)) {}

void Session::run() {
  prepare();
  watch();
  end();
}

// ---- before ------------------------------------------------------------------------------------

void Session::prepare() {
  dodona::HyperParameters hp = trial_.hp();
  const Values values = values_of(hp);
  const std::string_view directory = trial_.directory();
  if (!directory.empty()) {
    places_.directory = std::string(directory) + "/" + std::to_string(trial_.execution());
    if (trial_.attempt() > 0) suffix_ = "-" + std::to_string(trial_.attempt());
    places_.values = places_.directory + "/values.json";
    places_.checkpoint = places_.directory + "/checkpoint";
    checkpoint_ = Checkpoint(places_.checkpoint);
    write_file(places_.values, to_json(values));
    // A trial that goes on keeps the output that it had before.
    const bool goes_on = trial_.resume_directory().starts_with(std::string(directory) + "/");
    const auto opens = goes_on ? OutputFile::Opens::kAtItsEnd : OutputFile::Opens::kAnew;
    output_.emplace(places_.directory + "/stdout" + suffix_ + ".txt", opens);
    error_.emplace(places_.directory + "/stderr" + suffix_ + ".txt", opens);
  }
  if (!settings_.metrics_file.empty()) {
    if (directory.empty()) {
      throw dodona::Error(DODONA_E_INVALID,
                          "metrics_file: the study keeps no files (its store is memory)");
    }
    places_.metrics = places_.directory + "/" + settings_.metrics_file;
    fs::create_directories(fs::path(places_.metrics).parent_path());
    fs::remove(places_.metrics);
    metrics_file_ = FollowedFile(places_.metrics);
  }
  const Variables told = told_variables(trial_, values, places_, inherited_);
  Variables all = told;
  all.insert(inherited_.begin(), inherited_.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : all) environment.emplace_back(name).append("=").append(value);
  child_.emplace(filled_arguments(settings_, values, told), environment, guardian_);
  const std::uint64_t memory_mb = watch_.limits().memory_mb;
  if (memory_mb > 0) child_->limit_memory((memory_mb + memory_mb / 4) << 20);
}

// ---- while it runs -----------------------------------------------------------------------------

void Session::watch() {
  while (!over()) {
    wait();
    read(kBytesPerTurn);
    if (!cancelled_ && trial_.cancelled()) {
      cancelled_ = true;
      stop();
    }
    keep_limits();
    push_on();
  }
  read(kBytesPerTurn);  // the pipes hold less than that
  for (MetricStream* stream : {&from_output_, &from_error_, &from_file_}) stream->end();
}

void Session::wait() {
  std::array<pollfd, 3> files{{{child_->output().get(), POLLIN, 0},
                               {child_->error().get(), POLLIN, 0},
                               {child_->exit_sign().get(), POLLIN, 0}}};
  poll(files.data(), files.size(), static_cast<int>(kTick.count()));
}

void Session::read(std::size_t most) {
  read_some(child_->output(), most, [&](std::string_view bytes) {
    output_bytes_ += bytes.size();
    if (output_) output_->write(bytes);
    from_output_.feed(bytes);
  });
  read_some(child_->error(), most, [&](std::string_view bytes) {
    output_bytes_ += bytes.size();
    if (error_) error_->write(bytes);
    last_lines_.add(bytes);
    from_error_.feed(bytes);
  });
  metrics_file_.read([this] { file_again_ = true; },
                     [this](std::string_view bytes) { from_file_.feed(bytes); });
}

// True once the program has ended, and with it all processes that it started.
bool Session::over() {
  if (!child_->status()) return false;
  if (child_->group_is_empty()) return true;
  if (!terminate_at_) {
    terminate_at_ = Clock::now() + settings_.grace;
    kill_at_ = *terminate_at_ + settings_.grace;
  }
  return give_up_at_ && Clock::now() >= *give_up_at_;
}

// ---- its reports -------------------------------------------------------------------------------

// True if metrics are looked for in a stream: in the file alone if there is one; on standard error
// only by expressions.
bool Session::counts(Stream stream) const {
  if (!settings_.metrics_file.empty()) return stream == Stream::kFile;
  return stream == Stream::kOutput || !settings_.patterns.empty();
}

void Session::heard(Stream stream, Reading&& reading) {
  if (!counts(stream)) {
    const std::string wanted =
        settings_.metrics_file.empty()
            ? "metrics are read from standard output"
            : "the option metrics_file says that they come in " + places_.metrics;
    if (elsewhere_.empty()) elsewhere_ = "metrics on " + name_of(stream) + ": " + wanted;
    return;
  }
  const bool again = stream == Stream::kFile && file_again_ && reading.step && last_ &&
                     *reading.step <= *last_->step;
  if (!again) take(std::move(reading));
}

// Keeps the first mistake of a stream in which metrics are looked for.
MetricStream::OnMistake Session::noting(Stream stream) {
  return [this, stream](std::size_t number, std::string_view line, const std::string& mistake) {
    if (!mistake_.empty() || !counts(stream)) return;
    mistake_ = "line " + std::to_string(number) + " of " + name_of(stream) + ", " + shown(line) +
               ": " + mistake;
  };
}

// The reason why nothing was heard where regular expressions look for it; else empty. A program
// that goes on from a checkpoint may have nothing left to do.
std::string Session::unmatched() const {
  if (settings_.patterns.empty() || !trial_.resume_directory().empty()) return "";
  const bool file = !settings_.metrics_file.empty();
  return "metrics_regex finds no metric in " +
         (file ? name_of(Stream::kFile)
               : name_of(Stream::kOutput) + " or " + name_of(Stream::kError));
}

std::string Session::name_of(Stream stream) const {
  if (stream == Stream::kFile) return places_.metrics;
  const bool output = stream == Stream::kOutput;
  std::string name = output ? "standard output" : "standard error";
  if (places_.directory.empty()) return name;
  return name + " (" + places_.directory + (output ? "/stdout" : "/stderr") + suffix_ + ".txt)";
}

void Session::warn(const std::string& what) const {
  if (warn_) warn_("trial " + std::to_string(trial_.id()) + ": " + what);
}

void Session::take(Reading&& reading) {
  if (!reading.step) {
    for (auto& [name, value] : reading.metrics) result_[name] = value;
    return;
  }
  if (stopping_) return;
  report_held();
  const std::uint64_t budget = trial_.budget();
  if (budget > 0 && *reading.step > budget) {  // the program does not heed its budget
    stop();
    return;
  }
  if (budget > 0 && *reading.step == budget) answer(kStop);
  if (budget > 0 && *reading.step == budget && !places_.checkpoint.empty()) {
    held_ = std::move(reading);
    return;
  }
  report(reading);
  if (!stopping_) answer(kGoOn);
}

// Reports to the kernel. A failing report fails the trial, but the program is told to end first.
void Session::report(const Reading& reading) {
  try {
    end_copy();
    last_ = reading;
    watch_.hear(Clock::now());
    const auto wish = trial_.report_in_halves(*reading.step, listed(reading));
    copy_to_ = wish.directory;
    checkpoint_.remember();
    if (!copy_to_.empty() && !checkpoint_.empty()) copy();
    if (!wish.stop) return;
    cancelled_ = true;
    stop();
  } catch (...) {
    failure_ = std::current_exception();
    stop();
  }
}

void Session::report_held() {
  if (!held_) return;
  const Reading reading = std::move(*held_);
  held_.reset();
  report(reading);
}

// Copies the checkpoint for the last report. The copy stays open until the next report or the end,
// as a program may write its state after the report to which the state belongs.
void Session::copy() {
  std::string problem;
  try {
    copied_ = checkpoint_.copy_to(copy_to_);
    if (!copied_) problem = "it still changed while it was copied; " + std::string(kHowToSave);
  } catch (const dodona::Error& error) {  // such as a full disk
    copied_ = false;
    problem = error.what();
  }
  taken_ |= copied_;
  if (copied_ || std::exchange(missed_, true)) return;
  warn(checkpoint_.path() + " of step " + std::to_string(*last_->step) +
       " could not be kept: " + problem);
}

// Closes the copy: later changes are no part of it.
void Session::end_copy() {
  if (copy_to_.empty()) return;
  if (copied_) {
    trial_.saved();
  } else {
    std::error_code ignored;
    fs::remove_all(copy_to_, ignored);
  }
  copy_to_.clear();
  copied_ = false;
}

// After a clean end the directory, as it is now, belongs to the last report.
void Session::take_last_state() {
  if (!last_ || !checkpoint_.changed() || checkpoint_.empty()) return;
  if (!copy_to_.empty()) return copy();
  if (!taken_) return;
  warn(checkpoint_.path() +
       " changed after the last report, so that the checkpoint that is kept, "
       "of an earlier step, may be of the step before; " +
       std::string(kHowToSave));
}

// ---- its end -----------------------------------------------------------------------------------

void Session::answer(std::string_view line) {
  child_->tell(line);
  if (line == kStop) child_->end_input();
}

void Session::stop() {
  if (stopping_) return;
  stopping_ = true;
  answer(kStop);
  terminate_at_ = Clock::now() + settings_.grace;
  kill_at_ = *terminate_at_ + settings_.grace;
}

// Sends the signals whose time has come.
void Session::push_on() {
  const auto now = Clock::now();
  if (terminate_at_ && kill_at_ && now >= *terminate_at_) ask_to_end();
  if (terminated_ && kill_at_ && now >= *kill_at_) kill();
}

void Session::ask_to_end() {
  if (std::exchange(terminated_, true)) return;
  child_->signal(SIGTERM);
  child_->signal(SIGCONT);
}

void Session::kill() {
  if (give_up_at_) return;
  child_->signal(SIGKILL);
  give_up_at_ = Clock::now() + kAfterKill;
}

// Does what is due by the limits of the trial, once each.
void Session::keep_limits() {
  if (!watch_.limits().any()) return;
  const bool measured = watch_.limits().memory_mb > 0;
  const Due due = watch_.look(Clock::now(), measured ? meter_.resident_bytes(child_->session()) : 0,
                              output_bytes_);
  if (due <= due_) return;
  due_ = due;
  if (due == Due::kStop) {
    trial_.limit_reached(watch_.outcome());
    cancelled_ = true;
    answer(kStop);  // its next report still counts
  }
  if (due == Due::kTerminate) ask_to_end();
  if (due == Due::kKill) kill();
}

void Session::end() {
  const int status = *child_->status();
  // A program that ran out of memory did not obey, whatever it was told.
  const bool ran_out = due_ == Due::kStop && watch_.outcome() == DODONA_OUTCOME_MEMORY;
  if (due_ >= Due::kTerminate || (ran_out && status != 0)) {
    throw dodona::Error(
        DODONA_E_FAILED,
        dodona::tell_end(watch_.how(), trial_.id(), last_ ? *last_->step : trial_.start_step(),
                         last_lines_.text()));
  }
  if (status != 0 && !stopping_ && due_ == Due::kNothing) {
    const std::string lines = last_lines_.text();
    throw dodona::Error(DODONA_E_FAILED,
                        how_it_ended(status) + (lines.empty() ? "" : ": " + lines));
  }
  report_held();
  Reading result;
  for (const auto& [name, value] : result_) result.metrics.emplace_back(name, value);
  if (!last_ && !result_.empty() && !cancelled_ && !checkpoint_.empty()) {
    result.step = trial_.start_step() + 1;  // the kernel keeps checkpoints of reports
    report(result);
  }
  if (status == 0) take_last_state();
  end_copy();
  if (taken_) checkpoint_.remove();
  if (failure_) std::rethrow_exception(failure_);
  const std::string why = !mistake_.empty()     ? mistake_
                          : !elsewhere_.empty() ? elsewhere_
                                                : unmatched();
  if (!why.empty() && !last_ && result_.empty() && !cancelled_)
    throw dodona::Error(DODONA_E_INVALID, "the program reported nothing: " + why);
  if (!mistake_.empty()) warn(mistake_);
  if (!result.metrics.empty()) trial_.finish(listed(result));
  if (cancelled_) throw dodona::Cancelled();
}

}  // namespace command
