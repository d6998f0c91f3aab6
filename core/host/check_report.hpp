// SPDX-License-Identifier: Apache-2.0
//
// Results of `dodona check` as text, as JSON and as JUnit's XML.
//
// Threads: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::host {

// A check, and what came of it.
struct CheckRecord {
  std::string id;
  std::string plugin;  // its short name; empty: the library
  std::string needs;   // the check without which this one says nothing; empty: none
  std::string status;  // passed, failed or skipped
  std::string text;
  std::uint64_t seed = 0;
  double seconds = 0;
};

struct CheckReport {
  std::string file;
  std::vector<CheckRecord> checks;
  std::vector<CheckRecord> planned;  // all that concern the library: ids and plugins

  std::size_t count(std::string_view status) const;
};

// `oracle.fold@random`, as --only takes it.
std::string label(const CheckRecord& record);

// Failures with the command that repeats them, skips with their reasons, and a last line of counts.
std::string report_text(const CheckReport& report);
std::string report_json(const CheckReport& report);
std::string report_junit(const CheckReport& report);

// Reads what report_json wrote. Throws Error for anything else.
CheckReport parse_report(const std::string& json);

}  // namespace dodona::host
