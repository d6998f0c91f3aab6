// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include "common/text/json_members.hpp"

#include <dodona/error.hpp>

#include <cstdint>
#include <utility>

namespace command {
namespace {

using dodona::common::json_members;
using dodona::common::json_string;
using dodona::common::Member;

[[noreturn]] void fail(const std::string& what) {
  throw dodona::Error(DODONA_E_INVALID, what);
}

std::string text_at(const dodona::Options& options, const std::string& path) {
  std::string text;
  try {
    text = options.get<std::string>(path);
  } catch (const dodona::Error&) {
    fail(path + ": should be a string; a number is written \"1\"");
  }
  if (text.find('\0') != std::string::npos) fail(path + ": has a character of code 0");
  return text;
}

// Throws for the name of a file that is the trial's directory itself or lies outside of it.
void check_file_name(const std::string& name) {
  if (name.empty()) return;
  if (name.front() == '/' || name.back() == '/') {
    fail("metrics_file: \"" + name + "\" should be a path below the trial's directory");
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      fail("metrics_file: \"" + name + "\" should be a path below the trial's directory");
    }
    begin = end + 1;
  }
}

Patterns patterns_of(const dodona::Options& options) {
  Patterns patterns;
  const auto all = json_members(options.json());
  for (const Member& option : all.value_or(std::vector<Member>())) {
    if (option.name != "metrics_regex") continue;
    const auto entries = json_members(option.raw);
    for (const Member& entry : entries.value_or(std::vector<Member>())) {
      if (entry.name.empty()) fail("metrics_regex: a metric has an empty name");
      const auto pattern = json_string(entry.raw);
      if (!pattern) fail("metrics_regex: \"" + entry.name + "\" should be a string");
      patterns.add(entry.name, *pattern);
    }
  }
  if (!patterns.empty() && patterns.metrics().empty()) {
    fail("metrics_regex: has step alone; it should have the metrics, the objective among them");
  }
  return patterns;
}

}  // namespace

CommandSettings::CommandSettings(const dodona::Options& options)
    : metrics_file(text_at(options, "metrics_file")),
      patterns(patterns_of(options)),
      grace(static_cast<std::int64_t>(options.get<double>("grace_seconds") * 1000.0)) {
  const bool shell = options.get<bool>("shell");
  const std::uint64_t size = options.size("command");
  if (size == 0) fail("command: is empty; it should be a program and its arguments");
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::string place = "command[" + std::to_string(i) + "]";
    const std::string text = text_at(options, place);
    if (i == 0 && text.empty()) fail(place + ": is empty; it should be a program");
    if (i == 0 && shell) {
      script = text;
    } else {
      arguments.emplace_back(text, place);
    }
  }
  check_file_name(metrics_file);
}

}  // namespace command
