// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/problems.hpp"

#include "support/params.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>

namespace dodona::bench {

namespace {

using support::boolean;
using support::choice;
using support::integer;
using support::real;
using support::text;
using Vector = std::vector<double>;
using Function = std::function<double(const Vector&)>;

constexpr double kPi = std::numbers::pi;

double square(double x) {
  return x * x;
}

double branin(const Vector& x) {
  const double inner = x[1] - 5.1 / (4 * kPi * kPi) * square(x[0]) + 5 / kPi * x[0] - 6;
  return square(inner) + 10 * (1 - 1 / (8 * kPi)) * std::cos(x[0]) + 10;
}

double hartmann3(const Vector& x) {
  static constexpr double kA[4][3] = {{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}};
  static constexpr double kP[4][3] = {{0.3689, 0.1170, 0.2673},
                                      {0.4699, 0.4387, 0.7470},
                                      {0.1091, 0.8732, 0.5547},
                                      {0.0381, 0.5743, 0.8828}};
  static constexpr double kWeight[4] = {1, 1.2, 3, 3.2};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double inner = 0;
    for (std::size_t j = 0; j < 3; ++j) inner += kA[i][j] * square(x[j] - kP[i][j]);
    sum -= kWeight[i] * std::exp(-inner);
  }
  return sum;
}

double hartmann6(const Vector& x) {
  static constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                      {0.05, 10, 17, 0.1, 8, 14},
                                      {3, 3.5, 1.7, 10, 17, 8},
                                      {17, 8, 0.05, 10, 0.1, 14}};
  static constexpr double kP[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                                      {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                                      {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                                      {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  static constexpr double kWeight[4] = {1, 1.2, 3, 3.2};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double inner = 0;
    for (std::size_t j = 0; j < 6; ++j) inner += kA[i][j] * square(x[j] - kP[i][j]);
    sum -= kWeight[i] * std::exp(-inner);
  }
  return sum;
}

double ackley(const Vector& x) {
  const auto d = static_cast<double>(x.size());
  double squares = 0, cosines = 0;
  for (const double v : x) squares += v * v, cosines += std::cos(2 * kPi * v);
  return 20 + std::numbers::e - 20 * std::exp(-0.2 * std::sqrt(squares / d)) -
         std::exp(cosines / d);
}

double levy(const Vector& x) {
  const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
  const double last = w(x.size() - 1);
  double sum =
      square(std::sin(kPi * w(0))) + square(last - 1) * (1 + square(std::sin(2 * kPi * last)));
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    sum += square(w(i) - 1) * (1 + 10 * square(std::sin(kPi * w(i) + 1)));
  }
  return sum;
}

double rosenbrock(const Vector& x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    sum += 100 * square(x[i + 1] - square(x[i])) + square(1 - x[i]);
  }
  return sum;
}

// Of BBOB, function 19, without its rotation: its minimum is at x = 0.5 for each.
double griewank_rosenbrock(const Vector& x) {
  const auto d = static_cast<double>(x.size());
  const double factor = std::max(1.0, std::sqrt(d) / 8);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = factor * x[i] + 0.5, b = factor * x[i + 1] + 0.5;
    const double s = 100 * square(a * a - b) + square(a - 1);
    sum += s / 4000 - std::cos(s);
  }
  return 10 / (d - 1) * sum + 10;
}

double rastrigin(const Vector& x) {
  double sum = 0;
  for (const double v : x) sum += square(v - 1.3) - 10 * std::cos(2 * kPi * (v - 1.3)) + 10;
  return sum;
}

// Condition number 10^6 along axes turned by Householder's reflection of (1, 2, ..., d).
double rotated_quadratic(const Vector& x) {
  const auto d = static_cast<double>(x.size());
  double norm = 0, along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto n = static_cast<double>(i + 1);
    norm += n * n;
    along += n * (x[i] - 1.7);
  }
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double turned = x[i] - 1.7 - 2 * static_cast<double>(i + 1) * along / norm;
    sum += std::pow(1e6, static_cast<double>(i) / (d - 1)) * square(turned);
  }
  return sum;
}

double steps(const Vector& x) {
  double sum = 0;
  for (const double v : x) sum += std::abs(std::floor(v) - 2);
  return sum;
}

// Of 200 variables five matter, by Hartmann 6 with its last at the best place.
double few_of_many(const Vector& x) {
  return hartmann6({x[11], x[47], x[90], x[133], x[176], 0.6573});
}

double number_at(const Space& space, const Point& point, std::size_t i) {
  const Param& param = space.params()[i];
  return param.type == ParamType::kFloat ? point[i].real() : static_cast<double>(point[i].whole());
}

// Noise is Gaussian with the given deviation.
Problem problem(std::string name, std::string group, Space space, double minimum,
                std::function<double(const Point&)> truth, double noise = 0) {
  Problem out{std::move(name), std::move(group), std::move(space), minimum, {}, truth};
  out.value = [truth = std::move(truth), noise](const Point& point, RandomStream& random) {
    const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    return truth(point) + noise * radius * std::cos(2 * kPi * random.uniform());
  };
  return out;
}

Problem continuous(std::string name, std::string group, std::size_t d, double low, double high,
                   double minimum, Function function, double noise = 0) {
  Space space;
  for (std::size_t i = 0; i < d; ++i) space.add(real("x" + std::to_string(i), low, high));
  const auto truth = [d, function = std::move(function)](const Point& point) {
    Vector x(d);
    for (std::size_t i = 0; i < d; ++i) x[i] = point[i].real();
    return function(x);
  };
  return problem(std::move(name), std::move(group), space, minimum, truth, noise);
}

// The same function with its minimum elsewhere in [low, high]^d, in each dimension at another
// place: some peers look at the centre of the space first, where many functions have theirs.
Function moved(Function function, double low, double high) {
  return [=, function = std::move(function)](Vector x) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double golden = 0.6180339887498949 * static_cast<double>(i + 1);
      x[i] -= 0.6 * (high - low) * (golden - std::floor(golden) - 0.5);
    }
    return function(x);
  };
}

Problem branin_problem() {
  Space space;
  space.add(real("x0", -5, 10));
  space.add(real("x1", 0, 15));
  return problem("branin", "smooth", space, 0.39788735772973816, [](const Point& point) {
    return branin({point[0].real(), point[1].real()});
  });
}

// Hides which value of a category is best: each seed lists the values in another order. Otherwise a
// peer that begins in the centre has the right ones from the start, where they stand in the middle
// of their list.
class Orders {
 public:
  explicit Orders(std::uint64_t seed) : random_(seed, 0, Purpose::kProposal, 80) {}

  // A permutation of 0 .. count - 1.
  std::vector<std::size_t> next(std::size_t count) {
    std::vector<std::size_t> out(count);
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = i;
      std::swap(out[i], out[random_.below(i + 1)]);
    }
    return out;
  }

 private:
  RandomStream random_;
};

std::size_t place_in(const std::vector<std::size_t>& order, const Cell& cell) {
  return order[static_cast<std::size_t>(cell.whole())];
}

// Two numbers, two categories that shift and scale them, an integer and a flag.
Problem mixed_problem(std::uint64_t seed) {
  Space space;
  space.add(real("x0", -5, 5));
  space.add(real("x1", -5, 5));
  space.add(choice("kind", {text("a"), text("b"), text("c"), text("d"), text("e")}));
  space.add(choice("shift", {text("p"), text("q"), text("r"), text("s")}));
  space.add(integer("k", 1, 20));
  space.add(boolean("flag"));
  Orders orders(seed);
  const auto kinds = orders.next(5), shifts = orders.next(4), flags = orders.next(2);
  return problem("mixed", "mixed", space, 0, [=](const Point& point) {
    static constexpr double kOffset[5] = {3, 1, 0, 2, 5};
    static constexpr double kShift[4] = {-3, 2, 0.5, -1};
    const std::size_t kind = place_in(kinds, point[2]);
    const std::size_t shift = place_in(shifts, point[3]);
    const double centre = kShift[shift];
    const bool best = shift == 1;
    const double x = point[0].real() - centre, y = point[1].real() + centre / 2;
    const double k = static_cast<double>(point[4].whole());
    return kOffset[kind] + (kind == 2 ? 0.5 : 1.0) * (x * x + y * y) + square(k - 13) / 20 +
           (best ? 0 : 1.5) + (place_in(flags, point[5]) != 0 ? 0 : 0.7);
  });
}

// An optimiser with parameters of its own under each choice, as in training a network.
Problem conditional_problem(std::uint64_t seed) {
  Orders orders(seed);
  const std::vector<Value> names{text("sgd"), text("adam"), text("lbfgs")};
  const auto optimizers = orders.next(3), flags = orders.next(2);
  Space space;
  space.add(real("lr", -5, 0));
  space.add(
      choice("optimizer", {names[optimizers[0]], names[optimizers[1]], names[optimizers[2]]}));
  space.add(real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}));
  space.add(real("beta", 0, 1, {{"optimizer", {text("adam")}}}));
  space.add(boolean("amsgrad", {{"optimizer", {text("adam")}}}));
  space.add(integer("memory", 1, 30, {{"optimizer", {text("lbfgs")}}}));
  space.add(integer("layers", 1, 3));
  space.add(integer("units0", 1, 64));
  space.add(integer("units1", 1, 64, {{"layers", {std::int64_t{2}, std::int64_t{3}}}}));
  space.add(integer("units2", 1, 64, {{"layers", {std::int64_t{3}}}}));
  return problem("conditional", "mixed", space, 0, [=](const Point& point) {
    const double lr = point[0].real();
    const std::size_t optimizer = place_in(optimizers, point[1]);
    double loss = 0;
    if (optimizer == 0) {
      loss = 0.4 + square(lr + 1.5) + 3 * square(point[2].real() - 0.9) +
             0.5 * std::abs(lr + 1.5) * point[2].real();
    } else if (optimizer == 1) {
      loss = square(lr + 3) / 2 + 4 * square(point[3].real() - 0.8) +
             (place_in(flags, point[4]) != 0 ? 0 : 0.2);
    } else {
      loss = 0.8 + square(lr + 1) + square(number_at(space, point, 5) - 10) / 200;
    }
    const auto layers = static_cast<std::size_t>(point[6].whole());
    loss += layers == 2 ? 0 : 0.5;
    for (std::size_t k = 0; k < layers; ++k) {
      loss += square((number_at(space, point, 7 + k) - 20 - 15 * static_cast<double>(k)) / 32);
    }
    return loss;
  });
}

}  // namespace

std::vector<Problem> problems(std::uint64_t seed) {
  return {
      branin_problem(),
      continuous("hartmann3", "smooth", 3, 0, 1, -3.862779787332663, hartmann3),
      continuous("hartmann6", "smooth", 6, 0, 1, -3.322368011415515, hartmann6),
      continuous("ackley5", "multimodal", 5, -32.768, 32.768, 0, moved(ackley, -32.768, 32.768)),
      continuous("levy10", "multimodal", 10, -10, 10, 0, moved(levy, -10, 10)),
      continuous("rosenbrock8", "smooth", 8, -5, 10, 0, rosenbrock),
      continuous("griewank_rosenbrock5", "multimodal", 5, -5, 5, 0,
                 moved(griewank_rosenbrock, -5, 5)),
      continuous("rotated_quadratic10", "smooth", 10, -5, 5, 0, rotated_quadratic),
      continuous("rastrigin5", "multimodal", 5, -5.12, 5.12, 0, rastrigin),
      continuous("steps6", "multimodal", 6, -10, 10, 0, steps),
      continuous("noisy_hartmann6", "noisy", 6, 0, 1, -3.322368011415515, hartmann6, 0.3),
      mixed_problem(seed),
      conditional_problem(seed),
      continuous("few_of_200", "high-dimensional", 200, 0, 1, -3.322368011415515, few_of_many)};
}

}  // namespace dodona::bench
