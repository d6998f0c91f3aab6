// SPDX-License-Identifier: Apache-2.0
//
// A process that forks while it has a tuner.
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona {
namespace {

using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory, std::uint64_t max_trials) {
  TunerOptions options = support::ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.project_name = "p";
  options.study.max_trials = max_trials;
  return options;
}

double parabola(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 0, .max = 1});
  return x * x;
}

// The wait status of a child that calls `function` and ends with what it answers. If it hangs, its
// alarm ends it.
int status_of_child(const std::function<int()>& function) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    std::exit(function());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool refuses(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() == kState &&
           std::string(error.what()).find("its forked child") != std::string::npos;
  }
  return false;
}

// It lives until exit(), as a global one does. A child once hung there.
std::unique_ptr<Tuner>& global_tuner() {
  static std::unique_ptr<Tuner> tuner;
  return tuner;
}

TEST(ForkedChild, EndsWithATunerThatItInherited) {
  const TemporaryDirectory directory;
  global_tuner() = std::make_unique<Tuner>(options_in(directory, 4));
  EXPECT_EQ(global_tuner()->search(parabola).completed, 4U);
  EXPECT_EQ(status_of_child([] { return 0; }), 0);
  EXPECT_EQ(status_of_child([] {
              global_tuner() = nullptr;
              return 0;
            }),
            0);
  global_tuner() = nullptr;
  EXPECT_EQ(Tuner(options_in(directory, 6)).search(parabola).completed, 6U);
}

// It once corrupted what the parent wrote.
TEST(ForkedChild, IsRefusedByATunerThatItInherited) {
  const TemporaryDirectory directory;
  Tuner tuner(options_in(directory, 6));
  AskedTrial trial = tuner.ask();
  EXPECT_EQ(status_of_child([&] {
              if (!refuses([&] { tuner.search(parabola); })) return 1;
              if (!refuses([&] { tuner.ask(); })) return 2;
              if (!refuses([&] { tuner.tell(trial, 1.0); })) return 3;
              if (!refuses([&] { tuner.trials(); })) return 4;
              if (!refuses([&] { tuner.enqueue(Values({{"x", 0.5}})); })) return 5;
              if (!refuses([&] { tuner.stop(); })) return 6;
              if (!refuses([&] { trial.report(1, {{"loss", 1}}); })) return 7;
              if (!refuses([&] { trial.real("x", {.min = 0, .max = 1}); })) return 8;
              return 0;
            }),
            0);
  trial.real("x", {.min = 0, .max = 1});
  tuner.tell(trial, 1.0);
  EXPECT_EQ(tuner.search(parabola).completed, 6U);
  EXPECT_EQ(open(tuner.directory()).trials().size(), 6U);
}

TEST(ForkedChild, OfATrialIsRefused) {
  const TemporaryDirectory directory;
  Tuner tuner(options_in(directory, 2));
  const Summary summary = tuner.search([&](Trial& trial) {
    HyperParameters hp = trial.hp();
    const double loss = parabola(hp);
    EXPECT_EQ(status_of_child([&] {
                const bool refused = refuses([&] { trial.report(1, {{"loss", 0.0}}); });
                ::_exit(refused ? 0 : 1);
                return 0;
              }),
              0);
    trial.report(1, {{"loss", loss}});
  });
  EXPECT_EQ(summary.completed, 2U);
}

}  // namespace
}  // namespace dodona
