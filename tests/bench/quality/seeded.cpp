// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/seeded.hpp"

#include "bench/quality/shapes.hpp"
#include "support/params.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace dodona::bench {

namespace {

using support::boolean;
using support::choice;
using support::integer;
using support::real;
using support::text;

// More than any trial that does not fail scores.
constexpr double kFailed = 100;

double square(double x) {
  return x * x;
}

Param log_scale(Param param) {
  param.sampling = Sampling::kLog;
  return param;
}

// The value without noise is the result. A trial with more than kFailed fails.
Problem exact(std::string name, std::string group, Space space,
              std::function<double(const Point&)> truth) {
  Problem out{std::move(name), std::move(group), std::move(space), 0, {}, truth};
  out.value = [truth = std::move(truth)](const Point& point, RandomStream&) {
    const double value = truth(point);
    return value < kFailed ? value : std::numeric_limits<double>::quiet_NaN();
  };
  return out;
}

Problem of_shape(const Shape& shape, std::size_t d) {
  const std::string dims = std::to_string(d);
  Problem out;
  out.name = shape.name + dims;
  out.group = dims + " dimensions";
  out.trials = d < 10 ? 100 : 150;
  for (std::size_t i = 0; i < d; ++i) out.space.add(real("x" + std::to_string(i), -5, 5));
  out.truth = [d, function = shape.function](const Point& point) {
    std::vector<double> x(d);
    for (std::size_t i = 0; i < d; ++i) x[i] = point[i].real();
    return function(x);
  };
  out.value = [truth = out.truth](const Point& point, RandomStream&) { return truth(point); };
  return out;
}

// The place in its range that a hyperparameter is best at, away from the ends.
double place(RandomStream& random) {
  return 0.15 + 0.7 * random.uniform();
}

// The distance of the value from that place, in units of the range.
double off(const Space& space, const Point& point, std::size_t i, double best) {
  return to_unit(space.params()[i], point[i]) - best;
}

Problem network(RandomStream random) {
  const std::vector<Value> sgd{text("sgd")}, deep{std::int64_t{2}, std::int64_t{3}};
  Space space;
  space.add(log_scale(real("lr", 1e-5, 1)));
  space.add(log_scale(integer("batch", 16, 512)));
  space.add(choice("optimizer", {text("sgd"), text("adam"), text("rmsprop")}));
  space.add(real("momentum", 0, 1, {{"optimizer", sgd}}));
  space.add(boolean("nesterov", {{"optimizer", sgd}}));
  space.add(choice("activation", {text("relu"), text("tanh"), text("gelu"), text("elu")}));
  space.add(integer("layers", 1, 3));
  space.add(integer("units0", 8, 256));
  space.add(integer("units1", 8, 256, {{"layers", deep}}));
  space.add(integer("units2", 8, 256, {{"layers", {std::int64_t{3}}}}));
  space.add(real("dropout", 0, 0.8));
  std::array<double, 11> best{};
  for (double& each : best) each = place(random);
  const std::uint64_t optimizer = random.below(3), activation = random.below(4);
  const auto layers = static_cast<std::int64_t>(1 + random.below(3));
  const double tilt = 2 * random.uniform() - 1;
  return exact("network", "tuning", space, [=](const Point& point) {
    const auto at = [&](std::size_t i) { return off(space, point, i, best[i]); };
    const auto which = static_cast<std::uint64_t>(point[2].whole());
    // Each optimizer has its own learning rate, which goes with the size of the batch.
    const double rate = at(0) + 0.15 * (which == optimizer ? 0.0 : 1.0) - 0.4 * tilt * at(1);
    double loss = 6 * square(rate) + 0.5 * square(at(1)) + (which == optimizer ? 0 : 0.25);
    if (which == 0) loss += square(at(3)) + (point[4].whole() != 0 ? 0 : 0.05);
    loss += static_cast<std::uint64_t>(point[5].whole()) == activation ? 0 : 0.1;
    const std::int64_t depth = point[6].whole();
    loss += 0.15 * std::abs(static_cast<double>(depth - layers));
    double size = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(depth); ++k) {
      size += at(7 + k);
      loss += 0.4 * square(at(7 + k)) / static_cast<double>(depth);
    }
    return loss + square(at(10) - 0.3 * size);
  });
}

Problem boosting(RandomStream random) {
  Space space;
  space.add(log_scale(real("rate", 1e-3, 1)));
  space.add(log_scale(integer("trees", 10, 2000)));
  space.add(integer("depth", 2, 12));
  space.add(real("subsample", 0.3, 1));
  space.add(real("columns", 0.3, 1));
  space.add(log_scale(integer("child", 1, 100)));
  space.add(log_scale(real("lambda", 1e-3, 100)));
  std::array<double, 7> best{};
  for (double& each : best) each = place(random);
  return exact("boosting", "tuning", space, [=](const Point& point) {
    const auto at = [&](std::size_t i) { return off(space, point, i, best[i]); };
    // Few trees at a high rate do what many do at a low one.
    const double learnt = at(0) + at(1);
    const double complexity = at(2) - 0.5 * at(5) - 0.3 * at(6);
    return 4 * square(learnt) + 0.3 * square(at(1)) + 2 * square(complexity) + 0.4 * square(at(2)) +
           0.3 * square(at(5)) + 0.2 * square(at(6)) + 0.5 * square(at(3)) + 0.5 * square(at(4)) +
           std::abs(learnt * complexity);
  });
}

Problem kernel(RandomStream random) {
  Space space;
  space.add(log_scale(real("cost", 1e-4, 1e4)));
  space.add(choice("kernel", {text("linear"), text("rbf"), text("poly")}));
  space.add(log_scale(real("gamma", 1e-6, 1e2, {{"kernel", {text("rbf"), text("poly")}}})));
  space.add(integer("degree", 2, 6, {{"kernel", {text("poly")}}}));
  space.add(boolean("scale"));
  std::array<double, 4> best{};
  for (double& each : best) each = place(random);
  const std::uint64_t better = 1 + random.below(2);
  return exact("kernel", "tuning", space, [=](const Point& point) {
    const auto at = [&](std::size_t i) { return off(space, point, i, best[i]); };
    const auto which = static_cast<std::uint64_t>(point[1].whole());
    double loss = point[4].whole() != 0 ? 0 : 0.05;
    if (which == 0) return loss + 0.2 + 0.3 * square(at(0));
    // A valley along cost times gamma; elsewhere all points are predicted alike.
    double away = 20 * square(at(0) + at(2)) + 3 * square(at(2));
    if (which == 2) away += 2 * square(at(3));
    loss += which == better ? 0 : 0.08;
    return loss + std::min(0.5, away);
  });
}

Problem memory(RandomStream random) {
  Space space;
  space.add(log_scale(integer("batch", 8, 1024)));
  space.add(log_scale(integer("width", 16, 2048)));
  space.add(integer("depth", 1, 24));
  space.add(log_scale(real("lr", 1e-5, 1)));
  space.add(real("decay", 0, 1));
  std::array<double, 5> best{};
  for (double& each : best) each = place(random);
  const double room = best[0] + best[1] + best[2] + 0.1 + 0.2 * random.uniform();
  return exact("memory", "tuning", space, [=](const Point& point) {
    const auto at = [&](std::size_t i) { return off(space, point, i, best[i]); };
    double used = 0;
    for (std::size_t i = 0; i < 3; ++i) used += to_unit(space.params()[i], point[i]);
    if (used > room) return 2 * kFailed;
    const double size = at(1) + at(2);
    return 2 * square(at(3) - 0.3 * at(0)) + square(size) + 0.5 * square(at(1) - at(2)) +
           0.5 * square(at(0)) + 0.5 * square(at(4));
  });
}

}  // namespace

std::vector<Problem> seeded_problems(std::uint64_t seed) {
  const auto random = [&](std::uint64_t number) {
    return RandomStream(seed, number, Purpose::kProposal, 79);
  };
  std::vector<Problem> out{network(random(1)), boosting(random(2)), kernel(random(3)),
                           memory(random(4))};
  const auto add = [&](std::size_t d, const std::vector<std::string>& names) {
    for (const Shape& shape : shapes(d, seed)) {
      if (std::find(names.begin(), names.end(), shape.name) == names.end()) continue;
      out.push_back(of_shape(shape, d));
    }
  };
  add(5, {"bueche_rastrigin", "sector", "stairs", "turned_rosenbrock", "turned_ellipsoid", "discus",
          "ridge", "powers", "turned_rastrigin", "schaffer", "peaks101", "lunacek"});
  add(10, {"sector", "turned_rosenbrock", "turned_ellipsoid", "powers", "turned_rastrigin",
           "peaks101"});
  return out;
}

}  // namespace dodona::bench
