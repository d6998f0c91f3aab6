// SPDX-License-Identifier: Apache-2.0
//
// dodona check
#include "host/check_child.hpp"
#include "host/check_report.hpp"
#include "host/exit_code.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/error.hpp>
#include <dodona/testing/check.hpp>
#include <dodona/upkeep.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;
using Clock = CheckChild::Clock;
using std::chrono::milliseconds;

// The whole of --quick, and what a single check may take, which is many times its usual time.
constexpr milliseconds kQuickTotal{9000};
constexpr milliseconds kQuickLimit{5000};
constexpr milliseconds kFullLimit{60000};
constexpr milliseconds kMakeLimit{10000};  // to load the library, or to make an object
constexpr const char* kLoad = "file.load";
constexpr const char* kFile = "file";  // all checks of the library

struct CheckCommand {
  std::string file;
  std::string options = "{}";
  std::vector<std::string> directories;
  std::vector<std::string> sets;  // of a study file
  std::string only;
  std::string seed = "1";
  std::string junit;
  bool in_process = false;
  bool quick = false;
  bool json = false;
};

// True for a plugin's library, by its first bytes.
bool is_library(const fs::path& file) {
  std::string magic(4, '\0');
  std::ifstream(file, std::ios::binary).read(magic.data(), 4);
  return magic ==
         "\x7F"
         "ELF";
}

// FILE, or FILE in one of the plugin path's directories.
fs::path find_file(const CheckCommand& command) {
  std::vector<fs::path> places = {command.file};
  for (const std::string& directory : command.directories) {
    places.push_back(fs::path(directory) / command.file);
  }
  const auto found = std::find_if(places.begin(), places.end(),
                                  [](const fs::path& each) { return fs::is_regular_file(each); });
  if (found == places.end())
    throw Error(DODONA_E_INVALID, command.file + ": there is no such file");
  return *found;
}

// True if `only` names the check: its id or the beginning of one, and perhaps @ and a plugin.
bool is_wanted(const CheckRecord& record, const std::string& only) {
  if (only.empty() || only == record.id || only == label(record)) return true;
  return record.id.starts_with(only + ".");
}

CheckRecord planned_record(const testing::PlannedCheck& planned) {
  CheckRecord out;
  out.id = planned.check->id;
  if (planned.plugin != nullptr) out.plugin = planned.plugin->name;
  out.needs = planned.needs;
  return out;
}

CheckRecord record_of(const testing::CheckResult& result) {
  const char* const status = result.outcome == testing::Outcome::kPassed   ? "passed"
                             : result.outcome == testing::Outcome::kFailed ? "failed"
                                                                           : "skipped";
  return {result.id, result.plugin, "", status, result.text, result.seed, result.seconds};
}

// ---- here -------------------------------------------------------------------------------------

CheckReport check_here(const CheckCommand& command, const fs::path& file) {
  testing::CheckSettings settings;
  settings.options = command.options;
  settings.seed = std::stoull(command.seed);
  settings.quick = command.quick;
  CheckReport report{file.string(), {}, {}};
  CheckRecord load;
  load.id = kLoad;
  load.status = "passed";
  load.seed = settings.seed;
  std::optional<testing::Library> library;
  try {
    library.emplace(file);
  } catch (const Error& error) {
    load.status = "failed";
    load.text = error.what();
  }
  if (is_wanted(load, command.only)) report.checks.push_back(load);
  if (!library) return report;
  const std::vector<testing::PlannedCheck> plan = testing::plan(*library);
  const bool sound = plan.back().plugin != nullptr;
  if (sound) testing::need_known_options(*library, command.options);
  for (const testing::PlannedCheck& planned : plan) {
    const CheckRecord record = planned_record(planned);
    report.planned.push_back(record);
    if (!is_wanted(record, command.only)) continue;
    report.checks.push_back(record_of(testing::check_one(*library, planned, settings)));
  }
  return report;
}

// ---- in processes -----------------------------------------------------------------------------

class Checks {
 public:
  Checks(const CheckCommand& command, const fs::path& file)
      : command_(command), file_(file), total_end_(Clock::now() + kQuickTotal) {}

  CheckReport run() {
    CheckRecord load;
    load.id = kLoad;
    report_.file = file_.string();
    begin(load);
    while (!running_.empty()) wait();
    if (finished_.at(kLoad).status == "passed") run_planned();
    std::vector<CheckRecord> all = {load};
    all.insert(all.end(), report_.planned.begin(), report_.planned.end());
    for (const CheckRecord& each : all) {
      const auto found = finished_.find(label(each));
      const bool shown = is_wanted(each, command_.only) ||
                         (found != finished_.end() && found->second.status == "failed");
      if (found != finished_.end() && shown) report_.checks.push_back(found->second);
    }
    return std::move(report_);
  }

 private:
  struct Running {
    CheckRecord record;
    std::unique_ptr<CheckChild> child;
  };

  void run_planned() {
    const std::size_t side_by_side = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
    std::vector<CheckRecord> waiting = wanted();
    if (command_.quick) {  // some libraries take long to load
      begin({kFile, "", "", "", "", 0, 0});
      while (!running_.empty()) wait();
      std::erase_if(waiting, [](const CheckRecord& each) { return each.plugin.empty(); });
    }
    while (!waiting.empty() || !running_.empty()) {
      for (auto each = waiting.begin(); each != waiting.end() && running_.size() < side_by_side;) {
        each = try_begin(*each) ? waiting.erase(each) : each + 1;
      }
      if (!running_.empty()) wait();
    }
  }

  // The checks that are wanted, and those that they need.
  std::vector<CheckRecord> wanted() const {
    std::vector<CheckRecord> out;
    const std::vector<CheckRecord>& all = report_.planned;
    for (auto each = all.rbegin(); each != all.rend(); ++each) {  // a check comes after its need
      const bool needed = std::any_of(out.begin(), out.end(), [&](const CheckRecord& other) {
        return other.needs == each->id && (each->plugin.empty() || each->plugin == other.plugin);
      });
      if (needed || is_wanted(*each, command_.only)) out.push_back(*each);
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  // False if a check that this one needs has no result yet.
  bool try_begin(CheckRecord record) {
    const std::string& needed = record.needs;
    if (!needed.empty()) {
      CheckRecord other = record;
      other.id = needed;
      auto found = finished_.find(label(other));
      if (found == finished_.end()) found = finished_.find(needed);
      if (found == finished_.end()) return false;
      if (found->second.status != "passed") {
        return skip(record,
                    found->second.status == "failed" ? needed + " failed" : found->second.text),
               true;
      }
    }
    if (command_.quick && Clock::now() >= total_end_) {
      return skip(record, "no time was left in --quick"), true;
    }
    begin(record);
    return true;
  }

  void skip(CheckRecord& record, const std::string& why) {
    record.status = "skipped";
    record.text = why;
    finished_[label(record)] = record;
  }

  static bool is_making(const CheckRecord& record) {
    return record.id == kLoad || record.id == "object.create";
  }

  void begin(const CheckRecord& record) {
    std::vector<std::string> words = {"check",          file_.string(), "--in-process", "--only",
                                      label(record),    "--seed",       command_.seed,  "--options",
                                      command_.options, "--json"};
    if (command_.quick) words.emplace_back("--quick");
    const milliseconds usual = is_making(record) ? kMakeLimit : kFullLimit;
    const Clock::time_point now = Clock::now();
    const Clock::time_point end =
        command_.quick ? std::min(now + kQuickLimit, total_end_) : now + usual;
    running_.push_back({record, std::make_unique<CheckChild>(words, end)});
  }

  // Waits until a process has something to say or is late, and takes the results of those that
  // have ended.
  void wait() {
    std::vector<pollfd> files;
    for (const Running& each : running_) {
      for (const int file : each.child->files()) files.push_back({file, POLLIN, 0});
    }
    ::poll(files.data(), files.size(), 10);
    for (auto each = running_.begin(); each != running_.end();) {
      if (!each->child->poll()) {
        ++each;
        continue;
      }
      take(*each);
      each = running_.erase(each);
    }
  }

  void take(Running& ended) {
    CheckRecord& record = ended.record;
    record.seed = std::stoull(command_.seed);
    record.seconds = ended.child->seconds();
    const std::string ending = ended.child->ending();
    // Slow work is no fault in a short time; an object that cannot be made in it is one.
    const bool may_be_slow = command_.quick && !is_making(record);
    if (ended.child->was_late()) {
      const std::string seconds = std::to_string(std::lround(record.seconds));
      record.status = may_be_slow ? "skipped" : "failed";
      record.text = may_be_slow ? "it takes longer than --quick gives"
                                : "not done after " + seconds + " s; its process was killed";
    } else if (!ending.empty()) {
      if (ending.find("exit code 2") != std::string::npos) {
        const std::string said = "dodona: ";  // by its complain()
        throw Error(DODONA_E_INVALID, ending.substr(ending.find(said) + said.size()));
      }
      record.status = "failed";
      record.text = ending;
    } else {
      const CheckReport result = parse_report(ended.child->output());
      if (record.id == kLoad) report_.planned = result.planned;
      for (const CheckRecord& each : result.checks) finished_[label(each)] = each;
      return;
    }
    if (record.id == kFile) return blame_library(record);
    finished_[label(record)] = record;
  }

  // The process of all checks of the library gave no results: each has its end.
  void blame_library(const CheckRecord& ended) {
    for (CheckRecord each : report_.planned) {
      if (!each.plugin.empty()) continue;
      each.status = ended.status;
      each.text = ended.text;
      finished_[label(each)] = each;
    }
  }

  const CheckCommand& command_;
  fs::path file_;
  Clock::time_point total_end_;
  CheckReport report_;
  std::vector<Running> running_;
  std::map<std::string, CheckRecord> finished_;  // by label
};

// A study file: all that is wrong or odd in it, a line each.
int check_study(const CheckCommand& command, const fs::path& file) {
  const std::vector<StudyFinding> findings =
      check_study_file(file.string(), command.sets, plugin_sources(command.directories));
  std::string text;
  bool wrong = false;
  for (const StudyFinding& each : findings) {
    text += std::string(each.wrong ? "wrong: " : "odd: ") + one_line(each.text) + "\n";
    wrong = wrong || each.wrong;
  }
  if (findings.empty()) text = file.string() + ": nothing is wrong\n";
  print(command.json ? to_json(findings) + "\n" : text);
  return wrong ? kUsage : kDone;
}

int check(const CheckCommand& command) {
  if (const std::string mistake = whole_number(command.seed); !mistake.empty()) {
    throw Error(DODONA_E_INVALID, "--seed: " + mistake);
  }
  const fs::path found = find_file(command);
  if (!is_library(found)) return check_study(command, found);
  const fs::path file = fs::absolute(found);
  const CheckReport report =
      command.in_process ? check_here(command, file) : Checks(command, file).run();
  if (report.checks.empty()) {
    throw Error(DODONA_E_INVALID, "no check of this library is named \"" + command.only + "\"");
  }
  if (!command.junit.empty()) {
    std::ofstream out(command.junit);
    out << report_junit(report);
    if (!out.flush()) throw Error(DODONA_E_IO, "cannot write " + command.junit);
  }
  print(command.json ? report_json(report) + "\n" : report_text(report));
  return report.count("failed") == 0 ? kDone : kNoResult;
}

}  // namespace

void add_check(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<CheckCommand>();
  CLI::App* app = program.add_subcommand(
      "check", "Check that a plugin keeps the contract, or a study file before a search");
  add_positional(*app, "FILE", given->file, "The plugin's library, or a study file");
  add_sets(*app, given->sets);
  const auto text = [&](const char* name, std::string& value, const char* type, const char* help) {
    app->add_option(name, value, help)->type_name(type)->option_text(type);
  };
  text("--options", given->options, "JSON", "Options of the plugin, as a study file gives them");
  add_plugin_path(*app, given->directories);
  text("--only", given->only, "ID", "Run one check, ID or ID@PLUGIN, or those of a group");
  text("--seed", given->seed, "S", "The seed of the checks' random numbers (default: 1)");
  app->add_flag("--in-process", given->in_process,
                "Run the checks in this process, for a debugger");
  app->add_flag("--quick", given->quick, "Take at most 10 s: fewer rounds of each check");
  app->add_flag("--json", given->json, "One JSON document instead of text");
  app->add_option("--junit", given->junit, "Write the results to FILE as JUnit's XML, too")
      ->type_name("FILE")
      ->option_text("FILE");
  app->footer(R"(Examples:
  dodona check build/lib/dodona/plugins/mine.so
  dodona check mine.so --options '{"data": "/srv/data"}' --quick
  dodona check fashion.json          all that is wrong or odd in it; nothing runs
  dodona check mine.so --only oracle.fold --seed 7 --in-process)");
  commands.push_back({app, [given] { return check(*given); }});
}

}  // namespace dodona::host
