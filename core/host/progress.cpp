// SPDX-License-Identifier: Apache-2.0
#include "host/progress.hpp"

#include "host/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace dodona::host {
namespace {

constexpr auto kFrame = std::chrono::milliseconds(200);

constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
constexpr std::string_view kClearBelow = "\x1b[J";

std::string_view colour(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kDim:
      return "\x1b[2m";
  }
  return "";
}

// True if a terminal that becomes narrower wraps the lines that it shows; xterm, GNU screen and the
// console of Linux cut them.
bool wraps_again() {
  const auto value = [](const char* name) {
    const char* const text = std::getenv(name);
    return std::string_view(text == nullptr ? "" : text);
  };
  if (!value("TMUX").empty()) return true;  // wherever it runs
  return value("XTERM_VERSION").empty() && value("STY").empty() && value("TERM") != "linux";
}

}  // namespace

ProgressDisplay::ProgressDisplay(Goal goal, Shown shown)
    : terminal_(STDERR_FILENO),
      shown_(shown == Shown::kProgress),
      live_(shown_ && terminal_.live()),
      begin_(std::chrono::steady_clock::now()),
      scoreboard_(std::move(goal), live_ ? Scoreboard::Style::kLive : Scoreboard::Style::kPlain) {
  if (shown_) thread_ = std::thread([this] { draw_loop(); });
}

double ProgressDisplay::now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ProgressDisplay::apply(const Progress& progress) {
  if (!shown_) return;
  const double seconds = now();
  const std::lock_guard lock(mutex_);
  scoreboard_.apply(progress, seconds);
}

void ProgressDisplay::print(std::string_view text, Tone tone) {
  const std::lock_guard lock(mutex_);
  if (!shown_ || closing_) {
    terminal_.write(painted({one_line(text), tone}) + "\n");
    return;
  }
  // The scoreboard's lines are older.
  for (Line& line : scoreboard_.take_lines()) printed_.push_back(std::move(line));
  printed_.push_back({one_line(text), tone});
  changed_.notify_one();
}

void ProgressDisplay::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void ProgressDisplay::draw_loop() {
  for (;;) {
    bool closing = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kFrame, [this] { return closing_ || !printed_.empty(); });
      closing = closing_;
    }
    draw();
    if (closing) return;
  }
}

std::string ProgressDisplay::painted(const Line& line) const {
  if (!terminal_.colours() || line.tone == Tone::kPlain) return line.text;
  return std::string(colour(line.tone)) + line.text + "\x1b[0m";
}

// One write a frame: up over the lines of the last one, what is new and final, then the new frame.
void ProgressDisplay::draw() {
  std::vector<Line> printed;
  std::vector<Line> frame;
  const std::size_t rows = live_ ? terminal_.height() : 0;
  {
    const std::lock_guard lock(mutex_);
    printed = std::exchange(printed_, {});
    if (closing_) scoreboard_.close(now());
    for (Line& line : scoreboard_.take_lines()) printed.push_back(std::move(line));
    // The last row is the cursor's.
    if (live_ && !closing_) frame = scoreboard_.frame(now(), rows > 1 ? rows - 1 : 1);
  }
  if (printed.empty() && frame.empty() && drawn_.empty()) return;
  std::string out;
  if (live_) out += kHideCursor;
  const std::size_t columns = live_ ? std::max<std::size_t>(terminal_.width(), 2) : 0;
  const std::size_t width_max = live_ ? columns - 1 : 0;
  if (!drawn_.empty()) {
    // A terminal that became narrower may have wrapped the last frame.
    std::size_t up = drawn_.size();
    for (const std::size_t drawn : drawn_)
      up += drawn > columns && wraps_again() ? (drawn - 1) / columns : 0;
    out += "\r\x1b[" + std::to_string(up) + "A";
    out += kClearBelow;
  }
  for (const Line& line : printed) {
    // Whole, however narrow the terminal: it may wrap, so what stood below it goes first.
    if (live_) out += kClearBelow;
    out += painted(line);
    out += '\n';  // nothing is left to clear, and clearing takes the last cell of a full line
  }
  drawn_.clear();
  for (Line& line : frame) {
    line.text = cut(line.text, width_max);
    drawn_.push_back(width(line.text));
    out += painted(line);
    out += '\n';
  }
  if (live_) (out += kClearBelow) += kShowCursor;
  terminal_.write(out);
}

}  // namespace dodona::host
