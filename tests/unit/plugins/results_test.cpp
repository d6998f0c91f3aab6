// SPDX-License-Identifier: Apache-2.0
#include "common/search/results.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace dodona::common {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

TEST(OrderBy, KeepsTheOrderOfEqualKeys) {
  VectorXd keys(5);
  keys << 2, 1, 2, 0, 1;
  EXPECT_EQ(order_by(keys), (std::vector<Index>{3, 1, 4, 0, 2}));
  EXPECT_TRUE(order_by(VectorXd()).empty());
}

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Result i lies at i / 1000 and has the objective |i - 500|; every hundredth failed.
Results many() {
  Results results;
  for (Index i = 0; i < 1000; ++i) {
    PastTrial trial;
    trial.objectives = {i % 100 == 0 ? kNothing : std::abs(static_cast<double>(i) - 500)};
    results.add(VectorXd::Constant(1, static_cast<double>(i) / 1000), trial);
  }
  return results;
}

TEST(Results, AreAllSelectedWhileTheyAreFew) {
  const Results results = many();
  EXPECT_EQ(results.size(), 1000);
  EXPECT_EQ(results.rows().rows(), 1000);
  const std::vector<Index> few = results.selected(0, 600);
  EXPECT_EQ(few.size(), 600U);
  EXPECT_EQ(few.back(), 599);
}

TEST(Results, AreSelectedByValuePlaceAndAgeWhereTheyAreMany) {
  const std::vector<Index> selected = many().selected(0, 1000);
  EXPECT_EQ(selected.size(), 600U);
  EXPECT_TRUE(std::is_sorted(selected.begin(), selected.end()));
  const auto has = [&](Index i) { return std::binary_search(selected.begin(), selected.end(), i); };
  EXPECT_TRUE(has(501));  // the best, with 499
  EXPECT_TRUE(has(430));  // among the best 150
  EXPECT_TRUE(has(500));  // failed, near to the best
  EXPECT_TRUE(has(999));  // the newest
  EXPECT_FALSE(has(10));  // old, far away and bad
}

TEST(Results, HaveTargetsInTheOrderAskedFor) {
  const Results results = many();
  const VectorXd targets = results.targets(0, {501, 1, 999, 430});
  ASSERT_EQ(targets.size(), 4);
  EXPECT_LT(targets[0], targets[3]);
  EXPECT_LT(targets[3], targets[1]);
  EXPECT_TRUE(targets.allFinite());
}

PastTrial trial_of(std::vector<double> objectives, std::vector<double> excesses,
                   dodona_outcome outcome = DODONA_OUTCOME_OK) {
  PastTrial trial;
  trial.objectives = std::move(objectives);
  trial.excesses = std::move(excesses);
  trial.outcome = outcome;
  return trial;
}

TEST(Results, HaveAColumnForEachObjectiveLimitAndSuccess) {
  Results results(2, 1);
  const VectorXd row = VectorXd::Zero(1);
  results.add(row, trial_of({1, 2}, {-0.5}));
  results.add(row, trial_of({0, 3}, {0.25}));
  results.add(row, trial_of({0, 3}, {}));
  EXPECT_EQ(results.columns(), 3U);  // nothing has failed
  results.add(row, trial_of({}, {}, DODONA_OUTCOME_MEMORY));
  results.add(row, trial_of({0.5, kNothing}, {0}));
  results.add(row, trial_of({}, {}, DODONA_OUTCOME_LOST));
  ImportedTrial imported;
  imported.objectives = {4, 4};
  imported.excesses = {0};
  results.add(row, imported);
  EXPECT_EQ(results.columns(), 4U);
  const std::vector<Index> all_but_the_lost{0, 1, 2, 3, 4, 6};
  EXPECT_EQ(results.selected(0, 7), all_but_the_lost);
  EXPECT_EQ(results.selected(1, 7), all_but_the_lost);
  EXPECT_EQ(results.selected(2, 7), (std::vector<Index>{0, 1, 6}));
  EXPECT_EQ(results.selected(3, 7), all_but_the_lost);
  VectorXd success(6);
  success << -1, -1, -1, 1, 1, -1;
  EXPECT_EQ(results.targets(3, results.selected(3, 7)), success);
  EXPECT_TRUE(results.keeps(0) && results.keeps(6));
  for (const Index i : {1, 2, 3, 4, 5}) EXPECT_FALSE(results.keeps(i)) << i;
  EXPECT_EQ(results.scores(7), 4U);
  // The front, a dominated one, one beyond the limit, one of which that is not known.
  EXPECT_EQ(order_by(results.merits({0, 1, 2, 6})), (std::vector<Index>{0, 3, 1, 2}));
}

}  // namespace
}  // namespace dodona::common
