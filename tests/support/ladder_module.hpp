// SPDX-License-Identifier: Apache-2.0
//
// A module of the application whose plugins do something that a test can foresee: an oracle that
// climbs a ladder, a hypermodel, and a sink that keeps what it hears.
#pragma once

#include <dodona/plugin.hpp>
#include <dodona/tuner.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::support {

// Trial t has t / 10 of every hyperparameter's range. Trials end at step `stop_at`, 0: never.
class LadderOracle {
 public:
  explicit LadderOracle(const StudyContext& context)
      : stop_at_(static_cast<std::uint64_t>(context.options.get<std::int64_t>("stop_at"))) {}
  void set_space(const Space& space) { space_ = space; }
  void observe(const dodona_event&) {}
  void propose(std::uint64_t trial, Proposals& out) {
    Point point(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!space_.is_active(i, point)) continue;
      point.set(i, from_unit(space_.params()[i], static_cast<double>(trial % 10) / 10.0));
    }
    out.push(point);
  }
  dodona_verdict judge(const dodona_event& report) {
    const auto* body = body_of<dodona_reported_event>(report);
    return stop_at_ != 0 && body->step >= stop_at_ ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
  }

 private:
  std::uint64_t stop_at_;
  Space space_;
};

// (x - target)^2, as a plugin.
class ParabolaModel {
 public:
  explicit ParabolaModel(const StudyContext& context)
      : target_(context.options.get<double>("target")) {}
  double run(HyperParameters& hp) {
    const double x = hp.real("x", {.min = 0, .max = 1});
    return (x - target_) * (x - target_);
  }

 private:
  double target_;
};

// Sequence numbers that the sink heard since heard().clear(), of the searches of one test alone.
inline std::vector<std::uint64_t>& heard() {
  static std::vector<std::uint64_t> sequences;
  return sequences;
}

struct KeepSink {
  explicit KeepSink(const StudyContext& context) : fails(context.options.get<bool>("fails")) {}
  void consume(const dodona_event& event) {
    if (fails) throw Error(DODONA_E_IO, "the pipe is blocked");
    heard().push_back(event.sequence);
  }
  void flush() {}
  bool fails;
};

inline const dodona_module* ladder_module() {
  static const Module module(
      oracle<LadderOracle>(
          {.id = "org.example.ladder", .name = "ladder", .description = "climbs"},
          option("stop_at", 0, "the step at which trials end; 0: never", {.low = 0})),
      hypermodel<ParabolaModel>(
          {.id = "org.example.parabola", .name = "parabola", .description = "a parabola"},
          option("target", 0.5, "where it is lowest")),
      sink<KeepSink>({.id = "org.example.keep", .name = "keep", .description = "keeps"},
                     option("fails", false, "at once")));
  return module.get();
}

// Options of a study in memory with the ladder, that sees no other plugins.
inline TunerOptions ladder_options() {
  TunerOptions options;
  options.study.oracle = {"ladder"};
  options.study.objective = {"loss", Direction::kMin};
  options.study.seed = 7;
  options.study.store = "memory";
  options.plugins.defaults = false;
  options.plugins.modules = {ladder_module()};
  return options;
}

}  // namespace dodona::support
