// SPDX-License-Identifier: Apache-2.0
#include "host/scoreboard.hpp"

#include "host/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace dodona::host {
namespace {

constexpr double kForEnds =
    10.0;  // plain lines that starts and reports leave to the ends of trials
constexpr std::size_t kBarWidth = 20;

std::string trial_text(std::uint64_t trial) {
  return "trial " + std::to_string(trial);
}

std::string steps(std::uint64_t step, std::uint64_t step_max) {
  return std::to_string(step) + (step_max > 0 ? "/" + std::to_string(step_max) : "");
}

std::string bar(double fraction) {
  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(kBarWidth));
  std::string text(std::min(full, kBarWidth), '=');
  if (text.size() < kBarWidth) text += '>';
  text.resize(kBarWidth, ' ');
  return "[" + text + "]";
}

// Trials in a minute, or in a second where that is many.
std::string rate_text(double per_second) {
  const bool fast = per_second >= 10.0;
  const double value = fast ? per_second : per_second * 60.0;
  char text[48];
  std::snprintf(text, sizeof text, value < 100.0 ? "%.1f %s" : "%.0f %s", value,
                fast ? "trials/s" : "trials/min");
  return text;
}

std::string clock(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, 1e12));
  if (whole >= 60) return duration(static_cast<double>(whole));
  char text[32];
  std::snprintf(text, sizeof text, "0:%02lld", whole);
  return text;
}

}  // namespace

Scoreboard::Scoreboard(Goal goal, Style style)
    : goal_(std::move(goal)), objective_(shown(goal_.objective)), style_(style) {}

bool Allowance::take(double now, double reserve) {
  left_ = std::min(left_ + now - since_, kBurst);
  since_ = now;
  if (left_ < reserve + 1.0) return false;
  left_ -= 1.0;
  return true;
}

void Scoreboard::apply(const Progress& progress, double now) {
  if (progress.kind == Progress::Kind::kChanged) return change(progress);
  if (!begun_) {
    begun_ = true;
    const std::uint64_t before =
        progress.trials_finished - (progress.kind == Progress::Kind::kFinished ? 1 : 0);
    if (before > 0) {
      add_line("going on with a study of " + counted(before, "finished trial"), Tone::kPlain);
    }
  }
  finished_ = progress.trials_finished;
  best_score_ = progress.best_score;
  best_trial_ = progress.best_trial;
  switch (progress.kind) {
    case Progress::Kind::kStarted:
      return start(progress, now);
    case Progress::Kind::kReported:
      return report(progress, now);
    case Progress::Kind::kFinished:
      return finish(progress, now);
    case Progress::Kind::kChanged:
      break;
  }
}

void Scoreboard::change(const Progress& progress) {
  if (progress.paused != paused_) {
    add_line(progress.paused ? "paused: no trial begins until it goes on" : "goes on",
             progress.paused ? Tone::kWarning : Tone::kPlain);
  }
  paused_ = progress.paused;
  goal_.max_trials = progress.max_trials;
  goal_.max_seconds = progress.max_seconds;
}

void Scoreboard::start(const Progress& progress, double now) {
  const bool known = running_.contains(progress.trial);
  Running& run = running_[progress.trial];
  const std::optional<double> since =
      progress.execution > 0 && known ? std::optional(run.since) : std::nullopt;
  run = {};
  run.since = since.value_or(now);
  run.execution = progress.execution;
  run.step = progress.step;
  const std::uint64_t budget = progress.result != nullptr ? progress.result->budget : 0;
  run.step_max = budget > 0 ? budget : goal_.max_steps;
  run.values = progress.result != nullptr ? shown(progress.result->values) : "";
  if (style_ == Style::kLive || !ordinary_.take(now, kForEnds)) return;
  const bool goes_on = run.step > 0;
  std::string text = trial_text(progress.trial) +
                     (goes_on ? " goes on from step " + std::to_string(run.step) : " started");
  if (progress.attempt > 0) {
    text += (goes_on ? ", attempt " : " again, attempt ") + std::to_string(progress.attempt);
  }
  if (progress.execution > 0) text += ", execution " + steps(run.execution + 1, goal_.executions);
  add_line(text + (run.values.empty() ? "" : ": " + run.values), Tone::kPlain);
}

void Scoreboard::report(const Progress& progress, double now) {
  const auto found = running_.find(progress.trial);
  if (found == running_.end()) return;
  Running& run = found->second;
  run.step = progress.step;
  if (progress.score) run.score = progress.score;
  if (style_ == Style::kLive || !ordinary_.take(now, kForEnds)) return;
  std::string text = trial_text(progress.trial) + " step " + steps(run.step, run.step_max);
  if (run.score) text += ": " + objective_ + " " + number(*run.score);
  if (best_score_) text += "; " + best_text();
  add_line(std::move(text), Tone::kPlain);
}

void Scoreboard::finish(const Progress& progress, double now) {
  const auto found = running_.find(progress.trial);
  const double seconds = found == running_.end() ? 0.0 : now - found->second.since;
  if (found != running_.end()) running_.erase(found);
  ++finished_here_;
  if (lines_.size() >= kLinesMax || progress.result == nullptr) {
    ++left_out_;
    return;
  }
  const Result& result = *progress.result;
  const bool best = result.score && best_score_ && best_trial_ == result.trial;
  const bool bad = result.state == TrialState::kFailed || result.state == TrialState::kInvalid;
  behind_ = style_ == Style::kPlain && !best && !(bad ? failures_ : ordinary_).take(now);
  if (behind_) return;
  std::string text = trial_text(result.trial) + " " + to_text(result.state) + ": ";
  if (result.score) {
    text += objective_ + " " + number(*result.score);
    if (result.best_step > 0) text += " at step " + std::to_string(result.best_step);
    text += ", " + duration(seconds);
  } else {
    text += result.message.empty() ? "no score" : headline(result.message);
  }
  if (style_ == Style::kPlain) {
    text += "; " + standing(now);
  } else if (result.score) {
    text += "  " + shown(result.values);
  }
  add_line(std::move(text), bad ? Tone::kBad : best ? Tone::kGood : Tone::kPlain);
}

void Scoreboard::close(double now) {
  if (std::exchange(behind_, false)) add_line(standing(now), Tone::kPlain);
}

void Scoreboard::add_line(std::string text, Tone tone) {
  lines_.push_back({std::move(text), tone});
}

std::vector<Line> Scoreboard::take_lines() {
  std::vector<Line> lines = std::exchange(lines_, {});
  const std::uint64_t left_out = std::exchange(left_out_, 0);
  if (left_out > 0) {
    lines.push_back({"... and " + counted(left_out, "more trial") + " finished", Tone::kDim});
  }
  return lines;
}

std::string Scoreboard::best_text() const {
  return "best " + number(*best_score_) + " (" + trial_text(best_trial_) + ")";
}

double Scoreboard::fraction(const Running& run) const {
  if (run.step_max == 0) return 0.0;
  const double done = static_cast<double>(run.step) / static_cast<double>(run.step_max);
  const double executions = std::max<double>(goal_.executions, 1.0);
  return std::min((run.execution + std::min(done, 1.0)) / executions, 1.0);
}

// From the rate of trials, those that run counted by their steps. Nothing before there is a rate.
std::optional<double> Scoreboard::seconds_left(double now) const {
  std::optional<double> left;
  double part = 0.0;
  for (const auto& [trial, run] : running_) part += fraction(run);
  const double done = static_cast<double>(finished_here_) + part;
  if (goal_.max_trials > 0 && done > 0.0 && now > 0.0) {
    const double open = static_cast<double>(goal_.max_trials) - static_cast<double>(finished_);
    left = std::max(open - part, 0.0) * now / done;
  }
  if (goal_.max_seconds > 0.0) {
    const double limit = std::max(goal_.max_seconds - now, 0.0);
    left = left ? std::min(*left, limit) : limit;
  }
  return left;
}

std::string Scoreboard::standing(double now) const {
  std::string text = std::to_string(finished_);
  if (goal_.max_trials > 0) text += "/" + std::to_string(goal_.max_trials);
  text += " trials";
  if (best_score_) text += ", " + best_text();
  if (finished_here_ > 0 && now > 0.0) {
    text += ", " + rate_text(static_cast<double>(finished_here_) / now);
  }
  text += ", elapsed " + clock(now);
  if (paused_) return text + ", paused";
  if (const auto left = seconds_left(now)) text += ", left " + clock(*left);
  return text;
}

std::string Scoreboard::running_text(std::uint64_t trial, const Running& run, double now) const {
  std::string text = trial_text(trial) + "  ";
  if (run.step_max > 0) text += bar(fraction(run)) + "  ";
  text += "step " + steps(run.step, run.step_max);
  if (goal_.executions > 1) text += "  execution " + steps(run.execution + 1, goal_.executions);
  text += "  " + clock(now - run.since);
  if (run.score) text += "  " + objective_ + " " + number(*run.score);
  if (!run.values.empty()) text += "  " + run.values;
  return text;
}

std::vector<Line> Scoreboard::frame(double now, std::size_t rows_max) const {
  const std::size_t rows = std::max<std::size_t>(rows_max, 1) - 1;
  const bool all = running_.size() <= rows;
  const std::size_t listed = all ? running_.size() : std::max<std::size_t>(rows, 1) - 1;
  std::vector<Line> lines;
  for (auto it = running_.begin(); lines.size() < listed; ++it) {
    lines.push_back({running_text(it->first, it->second, now), Tone::kPlain});
  }
  if (!all && rows > 0) {
    lines.push_back(
        {"... and " + std::to_string(running_.size() - listed) + " more running", Tone::kDim});
  }
  lines.push_back({standing(now), Tone::kDim});
  return lines;
}

}  // namespace dodona::host
