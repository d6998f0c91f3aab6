// SPDX-License-Identifier: Apache-2.0
//
// What a trial of `command` costs over the program that it runs: the whole cycle of a study on disk
// against a bare posix_spawn of the same program, one after the other.
//
//   command_run TRIALS RESIDENT_MIB
//
// Prints one line of JSON: medians of `bare_ms` and `trial_ms`, of their differences and ratios.
// RESIDENT_MIB are touched first, as the cost of a fork grows with them.
#include <dodona/tuner.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kScript = "echo '{\"loss\": 1}'";

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double bare() {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  std::string words[] = {"/bin/sh", "-c", kScript};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const auto start = Clock::now();
  pid_t pid = -1;
  if (posix_spawn(&pid, arguments[0], &actions, nullptr, arguments, environ) != 0) {
    throw std::runtime_error("cannot start /bin/sh");
  }
  waitpid(pid, nullptr, 0);
  const double time = milliseconds(Clock::now() - start);
  posix_spawn_file_actions_destroy(&actions);
  return time;
}

void run(std::uint64_t trials, std::size_t resident_mib) {
  std::vector<char> resident(resident_mib << 20);
  for (std::size_t i = 0; i < resident.size(); i += 4096) resident[i] = 1;

  dodona::TunerOptions options;
  options.study.objective = {"loss", dodona::Direction::kMin};
  options.study.project_name = "command_run";
  options.overwrite = true;
  options.study.max_trials = trials;
  options.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])";
  options.study.hypermodel =
      dodona::PluginUse{"command", R"({"command": ["/bin/sh", "-c", "echo '{{\"loss\": 1}}'"]})"};
  std::vector<double> alone;
  std::vector<double> whole;
  std::vector<double> more;
  std::vector<double> ratios;
  Clock::time_point begin{};
  options.on_progress = [&](const dodona::Progress& progress) {
    if (progress.kind != dodona::Progress::Kind::kFinished) return;
    if (begin != Clock::time_point()) {  // the first one opens files for all
      whole.push_back(milliseconds(Clock::now() - begin));
      alone.push_back(bare());
      more.push_back(whole.back() - alone.back());
      ratios.push_back(whole.back() / alone.back());
    }
    begin = Clock::now();
  };
  const dodona::Summary summary = dodona::Tuner(options).search();
  if (summary.completed != trials) throw std::runtime_error(summary.message);
  std::printf(
      "{\"resident_mib\": %zu, \"trials\": %zu, \"bare_ms\": %.3f, \"trial_ms\": %.3f, "
      "\"overhead_ms\": %.3f, \"ratio\": %.2f}\n",
      resident_mib, whole.size(), median(alone), median(whole), median(more), median(ratios));
  std::filesystem::remove_all("command_run");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) {
      std::fputs("usage: command_run TRIALS RESIDENT_MIB\n", stderr);
      return 2;
    }
    run(std::max(2ULL, std::strtoull(argv[1], nullptr, 10)), std::strtoul(argv[2], nullptr, 10));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "command_run: %s\n", error.what());
    return 1;
  }
}
