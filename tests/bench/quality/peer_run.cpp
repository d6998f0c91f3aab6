// SPDX-License-Identifier: Apache-2.0
//
// A C++ peer on one problem, with the answer of quality_run:
//
//   peer_run METHOD PROBLEM SEED N
//
// Methods: dlib (find_max_global: MaxLIPO and a trust region), direct-l, crs2 and cobyla (NLopt; the
// latter begins in the centre, and rests on its last point once it has converged). None of
// them knows categories, conditions or failures: dlib gets the number of a category as an integer,
// NLopt the unit cube, and what is inactive is left out. DIRECT-L and COBYLA take no seed.
#include "bench/quality/answer.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <cmath>
#include <cstdint>
#include <dlib/global_optimization/global_function_search.h>
#include <functional>
#include <iostream>
#include <memory>
#include <nlopt.h>
#include <string>
#include <vector>

namespace {

using dodona::Cell;
using dodona::Param;
using dodona::Point;
using dodona::RandomStream;
using dodona::Space;
using dodona::bench::Problem;
using dodona::bench::Run;

// Trials of one run, until its budget is spent.
class Trials {
 public:
  Trials(const Problem& problem, std::uint64_t seed, std::uint64_t count)
      : problem_(problem), seed_(seed), count_(count), since_(dodona::bench::processor_seconds()) {}

  bool over() const { return run_.values.size() >= count_; }
  const Run& run() const { return run_; }

  // `cell_at` answers the cell of an active hyperparameter.
  double evaluate(const std::function<Cell(const Param&, std::size_t)>& cell_at) {
    run_.seconds.push_back(dodona::bench::processor_seconds() - since_);
    const Space& space = problem_.space;
    Point point(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (space.is_active(i, point)) point.set(i, cell_at(space.params()[i], i));
    }
    RandomStream random(seed_, run_.values.size(), dodona::Purpose::kTrialSeed);
    const double value = problem_.value(point, random), truth = problem_.truth(point);
    run_.values.push_back(truth);
    since_ = dodona::bench::processor_seconds();
    return std::isnan(value) ? truth : value;  // a failed trial is a bad one
  }

 private:
  const Problem& problem_;
  const std::uint64_t seed_, count_;
  double since_;
  Run run_;
};

void dlib_search(const Problem& problem, std::uint64_t seed, Trials& trials) {
  const auto dims = static_cast<long>(problem.space.size());
  dlib::matrix<double, 0, 1> low(dims), high(dims);
  std::vector<bool> is_integer;
  for (long i = 0; i < dims; ++i) {
    const std::uint64_t values = cardinality(problem.space.params()[static_cast<std::size_t>(i)]);
    is_integer.push_back(values != 0);
    low(i) = 0;
    high(i) = values == 0 ? 1.0 : static_cast<double>(values - 1);
  }
  dlib::global_function_search search(dlib::function_spec(low, high, is_integer));
  search.set_seed(static_cast<time_t>(seed));
  while (!trials.over()) {
    dlib::function_evaluation_request next = search.get_next_x();
    const auto cell_at = [&](const Param& param, std::size_t i) {
      const double x = next.x()(static_cast<long>(i));
      return is_integer[i] ? value_at(param, static_cast<std::uint64_t>(x)) : from_unit(param, x);
    };
    next.set(-trials.evaluate(cell_at));
  }
}

void nlopt_search(const Problem& problem, nlopt_algorithm algorithm, std::uint64_t seed,
                  std::uint64_t count, Trials& trials) {
  struct Call {
    Trials* trials;
    nlopt_opt optimiser;
  };
  const auto dims = static_cast<unsigned>(problem.space.size());
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimiser(nlopt_create(algorithm, dims),
                                                                    nlopt_destroy);
  Call call{&trials, optimiser.get()};
  nlopt_srand(static_cast<unsigned long>(seed));
  nlopt_set_lower_bounds1(optimiser.get(), 0);
  nlopt_set_upper_bounds1(optimiser.get(), 1);
  nlopt_set_maxeval(optimiser.get(), static_cast<int>(count));
  const nlopt_func function = [](unsigned, const double* x, double*, void* data) {
    const Call& given = *static_cast<Call*>(data);
    if (given.trials->over()) {  // DIRECT ends what it began
      nlopt_force_stop(given.optimiser);
      return 0.0;
    }
    return given.trials->evaluate(
        [&](const Param& param, std::size_t i) { return from_unit(param, x[i]); });
  };
  nlopt_set_min_objective(optimiser.get(), function, &call);
  std::vector<double> x(dims, 0.5);
  double value = 0;
  nlopt_optimize(optimiser.get(), x.data(), &value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::cout.precision(17);
  try {
    if (words.size() != 4) throw std::runtime_error("usage: peer_run METHOD PROBLEM SEED N");
    const std::uint64_t seed = std::stoull(words[2]), count = std::stoull(words[3]);
    const std::vector<Problem> all = dodona::bench::all_problems(seed);
    const Problem& problem = dodona::bench::find(all, words[1]);
    Trials trials(problem, seed, count);
    if (words[0] == "dlib") {
      dlib_search(problem, seed, trials);
    } else if (words[0] == "direct-l") {
      nlopt_search(problem, NLOPT_GN_DIRECT_L, seed, count, trials);
    } else if (words[0] == "crs2") {
      nlopt_search(problem, NLOPT_GN_CRS2_LM, seed, count, trials);
    } else if (words[0] == "cobyla") {
      nlopt_search(problem, NLOPT_LN_COBYLA, seed, count, trials);
    } else {
      throw std::runtime_error("no method is named " + words[0]);
    }
    print(trials.run());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
