// SPDX-License-Identifier: Apache-2.0
//
// The table answers what space.hpp answers, for every definition and point of random spaces.
#include "support/params.hpp"

#include <dodona/random.hpp>
#include <dodona/space_extension.hpp>
#include <dodona/testing/random_space.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dodona {
namespace {

using support::boolean;
using support::choice;
using support::integer;
using support::real;
using support::text;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// One definition as the table sees it, with answers of the table. A failure is a test failure.
class OneParam {
 public:
  explicit OneParam(Param param) : param_(std::move(param)) { raw_.add(param_); }
  const Param& param() const { return param_; }
  dodona_param* raw() { return const_cast<dodona_param*>(raw_.pointers().front()); }

  bool is_legal(const dodona_value& value) {
    std::uint32_t out = 7;
    EXPECT_EQ(kSpaceExtension.is_legal(raw(), &value, &out, nullptr), DODONA_OK);
    return out != 0;
  }
  bool is_legal(double number) { return is_legal(to_abi(Value(number))); }
  bool is_legal(std::int64_t number) { return is_legal(to_abi(Value(number))); }
  Value from_unit(double u) {
    dodona_value out{};
    EXPECT_EQ(kSpaceExtension.from_unit(raw(), u, &out, nullptr), DODONA_OK);
    return from_abi(out);
  }
  double to_unit(const Value& value) {
    const dodona_value raw_value = to_abi(value);
    double out = kNan;
    EXPECT_EQ(kSpaceExtension.to_unit(raw(), &raw_value, &out, nullptr), DODONA_OK);
    return out;
  }
  Value nearest(double number) {
    dodona_value out{};
    EXPECT_EQ(kSpaceExtension.nearest(raw(), number, &out, nullptr), DODONA_OK);
    return from_abi(out);
  }
  // The text of the error that `nearest` answers.
  std::string nearest_error(double number) {
    dodona_value out{};
    out.kind = 77;
    ErrorBuffer error;
    EXPECT_EQ(kSpaceExtension.nearest(raw(), number, &out, error.get()), DODONA_E_INVALID);
    EXPECT_EQ(out.kind, 77);
    return error.text();
  }

 private:
  const Param param_;
  AbiParams raw_;
};

// A space with a value for each active hyperparameter, as a plugin has them.
class Values {
 public:
  Values(const Space& space, const Point& point) : space_(space) {
    for (const Param& param : space.params()) params_.add(param);
    raw_.struct_size = sizeof raw_;
    raw_.params = params_.pointers().data();
    raw_.count = space.size();
    for (const Assignment& each : point.assignments()) {
      list.push_back({each.param, 0, to_abi(space_.params()[each.param], each.cell)});
    }
  }
  const dodona_space& raw() const { return raw_; }
  void set_constraints(dodona_str_span texts) { raw_.constraints = texts; }
  bool is_active(std::uint32_t param) const {
    std::uint32_t out = 7;
    EXPECT_EQ(kSpaceExtension.is_active(&raw_, param, span(), &out, nullptr), DODONA_OK);
    return out != 0;
  }
  bool is_feasible() const {
    std::uint32_t out = 7;
    EXPECT_EQ(kSpaceExtension.is_feasible(&raw_, span(), &out, nullptr), DODONA_OK);
    return out != 0;
  }
  dodona_assignment_span span() const { return {list.data(), list.size()}; }

  std::vector<dodona_assignment> list;

 private:
  const Space& space_;
  AbiParams params_;
  dodona_space raw_{};
};

Point random_point(const Space& space, RandomStream& random) {
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_active(i, point)) {
      point.set(i, from_unit(space.params()[i], random.uniform()));
    }
  }
  return point;
}

TEST(SpaceExtension, AnswersAsSpaceDoesOnRandomDefinitions) {
  RandomStream random(1, 0, Purpose::kStudySeed);
  for (int trial = 0; trial < 2000; ++trial) {
    OneParam one(testing::random_param(Space(), random, false));
    const Param& param = one.param();
    const double u = random.uniform();
    const Cell cell = from_unit(param, u);
    const Value value = value_of(param, cell);
    EXPECT_EQ(one.from_unit(u), value);
    EXPECT_EQ(one.to_unit(value), to_unit(param, cell));
    EXPECT_TRUE(one.is_legal(to_abi(value)));
    const double number = 8 * random.uniform() - 4;
    EXPECT_EQ(one.is_legal(number), cell_of(param, Value(number)).has_value()) << number;
  }
}

TEST(SpaceExtension, AnswersAsSpaceDoesOnRandomSpaces) {
  RandomStream random(2, 0, Purpose::kStudySeed);
  for (int trial = 0; trial < 300; ++trial) {
    const Space space = testing::random_space(random, 1 + random.below(12), false);
    const Point point = random_point(space, random);
    Values values(space, point);
    for (std::uint32_t i = 0; i < space.size(); ++i) {
      EXPECT_EQ(values.is_active(i), space.is_active(i, point));
    }
    EXPECT_TRUE(values.is_feasible());
    if (values.list.empty()) continue;

    // Without a value, twice a value, or with an illegal one it is not.
    const std::size_t at = random.below(values.list.size());
    const dodona_assignment taken = values.list[at];
    values.list[at].value.kind = DODONA_LIST;
    EXPECT_FALSE(values.is_feasible());
    values.list.erase(values.list.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_FALSE(values.is_feasible());
    values.list.insert(values.list.begin() + static_cast<std::ptrdiff_t>(at), 2, taken);
    EXPECT_FALSE(values.is_feasible());
  }
}

TEST(SpaceExtension, RefusesAValueOfAnInactiveHyperparameter) {
  Space space;
  space.add(boolean("bent"));
  space.add(integer("bend", 1, 3, {{"bent", {true}}}));
  Point point(2);
  point.set(0, Cell::whole(0));
  Values values(space, point);
  EXPECT_TRUE(values.is_feasible());
  EXPECT_FALSE(values.is_active(1));
  values.list.push_back({1, 0, to_abi(Value(std::int64_t{2}))});
  EXPECT_FALSE(values.is_feasible());
  values.list.front().value.as.i = 1;
  EXPECT_TRUE(values.is_feasible());
  std::swap(values.list.front(), values.list.back());
  EXPECT_FALSE(values.is_feasible());  // not in the order of the space
}

TEST(SpaceExtension, FindsTheNearestLegalNumber) {
  OneParam whole(integer("n", -3, 7));
  EXPECT_EQ(whole.nearest(2.4), Value(std::int64_t{2}));
  EXPECT_EQ(whole.nearest(2.6), Value(std::int64_t{3}));
  EXPECT_EQ(whole.nearest(-1e300), Value(std::int64_t{-3}));
  EXPECT_EQ(whole.nearest(1e300), Value(std::int64_t{7}));

  Param stepped = integer("n", 0, 12);
  stepped.step = Cell::whole(4);
  OneParam even(stepped);
  EXPECT_EQ(even.nearest(2.2), Value(std::int64_t{4}));
  EXPECT_EQ(even.nearest(1.8), Value(std::int64_t{0}));
  EXPECT_EQ(even.nearest(11), Value(std::int64_t{12}));

  OneParam continuous(real("x", 0, 1));
  EXPECT_EQ(continuous.nearest(0.3), Value(0.3));
  EXPECT_EQ(continuous.nearest(4), Value(1.0));

  Param ladder = real("x", 1, 1000);
  ladder.sampling = Sampling::kLog;
  ladder.step = Cell::real(10);
  OneParam tens(ladder);
  EXPECT_EQ(tens.nearest(40), Value(10.0));  // though 100 is nearer on the scale
  EXPECT_EQ(tens.nearest(60), Value(100.0));

  OneParam choices(choice("c", {std::int64_t{4}, std::int64_t{16}}));
  EXPECT_EQ(choices.nearest(9), Value(std::int64_t{4}));
  EXPECT_EQ(choices.nearest(11), Value(std::int64_t{16}));
}

// By brute force over all values of random definitions.
TEST(SpaceExtension, NoLegalValueIsNearerThanTheNearest) {
  RandomStream random(3, 0, Purpose::kStudySeed);
  for (int trial = 0; trial < 2000; ++trial) {
    const Param param = testing::random_param(Space(), random);
    if (param.type != ParamType::kInt && param.type != ParamType::kFloat) continue;
    const double number = 12 * random.uniform() - 6;
    const auto gap = [&](const Value& value) {
      const auto* whole = std::get_if<std::int64_t>(&value);
      return std::abs((whole ? static_cast<double>(*whole) : std::get<double>(value)) - number);
    };
    const double found = gap(OneParam(param).nearest(number));
    for (std::uint64_t k = 0; k < cardinality(param); ++k) {
      EXPECT_LE(found, gap(value_of(param, value_at(param, k))));
    }
  }
}

TEST(SpaceExtension, SaysWhatCannotBe) {
  OneParam words(choice("c", {text("a"), text("b")}));
  EXPECT_EQ(words.nearest_error(1), "hyperparameter \"c\" has no numbers");
  EXPECT_EQ(OneParam(boolean("b")).nearest_error(1), "hyperparameter \"b\" has no numbers");
  OneParam whole(integer("n", 1, 3));
  EXPECT_EQ(whole.nearest_error(kNan), "the number is not finite");
  EXPECT_FALSE(whole.is_legal(2.0));  // of another kind
  EXPECT_FALSE(whole.is_legal(std::int64_t{4}));
  EXPECT_FALSE(OneParam(real("x", 0, 1)).is_legal(kNan));
  EXPECT_TRUE(OneParam(real("x", 0, 1)).is_legal(std::int64_t{1}));
  dodona_value out{};
  EXPECT_EQ(kSpaceExtension.from_unit(whole.raw(), kInfinity, &out, nullptr), DODONA_E_INVALID);
  const dodona_value four = to_abi(Value(std::int64_t{4}));
  double u = 0.25;
  EXPECT_EQ(kSpaceExtension.to_unit(whole.raw(), &four, &u, nullptr), DODONA_E_INVALID);
  EXPECT_EQ(u, 0.25);
  whole.raw()->type = 99;
  EXPECT_EQ(whole.nearest_error(1), "hyperparameter \"n\" has the unknown type 99");
  whole.raw()->type = DODONA_PARAM_INT;
  whole.raw()->step = to_abi(Value(std::int64_t{0}));
  EXPECT_EQ(whole.nearest_error(1), "hyperparameter \"n\" has an impossible range");

  Space space;
  space.add(boolean("b"));
  Values values(space, Point(1));
  std::uint32_t active = 7;
  EXPECT_EQ(kSpaceExtension.is_active(&values.raw(), 1, values.span(), &active, nullptr),
            DODONA_E_INVALID);
  EXPECT_EQ(active, 7U);
}

TEST(SpaceExtension, JudgesConstraints) {
  Space space;
  space.add(integer("a", 0, 5));
  space.add(real("b", 0, 5));
  space.add(choice("c", {text("x"), text("y")}));
  Point point(3);
  point.set(0, Cell::whole(2));
  point.set(1, Cell::real(2.5));
  point.set(2, Cell::whole(1));
  Values values(space, point);
  EXPECT_TRUE(values.is_feasible());
  dodona_str kept[] = {to_abi("a < b"), to_abi("c == 'y'"), to_abi("gone > 3")};
  values.set_constraints({kept, 3});
  EXPECT_TRUE(values.is_feasible());
  kept[1] = to_abi("c == 'x'");
  EXPECT_FALSE(values.is_feasible());
  kept[1] = to_abi("a * 2 > b");
  EXPECT_TRUE(values.is_feasible());
  values.list[0].value.as.i = 3;
  EXPECT_FALSE(values.is_feasible());
}

// Operators that no definition of this version has, as a later host may give them.
TEST(SpaceExtension, KnowsEveryOperatorOfConditions) {
  Space space;
  space.add(integer("n", 0, 9));
  space.add(integer("child", 0, 1, {{"n", {std::int64_t{1}, std::int64_t{5}}}}));
  const auto active = [&](dodona_condition_op op, std::int64_t n) {
    Point point(2);
    point.set(0, Cell::whole(n));
    const Values values(space, point);
    const_cast<dodona_condition*>(values.raw().params[1]->conditions)->op = op;
    return values.is_active(1);
  };
  EXPECT_TRUE(active(DODONA_WHEN_IN, 5));
  EXPECT_FALSE(active(DODONA_WHEN_IN, 4));
  EXPECT_FALSE(active(DODONA_WHEN_NOT, 5));
  EXPECT_TRUE(active(DODONA_WHEN_NOT, 4));
  EXPECT_TRUE(active(DODONA_WHEN_RANGE, 1));
  EXPECT_TRUE(active(DODONA_WHEN_RANGE, 4));
  EXPECT_FALSE(active(DODONA_WHEN_RANGE, 6));
}

}  // namespace
}  // namespace dodona
