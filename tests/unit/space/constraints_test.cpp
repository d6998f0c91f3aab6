// SPDX-License-Identifier: Apache-2.0
#include "space/constraints.hpp"

#include "support/error_of.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::space {
namespace {

using support::choice;
using support::error_of;
using support::integer;
using support::real;
using support::text;

Space example() {
  Space space;
  space.add(integer("units_0", 0, 5));
  space.add(integer("units_1", 0, 5));
  space.add(real("lr", 0, 1));
  space.add(choice("optimizer", {text("adam"), text("sgd")}));
  space.add(real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}));
  space.add(real("beta", 0, 1, {{"optimizer", {text("adam")}}}));
  return space;
}

std::string fault(const std::string& expression, Names names = Names::kComplete) {
  return error_of(DODONA_E_INVALID,
                  [&] { check_constraint(Constraint(expression), example().params(), names); });
}

TEST(Constraints, NameWhatThereIs) {
  EXPECT_EQ(fault("units_0 >= units_1"), "nothing was thrown");
  EXPECT_EQ(fault("units_0 >= unit_1"),
            "column 12 of \"units_0 >= unit_1\": there is no hyperparameter \"unit_1\" (did you "
            "mean \"units_1\"?)");
  EXPECT_EQ(fault("units_0 >= dropout"),
            "column 12 of \"units_0 >= dropout\": there is no hyperparameter \"dropout\"; there is "
            "units_0, units_1, lr, optimizer, momentum or beta");
  EXPECT_EQ(fault("units_0 >= dropout", Names::kOpen), "nothing was thrown");
}

TEST(Constraints, CompareAChoiceToItsOwnTexts) {
  EXPECT_EQ(fault("optimizer == 'sgd' or lr < .5"), "nothing was thrown");
  EXPECT_EQ(fault("lr < .5 or 'sdg' == optimizer"),
            "column 12 of \"lr < .5 or 'sdg' == optimizer\": \"sdg\" is not a value of "
            "\"optimizer\" (did you mean \"sgd\"?)");
  EXPECT_EQ(fault("optimizer != 'rmsprop'"),
            "column 14 of \"optimizer != 'rmsprop'\": \"rmsprop\" is not a value of "
            "\"optimizer\"; it has adam or sgd");
}

TEST(Constraints, MixNoKinds) {
  EXPECT_EQ(fault("optimizer > lr"),
            "column 1 of \"optimizer > lr\": optimizer is a text, and lr is a number: they cannot "
            "be compared");
}

std::string judged(const std::string& expression, Refuse refuse = Refuse::kConstant) {
  Space space = example();
  space.add_constraint(expression);
  return error_of(DODONA_E_INVALID, [&] { check_values(space, 0, refuse); });
}

TEST(Constraints, DecideSomething) {
  const std::string basis = ", as far as all ends and 10000 draws tell";
  EXPECT_EQ(judged("units_0 > units_1"), "nothing was thrown");
  EXPECT_EQ(judged("units_0 == 5 and units_1 == 0"), "nothing was thrown");
  EXPECT_EQ(judged("lr == 1"), "nothing was thrown") << "one end alone keeps it";
  EXPECT_EQ(judged("units_0 > 5"), "column 1 of \"units_0 > 5\": no values keep it" + basis);
  EXPECT_EQ(judged("units_0 <= 5"), "column 1 of \"units_0 <= 5\": all values keep it" + basis);
  EXPECT_EQ(judged("units_0 <= 5", Refuse::kNever), "nothing was thrown");
  EXPECT_EQ(judged("units_0 > 5", Refuse::kNever),
            "column 1 of \"units_0 > 5\": no values keep it" + basis);
  EXPECT_EQ(judged("units_0 / (lr - lr) > 1"),
            "column 1 of \"units_0 / (lr - lr) > 1\": it divides by zero, or its arithmetic is not "
            "finite, at all values" +
                basis);
  EXPECT_EQ(judged("momentum < beta"),
            "column 1 of \"momentum < beta\": what it names is never active together, so that it "
            "always holds" +
                basis);
  EXPECT_EQ(judged("momentum < .5"), "nothing was thrown");
  EXPECT_EQ(judged("unknown > 3"), "nothing was thrown");
}

}  // namespace
}  // namespace dodona::space
