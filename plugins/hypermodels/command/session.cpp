// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

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

// How often the things are looked at that give no sign: cancellation, a metrics file.
constexpr std::chrono::milliseconds kTick{20};
// A program that prints without end must not keep anybody from being heard.
constexpr std::size_t kBytesPerTurn = std::size_t{1} << 20;
// Processes that nobody waits for are still there after SIGKILL; a second is enough for all others.
constexpr std::chrono::seconds kAfterKill{1};

constexpr std::string_view kGoOn = "{\"continue\": true}\n";  // as ask-tell says it
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

// The program may be at work on the next one; what it takes away meanwhile is looked for again.
void copy_checkpoint(const fs::path& from, const fs::path& to) {
  constexpr auto options = fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                           fs::copy_options::overwrite_existing;
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    std::error_code error;
    fs::copy(from, to, options, error);
    if (!error) return;
    if (attempt == attempts) {
      throw dodona::Error(DODONA_E_IO, "cannot copy " + from.string() + " to " + to.string() +
                                           ": " + error.message());
    }
  }
}

std::vector<dodona::Metric> listed(const Reading& reading) {
  std::vector<dodona::Metric> metrics;
  for (const auto& [name, value] : reading.metrics) metrics.push_back({name, value});
  return metrics;
}

}  // namespace

Session::Session(const Settings& settings, const Variables& inherited, const Guardian& guardian,
                 const dodona::Trial& trial)
    : settings_(settings),
      inherited_(inherited),
      guardian_(guardian),
      trial_(trial),
      from_output_(settings.patterns, [this](Reading&& reading) { take(std::move(reading)); }),
      from_error_(settings.patterns, [this](Reading&& reading) { take(std::move(reading)); }),
      from_file_(settings.patterns, [this](Reading&& reading) {
        const bool again = file_again_ && reading.step && last_ && *reading.step <= *last_->step;
        if (!again) take(std::move(reading));
      }) {}

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
    fs::remove_all(places_.checkpoint);
    fs::create_directories(places_.checkpoint);
    write_file(places_.values, to_json(values));
    output_.emplace(places_.directory + "/stdout" + suffix_ + ".txt");
    error_.emplace(places_.directory + "/stderr" + suffix_ + ".txt");
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
    push_on();
  }
  read(kBytesPerTurn);  // what lies in the pipes, which is less
  for (MetricStream* stream : {&from_output_, &from_error_, &from_file_}) stream->end();
}

void Session::wait() {
  std::array<pollfd, 3> files{{{child_->output().get(), POLLIN, 0},
                               {child_->error().get(), POLLIN, 0},
                               {child_->exit_sign().get(), POLLIN, 0}}};
  poll(files.data(), files.size(), static_cast<int>(kTick.count()));
}

void Session::read(std::size_t most) {
  const bool from_file = !settings_.metrics_file.empty();
  read_some(child_->output(), most, [&](std::string_view bytes) {
    if (output_) output_->write(bytes);
    if (!from_file) from_output_.feed(bytes);
  });
  read_some(child_->error(), most, [&](std::string_view bytes) {
    if (error_) error_->write(bytes);
    last_lines_.add(bytes);
    if (!from_file && !settings_.patterns.empty()) from_error_.feed(bytes);
  });
  metrics_file_.read([this] { file_again_ = true; },
                     [this](std::string_view bytes) { from_file_.feed(bytes); });
}

// The program has ended, and what it started too.
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

void Session::take(Reading&& reading) {
  if (!reading.step) {
    for (auto& [name, value] : reading.metrics) result_[name] = value;
    return;
  }
  if (stopping_) return;
  report_held();
  const std::uint64_t budget = trial_.budget();
  if (budget > 0 && *reading.step > budget) {  // it does not know of budgets
    stop();
    return;
  }
  if (budget > 0 && *reading.step == budget) answer(false);
  if (budget > 0 && *reading.step == budget && !places_.checkpoint.empty()) {
    held_ = std::move(reading);
    return;
  }
  report(reading);
  if (!stopping_) answer(true);
}

// A failing report fails the trial; the program is told to end first.
void Session::report(const Reading& reading) {
  last_ = reading;
  try {
    const std::vector<dodona::Metric> metrics = listed(reading);
    if (has_checkpoint()) {
      trial_.report(*reading.step, metrics, [this](std::string_view directory) {
        copy_checkpoint(places_.checkpoint, directory);
        taken_ = true;
      });
    } else {
      trial_.report(*reading.step, metrics);
    }
  } catch (const dodona::Cancelled&) {
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

bool Session::has_checkpoint() const {
  return !places_.checkpoint.empty() && !fs::is_empty(places_.checkpoint);
}

// ---- its end -----------------------------------------------------------------------------------

void Session::answer(bool go_on) {
  child_->tell(go_on ? kGoOn : kStop);
  if (!go_on) child_->end_input();
}

void Session::stop() {
  if (stopping_) return;
  stopping_ = true;
  answer(false);
  terminate_at_ = Clock::now() + settings_.grace;
  kill_at_ = *terminate_at_ + settings_.grace;
}

// Signals whose time has come.
void Session::push_on() {
  const auto now = Clock::now();
  if (terminate_at_ && kill_at_ && !terminated_ && now >= *terminate_at_) {
    terminated_ = true;
    child_->signal(SIGTERM);
    child_->signal(SIGCONT);
  }
  if (terminated_ && !give_up_at_ && now >= *kill_at_) {
    child_->signal(SIGKILL);
    give_up_at_ = now + kAfterKill;
  }
}

void Session::end() {
  const int status = *child_->status();
  if (status != 0 && !stopping_) {
    const std::string lines = last_lines_.text();
    throw dodona::Error(DODONA_E_FAILED,
                        how_it_ended(status) + (lines.empty() ? "" : ": " + lines));
  }
  report_held();
  Reading result;
  for (const auto& [name, value] : result_) result.metrics.emplace_back(name, value);
  if (!last_ && !result_.empty() && !cancelled_ && has_checkpoint()) {
    result.step = trial_.start_step() + 1;  // the kernel keeps checkpoints of reports
    report(result);
  }
  if (taken_) fs::remove_all(places_.checkpoint);
  if (failure_) std::rethrow_exception(failure_);
  if (result_.empty() && last_ && !cancelled_) result = *last_;
  if (!result.metrics.empty()) trial_.finish(listed(result));
  if (cancelled_) throw dodona::Cancelled();
}

}  // namespace command
