// SPDX-License-Identifier: Apache-2.0
//
// Hypermodels that each break one rule. A name is the id of the check that finds it.
#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

// A hypermodel that keeps the contract: what is broken here begins with it.
struct Sound {
  struct Model {
    double x = 0;
    double loss = 1;
    std::uint64_t step = 0;
  };

  void declare(dodona::HyperParameters& hp) { ask(hp); }
  Model build(dodona::HyperParameters& hp) { return {ask(hp)}; }
  void fit(Model& model, dodona::Trial& trial) {
    while (model.step < trial.budget()) {
      train(model, trial);
      trial.report(model.step, {{"loss", model.loss}});
    }
  }

  static double ask(dodona::HyperParameters& hp) {
    double x = hp.real("x", {.min = 0, .max = 1});
    hp.boolean("deep");
    if (auto deep = hp.when("deep", true)) x += hp.real("depth", {.min = 0, .max = 1});
    return x;
  }
  static void train(Model& model, const dodona::Trial& trial) {
    ++model.step;
    if (model.step == 1) model.loss += static_cast<double>(trial.seed() % 97);
    model.loss = model.loss * 0.5 + model.x;
  }
};

struct Declares : Sound {
  void declare(dodona::HyperParameters& hp) {
    ask(hp);
    if (++calls_ % 2 == 0) hp.real("y", {.min = 0, .max = 1});
  }
  int calls_ = 0;
};

struct ReportsTwice : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    train(model, trial);
    trial.report(1, {{"loss", model.loss}});
    trial.report(1, {{"loss", model.loss}});
  }
};

// Each object has a noise of its own.
struct Unseeded : Sound {
  Unseeded() : noise_(++objects) {}
  void fit(Model& model, dodona::Trial& trial) {
    model.loss += noise_;
    Sound::fit(model, trial);
  }
  static inline int objects = 0;
  double noise_;
};

struct Deaf : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    while (model.step < trial.budget()) {
      train(model, trial);
      try {
        trial.report(model.step, {{"loss", model.loss}});
      } catch (const dodona::Cancelled&) {
        if (model.step == trial.budget()) throw;
      }
    }
  }
};

struct Forgets : Sound {
  void save(Model& model, std::string_view directory) {
    std::ofstream(std::string(directory) + "/state") << model.step << ' ' << model.x;
  }
  void load(Model& model, std::string_view directory) {
    std::ifstream(std::string(directory) + "/state") >> model.step >> model.x;
  }
};

// Trials add to one number.
struct Shares : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    ++running_;
    while (model.step < trial.budget()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
      train(model, trial);
      model.loss += running_ - 1;
      try {
        trial.report(model.step, {{"loss", model.loss}});
      } catch (...) {
        --running_;
        throw;
      }
    }
    --running_;
  }
  std::atomic<int> running_{0};
};

struct Ignores : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    while (model.step < trial.budget()) {
      train(model, trial);
      try {
        trial.report(model.step, {{"loss", model.loss}});
      } catch (const dodona::Error&) {
      }
    }
  }
};

// Asks its last trial once more when it is destroyed itself.
struct LateModel : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    last_.emplace(trial);
    Sound::fit(model, trial);
  }
  ~LateModel() {
    if (last_) static_cast<void>(last_->cancelled());
  }
  std::optional<dodona::Trial> last_;
};

struct Untold : Sound {
  void fit(Model& model, dodona::Trial& trial) {
    while (model.step < trial.budget()) {
      train(model, trial);
      trial.report(model.step, {{"loss", model.loss}, {"accuracy", 1 / model.loss}});
    }
  }
  static std::vector<dodona::ReportedMetric> metrics() { return {{"loss", dodona::Better::kLess}}; }
};

template <class T>
auto bad(const char* id) {
  return dodona::hypermodel<T>({.id = id, .name = id + 12, .description = "breaks a rule"});
}

}  // namespace

DODONA_PLUGIN(bad<Declares>("org.example.model.declare"),
              bad<ReportsTwice>("org.example.model.trials"),
              bad<Unseeded>("org.example.model.seed"), bad<Deaf>("org.example.model.cancel"),
              bad<Forgets>("org.example.model.save"), bad<Shares>("org.example.model.threads"),
              bad<Ignores>("org.example.model.errors"), bad<LateModel>("org.example.model.late"),
              bad<Untold>("org.example.model.metrics"))
