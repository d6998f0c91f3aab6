// SPDX-License-Identifier: Apache-2.0
#include "values.hpp"

#include "support/error_of.hpp"

#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace command {
namespace {

using dodona::Value;
using dodona::support::contains;
using dodona::support::error_of;

TEST(Values, AreTextsAndJson) {
  EXPECT_EQ(to_text(Value(std::int64_t{-3})), "-3");
  EXPECT_EQ(to_text(Value(0.1)), "0.1");
  EXPECT_EQ(to_text(Value(1.0)), "1.0");
  EXPECT_EQ(to_text(Value(true)), "true");
  EXPECT_EQ(to_text(Value(std::string("a \"b\""))), "a \"b\"");
  EXPECT_EQ(to_json({{"a", Value(std::int64_t{1})}, {"b", std::nullopt}, {"c", Value("x\"")}}),
            "{\"a\":1,\"c\":\"x\\\"\"}\n");
  EXPECT_EQ(variable_of("learning-rate_2/x"), "DODONA_HP_LEARNING_RATE_2_X");
  // Both were DODONA_HP______, and a study with both was refused.
  EXPECT_EQ(variable_of("größe x"), "DODONA_HP_GRößE_X");
  EXPECT_NE(variable_of("размер"), variable_of("ширина"));
}

TEST(Values, RefuseACharacterThatEndsStrings) {
  dodona::testing::FakeHp hp({{"a", std::string("x\0y", 3)}});
  dodona::HyperParameters asked(hp.get());
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { values_of(asked); }), "\"a\""));
}

}  // namespace
}  // namespace command
