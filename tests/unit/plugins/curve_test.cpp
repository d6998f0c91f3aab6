// SPDX-License-Identifier: Apache-2.0
//
// What the stoppers save on real learning curves, and what that costs.
#include "common/oracle/curve.hpp"

#include "support/built_plugin.hpp"

#include <dodona/testing/stopper_study.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using testing::OracleSettings;
using Curves = std::vector<std::vector<double>>;
using Options = std::vector<std::pair<std::string, Value>>;

constexpr std::size_t kSteps = 10;

Curves recorded() {
  std::ifstream file(DODONA_CURVES);
  Curves curves;
  bool header = true;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    if (std::exchange(header, false)) continue;
    std::istringstream row(line);
    std::vector<double>& curve = curves.emplace_back();
    for (std::string cell; std::getline(row, cell, ',');) curve.push_back(std::stod(cell));
    EXPECT_EQ(curve.size(), kSteps);
  }
  EXPECT_EQ(curves.size(), 48U);
  return curves;
}

double lowest(const std::vector<double>& values, std::size_t steps = kSteps) {
  return *std::min_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(steps));
}

struct Outcome {
  std::size_t stopped = 0;
  std::size_t steps = 0;  // that ran, of all that there are
  double regret = 0;      // how much the best that was seen is above the best that there is
};

// One trial after another, each to its end or until the stopper ends it.
Outcome run(const std::string& stopper, const Options& options, const Curves& curves) {
  testing::StopperStudy study(support::plugin(stopper), {.max_steps = kSteps, .options = options});
  Outcome outcome;
  double seen = std::numeric_limits<double>::infinity();
  double best = seen;
  for (const std::vector<double>& curve : curves) {
    const std::size_t end = study.stopped_at(curve);
    const std::size_t steps = end == 0 ? kSteps : end;
    outcome.stopped += end == 0 ? 0 : 1;
    outcome.steps += steps;
    seen = std::min(seen, lowest(curve, steps));
    best = std::min(best, lowest(curve));
  }
  outcome.regret = seen - best;
  return outcome;
}

struct Case {
  std::string stopper;
  Options options;
  std::size_t stopped;
  std::size_t steps;
  double regret;
  std::size_t mean_steps_max;  // over other orders of the same curves
  double regret_max;
};

class RealCurves : public ::testing::TestWithParam<Case> {};

TEST_P(RealCurves, AreStoppedWhereTheyDoNotPromiseMuch) {
  const Case& expected = GetParam();
  const Outcome outcome = run(expected.stopper, expected.options, recorded());
  EXPECT_EQ(outcome.stopped, expected.stopped);
  EXPECT_EQ(outcome.steps, expected.steps);
  EXPECT_NEAR(outcome.regret, expected.regret, 1e-9);  // the file has four decimals
}

TEST_P(RealCurves, KeepAGoodOneInAnyOrder) {
  const Case& expected = GetParam();
  constexpr std::uint64_t orders = 20;
  std::size_t steps = 0;
  double worst = 0;
  for (std::uint64_t seed = 0; seed < orders; ++seed) {
    Curves curves = recorded();
    RandomStream random(seed, 0, Purpose::kStudySeed);
    for (std::size_t i = curves.size(); i > 1; --i) {
      std::swap(curves[i - 1], curves[random.below(i)]);
    }
    const Outcome outcome = run(expected.stopper, expected.options, curves);
    steps += outcome.steps;
    worst = std::max(worst, outcome.regret);
  }
  EXPECT_LE(steps / orders, expected.mean_steps_max);
  EXPECT_LE(worst, expected.regret_max);
}

INSTANTIATE_TEST_SUITE_P(
    Stoppers, RealCurves,
    ::testing::Values(Case{"median", {}, 38, 147, 0.0, 170, 0.0},
                      Case{"asha", {}, 45, 99, 0.0, 130, 0.0036},
                      Case{"asha", {{"factor", std::int64_t{2}}}, 45, 104, 0.0, 160, 0.0},
                      Case{
                          "patient", {{"patience", std::int64_t{2}}}, 18, 425, 0.0026, 430, 0.0027},
                      Case{"patient", {{"patience", std::int64_t{3}}}, 9, 462, 0.0, 465, 0.0}),
    [](const auto& each) {
      std::string name = each.param.stopper;
      for (const auto& option : each.param.options) {
        name += "_" + option.first + "_" + std::to_string(std::get<std::int64_t>(option.second));
      }
      return name;
    });

}  // namespace
}  // namespace dodona
