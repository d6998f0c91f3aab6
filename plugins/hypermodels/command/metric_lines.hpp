// SPDX-License-Identifier: Apache-2.0
//
// Reads metrics from a program's output: lines of JSON, or lines that regular expressions match.
//
//   {"step": 1, "loss": 0.5}   a report
//   {"loss": 0.4}              a part of the result
//
// Numbers are metrics. All other members of a line are passed over, and so are other lines, lines
// longer than kLineMax, and lines that are not UTF-8. mistake_in finds the mistake in a line that
// was probably meant to report.
//
// Threads: one for each stream; Patterns are shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

// The metrics of one line.
struct Reading {
  std::optional<std::uint64_t> step;
  std::vector<std::pair<std::string, double>> metrics;  // each name once
};

// Reads a line of JSON. Nothing if it is no object, has no number beside the step, or has a step
// that is no count.
std::optional<Reading> read_json_line(std::string_view line);

// The mistake in a line that is nearly a report: a step that is no count, a number that is a text,
// metrics in a nested object, another quotation mark than JSON's, or a byte order mark. In a line
// with metrics only a number that is a text counts. Empty for every other line.
std::string mistake_in(std::string_view line);

// Regular expressions in Perl's syntax, by metric. The first group of a match is the number. The
// metric `step` is the step; in a line of its own it holds for the next line.
//
// Errors:  Error{DODONA_E_INVALID} for a text that is no regular expression or has no group.
class Patterns {
 public:
  Patterns();
  ~Patterns();
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;

  void add(const std::string& metric, const std::string& pattern);
  bool empty() const;
  // The metrics in the order in which they were added, without the step.
  std::vector<std::string> metrics() const;
  // Reads the metrics of a line; it may have the step alone. An expression that would take too long
  // on a line does not match.
  Reading read(std::string_view line) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

// Cuts a stream into lines, at line feeds and carriage returns, within bounded memory.
class LineSplitter {
 public:
  static constexpr std::size_t kLineMax = 65536;
  using OnLine = std::function<void(std::string_view line)>;

  void feed(std::string_view bytes, const OnLine& on_line);
  // Ends the stream: the text after the last line break is a line too.
  void end(const OnLine& on_line);
  // The number of the line with which on_line is called, from 1, as editors count.
  std::size_t number() const { return breaks_ + 1; }

 private:
  void keep(std::string_view bytes);
  void finish(const OnLine& on_line);

  std::string line_;
  bool too_long_ = false;
  std::size_t breaks_ = 0;  // line feeds before this line
};

// Reads the metrics of one stream.
class MetricStream {
 public:
  using OnReading = std::function<void(Reading&& reading)>;
  using OnMistake =
      std::function<void(std::size_t number, std::string_view line, const std::string& mistake)>;

  // Reads with `patterns`, or JSON if they are empty; they outlive the stream. `on_mistake` is
  // called for lines of JSON in which mistake_in finds a mistake.
  MetricStream(const Patterns& patterns, OnReading on_reading, OnMistake on_mistake = {})
      : patterns_(patterns),
        on_reading_(std::move(on_reading)),
        on_mistake_(std::move(on_mistake)) {}

  void feed(std::string_view bytes) {
    splitter_.feed(bytes, [this](std::string_view line) { read(line); });
  }
  void end() {
    splitter_.end([this](std::string_view line) { read(line); });
  }

 private:
  void read(std::string_view line);

  const Patterns& patterns_;
  OnReading on_reading_;
  OnMistake on_mistake_;
  LineSplitter splitter_;
  std::optional<std::uint64_t> step_;  // the step of a line of its own
};

}  // namespace command
