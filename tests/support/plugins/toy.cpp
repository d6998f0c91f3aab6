// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel that takes as long as it is told and fails where it is told: what tests of the whole
// program tune. Its loss is (x - 0.3)^2 and a term that falls with each step.
//
// Where it is "deep" it has nested conditions, a hyperparameter that some trials alone meet, and a
// noise of its own in each step; all of it a function of the trial's values and seed.
#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

class Toy {
 public:
  explicit Toy(const dodona::StudyContext& context) {
    const dodona::Options& options = context.options;
    steps_ = static_cast<std::uint64_t>(options.get<std::int64_t>("steps"));
    seconds_ = std::chrono::duration<double>(options.get<double>("seconds"));
    deaf_ = options.get<bool>("deaf");
    gate_ = options.get<std::string>("gate");
    gate_from_ = static_cast<std::uint64_t>(options.get<std::int64_t>("gate_from"));
    deep_ = options.get<bool>("deep");
    luckless_ = options.get<double>("luckless");
    marks_ = options.get<std::string>("marks");
    tells_size_ = options.get<bool>("tells_size");
    require_ = options.get<std::string>("require");
    const auto data = options.get<std::string>("data");
    if (!data.empty() && !std::filesystem::exists(data)) {
      throw dodona::Error(DODONA_E_INVALID, "there is no file " + data);
    }
    for (std::uint64_t i = 0; i < options.size("fail"); ++i) {
      fail_.push_back(options.get<std::int64_t>("fail[" + std::to_string(i) + "]"));
    }
  }

  void declare(dodona::HyperParameters& hp) { ask(hp); }

  void run(dodona::Trial& trial) {
    dodona::HyperParameters hp = trial.hp();
    double distance = ask(hp);
    if (deep_ && trial.id() % 8 == 5) distance += hp.real("late", {.max = 0.5});
    dodona::RandomStream random(trial.seed(), trial.id(), dodona::Purpose::kFill);
    const bool breaks = random.uniform() < luckless_;
    const bool throws = random.below(2) == 0;
    for (std::uint64_t step = from(trial) + 1; step <= steps_; ++step) {
      die(trial, step - trial.start_step());
      wait(trial, step);
      const double loss = distance + 1.0 / static_cast<double>(step) + noise(trial, step);
      std::vector<dodona::Metric> metrics{{"loss", breaks ? kNothing : loss}};
      if (tells_size_) {
        metrics.push_back({"size", static_cast<double>(hp.get<std::int64_t>("units"))});
      }
      report(trial, step, metrics);
      if (step == trial.start_step() + 1) fail(trial.id());
      if (breaks && throws) throw std::runtime_error("out of luck in step " + std::to_string(step));
    }
  }

 private:
  // Only what is deep can be saved.
  void report(dodona::Trial& trial, std::uint64_t step,
              const std::vector<dodona::Metric>& metrics) const {
    if (!deep_) {
      trial.report(step, metrics);
      return;
    }
    trial.report(step, metrics, [&](std::string_view directory) {
      std::ofstream(std::string(directory) + "/step") << step;
    });
  }

  static constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

  double ask(dodona::HyperParameters& hp) const {
    const double x = hp.real("x", {.min = 0, .max = 1});
    hp.integer("units", {.min = 32, .max = 512, .step = 32});
    if (!require_.empty()) hp.require(require_);
    hp.boolean("bias");
    hp.choice("optimizer", {"adam", "sgd"});
    if (auto sgd = hp.when("optimizer", "sgd")) hp.real("momentum", {.max = 0.9});
    return (x - 0.3) * (x - 0.3) + (deep_ ? ask_deep(hp) : 0);
  }

  static double ask_deep(dodona::HyperParameters& hp) {
    double sum = 0;
    if (auto sgd = hp.when("optimizer", "sgd")) sum += hp.get<double>("momentum") / 4;
    if (auto adam = hp.when("optimizer", "adam")) {
      hp.choice("decay", {"none", "cosine", "steps"});
      if (auto some = hp.when("decay", {"cosine", "steps"})) {
        sum += static_cast<double>(hp.integer("warmup", {.min = 1, .max = 4})) / 16;
        if (auto steps = hp.when("decay", "steps")) {
          sum += hp.real("drop", {.min = 0.01, .max = 1, .sampling = dodona::Sampling::kLog});
        }
      }
    }
    return sum;
  }

  double noise(const dodona::Trial& trial, std::uint64_t step) const {
    const auto lane = static_cast<std::uint32_t>(step);
    dodona::RandomStream random(trial.seed(), trial.id(), dodona::Purpose::kFill, lane);
    return deep_ ? 0.3 * random.uniform() : 0;
  }

  // The step that another trial was saved at, which must be the one from which this one goes on.
  static std::uint64_t from(const dodona::Trial& trial) {
    if (trial.resume_directory().empty()) return trial.start_step();
    std::uint64_t step = 0;
    std::ifstream(std::string(trial.resume_directory()) + "/step") >> step;
    if (step != trial.start_step()) {
      throw std::runtime_error("it goes on from step " + std::to_string(trial.start_step()) +
                               " and was saved at " + std::to_string(step));
    }
    return step;
  }

  // Where the file "TRIAL-STEP" lies among the marks, it ends the process as that says, once alone.
  // The trial's own first step is 1. A trial that is to talk writes to standard output and lives;
  // a trial that is to die in a thread starts a thread and dies there.
  void die(const dodona::Trial& trial, std::uint64_t step) const {
    if (marks_.empty()) return;
    const std::string mark = marks_ + "/" + std::to_string(trial.id()) + "-" + std::to_string(step);
    std::string how;
    std::ifstream(mark) >> how;
    std::error_code error;
    if (how.empty() || !std::filesystem::remove(mark, error)) return;
    if (how == "talk") {
      std::puts("the toy talks");
      std::fflush(stdout);
      return;
    }
    if (how == "flood") flood();
    if (how == "chatter") {
      for (;;) flood();
    }
    if (how == "loop") loop();
    if (how == "allocate") allocate(100, std::chrono::milliseconds(0));
    if (how == "grow") allocate(4, std::chrono::milliseconds(40));
    if (how == "close") closefrom(0);
    if (how == "stop") static_cast<void>(std::raise(SIGSTOP));
    if (how == "_exit") _exit(0);
    if (how == "terminate") std::terminate();
    if (how == "leave_a_child" && fork() == 0) loop();
    if (how == "exit") std::exit(0);
    if (how == "quick_exit") std::quick_exit(0);
    if (how == "overflow") fill_the_stack(1);
    if (how == "thread") std::thread([] { std::raise(SIGSEGV); }).join();
    for (const auto& [name, number] :
         {std::pair("kill", SIGKILL), std::pair("interrupt", SIGINT), std::pair("SIGKILL", SIGKILL),
          std::pair("SIGSEGV", SIGSEGV), std::pair("SIGABRT", SIGABRT),
          std::pair("SIGFPE", SIGFPE)}) {
      if (how == name) static_cast<void>(std::raise(number));
    }
  }

  // A gigabyte of rubbish on standard output.
  static void flood() {
    const std::string line(std::size_t{1} << 20, '{');
    for (int i = 0; i < 1024; ++i) std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  }

  [[noreturn]] static void loop() {
    for (;;) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  // For ever, so many megabytes and then a pause.
  [[noreturn]] static void allocate(std::size_t megabytes, std::chrono::milliseconds pause) {
    std::vector<std::string> kept;
    for (;;) {
      kept.emplace_back(megabytes << 20, 'x');
      std::this_thread::sleep_for(pause);
    }
  }

  static int fill_the_stack(int depth) {
    volatile char frame[4096];
    frame[0] = static_cast<char>(depth);
    return depth > 0 ? fill_the_stack(depth + 1) + frame[0] : frame[0];
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
  bool deep_ = false;
  double luckless_ = 0;
  std::string marks_;
  bool tells_size_ = false;
  std::string require_;
  std::vector<std::int64_t> fail_;
};

}  // namespace

DODONA_PLUGIN(dodona::hypermodel<Toy>(
    {.id = "org.example.toy", .name = "toy", .description = "a toy that waits and breaks"},
    dodona::option("steps", 2, "steps of a trial", {.low = 1, .high = 1000000}),
    dodona::option("seconds", 0.0, "how long a step takes", {.low = 0}),
    dodona::option("gate", "", "a file; a trial's last step waits until it exists"),
    dodona::option("gate_from", 0, "the first trial that waits for the gate", {.low = 0}),
    dodona::option("deep", false, "nested conditions, a late hyperparameter, and noise"),
    dodona::option("luckless", 0.0, "the share of attempts that fail", {.low = 0, .high = 1}),
    dodona::option("marks", "", "a directory of files TRIAL-STEP that say how to die there, once"),
    dodona::option("tells_size", false, "report `units` as the metric size, too"),
    dodona::option("require", "", "a constraint that it requires"),
    dodona::option("data", "", "a file that must be there"),
    dodona::option("deaf", false, "go on when told to stop"),
    dodona::json_option("fail", DODONA_LIST, "[]", "trials that fail; a negative one: all")))
