// SPDX-License-Identifier: Apache-2.0
#include "host/text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

TEST(Text, ShowsNumbersWithSixDigits) {
  EXPECT_EQ(number(0.8812), "0.8812");
  EXPECT_EQ(number(1e-5), "1e-05");
  EXPECT_EQ(number(1.0 / 3.0), "0.333333");
  EXPECT_EQ(number(12.0), "12");
  EXPECT_EQ(number(-NAN).back(), 'n');
}

TEST(Text, ShowsValues) {
  EXPECT_EQ(shown(HyperParameterValue(0.1 + 0.2)), "0.3");
  EXPECT_EQ(shown(HyperParameterValue(std::string("a\nb"))), "a b");
  EXPECT_EQ(shown(Values({{"lr", 0.003}, {"units", std::int64_t{96}}, {"bias", true}})),
            "lr 0.003, units 96, bias true");
  EXPECT_EQ(shown(Values()), "");
  EXPECT_EQ(shown(std::vector<HyperParameterValue>{std::string("adam"), std::string("sgd")}),
            "adam, sgd");
}

TEST(Text, CountsInWords) {
  EXPECT_EQ(counted(0, "trial"), "0 trials");
  EXPECT_EQ(counted(1, "trial"), "1 trial");
  EXPECT_EQ(counted(3, "trial"), "3 trials");
}

TEST(Text, ShowsDurations) {
  EXPECT_EQ(duration(14.24), "14.2 s");
  EXPECT_EQ(duration(-1), "0.0 s");
  EXPECT_EQ(duration(59.94), "59.9 s");
  EXPECT_EQ(duration(59.96), "1:00");
  EXPECT_EQ(duration(65.4), "1:05");
  EXPECT_EQ(duration(3599.6), "1:00:00");
  EXPECT_EQ(duration(7384), "2:03:04");
  EXPECT_EQ(duration(INFINITY), duration(1e12));
}

TEST(Text, MeasuresAndCutsCharactersNotBytes) {
  const std::string text = "\u00fcber \u03b1";
  EXPECT_EQ(width(text), 6U);
  EXPECT_EQ(cut(text, 6), text);
  EXPECT_EQ(cut(text, 5), "\u00fcb...");
  EXPECT_EQ(cut("\u03b1\u03b1\u03b1\u03b1\u03b1", 4), "\u03b1...");
  EXPECT_EQ(cut("abcdef", 3), "...");
  EXPECT_EQ(cut("abcdef", 2), "..");
  EXPECT_EQ(cut("abcdef", 0), "");
}

TEST(Text, KeepsOthersFromDrivingTheTerminal) {
  EXPECT_EQ(one_line("a\x1b[31mb\r\n\tc\x7f \n"), "a [31mb   c");
  EXPECT_EQ(one_line("\n\n"), "");
  EXPECT_EQ(one_line("\u00fc"), "\u00fc");
}

TEST(Text, ShowsASumOfMetricsAsOneWritesIt) {
  const Objective loss("val_loss", Direction::kMin);
  const Objective accuracy("val_accuracy", Direction::kMax);
  EXPECT_EQ(shown(loss), "val_loss");
  EXPECT_EQ(shown(Objective::sum_of({loss, accuracy})), "val_loss - val_accuracy");
  EXPECT_EQ(shown(Objective::sum_of({accuracy, loss})), "-val_accuracy + val_loss");
}

TEST(Headline, IsTheLastLineOfATraceback) {
  EXPECT_EQ(headline("no memory"), "no memory");
  EXPECT_EQ(headline("first\nsecond\n"), one_line("first\nsecond\n"));
  EXPECT_EQ(headline("it ended with exit code 1: Traceback (most recent call last):\n"
                     "  File \"train.py\", line 7, in fit\n    raise ValueError(\"lr\")\n"
                     "ValueError: lr\n"),
            "it ended with exit code 1: ValueError: lr");
  EXPECT_EQ(headline("it ended with exit code 1:   File \"train.py\", line 7, in fit\n"
                     "    raise ValueError(\"lr\")\nValueError: lr"),
            "it ended with exit code 1: ValueError: lr");
  EXPECT_EQ(headline("Traceback (most recent call last):"), "Traceback (most recent call last):");
}

TEST(Folded, BreaksBetweenWordsWhereItCan) {
  EXPECT_EQ(folded("one two three", 8), "one two\nthree");
  EXPECT_EQ(folded("onetwothree", 4), "onet\nwoth\nree");
  EXPECT_EQ(folded("a b", 0), "a b");
  EXPECT_EQ(folded("\u03b1\u03b2 \u03b3", 2), "\u03b1\u03b2\n\u03b3");
}

TEST(Indented, KeepsLines) {
  EXPECT_EQ(indented("a\nb\n", 2), "  a\n  b\n");
  EXPECT_EQ(indented("a\x1b[1m", 1), " a [1m\n");
}

TEST(Expected, HasTwoDigitsOfTheDeviation) {
  EXPECT_EQ(expected(0.238444, 0.00212941), "0.2384 +- 0.0021");
  EXPECT_EQ(expected(12345.6, 321.0), "12345.6 +- 321");
  EXPECT_EQ(expected(0.5, 0.0), "0.5 +- 0");
}

TEST(Shown, SaysAnExplanationInWords) {
  const auto words = [](const char* note) {
    return shown(Explanation{0, "oracle", note}, {"loss", Direction::kMin});
  };
  EXPECT_EQ(words(R"({"model":"Gaussian process","length_scales":{"lr":0.25},"on":true})"),
            "Gaussian process; on true");
  EXPECT_EQ(words(R"({"model":"Gaussian process","expected":0.4212,"deviation":0.031})"),
            "Gaussian process; expected loss 0.421 +- 0.031");
  EXPECT_EQ(words(R"({"model":"quadratic","predicted":0.4,"best":0.5,"at_edge":1})"),
            "quadratic; expected loss 0.4");
  EXPECT_EQ(words(R"({"a":[1,2,3,4,5,6,7,8,9,10,11],"b":[1,0.12345678]})"),
            "a (11 values), b (1, 0.123457)");
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words("no JSON"), "no JSON");
}

}  // namespace
}  // namespace dodona::host
