// SPDX-License-Identifier: Apache-2.0
#include "common/text/json_members.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::common {
namespace {

std::map<std::string, std::string> members(std::string_view text) {
  const auto found = json_members(text);
  if (!found) return {{"", "no object"}};
  std::map<std::string, std::string> out;
  for (const Member& member : *found) out[member.name] = member.raw;
  return out;
}

TEST(JsonMembers, AreFoundWithTheTextOfTheirValues) {
  using Members = std::map<std::string, std::string>;
  EXPECT_EQ(members("{}"), Members());
  EXPECT_EQ(members(" { } "), Members());
  EXPECT_EQ(members(R"({"a":1,"b" : [1, {"c": "]}"}] , "d":{"e":{}},"f":null,"g":[] })"),
            (Members{{"a", "1"},
                     {"b", R"([1, {"c": "]}"}])"},
                     {"d", R"({"e":{}})"},
                     {"f", "null"},
                     {"g", "[]"}}));
  EXPECT_EQ(members(R"({"\u00e9\ud83d\ude00\n\"": true})"),
            (Members{{"\xC3\xA9\xF0\x9F\x98\x80\n\"", "true"}}));
}

TEST(JsonMembers, AreNoneOfAnythingElse) {
  for (const char* text : {"",
                           "{",
                           "}",
                           "[]",
                           "1",
                           "null",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({"a":1} x)",
                           R"({a:1})",
                           R"({"a":[1,]})",
                           R"({"a":{"b"}})",
                           R"({"a":[1}})",
                           R"({"a":01})",
                           R"({"a":1.})",
                           R"({"a":.5})",
                           R"({"a":+1})",
                           R"({"a":1e})",
                           R"({"a":tru})",
                           R"({"a":"\x"})",
                           R"({"a":"\ud800"})",
                           R"({"a":"\udc00\ud800"})",
                           "{\"a\":\"\n\"}",
                           "{\"\xC3\":1}",
                           R"({"a":1)",
                           R"({"a":"b)",
                           R"({"a":-})",
                           R"({"a":nan})"}) {
    EXPECT_EQ(members(text).count(""), 1U) << text;
  }
  std::string deep =
      "{\"a\":" + std::string(kJsonDepthMax, '[') + std::string(kJsonDepthMax, ']') + "}";
  EXPECT_EQ(members(deep).count("a"), 1U);
  deep =
      "{\"a\":" + std::string(kJsonDepthMax + 1, '[') + std::string(kJsonDepthMax + 1, ']') + "}";
  EXPECT_EQ(members(deep).count("a"), 0U);
}

TEST(JsonMembers, TellNumbersBitForBitAndStringsDecoded) {
  EXPECT_EQ(json_number("0.1"), 0.1);
  EXPECT_EQ(json_number("-12e-3"), -12e-3);
  EXPECT_EQ(json_number("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(json_number("1e400"), HUGE_VAL);
  EXPECT_EQ(json_number("-1e400"), -HUGE_VAL);
  EXPECT_EQ(json_number("1e-400"), 0.0);
  EXPECT_EQ(json_number("Infinity"), HUGE_VAL);
  EXPECT_EQ(json_number("-Infinity"), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(json_number("NaN").value_or(0)));
  for (const char* text : {"true", "null", "\"1\"", "[1]", "nan", "inf", "0x1", "1 ", ""}) {
    EXPECT_FALSE(json_number(text)) << text;
  }
  EXPECT_EQ(json_string(R"("a\t\\d\/")"), "a\t\\d/");
  EXPECT_FALSE(json_string("1"));
}

TEST(JsonNumbers, AreAListOrNothing) {
  EXPECT_EQ(json_numbers("[1, -2.5e1 ,0.1]"), (std::vector<double>{1, -25, 0.1}));
  EXPECT_EQ(json_numbers("[ ]"), std::vector<double>());
  for (const char* wrong : {"", "1", "[1", "[1,]", "[1 2]", "[\"1\"]", "[[1]]", "[1] "}) {
    EXPECT_EQ(json_numbers(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace dodona::common
