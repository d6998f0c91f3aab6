// SPDX-License-Identifier: Apache-2.0
//
// Drives a hypermodel as built through its C table, with a fake kernel; and what must hold for
// every network. The target of the test defines DODONA_PLUGINS.
#pragma once

#include "support/built_plugin.hpp"
#include "support/idx_files.hpp"

#include <dodona/error.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dodona::support {

using testing::FakeHost;
using testing::FakeHp;
using testing::FakeOptions;
using testing::FakeTrial;
using testing::Values;

// Calls a slot with a fresh error buffer: its status, and its text.
struct Answer {
  dodona_status status;
  std::string text;
};
template <class Slot>
Answer ask(Slot&& slot) {
  ErrorBuffer error;
  const dodona_status status = slot(error.get());
  return {status, status == DODONA_OK ? "" : error.text()};
}

// One instance of a hypermodel.
class NetworkPlugin {
 public:
  NetworkPlugin(const std::string& name, const Values& options)
      : descriptor(plugin(name)),
        table(*static_cast<const dodona_hypermodel_vtable*>(descriptor.vtable)) {
    const FakeOptions given(descriptor, options);
    created = ask([&](dodona_error* e) {
      return table.create(host.get(), host.study(), given.get(), &self, e);
    });
  }
  ~NetworkPlugin() {
    if (self != nullptr) table.destroy(self);
  }
  NetworkPlugin(const NetworkPlugin&) = delete;
  NetworkPlugin& operator=(const NetworkPlugin&) = delete;

  // The names asked for in a discovery that `hp` answers.
  std::vector<std::string> names_asked(FakeHp& hp) const {
    const Answer answer = ask([&](dodona_error* e) { return table.declare(self, hp.get(), e); });
    EXPECT_EQ(answer.status, DODONA_OK) << answer.text;
    EXPECT_EQ(hp.open_scopes(), 0U);
    std::vector<std::string> names;
    for (const Param& param : hp.asked()) names.push_back(param.name);
    return names;
  }

  const dodona_descriptor& descriptor;
  const dodona_hypermodel_vtable& table;
  FakeHost host;
  Answer created{};
  void* self = nullptr;
};

// One model of a plugin, built for a trial.
class NetworkUnderTest {
 public:
  NetworkUnderTest(const NetworkPlugin& plugin, FakeTrial& trial) : plugin_(plugin), trial_(trial) {
    const Answer built = ask([&](dodona_error* e) {
      return plugin_.table.build(plugin_.self, trial_.hp.get(), trial_.get(), &model_, e);
    });
    if (built.status != DODONA_OK) throw Error(built.status, built.text);
  }
  ~NetworkUnderTest() { plugin_.table.release(plugin_.self, model_); }
  NetworkUnderTest(const NetworkUnderTest&) = delete;
  NetworkUnderTest& operator=(const NetworkUnderTest&) = delete;

  Answer fit() {
    return ask(
        [&](dodona_error* e) { return plugin_.table.fit(plugin_.self, model_, trial_.get(), e); });
  }
  Answer save(std::string_view directory) {
    return ask([&](dodona_error* e) {
      return plugin_.table.save(plugin_.self, model_, to_abi(directory), e);
    });
  }
  Answer load(std::string_view directory) {
    return ask([&](dodona_error* e) {
      return plugin_.table.load(plugin_.self, model_, to_abi(directory), e);
    });
  }

 private:
  const NetworkPlugin& plugin_;
  FakeTrial& trial_;
  void* model_ = nullptr;
};

// The names, and after them those of the constants that each network asks for at last.
inline std::vector<std::string> with_step_constants(std::vector<std::string> names) {
  for (const char* name : {"warmup_epochs", "plateau_epochs", "plateau_factor", "weight_decay",
                           "clip_norm", "clip_value"})
    names.emplace_back(name);
  return names;
}

using Reports = std::vector<FakeTrial::Report>;

// The highest value of a metric in all reports. Tests of learning go by it, as the last epoch alone
// may be a bad one. Their bounds hold for every seed from 1 to 10 under each kernel of OpenBLAS
// (OPENBLAS_CORETYPE Prescott, Haswell, Zen and SkylakeX); the worst of the 40 runs stands beside
// the bound. A network whose optimizer does nothing (a learning rate of 1e-30) stays at or below
// 0.30 where chance is 0.25; what it gets of a table is the number after `idle`.
inline double highest(const Reports& reports, const std::string& metric) {
  double out = 0;
  for (const auto& report : reports) out = std::max(out, report.metrics.at(metric));
  return out;
}

// Reports of a fresh trial of `epochs` epochs on one thread.
inline Reports run_trial(const NetworkPlugin& plugin, const Values& values, std::uint64_t seed,
                         std::uint64_t epochs) {
  FakeTrial trial(values);
  trial.raw.seed = seed;
  trial.raw.budget = epochs;
  const Answer answer = NetworkUnderTest(plugin, trial).fit();
  EXPECT_EQ(answer.status, DODONA_OK) << answer.text;
  return trial.reports;
}

// Threads that a trial which may use so many adds to the process while it runs.
inline std::size_t threads_added(const NetworkPlugin& plugin, const Values& values,
                                 std::uint32_t allowed) {
  const auto count = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
  };
  FakeTrial trial(values);
  trial.raw.budget = 1;
  trial.raw.threads = allowed;
  std::size_t before = 0, after = 0;
  std::thread([&] {
    before = count();
    EXPECT_EQ(NetworkUnderTest(plugin, trial).fit().text, "");
    after = count();
  }).join();
  return after - before;
}

// Trials on threads of their own report what each of them reports alone, bit for bit.
inline void expect_same_bits_side_by_side(const NetworkPlugin& plugin, const Values& one,
                                          const Values& two, std::uint64_t epochs, int rounds = 1) {
  const Reports one_alone = run_trial(plugin, one, 7, epochs);
  const Reports two_alone = run_trial(plugin, two, 8, epochs);
  EXPECT_NE(one_alone, two_alone);
  for (int round = 0; round < rounds; ++round) {
    Reports one_beside;
    Reports two_beside;
    std::thread first([&] { one_beside = run_trial(plugin, one, 7, epochs); });
    std::thread second([&] { two_beside = run_trial(plugin, two, 8, epochs); });
    first.join();
    second.join();
    EXPECT_EQ(one_beside, one_alone);
    EXPECT_EQ(two_beside, two_alone);
  }
}

// A trial that goes on from the checkpoint of another after `done` epochs reports what that one
// reports from there, bit for bit.
inline void expect_same_bits_from_checkpoint(const NetworkPlugin& plugin, const Values& values,
                                             std::uint64_t done, std::uint64_t epochs) {
  const TemporaryDirectory checkpoint;
  FakeTrial whole(values);
  whole.raw.seed = 5;
  whole.raw.budget = epochs;
  NetworkUnderTest model(plugin, whole);
  Answer saved{DODONA_E_FAILED, "never called"};
  whole.on_report = [&](std::uint64_t step) {
    if (step == done) saved = model.save(checkpoint.path().string());
  };
  ASSERT_EQ(model.fit().text, "");
  ASSERT_EQ(saved.text, "");

  FakeTrial rest(values);
  rest.raw.seed = 99;  // all that comes after is in the checkpoint
  rest.raw.start_step = done;
  rest.raw.budget = epochs;
  NetworkUnderTest again(plugin, rest);
  ASSERT_EQ(again.load(checkpoint.path().string()).text, "");
  ASSERT_EQ(again.fit().text, "");
  ASSERT_EQ(whole.reports.size(), epochs);
  EXPECT_EQ(rest.reports, Reports(whole.reports.begin() + static_cast<std::ptrdiff_t>(done),
                                  whole.reports.end()));
}

// The error of building a network, or nothing.
inline Answer build_error(const NetworkPlugin& plugin, const Values& values) {
  FakeTrial trial(values);
  try {
    const NetworkUnderTest model(plugin, trial);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {DODONA_OK, ""};
}

}  // namespace dodona::support
