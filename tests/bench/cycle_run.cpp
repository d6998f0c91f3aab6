// SPDX-License-Identifier: Apache-2.0
//
// One search of the cycle's trial in a process of its own, for what is measured from outside: peak
// memory, system calls, opening a study that is there.
//
//   cycle_run memory|sqlite TRIALS PARALLEL_TRIALS [DIRECTORY]
//
// Prints one line of JSON. `opened` are the trials that were there at the start; `open_seconds` is
// the construction of the Tuner, which folds their log; `search_seconds` the search, which begins
// by feeding the oracle with it; `trials_per_second` are new ones.
#include "bench/cycle.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A line of /proc/self/status, such as "VmHWM:  1234 kB".
double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != key) continue;
    double kib = 0;
    status >> kib;
    return kib / 1024;
  }
  return 0;
}

void run(int count, char** words) {
  const std::string store = words[0];
  const std::uint64_t trials = std::strtoull(words[1], nullptr, 10);
  const auto parallel = static_cast<std::uint32_t>(std::strtoul(words[2], nullptr, 10));
  dodona::TunerOptions options =
      dodona::bench::cycle_options(store, trials, parallel, count > 3 ? words[3] : ".");
  const auto start = Clock::now();
  dodona::Tuner tuner(std::move(options));
  const double open_seconds = seconds_since(start);
  const double open_mib = status_mib("VmRSS:");
  const auto search_start = Clock::now();
  std::atomic<std::uint64_t> ran = 0;
  const dodona::Summary summary = tuner.search([&](dodona::Trial& trial) {
    ran.fetch_add(1, std::memory_order_relaxed);
    return dodona::bench::objective(trial);
  });
  const double search_seconds = seconds_since(search_start);
  const std::uint64_t opened = summary.completed - ran;
  std::printf(
      "{\"store\": \"%s\", \"parallel_trials\": %u, \"opened\": %llu, \"trials\": %llu, "
      "\"open_seconds\": %.6f, \"search_seconds\": %.6f, \"trials_per_second\": %.1f, "
      "\"open_rss_mib\": %.1f, \"peak_rss_mib\": %.1f}\n",
      store.c_str(), parallel, static_cast<unsigned long long>(opened),
      static_cast<unsigned long long>(summary.completed), open_seconds, search_seconds,
      static_cast<double>(ran) / search_seconds, open_mib, status_mib("VmHWM:"));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4 && argc != 5) {
      std::fputs("usage: cycle_run memory|sqlite TRIALS PARALLEL_TRIALS [DIRECTORY]\n", stderr);
      return 2;
    }
    run(argc - 1, argv + 1);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cycle_run: %s\n", error.what());
    return 1;
  }
}
