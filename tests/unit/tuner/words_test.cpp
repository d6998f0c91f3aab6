// SPDX-License-Identifier: Apache-2.0
#include "tuner/words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dodona::tuner {
namespace {

TEST(Words, HaveFourDigits) {
  EXPECT_EQ(short_text(0.0031622776), "0.003162");
  EXPECT_EQ(short_text(Value(std::int64_t{64})), "64");
  EXPECT_EQ(short_text(Value(std::string("adam"))), "adam");
  EXPECT_EQ(short_text(Value(true)), "true");
}

}  // namespace
}  // namespace dodona::tuner
