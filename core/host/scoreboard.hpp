// SPDX-License-Identifier: Apache-2.0
//
// How a search stands, folded from its progress, as lines of text.
//
// There are two styles. `kLive` is for a terminal: frame() has a line for each running trial and
// one for the search, drawn over and over, and only what is final becomes a line of its own.
// `kPlain` has lines alone: starts, reports and ends of trials, all of them in a slow search and
// about one a second in a fast one, where ends go first. Every improvement of the best is a line.
//
// Units:   times are seconds since the search began.
// Threads: one.
// Cost:    apply() formats at most kLinesMax lines between two calls of take_lines(), and counts
//          the rest, so that a display never holds up a fast search.
#pragma once

#include <dodona/result.hpp>
#include <dodona/tuner.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dodona::host {

enum class Tone { kPlain = 1, kGood, kBad, kWarning, kDim };

struct Line {
  std::string text;
  Tone tone = Tone::kPlain;
};

// The goal of the search; limits are 0 where there is none.
struct Goal {
  Objective objective;
  std::uint64_t max_trials = 0;
  std::uint64_t max_steps = 0;
  double max_seconds = 0.0;
  std::uint32_t executions = 1;
};

// So many lines at once, and one a second after that.
class Allowance {
 public:
  // False where fewer than `reserve` would be left.
  bool take(double now, double reserve = 0.0);

 private:
  static constexpr double kBurst = 20.0;
  double left_ = kBurst;
  double since_ = 0.0;
};

class Scoreboard {
 public:
  enum class Style { kPlain = 1, kLive };
  static constexpr std::size_t kLinesMax = 500;

  Scoreboard(Goal goal, Style style);

  void apply(const Progress& progress, double now);
  // The search is over: the last line says how it stands.
  void close(double now);
  // Lines that are final, since the last call.
  std::vector<Line> take_lines();
  // Lines as of now, at most `rows_max` (at least 1); the last one is about the search.
  std::vector<Line> frame(double now, std::size_t rows_max) const;

 private:
  struct Running {
    double since = 0.0;
    std::uint32_t execution = 0;
    std::uint64_t step = 0;
    std::uint64_t step_max = 0;  // 0: not known
    std::optional<double> score;
    std::string values{};  // that it tries
  };

  void start(const Progress& progress, double now);
  void report(const Progress& progress, double now);
  void finish(const Progress& progress, double now);
  void change(const Progress& progress);
  void add_line(std::string text, Tone tone);

  std::string best_text() const;
  std::string standing(double now) const;
  std::optional<double> seconds_left(double now) const;
  std::string running_text(std::uint64_t trial, const Running& run, double now) const;
  double fraction(const Running& run) const;

  Goal goal_;
  std::string objective_;
  Style style_;
  std::map<std::uint64_t, Running> running_;
  bool begun_ = false;
  bool paused_ = false;
  std::uint64_t finished_ = 0;       // of the whole study
  std::uint64_t finished_here_ = 0;  // by this search
  std::optional<double> best_score_;
  std::uint64_t best_trial_ = 0;
  Allowance ordinary_, failures_;  // kPlain
  bool behind_ = false;            // kPlain: a trial ended since the last line about one
  std::vector<Line> lines_;
  std::uint64_t left_out_ = 0;  // lines since take_lines() that were only counted
};

}  // namespace dodona::host
