// SPDX-License-Identifier: Apache-2.0
#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace dodona {
namespace {

Param integer(std::int64_t low, std::int64_t high, std::optional<std::int64_t> step = {},
              Sampling sampling = Sampling::kLinear) {
  Param p;
  p.type = ParamType::kInt;
  p.name = "n";
  p.sampling = sampling;
  p.low = p.initial = Cell::whole(low);
  p.high = Cell::whole(high);
  if (step) p.step = Cell::whole(*step);
  return p;
}

Param real(double low, double high, std::optional<double> step = {},
           Sampling sampling = Sampling::kLinear) {
  Param p;
  p.type = ParamType::kFloat;
  p.name = "x";
  p.sampling = sampling;
  p.low = p.initial = Cell::real(low);
  p.high = Cell::real(high);
  if (step) p.step = Cell::real(*step);
  return p;
}

Param choice(std::string name, std::vector<Value> values) {
  Param p;
  p.type = ParamType::kChoice;
  p.name = std::move(name);
  p.choices = std::move(values);
  return p;
}

Param boolean(std::string name) {
  Param p;
  p.type = ParamType::kBoolean;
  p.name = std::move(name);
  return p;
}

Param when(Param p, std::string parent, std::vector<Value> any_of) {
  p.conditions.push_back({std::move(parent), std::move(any_of)});
  return p;
}

std::string text(const Param& p) {
  std::ostringstream out;
  out.precision(17);
  const bool whole = p.type == ParamType::kInt;
  const auto put = [&](Cell cell) {
    if (whole) {
      out << cell.whole();
    } else {
      out << cell.real();
    }
  };
  out << (whole ? "int " : "float ") << static_cast<int>(p.sampling) << " [";
  put(p.low);
  out << ", ";
  put(p.high);
  out << "]";
  if (p.step) {
    out << " step ";
    put(*p.step);
  }
  return out.str();
}

std::vector<std::int64_t> wholes(const Param& p) {
  std::vector<std::int64_t> out;
  for (std::uint64_t k = 0; k < cardinality(p); ++k) out.push_back(value_at(p, k).whole());
  return out;
}

std::vector<double> reals(const Param& p) {
  std::vector<double> out;
  for (std::uint64_t k = 0; k < cardinality(p); ++k) out.push_back(value_at(p, k).real());
  return out;
}

// ---- the table of formulas ---------------------------------------------------------------------

TEST(Range, OfIntegersListsItsValues) {
  using V = std::vector<std::int64_t>;
  EXPECT_EQ(wholes(integer(1, 4)), (V{1, 2, 3, 4}));
  EXPECT_EQ(wholes(integer(32, 128, 32)), (V{32, 64, 96, 128}));
  EXPECT_EQ(wholes(integer(0, 10, 4)), (V{0, 4, 8}));  // the maximum is off the grid
  EXPECT_EQ(wholes(integer(-3, 3, 2)), (V{-3, -1, 1, 3}));
  EXPECT_EQ(wholes(integer(5, 5)), (V{5}));
  EXPECT_EQ(wholes(integer(1, 16, 2, Sampling::kLog)), (V{1, 2, 4, 8, 16}));
  EXPECT_EQ(wholes(integer(1, 20, 2, Sampling::kLog)), (V{1, 2, 4, 8, 16}));
  EXPECT_EQ(wholes(integer(1, 1000, 10, Sampling::kLog)), (V{1, 10, 100, 1000}));
  EXPECT_EQ(wholes(integer(1, 16, 2, Sampling::kReverseLog)), (V{1, 9, 13, 15, 16}));
  EXPECT_EQ(wholes(integer(3, 6, {}, Sampling::kLog)), (V{3, 4, 5, 6}));
}

TEST(Range, OfRealsListsItsValuesWithoutDust) {
  using V = std::vector<double>;
  EXPECT_EQ(reals(real(0, 0.5, 0.1)), (V{0, 0.1, 0.2, 0.3, 0.4, 0.5}));
  EXPECT_EQ(reals(real(-0.3, 0.3, 0.1)), (V{-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3}));
  EXPECT_EQ(reals(real(0, 1, 0.4)), (V{0, 0.4, 0.8}));
  EXPECT_EQ(reals(real(1e-4, 1e-1, 10.0, Sampling::kLog)), (V{1e-4, 1e-3, 1e-2, 1e-1}));
  EXPECT_EQ(reals(real(1e-14, 1, 100.0, Sampling::kLog)),
            (V{1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1}));
  EXPECT_EQ(reals(real(0.01, 1, 10.0, Sampling::kReverseLog)), (V{0.01, 0.91, 1}));
  EXPECT_EQ(reals(real(2, 2, 0.5)), (V{2}));
}

TEST(Range, KeepsMoreDigitsThanTwelveWhereTheUserGaveThem) {
  EXPECT_EQ(value_at(real(0.123456789012345, 1, 0.1), 0).real(), 0.123456789012345);
  const Param fine = real(1e6, 1e6 + 1e-3, 1e-7);
  EXPECT_NE(value_at(fine, 1).real(), value_at(fine, 0).real());
}

TEST(Cardinality, IsZeroWhereValuesCannotBeCounted) {
  EXPECT_EQ(cardinality(real(0, 1)), 0u);
  EXPECT_EQ(cardinality(real(1, 2, {}, Sampling::kLog)), 0u);
  EXPECT_EQ(cardinality(real(0, 1, 1e-300)), 0u);
  EXPECT_EQ(cardinality(integer(INT64_MIN, INT64_MAX)), 0u);
  EXPECT_EQ(cardinality(real(3, 3)), 1u);
  EXPECT_EQ(cardinality(boolean("b")), 2u);
  EXPECT_EQ(cardinality(choice("c", {Value("a"), Value("b"), Value("c")})), 3u);
  Param fixed = choice("f", {Value(std::int64_t{64})});
  fixed.type = ParamType::kFixed;
  EXPECT_EQ(cardinality(fixed), 1u);
}

TEST(FromUnit, FollowsTheFormulas) {
  EXPECT_DOUBLE_EQ(from_unit(real(2, 6), 0.25).real(), 3.0);
  EXPECT_DOUBLE_EQ(from_unit(real(1e-4, 1, {}, Sampling::kLog), 0.5).real(), 1e-2);
  // max + min - min * (max / min) ^ (1 - u)
  EXPECT_DOUBLE_EQ(from_unit(real(1e-4, 1, {}, Sampling::kReverseLog), 0.5).real(),
                   1 + 1e-4 - 1e-2);
  EXPECT_EQ(from_unit(integer(1, 4), 0.0).whole(), 1);
  EXPECT_EQ(from_unit(integer(1, 4), 0.24).whole(), 1);
  EXPECT_EQ(from_unit(integer(1, 4), 0.26).whole(), 2);
  EXPECT_EQ(from_unit(integer(1, 4), 1.0).whole(), 4);
  // floor of a log range up to, not including, max + 1: [1, 2) has log(2) / log(8) of it.
  EXPECT_EQ(from_unit(integer(1, 7, {}, Sampling::kLog), 0.33).whole(), 1);
  EXPECT_EQ(from_unit(integer(1, 7, {}, Sampling::kLog), 0.34).whole(), 2);
  EXPECT_EQ(from_unit(integer(1, 7, {}, Sampling::kLog), 1.0).whole(), 7);
  EXPECT_EQ(from_unit(real(0, 1, 0.5), 0.34).real(), 0.5);
  EXPECT_EQ(from_unit(boolean("b"), 0.5).whole(), 1);
  EXPECT_EQ(from_unit(choice("c", {Value("a"), Value("b")}), 0.49).whole(), 0);
}

// Each kind of hyperparameter with each sampling, with and without step: a point of the unit
// interval, its value, and the value's own point, which is the middle of what gives it.
TEST(Formulas, AreThoseOfTheTable) {
  const auto whole = [](std::int64_t value) { return Cell::whole(value); };
  const auto dot = [](double value) { return Cell::real(value); };
  Param fixed = choice("f", {Value(std::int64_t{64})});
  fixed.type = ParamType::kFixed;
  const Param words = choice("c", {Value("a"), Value("b"), Value("c")});
  const struct {
    Param param;
    double u;
    Cell value;
    double back;
  } rows[] = {
      {integer(1, 4), 0.3, whole(2), 1.5 / 4},
      {integer(32, 128, 32), 0.5, whole(96), 2.5 / 4},
      // floor of 8^u, which is 2 from log 2 to log 3. KerasTuner goes back to log 2.5.
      {integer(1, 7, {}, Sampling::kLog), 0.5, whole(2), std::log(6) / 2 / std::log(8)},
      {integer(1, 16, 2, Sampling::kLog), 0.5, whole(4), 2.5 / 5},
      // The same from above: floor of 8 + 1 - 8^(1 - u).
      {integer(1, 7, {}, Sampling::kReverseLog), 0.5, whole(6), 1 - std::log(6) / 2 / std::log(8)},
      {integer(1, 16, 2, Sampling::kReverseLog), 0.5, whole(13), 2.5 / 5},  // upward
      {real(2, 6), 0.25, dot(3), 0.25},
      {real(0, 1, 0.25), 0.3, dot(0.25), 1.5 / 5},
      {real(1e-4, 1, {}, Sampling::kLog), 0.5, dot(1e-2), 0.5},
      {real(1e-4, 1e-1, 10.0, Sampling::kLog), 0.3, dot(1e-3), 1.5 / 4},
      {real(1e-4, 1, {}, Sampling::kReverseLog), 0.5, dot(1 + 1e-4 - 1e-2), 0.5},
      {real(0.01, 1, 10.0, Sampling::kReverseLog), 0.5, dot(0.91), 1.5 / 3},  // upward
      {words, 0.5, whole(1), 1.5 / 3},
      {words, 1.0, whole(2), 2.5 / 3},
      {boolean("b"), 0.49, whole(0), 0.25},
      {boolean("b"), 0.5, whole(1), 0.75},
      {fixed, 0.9, whole(0), 0.5},
      {integer(5, 5), 0.9, whole(5), 0.5},
      {real(3, 3), 0.9, dot(3), 0.5},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(text(row.param) + " at " + std::to_string(row.u));
    const Cell value = from_unit(row.param, row.u);
    EXPECT_DOUBLE_EQ(detail::number(row.param, value), detail::number(row.param, row.value));
    EXPECT_DOUBLE_EQ(to_unit(row.param, row.value), row.back);
    EXPECT_EQ(from_unit(row.param, row.back), value);
  }
}

TEST(FromUnit, TakesWhatLiesOutsideAsTheEnds) {
  EXPECT_EQ(from_unit(real(2, 6), -1).real(), 2.0);
  EXPECT_EQ(from_unit(real(2, 6), 7).real(), 6.0);
}

TEST(FromUnit, ReachesTheEndsOfTheWidestIntegers) {
  for (const Sampling sampling : {Sampling::kLog, Sampling::kReverseLog}) {
    const Param p = integer(1, INT64_MAX, {}, sampling);
    EXPECT_EQ(from_unit(p, 0.0).whole(), 1);
    EXPECT_EQ(from_unit(p, 1.0).whole(), INT64_MAX);
  }
  const Param all = integer(INT64_MIN, INT64_MAX);
  EXPECT_EQ(from_unit(all, 0.0).whole(), INT64_MIN);
  EXPECT_EQ(from_unit(all, 1.0).whole(), INT64_MAX);
  EXPECT_EQ(from_unit(all, 0.5).whole(), 0);
  const Param thirds = integer(INT64_MIN, INT64_MAX, 3);
  EXPECT_TRUE(is_legal(thirds, from_unit(thirds, 0.77)));
}

TEST(IndexOf, IsTheNearestForAValueOffTheGrid) {
  const Param p = integer(0, 100, 10);
  EXPECT_EQ(index_of(p, Cell::whole(14)), 1u);
  EXPECT_EQ(index_of(p, Cell::whole(16)), 2u);
  EXPECT_EQ(index_of(p, Cell::whole(-5)), 0u);
  EXPECT_EQ(index_of(p, Cell::whole(1000)), 10u);
  EXPECT_EQ(index_of(real(1, 100, 10.0, Sampling::kLog), Cell::real(-1)), 0u);
  EXPECT_EQ(index_of(real(1, 100, 10.0, Sampling::kLog), Cell::real(5)), 1u);
}

// ---- properties on random definitions ----------------------------------------------------------

double decimal(RandomStream& random, double scale) {
  return std::round(random.uniform() * 1000) / 1000 * scale;
}

Sampling any_sampling(RandomStream& random) {
  return static_cast<Sampling>(1 + random.below(3));
}

Param any_integer(RandomStream& random) {
  const Sampling sampling = any_sampling(random);
  const bool bent = sampling != Sampling::kLinear;
  const auto span =
      static_cast<std::int64_t>(random.below(std::uint64_t{1} << (1 + random.below(30))));
  const std::int64_t low = bent ? 1 + static_cast<std::int64_t>(random.below(1000))
                                : static_cast<std::int64_t>(random.below(2001)) - 1000;
  std::optional<std::int64_t> step;
  if (random.below(2) == 0) step = (bent ? 2 : 1) + static_cast<std::int64_t>(random.below(20));
  return integer(low, low + span, step, sampling);
}

Param any_real(RandomStream& random) {
  const Sampling sampling = any_sampling(random);
  const bool bent = sampling != Sampling::kLinear;
  const double scale = std::pow(10.0, static_cast<double>(random.below(13)) - 6);
  double low = decimal(random, scale);
  if (bent) low += scale * 1e-3;
  if (!bent && random.below(2) == 0) low = -low;
  const double high = bent ? low * (1 + random.uniform() * 1e4) : low + decimal(random, 10 * scale);
  std::optional<double> step;
  if (random.below(2) == 0)
    step = bent ? 1.05 + decimal(random, 10) : scale * 1e-3 + decimal(random, scale);
  return real(low, high, step, sampling);
}

TEST(RandomDefinitions, ComeBackFromTheUnitCube) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RandomStream random(seed, 0, Purpose::kProposal);
    const Param p = random.below(2) == 0 ? any_integer(random) : any_real(random);
    for (int i = 0; i < 20; ++i) {
      const double u = i == 0 ? 0.0 : i == 1 ? 1.0 : random.uniform();
      const Cell cell = from_unit(p, u);
      ASSERT_TRUE(is_legal(p, cell)) << "seed " << seed << ": " << text(p) << " at " << u;
      const double back = to_unit(p, cell);
      ASSERT_TRUE(back >= 0.0 && back <= 1.0) << "seed " << seed << ": " << text(p);
      const Cell again = from_unit(p, back);
      if (cardinality(p) != 0) {
        ASSERT_EQ(again, cell) << "seed " << seed << ": " << text(p) << " at " << u;
      } else {
        const double width = p.high.real() - p.low.real();
        ASSERT_NEAR(again.real(), cell.real(), 1e-9 * std::max(width, std::abs(cell.real())))
            << "seed " << seed << ": " << text(p) << " at " << u;
        ASSERT_NEAR(back, u, 1e-6) << "seed " << seed << ": " << text(p);
      }
    }
  }
}

TEST(RandomDefinitions, CountTheirValuesInRisingOrder) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RandomStream random(seed, 0, Purpose::kProposal);
    const Param p = random.below(2) == 0 ? any_integer(random) : any_real(random);
    const std::uint64_t count = cardinality(p);
    if (count == 0) continue;
    const auto number = [&](std::uint64_t k) { return detail::number(p, value_at(p, k)); };
    ASSERT_EQ(value_at(p, 0), p.low) << "seed " << seed << ": " << text(p);
    ASSERT_LE(number(count - 1), detail::number(p, p.high)) << "seed " << seed << ": " << text(p);
    for (int i = 0; i < 20 && count > 1; ++i) {
      const std::uint64_t k = random.below(count - 1);
      ASSERT_LT(number(k), number(k + 1)) << "seed " << seed << ": " << text(p) << " at " << k;
      ASSERT_EQ(index_of(p, value_at(p, k)), k) << "seed " << seed << ": " << text(p);
    }
  }
}

TEST(RandomDefinitions, TakeTheirOwnValuesAndNoOthers) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RandomStream random(seed, 0, Purpose::kProposal);
    const Param p = random.below(2) == 0 ? any_integer(random) : any_real(random);
    const Cell cell = from_unit(p, random.uniform());
    ASSERT_EQ(cell_of(p, value_of(p, cell)), cell) << "seed " << seed << ": " << text(p);
    const double width = std::abs(detail::number(p, p.high)) + 1;
    if (p.type == ParamType::kInt) {
      EXPECT_FALSE(cell_of(p, Value(p.high.whole() + 1)));
      EXPECT_FALSE(cell_of(p, Value(p.low.whole() - 1)));
    } else {
      EXPECT_FALSE(cell_of(p, Value(p.high.real() + width)));
      EXPECT_FALSE(cell_of(p, Value(p.low.real() - width)));
      EXPECT_FALSE(cell_of(p, Value(std::numeric_limits<double>::quiet_NaN())));
      EXPECT_FALSE(cell_of(p, Value(std::numeric_limits<double>::infinity())));
    }
  }
}

// ---- values as users write them ----------------------------------------------------------------

TEST(CellOf, TakesAWholeNumberForAFloat) {
  EXPECT_EQ(cell_of(real(0, 2), Value(std::int64_t{1})), Cell::real(1.0));
  EXPECT_FALSE(cell_of(integer(0, 2), Value(1.0)));
}

TEST(CellOf, TakesAFloatWithinRoundingOfTheGrid) {
  const Param p = real(0, 1, 0.1);
  EXPECT_EQ(cell_of(p, Value(0.1 + 0.2)), Cell::real(0.3));
  EXPECT_EQ(cell_of(p, Value(1e-17)), Cell::real(0.0));
  EXPECT_FALSE(cell_of(p, Value(0.35)));
}

TEST(CellOf, KnowsChoicesByValue) {
  const Param words = choice("c", {Value("adam"), Value("sgd")});
  EXPECT_EQ(cell_of(words, Value("sgd")), Cell::whole(1));
  EXPECT_FALSE(cell_of(words, Value("sdg")));
  const Param numbers = choice("c", {Value(0.5), Value(2.0)});
  EXPECT_EQ(cell_of(numbers, Value(std::int64_t{2})), Cell::whole(1));
  EXPECT_FALSE(cell_of(boolean("b"), Value(std::int64_t{1})));
  EXPECT_EQ(cell_of(boolean("b"), Value(true)), Cell::whole(1));
}

// ---- spaces ------------------------------------------------------------------------------------

TEST(Space, ActivatesChildrenByTheirParents) {
  Space space;
  space.add(choice("optimizer", {Value("adam"), Value("sgd")}));
  space.add(when(real(0, 1), "optimizer", {Value("sgd")}));
  Param nested = when(boolean("nesterov"), "optimizer", {Value("sgd")});
  nested.conditions.push_back({"x", {Value(0.0)}});
  space.add(nested);

  Point point(3);
  point.set(0, Cell::whole(0));
  EXPECT_TRUE(space.is_active(0, point));
  EXPECT_FALSE(space.is_active(1, point));
  point.set(0, Cell::whole(1));
  EXPECT_TRUE(space.is_active(1, point));
  EXPECT_FALSE(space.is_active(2, point));  // x has no value yet
  point.set(1, Cell::real(0.0));
  EXPECT_TRUE(space.is_active(2, point));
  EXPECT_EQ(space.find_active("x", point), 1u);
  EXPECT_EQ(space.find_active("nesterov", point), std::nullopt);
}

TEST(Space, TakesAParentWithSeveralDefinitions) {
  Space space;
  space.add(boolean("deep"));
  space.add(when(choice("layer", {Value("a"), Value("b")}), "deep", {Value(true)}));
  space.add(when(choice("layer", {Value("b"), Value("c")}), "deep", {Value(false)}));
  space.add(when(real(0, 1), "layer", {Value("b")}));
  Point point(4);
  point.set(0, Cell::whole(0));
  point.set(2, Cell::whole(0));  // "b" of the second definition
  EXPECT_TRUE(space.is_active(3, point));
  point.set(2, Cell::whole(1));
  EXPECT_FALSE(space.is_active(3, point));
}

TEST(Space, RefusesASecondDefinitionUnderTheSameConditions) {
  Space space;
  space.add(boolean("b"));
  try {
    space.add(boolean("b"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_SPACE_CONFLICT);
    EXPECT_NE(std::string(error.what()).find("\"b\""), std::string::npos);
  }
  EXPECT_EQ(space.size(), 1u);
}

TEST(Space, RefusesAnUnknownParentAndItself) {
  Space space;
  EXPECT_THROW(space.add(when(boolean("b"), "a", {Value(true)})), Error);
  EXPECT_THROW(space.add(when(boolean("b"), "b", {Value(true)})), Error);
  EXPECT_EQ(space.size(), 0u);
}

TEST(Point, ListsItsActiveCells) {
  Point point(2);
  EXPECT_TRUE(point.assignments().empty());
  point.set(3, Cell::whole(5));  // grows
  EXPECT_EQ(point.size(), 4u);
  EXPECT_EQ(point.assignments(), (std::vector<Assignment>{{3, Cell::whole(5)}}));
  point.clear(1);
  EXPECT_FALSE(point.active(0));
  EXPECT_FALSE(point.active(99));
}

}  // namespace
}  // namespace dodona
