// SPDX-License-Identifier: Apache-2.0
//
// An application with an oracle and a sink of its own: values that it has measured before come
// first, and each trial's end is counted.
#include <dodona/dodona.hpp>

#include <cstddef>
#include <cstdio>
#include <utility>
#include <vector>

// Proposes known points, then none.
class Known {
 public:
  explicit Known(std::vector<double> points) : points_(std::move(points)) {}
  void set_space(const dodona::Space& space) { size_ = space.size(); }
  void observe(const dodona_event&) {}
  void propose(std::uint64_t trial, dodona::Proposals& out) {
    if (trial >= points_.size()) return out.exhausted();
    dodona::Point point(size_);
    point.set(0, dodona::Cell::real(points_[trial]));
    out.push(point);
  }

 private:
  std::vector<double> points_;
  std::size_t size_ = 0;
};

struct Counter {
  void consume(const dodona_event& event) {
    if (event.type == DODONA_EVENT_FINISHED) ++ended;
  }
  void flush() {}
  int ended = 0;
};

int main() {
  const std::vector<double> points = {-0.5, 0.25, 0.75};
  Counter counter;
  dodona::TunerOptions options;
  options.plugins.objects = {
      dodona::oracle_maker("known", [&](const dodona::StudyContext&) { return Known(points); }),
      dodona::sink_object("counter", counter)};
  options.study.oracle = "known";
  options.study.sinks = {"counter"};
  options.study.space = R"([{"name": "x", "type": "float", "min_value": -1, "max_value": 1}])";
  options.study.store = "memory";
  dodona::Tuner tuner(options);
  tuner.search([](dodona::HyperParameters& hp) {
    const double x = hp.get<double>("x");
    return x * x;
  });
  std::printf("best x %.3f of %d trials\n", tuner.best_hyperparameters().real("x"), counter.ended);
}
