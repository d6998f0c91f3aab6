// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/fronts.hpp"

#include "support/params.hpp"

#include <dodona/pareto.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

namespace dodona::bench {

namespace {

using Vector = std::vector<double>;

constexpr double kPi = std::numbers::pi;
constexpr double kNone = std::numeric_limits<double>::infinity();

double square(double x) {
  return x * x;
}

// The mean of all but the first value.
double mean_of_rest(const Vector& x) {
  double sum = 0;
  for (std::size_t i = 1; i < x.size(); ++i) sum += x[i];
  return sum / static_cast<double>(x.size() - 1);
}

Space box(std::size_t d, double low, double high) {
  Space space;
  for (std::size_t i = 0; i < d; ++i) space.add(support::real("x" + std::to_string(i), low, high));
  return space;
}

Vector zdt1(const Vector& x) {
  const double g = 1 + 9 * mean_of_rest(x);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

Vector zdt2(const Vector& x) {
  const double g = 1 + 9 * mean_of_rest(x);
  return {x[0], g * (1 - square(x[0] / g))};
}

Vector zdt3(const Vector& x) {
  const double g = 1 + 9 * mean_of_rest(x);
  return {x[0], g * (1 - std::sqrt(x[0] / g) - x[0] / g * std::sin(10 * kPi * x[0]))};
}

Vector zdt4(const Vector& x) {
  double g = 1 + 10 * static_cast<double>(x.size() - 1);
  for (std::size_t i = 1; i < x.size(); ++i) g += square(x[i]) - 10 * std::cos(4 * kPi * x[i]);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

Vector zdt6(const Vector& x) {
  const double first = 1 - std::exp(-4 * x[0]) * std::pow(std::sin(6 * kPi * x[0]), 6);
  const double g = 1 + 9 * std::pow(mean_of_rest(x), 0.25);
  return {first, g * (1 - square(first / g))};
}

// A sphere's octant in m dimensions, further away the farther the last values are from 0.5.
Vector dtlz2(const Vector& x, std::size_t m) {
  double g = 0;
  for (std::size_t i = m - 1; i < x.size(); ++i) g += square(x[i] - 0.5);
  Vector out(m, 1 + g);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j + i + 1 < m; ++j) out[i] *= std::cos(x[j] * kPi / 2);
    if (i > 0) out[i] *= std::sin(x[m - 1 - i] * kPi / 2);
  }
  return out;
}

Vector dtlz7(const Vector& x, std::size_t m) {
  double g = 0;
  for (std::size_t i = m - 1; i < x.size(); ++i) g += x[i];
  g = 1 + 9 * g / static_cast<double>(x.size() - m + 1);
  Vector out(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(m - 1));
  auto h = static_cast<double>(m);
  for (const double f : out) h -= f / (1 + g) * (1 + std::sin(3 * kPi * f));
  out.push_back((1 + g) * h);
  return out;
}

// The distance by which a point lies outside of the spheres of radius r around the corners and the middle of the
// front: 0 or less within one.
double off_the_spheres(const Vector& f, double r) {
  const auto m = static_cast<double>(f.size());
  double all = 0, middle = 0;
  for (const double each : f) all += square(each), middle += square(each - 1 / std::sqrt(m));
  double nearest = middle;
  for (const double each : f) {
    nearest = std::min(nearest, all - square(each) + square(each - 1));
  }
  return nearest - square(r);
}

// Cost and deflection of a beam: x is height and length of the weld, height and width of the beam.
Vector welded_beam(const Vector& x) {
  return {1.10471 * square(x[0]) * x[1] + 0.04811 * x[2] * x[3] * (14 + x[1]),
          2.1952 / (x[3] * x[2] * x[2] * x[2])};
}

// Shear and bending stress, by how much the weld is higher than the beam is wide, buckling load.
Vector beam_metrics(const Vector& x) {
  const double radius = std::sqrt(square(x[1]) / 4 + square((x[0] + x[2]) / 2));
  const double inertia =
      std::numbers::sqrt2 * x[0] * x[1] * (square(x[1]) / 12 + square((x[0] + x[2]) / 2));
  const double direct = 6000 / (std::numbers::sqrt2 * x[0] * x[1]);
  const double torsion = 6000 * (14 + x[1] / 2) * radius / inertia;
  return {std::sqrt(square(direct) + direct * torsion * x[1] / radius + square(torsion)),
          504000 / (x[3] * square(x[2])), x[0] - x[3],
          64746.022 * (1 - 0.0282346 * x[2]) * x[2] * x[3] * x[3] * x[3]};
}

// Velocities of the middle of the B-pillar and of the front door.
double pillar_velocity(const Vector& x) {
  return 10.58 - 0.674 * x[0] * x[1] - 0.67275 * x[1];
}
double door_velocity(const Vector& x) {
  return 16.45 - 0.489 * x[2] * x[6] - 0.843 * x[4] * x[5];
}

// Weight, pubic force and the mean of the velocities.
Vector car_side_impact(const Vector& x) {
  return {1.98 + 4.9 * x[0] + 6.67 * x[1] + 6.98 * x[2] + 4.01 * x[3] + 1.78 * x[4] + 1e-5 * x[5] +
              2.73 * x[6],
          4.72 - 0.5 * x[3] - 0.19 * x[1] * x[2], 0.5 * (pillar_velocity(x) + door_velocity(x))};
}

// Load on the abdomen, three viscous criteria, three deflections of ribs, force, velocities.
Vector car_metrics(const Vector& x) {
  return {1.16 - 0.3717 * x[1] * x[3] - 0.0092928 * x[2],
          0.261 - 0.0159 * x[0] * x[1] - 0.06486 * x[0] - 0.019 * x[1] * x[6] +
              0.0144 * x[2] * x[4] + 0.0154464 * x[5],
          0.214 + 0.00817 * x[4] - 0.045195 * x[0] - 0.0135168 * x[0] + 0.03099 * x[1] * x[5] -
              0.018 * x[1] * x[6] + 0.007176 * x[2] + 0.023232 * x[2] - 0.00364 * x[4] * x[5] -
              0.018 * square(x[1]),
          0.74 - 0.61 * x[1] - 0.031296 * x[2] - 0.031872 * x[6] + 0.227 * square(x[1]),
          28.98 + 3.818 * x[2] - 4.2 * x[0] * x[1] + 1.27296 * x[5] - 2.68065 * x[6],
          33.86 + 2.95 * x[2] - 5.057 * x[0] * x[1] - 3.795 * x[1] - 3.4431 * x[6] + 1.45728,
          46.36 - 9.9 * x[1] - 4.4505 * x[0],
          4.72 - 0.5 * x[3] - 0.19 * x[1] * x[2],
          pillar_velocity(x),
          door_velocity(x)};
}

Space sides(const std::vector<std::pair<double, double>>& bounds) {
  Space space;
  for (const auto& [low, high] : bounds) {
    space.add(support::real("x" + std::to_string(space.size()), low, high));
  }
  return space;
}

FrontProblem car_problem() {
  const Vector highest{1, 0.32, 0.32, 0.32, 32, 32, 32, 4, 9.9, 15.7};
  FrontProblem out{"car_side_impact",
                   "limits",
                   sides({{0.5, 1.5},
                          {0.45, 1.35},
                          {0.5, 1.5},
                          {0.5, 1.5},
                          {0.875, 2.625},
                          {0.4, 1.2},
                          {0.4, 1.2}}),
                   {45.4872, 4.5114, 13.3394},
                   {},
                   42.63,
                   car_side_impact,
                   car_metrics};
  for (const double high : highest) {
    out.limits.push_back({"g" + std::to_string(out.limits.size() + 1), -kNone, high});
  }
  return out;
}

FrontProblem beam_problem() {
  return {"welded_beam",
          "limits",
          sides({{0.125, 5}, {0.1, 10}, {0.1, 10}, {0.125, 5}}),
          {40, 0.015},
          {{"shear", -kNone, 13600},
           {"bending", -kNone, 30000},
           {"overlap", -kNone, 0},
           {"buckling", 6000, kNone}},
          0.51289,
          welded_beam,
          beam_metrics};
}

Space zdt4_space() {
  Space space = box(1, 0, 1);
  for (std::size_t i = 1; i < 10; ++i) space.add(support::real("x" + std::to_string(i), -5, 5));
  return space;
}

}  // namespace

// The references of ZDT and DTLZ lie at the far end of what their spaces hold, so that the first
// trials count too. Those of the designs are the ones of BoTorch's problems; the volumes of these
// are of 400,000 trials of nsga2.
std::vector<FrontProblem> front_problems() {
  const double low = 0.2807753191;  // the lowest first objective of ZDT6
  const auto three = [](Vector (*f)(const Vector&, std::size_t)) {
    return [f](const Vector& x) { return f(x, 3); };
  };
  const auto two = [](const Vector& x) { return dtlz2(x, 2); };
  return {{"zdt1", "two objectives", box(30, 0, 1), {1.1, 11}, {}, 12.1 - 1.0 / 3, zdt1},
          {"zdt2", "two objectives", box(30, 0, 1), {1.1, 11}, {}, 12.1 - 2.0 / 3, zdt2},
          {"zdt3", "two objectives", box(30, 0, 1), {1.1, 11}, {}, 12.2218, zdt3},
          {"zdt4", "two objectives", zdt4_space(), {1.1, 400}, {}, 440 - 1.0 / 3, zdt4},
          {"zdt6",
           "two objectives",
           box(10, 0, 1),
           {1.1, 11},
           {},
           11 * (1.1 - low) - (1 - low) + (1 - low * low * low) / 3,
           zdt6},
          {"dtlz2",
           "three objectives",
           box(12, 0, 1),
           {2.5, 2.5, 2.5},
           {},
           15.625 - kPi / 6,
           three(dtlz2)},
          {"dtlz7", "three objectives", box(22, 0, 1), {1.1, 1.1, 33}, {}, 34.646, three(dtlz7)},
          {"c2dtlz2",
           "limits",
           box(4, 0, 1),
           {1.1, 1.1},
           {{"off", -kNone, 0}},
           0.3823335944,
           two,
           [two](const Vector& x) { return Vector{off_the_spheres(two(x), 0.2)}; }},
          beam_problem(),
          car_problem()};
}

Scores FrontProblem::scores(const Point& point) const {
  Vector x;
  for (std::size_t i = 0; i < space.size(); ++i) x.push_back(point[i].real());
  Scores out{objectives(x), {}};
  if (!metrics) return out;
  const Vector measured = metrics(x);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    out.excesses.push_back(excess_of(limits[i], measured[i]));
  }
  return out;
}

void Archive::add(const Scores& scores) {
  if (violation(scores.excesses, problem_.limits.size()) > 0) return;
  const Vector& row = scores.objectives;
  const auto beats = [&](const Vector& other) { return other == row || dominates(other, row); };
  if (std::any_of(rows_.begin(), rows_.end(), beats)) return;
  std::erase_if(rows_, [&](const Vector& other) { return dominates(row, other); });
  rows_.push_back(row);
}

double Archive::volume() const {
  Vector all;
  for (const Vector& row : rows_) all.insert(all.end(), row.begin(), row.end());
  const Vector& reference = problem_.reference;
  return hypervolume({all, reference.size()}, reference);
}

}  // namespace dodona::bench
