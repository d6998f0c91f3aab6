// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/shapes.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace dodona::bench {
namespace {

std::vector<double> random_point(std::size_t d, std::uint64_t number) {
  RandomStream random(5, number, Purpose::kProposal);
  std::vector<double> x(d);
  for (double& each : x) each = 10 * random.uniform() - 5;
  return x;
}

TEST(Shapes, HaveNoValueBelowTheirMinimum) {
  for (const std::size_t d : {std::size_t{2}, std::size_t{5}, std::size_t{10}}) {
    for (std::uint64_t seed = 1; seed < 4; ++seed) {
      for (const Shape& shape : shapes(d, seed)) {
        for (std::uint64_t k = 0; k < 50; ++k) {
          EXPECT_GE(shape.function(random_point(d, k)), -1e-9) << shape.name << d << ' ' << seed;
        }
      }
    }
  }
}

TEST(Shapes, AreTheSameForASeedAndOthersForAnother) {
  const std::vector<double> x = random_point(5, 1);
  const std::vector<Shape> one = shapes(5, 1), again = shapes(5, 1), two = shapes(5, 2);
  std::set<std::string> names;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].function(x), again[i].function(x)) << one[i].name;
    EXPECT_NE(one[i].function(x), two[i].function(x)) << one[i].name;
    names.insert(one[i].name);
  }
  EXPECT_EQ(names.size(), 24U);
}

}  // namespace
}  // namespace dodona::bench
