// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace dodona::base {
namespace {

const std::vector<std::string> kKeys = {"max_trials", "max_steps", "oracle", "objective", "lr"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("max_trails", kKeys), "max_trials");  // two neighbours swapped
  EXPECT_EQ(nearest("max_trial", kKeys), "max_trials");   // one left out
  EXPECT_EQ(nearest("orracle", kKeys), "oracle");         // one too many
  EXPECT_EQ(nearest("max-steps", kKeys), "max_steps");    // another
  EXPECT_EQ(nearest("Objective", kKeys), "objective");    // case alone
  EXPECT_EQ(nearest("LR", kKeys), "lr");
  EXPECT_EQ(nearest("oracle", kKeys), "oracle");
}

TEST(Nearest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("hypermodel", kKeys), std::nullopt);
  EXPECT_EQ(nearest("x", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest("oracle", {}), std::nullopt);
}

TEST(Nearest, AllowsOneChangeForThreeLetters) {
  const std::vector<std::string> one = {"abcdefgh"};
  EXPECT_EQ(nearest("abcdexyz", one), "abcdefgh");    // 3 of 8
  EXPECT_EQ(nearest("abcdwxyz", one), std::nullopt);  // 4 of 8
  EXPECT_EQ(nearest("ab", std::vector<std::string>{"ba"}), "ba");
}

TEST(Nearest, TakesAnAbbreviationOfOneAlone) {
  const std::vector<std::string> names = {"min_value", "max_value", "max_trials"};
  EXPECT_EQ(nearest("min", names), "min_value");
  EXPECT_EQ(nearest("max", names), std::nullopt);  // of two
  EXPECT_EQ(nearest("mi", names), std::nullopt);
}

TEST(Nearest, TakesTheNearerAndThenTheFirst) {
  EXPECT_EQ(nearest("steps", std::vector<std::string>{"stops!", "steps!"}), "steps!");
  EXPECT_EQ(nearest("abc", std::vector<std::string>{"abx", "aby"}), "abx");
}

TEST(DidYouMean, IsPartOfASentenceOrNothing) {
  EXPECT_EQ(did_you_mean("orcale", kKeys), " (did you mean \"oracle\"?)");
  EXPECT_EQ(did_you_mean("zzzzzz", kKeys), "");
}

TEST(Quote, EscapesWhatCannotBeShown) {
  EXPECT_EQ(quote("lr"), "\"lr\"");
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(quote("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
  EXPECT_EQ(quote(std::string("\0\x1f", 2)), "\"\\u0000\\u001f\"");
  EXPECT_EQ(quote("gr\u00FC\u00DF \U0001F600"), "\"gr\u00FC\u00DF \U0001F600\"");
  EXPECT_EQ(quote("a\xFFz\xC3"), "\"a\uFFFDz\uFFFD\"");
}

TEST(Utf8Length, AcceptsWhatUnicodeAllows) {
  EXPECT_EQ(utf8_length("a", 0), 1U);
  EXPECT_EQ(utf8_length(std::string_view("\0", 1), 0), 1U);
  EXPECT_EQ(utf8_length("\u00E9", 0), 2U);
  EXPECT_EQ(utf8_length("x\u20AC", 1), 3U);
  EXPECT_EQ(utf8_length("\U0010FFFF", 0), 4U);
}

TEST(Utf8Length, RefusesTheRest) {
  EXPECT_EQ(utf8_length("", 0), 0U);
  EXPECT_EQ(utf8_length("a", 1), 0U);
  EXPECT_EQ(utf8_length("\x80", 0), 0U);              // a second byte first
  EXPECT_EQ(utf8_length("\xC0\x80", 0), 0U);          // overlong
  EXPECT_EQ(utf8_length("\xE0\x9F\xBF", 0), 0U);      // overlong
  EXPECT_EQ(utf8_length("\xF0\x8F\xBF\xBF", 0), 0U);  // overlong
  EXPECT_EQ(utf8_length("\xED\xA0\x80", 0), 0U);      // a surrogate
  EXPECT_EQ(utf8_length("\xF4\x90\x80\x80", 0), 0U);  // above U+10FFFF
  EXPECT_EQ(utf8_length("\xE2\x82", 0), 0U);          // cut off
  EXPECT_EQ(utf8_length("\xE2\x82z", 0), 0U);
}

TEST(IsUtf8, LooksAtEveryCharacter) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("\u20ACx"));
  EXPECT_FALSE(is_utf8("x\xE2\x82"));
}

TEST(FormatReal, AlwaysLooksLikeARealNumber) {
  EXPECT_EQ(format_real(1), "1.0");
  EXPECT_EQ(format_real(-0.0), "-0.0");
  EXPECT_EQ(format_real(0.1), "0.1");
  EXPECT_EQ(format_real(1e-5), "1e-05");
  EXPECT_EQ(format_real(1e300), "1e+300");
  EXPECT_EQ(format_real(-2.2250738585072014e-308), "-2.2250738585072014e-308");
  EXPECT_EQ(format_real(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(format_real(std::nan("")), "NaN");
  EXPECT_EQ(format_real(HUGE_VAL), "Infinity");
  EXPECT_EQ(format_real(-HUGE_VAL), "-Infinity");
}

}  // namespace
}  // namespace dodona::base
