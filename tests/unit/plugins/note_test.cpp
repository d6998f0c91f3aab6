// SPDX-License-Identifier: Apache-2.0
#include "common/oracle/note.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace dodona::common {
namespace {

TEST(Note, IsJsonAndKeepsEveryBit) {
  Note note("m");
  note.number("third", 1.0 / 3)
      .numbers("list", std::vector<double>{-1e-300, 2, 0.1})
      .numbers("none", std::vector<double>{})
      .number("nan", NAN)
      .text("words", "a\"b\\\n");
  EXPECT_EQ(note.json(),
            R"({"model":"m","third":0.3333333333333333,"list":[-1e-300,2.0,0.1],"none":[],)"
            R"("nan":"NaN","words":"a\"b\\\n"})");
  EXPECT_EQ(read_number(note.json(), "third"), 1.0 / 3);
  EXPECT_EQ(read_numbers(note.json(), "list"), (std::vector<double>{-1e-300, 2, 0.1}));
}

TEST(Note, NamedNumbersAreForPeople) {
  Note note("m");
  note.members("scales",
               std::vector<std::pair<std::string, double>>{{"a\"b", 1.0 / 3}, {"c", 1e-9}})
      .members("none", std::vector<std::pair<std::string, double>>{});
  EXPECT_EQ(note.json(), R"({"model":"m","scales":{"a\"b":0.333,"c":1e-09},"none":{}})");
}

TEST(Note, WhatIsNotThereReadsAsNothing) {
  EXPECT_EQ(read_number("", "a"), std::nullopt);
  EXPECT_EQ(read_number(R"({"a":null})", "a"), std::nullopt);
  EXPECT_TRUE(read_numbers(R"({"a":[]})", "a").empty());
  EXPECT_TRUE(read_numbers(R"({"a":)", "a").empty());
}

}  // namespace
}  // namespace dodona::common
