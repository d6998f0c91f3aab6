// SPDX-License-Identifier: Apache-2.0
//
// The bench's problems of several objectives against published values.
#include "bench/quality/fronts.hpp"

#include <dodona/pareto.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>

namespace dodona::bench {
namespace {

using Vector = std::vector<double>;

FrontProblem named(const std::string& name) {
  const auto all = front_problems();
  return *std::find_if(all.begin(), all.end(),
                       [&](const FrontProblem& each) { return each.name == name; });
}

Point at(const Vector& x) {
  Point point(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) point.set(i, Cell::real(x[i]));
  return point;
}

void expect_near(const Vector& a, const Vector& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << i;
}

// The volume of points of the space whose last values are the best ones.
double volume_of_front(const FrontProblem& problem, std::size_t free, std::size_t steps,
                       double best) {
  Vector all;
  std::vector<std::size_t> at_step(free, 0);
  for (;;) {
    Vector x(problem.space.size(), best);
    for (std::size_t i = 0; i < free; ++i) {
      x[i] = static_cast<double>(at_step[i]) / static_cast<double>(steps);
    }
    const Scores scores = problem.scores(at(x));
    const Vector& row = scores.objectives;
    if (violation(scores.excesses, problem.limits.size()) == 0)
      all.insert(all.end(), row.begin(), row.end());
    std::size_t i = 0;
    while (i < free && at_step[i] == steps) at_step[i++] = 0;
    if (i == free) {
      return hypervolume({all, problem.reference.size()}, problem.reference) / problem.volume;
    }
    ++at_step[i];
  }
}

TEST(Fronts, OfZdtAreReachedWhereTheRestIsZero) {
  for (const char* name : {"zdt1", "zdt4"}) {
    Vector x(named(name).space.size(), 0.0);
    x[0] = 0.25;
    expect_near(named(name).objectives(x), {0.25, 0.5}, 1e-12);
  }
  Vector x(30, 0.0);
  x[0] = 0.5;
  expect_near(named("zdt2").objectives(x), {0.5, 0.75}, 1e-12);
  expect_near(named("zdt3").objectives(x), {0.5, 1 - std::sqrt(0.5)}, 1e-12);
  std::fill(x.begin() + 1, x.end(), 1.0);  // the far end, where g is 10
  x[0] = 0.0;
  expect_near(named("zdt1").objectives(x), {0, 10}, 1e-12);
}

TEST(Fronts, OfDtlzAreReachedWhereTheRestIsBest) {
  Vector x(12, 0.5);
  x[0] = 0.2, x[1] = 0.7;
  const Vector f = named("dtlz2").objectives(x);
  EXPECT_NEAR(f[0] * f[0] + f[1] * f[1] + f[2] * f[2], 1.0, 1e-12);
  EXPECT_NEAR(f[2], std::sin(0.2 * std::numbers::pi / 2), 1e-12);
  expect_near(named("dtlz7").objectives(Vector(22, 0.0)), {0, 0, 6}, 1e-12);
}

// The volumes of which a search reaches a share, against the front in fine steps.
TEST(Fronts, HaveTheVolumesOfTheirFormulas) {
  EXPECT_NEAR(volume_of_front(named("zdt1"), 1, 4000, 0), 1, 1e-4);
  EXPECT_NEAR(volume_of_front(named("zdt2"), 1, 4000, 0), 1, 1e-4);
  EXPECT_NEAR(volume_of_front(named("zdt3"), 1, 4000, 0), 1, 1e-4);
  EXPECT_NEAR(volume_of_front(named("zdt4"), 1, 4000, 0), 1, 1e-5);
  EXPECT_NEAR(volume_of_front(named("zdt6"), 1, 8000, 0), 1, 1e-4);
  EXPECT_NEAR(volume_of_front(named("dtlz2"), 2, 60, 0.5), 1, 1e-3);
  EXPECT_NEAR(volume_of_front(named("dtlz7"), 2, 80, 0), 1, 2e-3);
  EXPECT_NEAR(volume_of_front(named("c2dtlz2"), 1, 4000, 0.5), 1, 2e-3);
}

// Deb & Srinivasan (2006), table 1: the beams of least cost and of least deflection.
TEST(Fronts, OfTheWeldedBeamHasThePublishedEnds) {
  const FrontProblem beam = named("welded_beam");
  const Scores cheap = beam.scores(at({0.2443, 6.2151, 8.2986, 0.2443}));
  expect_near(cheap.objectives, {2.3815, 0.0157}, 2e-4);
  for (std::size_t i = 0; i < beam.limits.size(); ++i) {
    EXPECT_NEAR(cheap.excesses[i], 0, 0.01) << "it lies on every bound, " << i;
  }
  const Scores stiff = beam.scores(at({1.5574, 0.5434, 10, 5}));
  expect_near(stiff.objectives, {36.4403, 4.3904e-4}, 1e-2);
  EXPECT_LT(*std::max_element(stiff.excesses.begin(), stiff.excesses.end()), 1e-2);
}

// The ideal point that Tanabe & Ishibuchi (2020) have for RE41, which is this problem.
TEST(Fronts, OfTheCarHasThePublishedIdeal) {
  const FrontProblem car = named("car_side_impact");
  const auto ends = [&](bool high) {
    Vector x;
    for (const Param& param : car.space.params()) {
      x.push_back(high ? param.high.real() : param.low.real());
    }
    return x;
  };
  EXPECT_NEAR(car.objectives(ends(false))[0], 15.576004, 1e-6);
  EXPECT_NEAR(car.objectives(ends(true))[1], 3.58525, 1e-6);
  EXPECT_NEAR(car.objectives(ends(true))[2], 10.61064375, 1e-6);
}

}  // namespace
}  // namespace dodona::bench
