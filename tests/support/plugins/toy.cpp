// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel that takes as long as it is told and fails where it is told: what tests of the whole
// program tune. Its loss is (x - 0.3)^2 and a term that falls with each step.
#include <dodona/plugin.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

class Toy {
 public:
  explicit Toy(const dodona::HyperModelContext& context) {
    const dodona::Options& options = context.options;
    steps_ = static_cast<std::uint64_t>(options.get<std::int64_t>("steps"));
    seconds_ = std::chrono::duration<double>(options.get<double>("seconds"));
    deaf_ = options.get<bool>("deaf");
    gate_ = options.get<std::string>("gate");
    gate_from_ = static_cast<std::uint64_t>(options.get<std::int64_t>("gate_from"));
    for (std::uint64_t i = 0; i < options.size("fail"); ++i) {
      fail_.push_back(options.get<std::int64_t>("fail[" + std::to_string(i) + "]"));
    }
  }

  void declare(dodona::HyperParameters& hp) { ask(hp); }

  void run(dodona::Trial& trial) {
    dodona::HyperParameters hp = trial.hp();
    const double distance = ask(hp);
    for (std::uint64_t step = 1; step <= steps_; ++step) {
      wait(trial, step);
      const double loss = distance + 1.0 / static_cast<double>(step);
      trial.report(step, {{"loss", loss}});
      if (step == 1) fail(trial.id());
    }
  }

 private:
  static double ask(dodona::HyperParameters& hp) {
    const double x = hp.real("x", {.min = 0, .max = 1});
    hp.integer("units", {.min = 32, .max = 512, .step = 32});
    hp.boolean("bias");
    hp.choice("optimizer", {"adam", "sgd"});
    if (auto sgd = hp.when("optimizer", "sgd")) hp.real("momentum", {.max = 0.9});
    return (x - 0.3) * (x - 0.3);
  }

  // For a step's time, and in the last one until the gate is there.
  void wait(const dodona::Trial& trial, std::uint64_t step) const {
    constexpr std::chrono::milliseconds kPoll(2);
    const bool gated = !gate_.empty() && step == steps_ && trial.id() >= gate_from_;
    const auto end = std::chrono::steady_clock::now() + seconds_;
    while (deaf_ || !trial.cancelled()) {
      const bool open = !gated || std::filesystem::exists(gate_);
      if (open && std::chrono::steady_clock::now() >= end) return;
      std::this_thread::sleep_for(kPoll);
    }
  }

  void fail(std::uint64_t trial) const {
    for (const std::int64_t id : fail_) {
      if (id < 0 || static_cast<std::uint64_t>(id) == trial) {
        throw std::runtime_error("the toy broke in trial " + std::to_string(trial));
      }
    }
  }

  std::uint64_t steps_ = 0;
  std::chrono::duration<double> seconds_{};
  bool deaf_ = false;
  std::string gate_;
  std::uint64_t gate_from_ = 0;
  std::vector<std::int64_t> fail_;
};

}  // namespace

DODONA_PLUGIN(dodona::hypermodel<Toy>(
    {.id = "org.example.toy", .name = "toy", .description = "a toy that waits and breaks"},
    dodona::option("steps", 2, "steps of a trial", {.low = 1, .high = 1000000}),
    dodona::option("seconds", 0.0, "how long a step takes", {.low = 0}),
    dodona::option("gate", "", "a file; a trial's last step waits until it exists"),
    dodona::option("gate_from", 0, "the first trial that waits for the gate", {.low = 0}),
    dodona::option("deaf", false, "go on when told to stop"),
    dodona::json_option("fail", DODONA_LIST, "[]", "trials that fail; a negative one: all")))
