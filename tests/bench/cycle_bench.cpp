// SPDX-License-Identifier: Apache-2.0
//
// The whole cycle through the facade: propose, run, report once, finish, with the oracle `random`.
//
// One iteration is one search, its construction included; items_per_second are trials a second.
#include "bench/cycle.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

namespace dodona::bench {
namespace {

constexpr std::int64_t kMemoryTrials = 100'000;
constexpr std::int64_t kSqliteTrials = 2'000;

void search(benchmark::State& state, const std::string& store, std::int64_t trials) {
  const std::string directory = "bench_cycle.tmp";  // on the disk of the working directory
  const auto parallel = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    TunerOptions options =
        cycle_options(store, static_cast<std::uint64_t>(trials), parallel, directory);
    const Summary summary = Tuner(std::move(options)).search(objective);
    if (summary.completed != static_cast<std::uint64_t>(trials)) {
      state.SkipWithError("the search did not complete");
    }
    state.PauseTiming();
    std::filesystem::remove_all(directory);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * trials);
}

void cycle_in_memory(benchmark::State& state) {
  search(state, "memory", kMemoryTrials);
}
BENCHMARK(cycle_in_memory)
    ->ArgName("parallel")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void cycle_on_sqlite(benchmark::State& state) {
  search(state, "sqlite", kSqliteTrials);
}
BENCHMARK(cycle_on_sqlite)
    ->ArgName("parallel")
    ->Arg(1)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dodona::bench
