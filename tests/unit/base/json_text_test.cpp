// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace dodona::base {
namespace {

namespace json = boost::json;

json::value read(std::string_view text) {
  return parse_json(text, "test").root;
}

TEST(JsonText, WritesEveryKindOnOneLine) {
  const std::string text =
      "{\"n\": null, \"t\": true, \"f\": false, \"i\": -5, \"d\": 1.0, \"s\": \"a\\\"\\n\", "
      "\"a\": [1, [], {}], \"o\": {\"x\": {\"y\": [1]}}}";
  EXPECT_EQ(to_text(read(text)), text);
}

TEST(JsonText, WritesNumbersThatJsonDoesNotHaveAsStrings) {
  const json::value value = {std::nan(""), HUGE_VAL, -HUGE_VAL, 0.5};
  EXPECT_EQ(to_text(value), "[\"NaN\", \"Infinity\", \"-Infinity\", 0.5]");
}

TEST(JsonText, WritesTheLimitsOfIntegers) {
  const json::value value = {std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max(),
                             std::numeric_limits<std::uint64_t>::max()};
  const std::string text = "[-9223372036854775808, 9223372036854775807, 18446744073709551615]";
  EXPECT_EQ(to_text(value), text);
  EXPECT_EQ(read(text), value);
}

TEST(JsonText, IsJsonWhateverBytesAStringHolds) {
  const json::value value = {{"k\xFF", std::string("\0\xC3", 2)}};
  const std::string text = to_text(value);
  EXPECT_EQ(text, "{\"k\uFFFD\": \"\\u0000\uFFFD\"}");
  EXPECT_NO_THROW(read(text));
}

TEST(JsonText, IndentsWhenPretty) {
  const std::string text = R"({
  "name": "lr",
  "values": [1, 2.5, "x", null, true],
  "empty": [],
  "none": {},
  "nested": [
    [1, 2],
    {
      "a": 1
    }
  ]
})";
  EXPECT_EQ(to_pretty_text(read(text)), text);
  EXPECT_EQ(to_pretty_text(json::value(1)), "1");
}

TEST(JsonText, BreaksAListOfScalarsAt80Columns) {
  // 74 letters, two quotes, two brackets and the indent of 2 make 80.
  const json::value fits = {json::array{json::string(74, 'x')}};
  EXPECT_EQ(to_pretty_text(fits), "[\n  [\"" + std::string(74, 'x') + "\"]\n]");
  const json::value longer = {json::array{json::string(75, 'x')}};
  EXPECT_EQ(to_pretty_text(longer), "[\n  [\n    \"" + std::string(75, 'x') + "\"\n  ]\n]");
  const json::value many = json::array(200, 1);
  EXPECT_EQ(read(to_pretty_text(many)), many);
  EXPECT_NE(to_pretty_text(many).find("\n  1,\n"), std::string::npos);
}

// All bit patterns alike, so that most are far from 1, and numbers of few digits beside them.
TEST(JsonText, LosesNoBitOf200000Doubles) {
  constexpr std::uint64_t kSeed = 20240607;
  SCOPED_TRACE(kSeed);
  RandomStream random(kSeed, 0, Purpose::kProposal);
  json::array numbers;
  while (numbers.size() < 100'000) {
    const double value = std::bit_cast<double>(random.bits());
    if (std::isfinite(value)) numbers.emplace_back(value);
  }
  for (int i = 0; i < 100'000; ++i) numbers.emplace_back(random.uniform() * std::exp2(i % 64));
  for (const auto text_of : {&to_text, &to_pretty_text}) {
    const json::value again = read(text_of(numbers));
    ASSERT_EQ(again.get_array().size(), numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(again.get_array()[i].get_double()),
                std::bit_cast<std::uint64_t>(numbers[i].get_double()))
          << numbers[i].get_double();
    }
  }
}

}  // namespace
}  // namespace dodona::base
