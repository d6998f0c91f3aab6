// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"
#include "support/failing_allocation.hpp"
#include "support/params.hpp"

#include <dodona/constraint.hpp>
#include <dodona/convert.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::boolean;
using support::choice;
using support::integer;
using support::real;
using support::text;

// The place of a fault and the words about it.
std::string fault(const std::string& expression) {
  return support::error_of(DODONA_E_INVALID, [&] { const Constraint read(expression); });
}

// Every value of a number x: the constraint `expression` over x alone.
Finding at(const std::string& expression, double x) {
  const Constraint constraint(expression);
  return constraint.evaluate([&](std::size_t) { return std::optional(Operand{x, {}}); });
}
bool holds(const std::string& expression, double x = 1) {
  return at(expression, x) == Finding::kHolds;
}

TEST(Constraint, BindsAsArithmeticDoes) {
  EXPECT_TRUE(holds("2 + 3 * 4 == 14 * x"));
  EXPECT_TRUE(holds("(2 + 3) * 4 == 20 * x"));
  EXPECT_TRUE(holds("10 - 4 - 3 == 3 * x"));
  EXPECT_TRUE(holds("24 / 4 / 3 == 2 * x"));
  EXPECT_TRUE(holds("-x * -3 == 3"));
  EXPECT_TRUE(holds("- -x == 1"));
  EXPECT_TRUE(holds("17 % 5 == 2 * x"));
  EXPECT_TRUE(holds("-17 % 5 == -2 * x"));
  EXPECT_TRUE(holds("7.5 % 2 == 1.5 * x"));
  EXPECT_TRUE(holds(".5 + 1e-3 + 2.5E2 == 250.501 * x"));
}

TEST(Constraint, ComparesNumbers) {
  EXPECT_TRUE(holds("x < 2"));
  EXPECT_FALSE(holds("x < 1"));
  EXPECT_TRUE(holds("x <= 1"));
  EXPECT_FALSE(holds("x > 1"));
  EXPECT_TRUE(holds("x >= 1"));
  EXPECT_TRUE(holds("x == 1"));
  EXPECT_FALSE(holds("x != 1"));
}

TEST(Constraint, BindsAndBeforeOrAndNotBeforeBoth) {
  EXPECT_TRUE(holds("x == 1 or x == 2 and x == 3"));
  EXPECT_FALSE(holds("(x == 1 or x == 2) and x == 3"));
  EXPECT_TRUE(holds("not x == 2 and x == 1"));
  EXPECT_TRUE(holds("not (x == 2 and x == 1)"));
  EXPECT_TRUE(holds("not not x == 1"));
  EXPECT_TRUE(holds("x == 2 or x == 3 or x == 1"));
  EXPECT_FALSE(holds("x == 1 and x < 2 and x == 0"));
  EXPECT_TRUE(holds("(x == 1) == true"));
  EXPECT_TRUE(holds("(x == 2) != (x == 1)"));
}

TEST(Constraint, IsBrokenByWhatIsNotFinite) {
  EXPECT_EQ(at("1 / x > 0", 0), Finding::kNotFinite);
  EXPECT_EQ(at("0 / x == 0", 0), Finding::kNotFinite);
  EXPECT_EQ(at("5 % x == 0", 0), Finding::kNotFinite);
  EXPECT_EQ(at("1 / (1 / x) == 0", 0), Finding::kNotFinite);
  EXPECT_EQ(at("not 1 / x > 0", 0), Finding::kNotFinite);
  EXPECT_EQ(at("x * x > 1", 1e200), Finding::kNotFinite);
}

TEST(Constraint, LeavesOutASideThatDecidesNothing) {
  EXPECT_EQ(at("x == 0 or 1 / x > 0", 0), Finding::kHolds);
  EXPECT_EQ(at("x != 0 and 1 / x > 0", 0), Finding::kBroken);
  EXPECT_EQ(at("x == 1 or 1 / x > 0 or x == 0", 0), Finding::kNotFinite);
}

TEST(Constraint, ListsEachNameOnce) {
  const Constraint constraint("`encoder/width` <= b_2 * `and` and b_2 > 0");
  EXPECT_EQ(constraint.names(), (std::vector<std::string>{"encoder/width", "b_2", "and"}));
}

TEST(Constraint, SaysWhereItCannotBeRead) {
  EXPECT_EQ(fault(""), "column 1 of \"\": the expression is empty");
  EXPECT_EQ(fault("a <"), "column 4 of \"a <\": a name, number or text is missing before the end");
  EXPECT_EQ(fault("a < * b"),
            "column 5 of \"a < * b\": a name, number or text is missing before *");
  EXPECT_EQ(fault("a b < 1"), "column 3 of \"a b < 1\": there is no operator before b");
  EXPECT_EQ(fault("2a < 1"), "column 2 of \"2a < 1\": there is no operator before a");
  EXPECT_EQ(fault("(a < 1"), "column 1 of \"(a < 1\": the parenthesis is never closed");
  EXPECT_EQ(fault("(a b"), "column 4 of \"(a b\": there is no operator before b");
  EXPECT_EQ(fault("a < 1)"), "column 6 of \"a < 1)\": the parenthesis was never opened");
  EXPECT_EQ(fault("a = 1"), "column 3 of \"a = 1\": write ==, not =");
  EXPECT_EQ(fault("!a"), "column 1 of \"!a\": write not, not !");
  EXPECT_EQ(fault("a && b"), "column 3 of \"a && b\": write and, not &&");
  EXPECT_EQ(fault("a || b"), "column 3 of \"a || b\": write or, not ||");
  EXPECT_EQ(fault("a == 'x"), "column 6 of \"a == 'x\": the quote ' is never closed");
  EXPECT_EQ(fault("`` < 1"), "column 1 of \"`` < 1\": the name is empty");
  EXPECT_EQ(fault("a < 1e999"),
            "column 5 of \"a < 1e999\": the number is beyond what a double can hold");
  EXPECT_EQ(fault("1 < a < 3"),
            "column 7 of \"1 < a < 3\": a comparison has two sides: write a < b and b < c");
  EXPECT_EQ(fault("max(a, 1) < 3"), "column 4 of \"max(a, 1) < 3\": there are no functions");
  EXPECT_EQ(fault("a == not b"), "column 6 of \"a == not b\": not needs parentheses here");
  EXPECT_EQ(fault("1 < 2"), "column 1 of \"1 < 2\": it names no hyperparameter");
}

TEST(Constraint, CountsColumnsInCharacters) {
  EXPECT_EQ(fault("`größe` < £"),
            "column 11 of \"`größe` < £\": the character £ means nothing here; a name that is not "
            "a word stands in `back quotes`");
}

TEST(Constraint, RefusesKindsThatCannotFit) {
  EXPECT_EQ(fault("a + 1"),
            "column 1 of \"a + 1\": a + 1 is a number: a constraint is true or false, as a "
            "comparison is");
  EXPECT_EQ(fault("a == 'x' + 1"),
            "column 6 of \"a == 'x' + 1\": 'x' is a text: arithmetic needs numbers");
  EXPECT_EQ(fault("a < 'x'"), "column 5 of \"a < 'x'\": 'x' is a text: only numbers have an order");
  EXPECT_EQ(fault("a < 1 == 2"),
            "column 7 of \"a < 1 == 2\": a comparison has two sides: write a < b and b < c");
  EXPECT_EQ(fault("(a < 1) == 2"),
            "column 2 of \"(a < 1) == 2\": a < 1 is true or false, and 2 is a number: they cannot "
            "be compared");
  EXPECT_EQ(fault("a < 1 and 2"),
            "column 11 of \"a < 1 and 2\": 2 is a number: and needs what is true or false on each "
            "side");
  EXPECT_EQ(fault("not 2 * a"),
            "column 5 of \"not 2 * a\": 2 * a is a number: not needs what is true or false");
  EXPECT_EQ(fault("-'x' == a"), "column 2 of \"-'x' == a\": 'x' is a text: - needs numbers");
}

TEST(Constraint, RefusesADivisionByAConstantZero) {
  EXPECT_EQ(fault("a / 0 > 1"), "column 5 of \"a / 0 > 1\": it divides by zero");
  EXPECT_EQ(fault("a % (2 - 4 / 2) > 1"),
            "column 6 of \"a % (2 - 4 / 2) > 1\": it divides by zero");
}

TEST(Constraint, BoundsItsDepth) {
  const auto nested = [](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '(') + "a > 1" + std::string(count, ')');
  };
  EXPECT_EQ(fault(nested(32)), "nothing was thrown");
  EXPECT_TRUE(support::contains(fault(nested(33)), "there are more than 32 open parentheses"));
  std::string deep = "a";
  for (int i = 0; i < 31; ++i) deep = "1 + (" + deep + ")";
  EXPECT_EQ(fault(deep + " > 1"), "nothing was thrown");
  deep = "a > 1";
  for (int i = 0; i < 20; ++i) deep = "false == (1 + 2 * 3 < 1 + 2 * a) == (" + deep + ")";
  EXPECT_NE(fault(deep), "nothing was thrown");
  const std::string many = std::string(100000, '-') + "a > 1";  // no recursion
  EXPECT_EQ(fault(many), "nothing was thrown");
}

Space example() {
  Space space;
  space.add(integer("a", 0, 5));
  space.add(integer("b", 0, 5));
  space.add(choice("optimizer", {text("adam"), text("sgd")}));
  space.add(boolean("bias"));
  space.add(choice("batch", {std::int64_t{16}, std::int64_t{64}}));
  space.add(real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}));
  return space;
}

std::string refused(const std::string& expression) {
  return support::error_of(DODONA_E_INVALID, [&] { example().add_constraint(expression); });
}

TEST(SpaceConstraints, MixNoKinds) {
  EXPECT_EQ(refused("optimizer == 1"),
            "column 1 of \"optimizer == 1\": optimizer is a text, and 1 is a number: they cannot "
            "be compared");
  EXPECT_EQ(refused("bias == 1"),
            "column 1 of \"bias == 1\": bias is true or false, and 1 is a number: they cannot be "
            "compared");
  EXPECT_EQ(refused("bias + a > 1"),
            "column 1 of \"bias + a > 1\": bias is true or false: arithmetic needs numbers");
  EXPECT_EQ(refused("a or bias"),
            "column 1 of \"a or bias\": a is a number: or needs what is true or false on each "
            "side");
  EXPECT_EQ(refused("unknown > 'a' or a > 1"),
            "column 11 of \"unknown > 'a' or a > 1\": 'a' is a text: only numbers have an order");
}

// A value for each hyperparameter; the momentum is active with sgd alone.
bool feasible(const Space& space, std::int64_t a, std::int64_t b, std::int64_t optimizer, bool bias,
              std::int64_t batch, double momentum = 0) {
  Point point(space.size());
  point.set(0, Cell::whole(a));
  point.set(1, Cell::whole(b));
  point.set(2, Cell::whole(optimizer));
  point.set(3, Cell::whole(bias ? 1 : 0));
  point.set(4, Cell::whole(batch));
  if (optimizer == 1) point.set(5, Cell::real(momentum));
  return space.is_feasible(point);
}

// Each constraint against its meaning, at every value of the space.
TEST(SpaceConstraints, AgreeWithWhatTheyMeanEverywhere) {
  struct Meaning {
    const char* expression;
    bool (*holds)(int a, int b, bool sgd, bool bias, int batch, double momentum);
  };
  const Meaning meanings[] = {
      {"a >= b", [](int a, int b, bool, bool, int, double) { return a >= b; }},
      {"a * b <= 12 and a % 2 == b % 2",
       [](int a, int b, bool, bool, int, double) { return a * b <= 12 && a % 2 == b % 2; }},
      {"bias", [](int, int, bool, bool bias, int, double) { return bias; }},
      {"not bias or a > 2",
       [](int a, int, bool, bool bias, int, double) { return !bias || a > 2; }},
      {"bias == true", [](int, int, bool, bool bias, int, double) { return bias; }},
      {"bias != (a < b)",
       [](int a, int b, bool, bool bias, int, double) { return bias != (a < b); }},
      {"batch * a <= 64 or batch == 16",
       [](int a, int, bool, bool, int batch, double) { return batch * a <= 64 || batch == 16; }},
      {"optimizer == \"sgd\" or b == 0",
       [](int, int b, bool sgd, bool, int, double) { return sgd || b == 0; }},
      {"'adam' != optimizer", [](int, int, bool sgd, bool, int, double) { return sgd; }},
      {"a / b > 1", [](int a, int b, bool, bool, int, double) { return b != 0 && a > b; }},
      {"b == 0 or a / b > 1",
       [](int a, int b, bool, bool, int, double) { return b == 0 || a > b; }},
      {"momentum <= .5 or bias",
       [](int, int, bool sgd, bool bias, int, double m) { return !sgd || m <= .5 || bias; }},
      {"a > 3 and momentum < 2",
       [](int a, int, bool sgd, bool, int, double) { return !sgd || a > 3; }},
  };
  for (const Meaning& meaning : meanings) {
    Space space = example();
    space.add_constraint(meaning.expression);
    int held = 0;
    for (int k = 0; k < 6 * 6 * 2 * 2 * 2 * 3; ++k) {
      const int a = k % 6, b = k / 6 % 6, sgd = k / 36 % 2, bias = k / 72 % 2, batch = k / 144 % 2;
      const double momentum = 0.4 * (k / 288);
      const bool expected =
          meaning.holds(a, b, sgd != 0, bias != 0, batch == 0 ? 16 : 64, momentum);
      held += expected ? 1 : 0;
      ASSERT_EQ(feasible(space, a, b, sgd, bias != 0, batch, momentum), expected)
          << meaning.expression << " at " << k;
    }
    EXPECT_GT(held, 0) << meaning.expression;
    EXPECT_LT(held, 864) << meaning.expression;
  }
}

// Grows an expression and its meaning side by side, in parentheses everywhere.
struct Grower {
  RandomStream random;
  std::vector<double> values;

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random.below(n)); }

  std::pair<std::string, std::optional<double>> number(int depth) {
    if (depth == 0 || below(4) == 0) {
      const std::size_t at = below(values.size() + 2);
      if (at < values.size()) return {"v" + std::to_string(at), values[at]};
      return {std::to_string(at), static_cast<double>(at)};
    }
    const std::size_t op = below(6);
    const auto left = number(depth - 1);
    if (op == 5)
      return {"-" + left.first, left.second ? std::optional(-*left.second) : std::nullopt};
    const auto right = number(depth - 1);
    const std::string text = "(" + left.first + " " + "+-*/%"[op] + " " + right.first + ")";
    if (!left.second || !right.second) return {text, std::nullopt};
    const double a = *left.second;
    const double b = *right.second;
    const double all[] = {a + b, a - b, a * b, a / b, std::fmod(a, b)};
    return {text, std::isfinite(all[op]) ? std::optional(all[op]) : std::nullopt};
  }

  std::pair<std::string, std::optional<bool>> truth(int depth) {
    const std::size_t op = depth == 0 ? below(6) : below(9);
    if (op >= 6) {
      const auto left = truth(depth - 1);
      if (op == 8) {
        return {"(not " + left.first + ")",
                left.second ? std::optional(!*left.second) : std::nullopt};
      }
      const auto right = truth(depth - 1);
      const bool either = op == 7;
      const std::string text = "(" + left.first + (either ? " or " : " and ") + right.first + ")";
      if (!left.second || *left.second == either) return {text, left.second};
      return {text, right.second};
    }
    const auto left = number(depth);
    const auto right = number(depth);
    const char* const signs[] = {"<", "<=", ">", ">=", "==", "!="};
    const std::string text = "(" + left.first + " " + signs[op] + " " + right.first + ")";
    if (!left.second || !right.second) return {text, std::nullopt};
    const double a = *left.second;
    const double b = *right.second;
    const bool all[] = {a<b, a <= b, a> b, a >= b, a == b, a != b};
    return {text, all[op]};
  }
};

TEST(SpaceConstraints, AgreeWithRandomExpressions) {
  Space space;
  for (int i = 0; i < 4; ++i) space.add(integer("v" + std::to_string(i), -3, 3));
  int read = 0;
  int held = 0;
  for (std::uint64_t k = 0; k < 20000; ++k) {
    Grower grower{RandomStream(11, k, Purpose::kStudySeed), {}};
    Point point(4);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto value = static_cast<std::int64_t>(grower.below(7)) - 3;
      point.set(i, Cell::whole(value));
      grower.values.push_back(static_cast<double>(value));
    }
    const auto [text, expected] = grower.truth(3);
    Space constrained = space;
    try {
      constrained.add_constraint(text);
    } catch (const Error&) {
      continue;  // it names nothing, or divides by a constant zero
    }
    ++read;
    const Finding found = constrained.evaluate(0, point);
    ASSERT_EQ(found, !expected   ? Finding::kNotFinite
                     : *expected ? Finding::kHolds
                                 : Finding::kBroken)
        << text;
    held += found == Finding::kHolds ? 1 : 0;
  }
  EXPECT_GT(read, 15000);
  EXPECT_GT(held, 4000);
}

TEST(SpaceConstraints, HoldWhileANameIsUnknown) {
  Space space;
  space.add(integer("a", 0, 5));
  space.add_constraint("a > 3 and later < 2");
  Point point(1);
  point.set(0, Cell::whole(0));
  EXPECT_TRUE(space.is_feasible(point));
  space.add(integer("later", 0, 5));
  EXPECT_TRUE(space.is_feasible(point));  // a point of the smaller space
  point.set(1, Cell::whole(1));
  EXPECT_FALSE(space.is_feasible(point));
  point.set(0, Cell::whole(4));
  EXPECT_TRUE(space.is_feasible(point));
}

TEST(SpaceConstraints, RefuseADefinitionThatDoesNotFit) {
  Space space;
  space.add(boolean("c"));
  space.add_constraint("a > 3");
  EXPECT_EQ(
      support::error_of(DODONA_E_INVALID, [&] { space.add(boolean("a")); }),
      "column 1 of \"a > 3\": a is true or false, and 3 is a number: they cannot be compared");
  EXPECT_EQ(space.size(), 1U);
  space.add(integer("a", 0, 5, {{"c", {true}}}));
  EXPECT_EQ(support::error_of(DODONA_E_INVALID,
                              [&] {
                                space.add(choice("a", {text("x")}, {{"c", {false}}}));
                              }),
            "column 1 of \"a > 3\": \"a\" has values of one kind under some conditions, and of "
            "another kind under others");
  EXPECT_EQ(space.size(), 2U);
}

TEST(SpaceConstraints, TakeTheDefinitionThatIsActive) {
  Space space;
  space.add(boolean("wide"));
  space.add(integer("n", 1, 2, {{"wide", {false}}}));
  space.add(integer("n", 3, 9, {{"wide", {true}}}));
  space.add_constraint("n != 2 and n != 7");
  const auto at_n = [&](bool wide, std::int64_t n) {
    Point point(3);
    point.set(0, Cell::whole(wide ? 1 : 0));
    point.set(wide ? 2 : 1, Cell::whole(n));
    return space.is_feasible(point);
  };
  EXPECT_TRUE(at_n(false, 1));
  EXPECT_FALSE(at_n(false, 2));
  EXPECT_TRUE(at_n(true, 3));
  EXPECT_FALSE(at_n(true, 7));
}

TEST(SpaceConstraints, TellTheValuesThatBreakThem) {
  Space space = example();
  space.add_constraint("a >= 0");
  space.add_constraint("a >= b or optimizer == 'adam' or bias or momentum < a / b");
  Point point(space.size());
  const Cell cells[] = {Cell::whole(1), Cell::whole(2), Cell::whole(1),
                        Cell::whole(0), Cell::whole(0), Cell::real(.75)};
  for (std::size_t i = 0; i < 6; ++i) point.set(i, cells[i]);
  ASSERT_EQ(space.broken(point), 1U);
  EXPECT_EQ(space.told(1, point),
            "\"a >= b or optimizer == 'adam' or bias or momentum < a / b\", where a is 1 and b is "
            "2 and optimizer is 'sgd' and bias is false and momentum is 0.75");
}

TEST(SpaceConstraints, AllocateNothingForAPoint) {
  Space space = example();
  space.add_constraint("a * b <= 12 and (optimizer == 'a text of more than a few bytes' or bias)");
  Point point(space.size());
  for (std::size_t i = 0; i < 5; ++i) point.set(i, Cell::whole(1));
  support::fail_allocation(0);
  bool feasible = false;
  bool threw = false;
  try {
    feasible = space.is_feasible(point);
  } catch (const std::bad_alloc&) {
    threw = true;
  }
  support::fail_no_allocation();
  EXPECT_FALSE(threw);
  EXPECT_TRUE(feasible);
}

TEST(SpaceConstraints, CrossTheCContract) {
  const std::string text = "a >= b";
  const dodona_str raw_text = to_abi(text);
  AbiParams params;
  const Space space = example();
  for (const Param& param : space.params()) params.add(param);
  dodona_space raw{};
  raw.struct_size = sizeof raw;
  raw.params = params.pointers().data();
  raw.count = params.pointers().size();
  raw.constraints = {&raw_text, 1};
  const Space crossed = from_abi(raw);
  ASSERT_EQ(crossed.constraint_count(), 1U);
  EXPECT_EQ(crossed.constraint(0).text(), text);
  EXPECT_FALSE(feasible(crossed, 1, 2, 0, false, 0));
  raw.struct_size = DODONA_SPACE_SIZE_MIN;  // of a host before constraints
  EXPECT_EQ(from_abi(raw).constraint_count(), 0U);
}

}  // namespace
}  // namespace dodona
