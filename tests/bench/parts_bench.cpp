// SPDX-License-Identifier: Apache-2.0
//
// What the parts of a cycle cost, one by one, for a space of 10 floats: where a rate comes from.
#include "base/clock.hpp"
#include "bench/cycle.hpp"
#include "document/document.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/host_bridge.hpp"
#include "plugin/hp_bridge.hpp"
#include "plugin/library.hpp"
#include "plugin/oracle.hpp"
#include "schedule/journal.hpp"
#include "space/session.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"
#include "study/codec.hpp"
#include "tuner/open_study.hpp"
#include "tuner/services.hpp"

#include <dodona/hyperparameters.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace dodona::bench {
namespace {

constexpr std::uint32_t kParams = 10;
constexpr std::size_t kEventsPerTrial = 4;

std::string name_of(std::uint32_t param) {
  return "x" + std::to_string(param);
}

std::vector<Param> params() {
  std::vector<Param> list;
  for (std::uint32_t i = 0; i < kParams; ++i) {
    Param param;
    param.type = ParamType::kFloat;
    param.name = name_of(i);
    param.low = param.initial = Cell::real(0);
    param.high = Cell::real(1);
    list.push_back(std::move(param));
  }
  return list;
}

std::vector<Assignment> assignments(std::uint64_t trial) {
  std::vector<Assignment> list;
  for (std::uint32_t i = 0; i < kParams; ++i) {
    list.push_back({i, Cell::real(static_cast<double>(trial % 1000 * (i + 1)) / 10000.0)});
  }
  return list;
}

// The four bodies of a trial: proposed, started, reported, finished.
study::Body body(std::size_t which, std::uint64_t trial) {
  const std::vector<study::MetricValue> metrics{{0, 0.5}};
  switch (which) {
    case 0: {
      study::Proposed proposed;
      proposed.assignments = assignments(trial);
      proposed.seen = trial * kEventsPerTrial;
      return proposed;
    }
    case 1:
      return study::Started{};
    case 2: {
      study::Reported reported;
      reported.step = 1;
      reported.metrics = metrics;
      reported.objectives = 0.5;
      return reported;
    }
    default: {
      study::Finished finished;
      finished.assignments = assignments(trial);
      finished.metrics = metrics;
      finished.objectives = 0.5;
      finished.best_step = 1;
      return finished;
    }
  }
}

std::vector<study::Event> events_of_a_trial() {
  std::vector<study::Event> events;
  for (std::size_t i = 0; i < kEventsPerTrial; ++i) {
    study::Event& event = events.emplace_back();
    event.trial = 0;
    event.body = body(i, 0);
  }
  return events;
}

// Items of all that follows are trials.

void codec_encode(benchmark::State& state) {
  const auto events = events_of_a_trial();
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    for (const study::Event& event : events) study::encode(event, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(codec_encode);

void codec_decode(benchmark::State& state) {
  std::string bytes;
  for (const study::Event& event : events_of_a_trial()) study::encode(event, bytes);
  for (auto _ : state) {
    std::string_view rest = bytes;
    while (!rest.empty()) benchmark::DoNotOptimize(study::decode(rest));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(codec_decode);

void state_apply(benchmark::State& state) {
  auto events = events_of_a_trial();
  study::State folded;
  for (auto _ : state) {
    for (study::Event& event : events) {
      event.sequence = folded.events();
      folded.apply(event);
      if (&event == &events.back()) {
        for (study::Event& next : events) ++next.trial;
      }
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(state_apply);

void append_trials(benchmark::State& state, study::Store& store, bool durable) {
  auto events = events_of_a_trial();
  store.names().intern("loss");
  for (auto _ : state) {
    for (study::Event& event : events) store.append(event);
    if (durable) store.wait_durable(store.size());
  }
  state.SetItemsProcessed(state.iterations());
}

void store_append_memory(benchmark::State& state) {
  append_trials(state, *store::memory_store(), false);
}
BENCHMARK(store_append_memory);

void store_append_sqlite(benchmark::State& state) {
  const std::string directory = "bench_parts.tmp";
  std::filesystem::remove_all(directory);
  append_trials(state, *store::open_sqlite_store(directory, store::Access::kOwn),
                state.range(0) != 0);
  std::filesystem::remove_all(directory);
}
BENCHMARK(store_append_sqlite)->ArgName("durable")->Arg(0)->Arg(1)->UseRealTime();

void journal_append(benchmark::State& state) {
  const auto store = store::memory_store();
  study::State folded;
  const base::SystemClock clock;
  schedule::Journal journal(*store, folded, clock);
  journal.append(study::kNoTrial, study::SpaceGrown{0, params()});
  schedule::Journal::Tap tap;
  journal.open(tap);
  std::vector<study::Event> taken;
  for (auto _ : state) {
    const std::uint64_t trial = folded.trials().size();
    for (std::size_t i = 0; i < kEventsPerTrial; ++i) journal.append(trial, body(i, trial));
    journal.take(tap, taken);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(journal_append);

// The copy of all trials of a study, in slices or, in one piece, as it once was. `longest_wait` has
// the milliseconds that a worker waited at most to get at the study meanwhile.
void copy_trials(benchmark::State& state) {
  const bool in_slices = state.range(1) != 0;
  tuner::OpenStudy study(cycle_options("memory", 0, 1, "."));
  study.journal.append(study::kNoTrial, study::SpaceGrown{0, params()});
  const auto trials = static_cast<std::uint64_t>(state.range(0));
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    for (std::size_t i = 0; i < kEventsPerTrial; ++i) study.journal.append(trial, body(i, trial));
  }
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> done = false;
  Clock::duration longest{0};
  std::thread worker([&] {
    while (!done) {
      const auto start = Clock::now();
      study.journal.with_state([](const study::State&) {});
      longest = std::max(longest, Clock::now() - start);
      std::this_thread::yield();
    }
  });
  for (auto _ : state) {
    const auto results =
        in_slices ? study.trials()
                  : study.viewed([](const auto& view, const auto&) { return view.trials(); });
    benchmark::DoNotOptimize(results.data());
  }
  done = true;
  worker.join();
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["longest_wait"] = std::chrono::duration<double, std::milli>(longest).count();
}
BENCHMARK(copy_trials)
    ->ArgNames({"trials", "in_slices"})
    ->Args({100'000, 0})
    ->Args({100'000, 1})
    ->UseRealTime();

// A session of a trial, and its questions through the C table.
void hp_ask(benchmark::State& state) {
  space::SearchSpace space;
  std::vector<space::Definition> definitions;
  for (Param& param : params()) definitions.push_back({param, param});
  space.add(definitions, [](const space::Growth&) {});
  const auto values = assignments(1);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < kParams; ++i) names.push_back(name_of(i));
  for (auto _ : state) {
    space::Session session(
        space, values,
        [](std::uint32_t, const Param& param, const space::Session::Fits&) {
          return param.initial;
        },
        [](const space::Growth&) {});
    plugin::HpBridge bridge(session);
    HyperParameters hp(bridge.get());
    for (const std::string& name : names) {
      benchmark::DoNotOptimize(hp.real(name, {.min = 0, .max = 1}));
    }
    benchmark::DoNotOptimize(session.used());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hp_ask);

// The oracle `random` through its table: observes a trial's events, proposes the next.
void oracle_random(benchmark::State& state) {
  const plugin::Catalogue catalogue = document::catalogue_of({});
  tuner::KernelServices services(nullptr);
  study::Names names;
  names.intern("loss");
  const plugin::StudyInfo info{.names = names, .seed = 1};
  const auto oracle = plugin::make_oracle(catalogue.find(DODONA_ROLE_ORACLE, "random"), info,
                                          boost::json::object(), services);
  Space space;
  for (Param& param : params()) space.add(std::move(param));
  oracle->set_space(space);
  auto events = events_of_a_trial();
  std::uint64_t trial = 0;
  for (auto _ : state) {
    oracle->propose(trial, [&](study::Proposed&& proposed) {
      std::get<study::Finished>(events.back().body).assignments = proposed.assignments;
      events.front().body = std::move(proposed);
    });
    for (study::Event& event : events) event.trial = trial;
    oracle->observe(events);
    ++trial;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(oracle_random);

// A slot of a plugin's table through the C++ layer in its library: no events are told.
void call_of_a_plugin(benchmark::State& state) {
  const plugin::Catalogue catalogue = document::catalogue_of({});
  tuner::KernelServices services(nullptr);
  const plugin::HostBridge host(services, "bench");
  const auto& table = *static_cast<const dodona_oracle_vtable*>(
      plugin::load(catalogue.find(DODONA_ROLE_ORACLE, "random"), services).vtable);
  dodona_study study{};
  study.struct_size = sizeof study;
  dodona_options options{};
  options.struct_size = sizeof options;
  void* self = nullptr;
  if (table.create(host.get(), &study, &options, &self, nullptr) != DODONA_OK) {
    return state.SkipWithError("create");
  }
  for (auto _ : state) benchmark::DoNotOptimize(table.observe(self, nullptr, 0, nullptr));
  state.SetItemsProcessed(state.iterations());
  table.destroy(self);
}
BENCHMARK(call_of_a_plugin);

// A service of the host through its table.
void call_of_the_host(benchmark::State& state) {
  tuner::KernelServices services(nullptr);
  const plugin::HostBridge bridge(services, "bench");
  const dodona_host* host = bridge.get();
  for (auto _ : state) benchmark::DoNotOptimize(host->cancelled(host));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(call_of_the_host);

}  // namespace
}  // namespace dodona::bench
