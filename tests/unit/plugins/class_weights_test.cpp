// SPDX-License-Identifier: Apache-2.0
#include "common/data/class_weights.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using dodona::common::ClassWeights;
using dodona::common::read_class_weights;
using dodona::common::weights_of;
using dodona::support::error_of;

TEST(ClassWeights, MultiplyBalanceAndWhatIsGiven) {
  const ClassWeights read =
      read_class_weights(R"({"balance_classes":true,"class_weights":{"b":3},"other":1})");
  EXPECT_TRUE(read.any());
  EXPECT_EQ(weights_of(read, {"a", "b", "c"}, {6, 3, 0}), (std::vector<double>{0.5, 3, 1}));
  EXPECT_EQ(weights_of({.given = {{"a", 2}}}, {"a", "b"}, {6, 3}), (std::vector<double>{2, 1}));
  EXPECT_FALSE(read_class_weights(R"({"balance_classes":false,"class_weights":{}})").any());
}

TEST(ClassWeights, RefusesWhatIsNone) {
  for (const std::string wrong : {"0", "-1", "NaN", "\"5\"", "[1]"}) {
    EXPECT_EQ(
        error_of(DODONA_E_INVALID,
                 [&] { read_class_weights(R"({"class_weights":{"b":)" + wrong + "}}"); }),
        "option \"class_weights\": the weight of \"b\" should be a number above 0, not " + wrong);
  }
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [] {
                       weights_of({.given = {{"x", 2}}}, {"a", "b"}, {1, 1});
                     }),
            "option \"class_weights\": \"x\" is none of the classes \"a\", \"b\"");
  EXPECT_EQ(
      error_of(DODONA_E_INVALID, [] { weights_of({.balance = true}, {}, {}); }),
      "option \"class_weights\": numbers to predict have no classes; it must be left out, and "
      "balance_classes too");
}

}  // namespace
