// SPDX-License-Identifier: Apache-2.0
//
// Words, numbers and times as the program prints them.
//
// Units:   widths are characters of UTF-8, each taken for one cell of a terminal.
// Threads: pure.
#pragma once

#include <dodona/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dodona::host {

// Six significant digits: `0.8812`, `1e-05`.
std::string number(double value);
// `0.42 +- 0.03`: two digits of the deviation, and as many decimals of the number.
std::string expected(double value, double deviation);
std::string shown(const HyperParameterValue& value);
// `lr 0.003, units 96`.
std::string shown(const Values& values);
std::string shown(const std::vector<HyperParameterValue>& values);
// `val_loss`, or of a sum `val_loss - val_accuracy`.
std::string shown(const Objective& objective);
// `val_accuracy, loss and model_mb`.
std::string shown(const std::vector<Objective>& objectives);

// `kept`, or the limits that a trial breaks, and by which share of the bound: `model_mb +12 %`.
std::string limits_text(const Result& trial);
// The note in words: `Gaussian process; expected val_loss 0.42 +- 0.03`. Numbers of a model's own, such as
// length scales and logarithms, are left out. A long list is counted.
std::string shown(const Explanation& explanation, const Objective& objective);

// `1 trial`, `3 trials`.
std::string counted(std::uint64_t count, std::string_view noun);

// `14.2 s` below a minute, else `1:05` or `2:03:04`.
std::string duration(double seconds);

std::size_t width(std::string_view text);
// At most `width_max` characters, the last three dots where something was cut.
std::string cut(std::string_view text, std::size_t width_max);
// Lines of at most `width_max` characters, broken between words where that can be, without a break at
// the end; 0: one line.
std::string folded(std::string_view text, std::size_t width_max);
// Each line after so many spaces, the last one ended. Other control characters become spaces.
std::string indented(std::string_view text, std::size_t spaces);
// Line breaks and other control characters as spaces: text of others cannot drive the terminal.
std::string one_line(std::string_view text);

// A message on one line: of a Python traceback in it what stands before and its last line, which
// says what went wrong.
std::string headline(std::string_view message);

}  // namespace dodona::host
