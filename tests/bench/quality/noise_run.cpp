// SPDX-License-Identifier: Apache-2.0
//
// The true values that are recommended under noise: of the best observation, of the best expectation
// of the oracle's model (best(robust)), and of the best of those that were run again (confirm).
//
//   noise_run [ORACLE [TRIALS [SEEDS [CONFIRM]]]]      bayesian, 100 trials, 20 seeds, 3 runs more
//
// The problems are the smooth ones of problems.hpp with a Gaussian noise of a tenth of the spread of
// random values, and noisy Hartmann 6. Each line has the mean regret of each rule in units of that
// noise, and how many seeds are better and worse than the best observation.
#include "bench/quality/problems.hpp"

#include <dodona/tuner.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using dodona::Point;
using dodona::Purpose;
using dodona::RandomStream;
using dodona::bench::Problem;

// The deviation of the values of 2,000 random points.
double spread(const Problem& problem) {
  RandomStream random(1, 0, Purpose::kProposal);
  double sum = 0;
  double squares = 0;
  constexpr int count = 2000;
  for (int i = 0; i < count; ++i) {
    Point point(problem.space.size());
    for (std::size_t k = 0; k < problem.space.size(); ++k) {
      point.set(k, from_unit(problem.space.params()[k], random.uniform()));
    }
    const double value = problem.truth(point);
    sum += value / count;
    squares += value * value / count;
  }
  return std::sqrt(squares - sum * sum);
}

Point point_of(const Problem& problem, const dodona::Values& values) {
  Point point(problem.space.size());
  for (std::size_t k = 0; k < problem.space.size(); ++k) {
    point.set(k, dodona::Cell::real(values.real(problem.space.params()[k].name)));
  }
  return point;
}

struct Regrets {
  double observed = 0;
  double robust = 0;
  double confirmed = 0;
};

// Two searches of one seed: their first trials are the same.
Regrets search(const Problem& problem, double noise, const std::string& oracle, std::uint64_t seed,
               std::uint64_t trials, std::uint64_t confirm) {
  Regrets out;
  for (const std::uint64_t more : {std::uint64_t{0}, confirm}) {
    dodona::TunerOptions options;
    options.study.oracle = oracle;
    options.study.objective = {"value", dodona::Direction::kMin};
    options.study.max_trials = trials;
    options.study.seed = seed;
    options.study.store = "memory";
    options.study.confirm = more;
    dodona::Tuner tuner(options);
    std::uint64_t runs = 0;
    tuner.search([&](dodona::HyperParameters& hp) {
      Point point(problem.space.size());
      for (std::size_t k = 0; k < problem.space.size(); ++k) {
        const dodona::Param& param = problem.space.params()[k];
        const double x = hp.real(param.name, {.min = param.low.real(), .max = param.high.real()});
        point.set(k, dodona::Cell::real(x));
      }
      RandomStream random(seed, runs++, Purpose::kTrialSeed);
      const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
      const double angle = 6.283185307179586 * random.uniform();
      return problem.truth(point) + noise * radius * std::cos(angle);
    });
    const auto regret = [&](const std::vector<dodona::Result>& best) {
      return (problem.truth(point_of(problem, best.front().values)) - problem.minimum) / noise;
    };
    if (more == 0) {
      out.observed = regret(tuner.best(1));
      out.robust = regret(tuner.best(dodona::robust, 1));
    } else {
      out.confirmed = regret(tuner.best(1));
    }
  }
  return out;
}

void compare(const Problem& problem, double noise, const std::string& oracle, std::uint64_t trials,
             std::uint64_t seeds, std::uint64_t confirm) {
  Regrets mean;
  int better[2] = {};
  int worse[2] = {};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Regrets one = search(problem, noise, oracle, seed, trials, confirm);
    const double share = 1.0 / static_cast<double>(seeds);
    mean.observed += share * one.observed;
    mean.robust += share * one.robust;
    mean.confirmed += share * one.confirmed;
    const double others[] = {one.robust, one.confirmed};
    for (int i = 0; i < 2; ++i) {
      better[i] += others[i] < one.observed ? 1 : 0;
      worse[i] += others[i] > one.observed ? 1 : 0;
    }
  }
  std::printf(
      "%-22s observed %7.3f   robust %7.3f (better %d, worse %d)   confirmed %7.3f (%d, %d)\n",
      problem.name.c_str(), mean.observed, mean.robust, better[0], worse[0], mean.confirmed,
      better[1], worse[1]);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const std::string oracle = count > 1 ? words[1] : "bayesian";
  const auto number = [&](int at, std::uint64_t otherwise) {
    return count > at ? std::strtoull(words[at], nullptr, 10) : otherwise;
  };
  for (const Problem& problem : dodona::bench::problems(1)) {
    if (problem.group != "smooth" && problem.group != "noisy") continue;
    const double noise = problem.group == "noisy" ? 0.3 : 0.1 * spread(problem);
    compare(problem, noise, oracle, number(2, 100), number(3, 20), number(4, 3));
  }
}
