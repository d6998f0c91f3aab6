// SPDX-License-Identifier: Apache-2.0
#include "space/definition.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace dodona::space {
namespace {

using support::boolean;
using support::choice;
using support::integer;
using support::real;
using support::text;

std::string problem(const Param& param) {
  try {
    check(param);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Definition, AcceptsEveryTypeInItsPlainForm) {
  EXPECT_EQ(problem(integer("n", 1, 5)), "");
  EXPECT_EQ(problem(real("x", -1, 1)), "");
  EXPECT_EQ(problem(choice("c", {text("a"), text("b")})), "");
  EXPECT_EQ(problem(boolean("b")), "");
  EXPECT_EQ(problem(real("x", 2, 2)), "");
}

TEST(Definition, RejectsLowAboveHigh) {
  EXPECT_EQ(problem(real("lr", 0.1, 0.01)),
            "hyperparameter \"lr\": min_value 0.1 is above max_value 0.01");
}

TEST(Definition, RejectsWhatIsNotFinite) {
  EXPECT_EQ(problem(real("x", 0, INFINITY)),
            "hyperparameter \"x\": min_value and max_value must be finite");
  EXPECT_EQ(problem(real("x", -1e308, 1e308)),
            "hyperparameter \"x\": the range is too wide for a double");
}

TEST(Definition, RejectsLogFromZero) {
  Param param = real("lr", 0, 1);
  param.sampling = Sampling::kLog;
  EXPECT_EQ(problem(param),
            "hyperparameter \"lr\": log and reverse_log sampling need a min_value above 0, not 0");
}

TEST(Definition, RejectsAStepThatDoesNotStep) {
  Param linear = real("x", 0, 1);
  linear.step = Cell::real(0);
  EXPECT_EQ(problem(linear), "hyperparameter \"x\": step 0 must be above 0");
  Param bent = integer("n", 1, 8);
  bent.sampling = Sampling::kLog;
  bent.step = Cell::whole(1);
  EXPECT_EQ(problem(bent),
            "hyperparameter \"n\": step 1 must be above 1 with log or reverse_log sampling: it is "
            "the factor from value to value");
}

TEST(Definition, RejectsADefaultOutsideTheRange) {
  Param param = integer("n", 1, 5);
  param.initial = Cell::whole(99);
  EXPECT_EQ(problem(param),
            "hyperparameter \"n\": the default 99 is not one of its values; "
            "the nearest is 5");
}

TEST(Definition, RejectsChoicesThatAreEmptyMixedOrTwice) {
  EXPECT_EQ(problem(choice("c", {})), "hyperparameter \"c\": values must not be empty");
  EXPECT_EQ(problem(choice("c", {text("a"), std::int64_t{1}})),
            "hyperparameter \"c\": values must be of one type: a and 1 are not");
  EXPECT_EQ(problem(choice("c", {1.5, 1.5})), "hyperparameter \"c\": the value 1.5 stands twice");
}

TEST(Definition, RejectsNamelessAndConditionsWithoutValues) {
  EXPECT_EQ(problem(integer("", 1, 2)), "a hyperparameter needs a name");
  EXPECT_EQ(problem(integer("n", 1, 2, {{"p", {}}})),
            "hyperparameter \"n\": the condition on \"p\" lists no value");
}

TEST(Definition, ReadsAsOneLine) {
  Param lr = real("lr", 1e-5, 0.1, {{"optimizer", {text("adam"), text("sgd")}}});
  lr.sampling = Sampling::kLog;
  lr.initial = Cell::real(0.001);
  EXPECT_EQ(to_text(lr),
            "float lr in [1e-05, 0.1], log, default 0.001, when optimizer is adam or sgd");
  EXPECT_EQ(to_text(choice("c", {std::int64_t{1}, std::int64_t{2}})),
            "choice c of {1, 2}, default 1");
  EXPECT_EQ(to_text(boolean("b")), "boolean b, default false");
}

}  // namespace
}  // namespace dodona::space
