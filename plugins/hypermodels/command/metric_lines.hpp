// SPDX-License-Identifier: Apache-2.0
//
// Metrics in what a program prints: JSON lines, or lines that regular expressions know.
//
//   {"step": 1, "loss": 0.5}   a report
//   {"loss": 0.4}              a part of the result
//
// Numbers are metrics; everything else in a line is passed over, and so is a line that is something
// else, longer than kLineMax or not UTF-8. Of a line that was probably meant to report, mistake_in
// says what is wrong with it.
//
// Threads: one a stream; Patterns are shared.
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

// Metrics that were told together.
struct Reading {
  std::optional<std::uint64_t> step;
  std::vector<std::pair<std::string, double>> metrics;  // each name once
};

// A line of JSON. Nothing where it is no object, has no number beside the step, or a step that is
// no count.
std::optional<Reading> read_json_line(std::string_view line);

// What is wrong with a line that comes near to a report; empty for every other line, reports
// included: a step that is no count, a number that is a text, metrics in a nested object, another
// quotation mark than JSON's, a byte order mark. Of a line with metrics: a number that is a text.
std::string mistake_in(std::string_view line);

// Regular expressions in Perl's syntax by metric: the first group of a match is the number. The
// metric `step` tells the step, in a line of its own for the next line too.
//
// Errors:  Error{kInvalid} for a text that is no regular expression or has no group.
class Patterns {
 public:
  Patterns();
  ~Patterns();
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;

  void add(const std::string& metric, const std::string& pattern);
  bool empty() const;
  // What the line tells, the step alone included. An expression that would take too long on a line
  // does not match.
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
  // The stream has ended: what follows the last line break is a line too.
  void end(const OnLine& on_line);
  // Of the line that on_line is called with, from 1, as editors count.
  std::size_t number() const { return breaks_ + 1; }

 private:
  void keep(std::string_view bytes);
  void finish(const OnLine& on_line);

  std::string line_;
  bool too_long_ = false;
  std::size_t breaks_ = 0;  // line feeds before this line
};

// Reads one stream.
class MetricStream {
 public:
  using OnReading = std::function<void(Reading&& reading)>;
  using OnMistake =
      std::function<void(std::size_t number, std::string_view line, const std::string& mistake)>;

  // `patterns` instead of JSON, unless empty; it outlives the stream. `on_mistake` is called for
  // lines of JSON of which mistake_in says something.
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
  std::optional<std::uint64_t> step_;  // that a line of its own told
};

}  // namespace command
