// SPDX-License-Identifier: Apache-2.0
//
// A search that is made to be killed: it says on standard output what has been acknowledged, each
// line in one write, so that a reader has a line whole or not at all.
//
//   crash_child DIRECTORY MAX_TRIALS PARALLEL_TRIALS [SINK]
//     started 7 units=96 lr=0.01 ...     before the trial runs
//     trial 7 0.25                       once its end is in the log
//
//   crash_child --show PROJECT_DIRECTORY
//     {"trials": [...]}                  what anybody else reads in the log
#include <dodona/dodona.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace {

// A trial that lasts this long is likely to be running when the kill comes; the other ones keep the
// disk busy.
constexpr std::uint64_t kSlowEvery = 8;
constexpr std::chrono::milliseconds kSlow{60};

void say(const std::string& line) {
  const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    throw std::system_error(errno, std::generic_category(), "write");
  }
}

void say(const dodona::Progress& progress) {
  std::string line;
  if (progress.kind == dodona::Progress::Kind::kStarted) {
    line = "started " + std::to_string(progress.trial);
    for (const auto& [name, value] : progress.result->values.entries()) {
      line += " " + name + "=" + dodona::to_text(value);
    }
  } else if (progress.kind == dodona::Progress::Kind::kFinished) {
    char score[32];
    std::snprintf(score, sizeof score, "%.17g", progress.result->score.value());
    line = "trial " + std::to_string(progress.trial) + " " + score;
  } else {
    return;
  }
  say(line + "\n");
}

double objective(dodona::Trial& trial) {
  dodona::HyperParameters hp = trial.hp();
  const auto units = hp.integer("units", {.min = 32, .max = 512, .step = 32});
  const double lr = hp.real("lr", {.min = 1e-5, .max = 1e-1, .sampling = dodona::Sampling::kLog});
  const std::string optimizer = hp.choice("optimizer", {"adam", "sgd"});
  double loss = lr * static_cast<double>(units) + (hp.boolean("bias") ? 0.0 : 1.0);
  if (auto sgd = hp.when("optimizer", "sgd")) {
    loss -= hp.real("momentum", {.min = 0, .max = 0.99});
  }
  trial.report(1, {{"loss", loss + 1}});
  if (trial.id() % kSlowEvery == kSlowEvery - 1) std::this_thread::sleep_for(kSlow);
  trial.report(2, {{"loss", loss}, {"accuracy", 1 / (2 + loss)}});
  return loss;
}

void search(int count, char** words) {
  dodona::TunerOptions options;
  options.study.oracle = {"random"};
  options.study.objective = {"loss", dodona::Direction::kMin};
  options.study.directory = words[0];
  options.study.project_name = "study";
  options.study.max_trials = std::strtoull(words[1], nullptr, 10);
  options.study.parallel_trials = static_cast<std::uint32_t>(std::strtoul(words[2], nullptr, 10));
  if (count > 3) options.study.sinks = {{words[3]}};
  options.on_progress = [](const dodona::Progress& progress) { say(progress); };
  dodona::Tuner(std::move(options)).search(objective);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 && std::string_view(argv[1]) == "--show") {
      std::puts(dodona::to_json(dodona::open(argv[2]).trials()).c_str());
    } else if (argc == 4 || argc == 5) {
      search(argc - 1, argv + 1);
    } else {
      std::fputs("usage: crash_child DIRECTORY MAX_TRIALS PARALLEL_TRIALS [SINK]\n", stderr);
      return 2;
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crash_child: %s\n", error.what());
    return 1;
  }
}
