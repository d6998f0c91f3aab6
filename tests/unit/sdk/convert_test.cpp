// SPDX-License-Identifier: Apache-2.0
#include <dodona/convert.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace dodona {
namespace {

dodona_param bare(dodona_param_type type, const char* name) {
  dodona_param param{};
  param.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
  param.type = type;
  param.name = to_abi(name);
  param.sampling = DODONA_LINEAR;
  return param;
}

dodona_value whole(std::int64_t value) {
  return to_abi(Value(value));
}
dodona_value real(double value) {
  return to_abi(Value(value));
}

std::string error_of(const dodona_param& param) {
  try {
    from_abi(param);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    return error.what();
  }
  return "no error";
}

TEST(Value, ComesBackFromItsCForm) {
  const std::string with_nul("a\0b", 3);
  for (const Value& value : {Value(std::int64_t{-5}), Value(0.1), Value(true), Value(false),
                             Value(std::string()), Value(with_nul)}) {
    EXPECT_EQ(from_abi(to_abi(value)), value);
    EXPECT_TRUE(same(value, to_abi(value)));
  }
  EXPECT_FALSE(same(Value(std::int64_t{1}), to_abi(Value(1.0))));
  EXPECT_FALSE(same(Value("1"), to_abi(Value("2"))));
}

TEST(Value, OfUnknownKindIsAnError) {
  dodona_value value{};
  EXPECT_THROW(from_abi(value), Error);
  value.kind = DODONA_LIST;
  EXPECT_THROW(from_abi(value), Error);
}

TEST(Param, ComesBackFromItsCForm) {
  Param number;
  number.type = ParamType::kFloat;
  number.name = "lr";
  number.sampling = Sampling::kLog;
  number.low = Cell::real(1e-5);
  number.high = Cell::real(0.1);
  number.step = Cell::real(10.0);
  number.initial = Cell::real(1e-3);
  number.conditions = {{"optimizer", {Value("adam"), Value("sgd")}}, {"deep", {Value(true)}}};
  Param choice;
  choice.type = ParamType::kChoice;
  choice.name = "batch";
  choice.ordered = true;
  choice.choices = {Value(std::int64_t{32}), Value(std::int64_t{64})};
  choice.initial = Cell::whole(1);
  Param flag;
  flag.type = ParamType::kBoolean;
  flag.name = "bias";
  flag.initial = Cell::whole(1);
  Param fixed;
  fixed.type = ParamType::kFixed;
  fixed.name = "loss";
  fixed.choices = {Value("mse")};
  AbiParams params;
  for (const Param* param : {&number, &choice, &flag, &fixed}) params.add(*param);
  ASSERT_EQ(params.pointers().size(), 4u);
  EXPECT_EQ(from_abi(*params.pointers()[0]), number);
  EXPECT_EQ(from_abi(*params.pointers()[1]), choice);
  EXPECT_EQ(from_abi(*params.pointers()[2]), flag);
  EXPECT_EQ(from_abi(*params.pointers()[3]), fixed);
}

TEST(Param, WithoutDefaultTakesItsLowestOrFirstValue) {
  dodona_param number = bare(DODONA_PARAM_INT, "n");
  number.low = whole(3);
  number.high = whole(9);
  EXPECT_EQ(from_abi(number).initial, Cell::whole(3));
  const Value a("a");
  const Value b("b");
  const dodona_value words[] = {to_abi(a), to_abi(b)};
  dodona_param choice = bare(DODONA_PARAM_CHOICE, "c");
  choice.choices = words;
  choice.choice_count = 2;
  EXPECT_EQ(from_abi(choice).initial, Cell::whole(0));
  EXPECT_EQ(from_abi(bare(DODONA_PARAM_BOOLEAN, "b")).initial, Cell::whole(0));
}

TEST(Param, TakesADefaultWithinRoundingOfTheGrid) {
  dodona_param param = bare(DODONA_PARAM_FLOAT, "x");
  param.low = whole(0);  // an integer is a fine float
  param.high = real(1);
  param.step = real(0.1);
  param.initial = real(0.1 + 0.2);
  EXPECT_EQ(from_abi(param).initial, Cell::real(0.3));
}

// A step of 0 with a default once divided by zero before anybody could refuse it.
TEST(Param, LeavesImpossibleRangesToBeRefused) {
  dodona_param param = bare(DODONA_PARAM_INT, "n");
  param.low = whole(0);
  param.high = whole(10);
  param.step = whole(0);
  param.initial = whole(5);
  EXPECT_EQ(from_abi(param).step, Cell::whole(0));
  param.step = whole(-1);
  EXPECT_EQ(from_abi(param).initial, Cell::whole(5));
  param.step = {};
  param.low = whole(20);
  EXPECT_EQ(from_abi(param).low, Cell::whole(20));
  param.sampling = DODONA_LOG;
  param.low = whole(-3);
  EXPECT_EQ(from_abi(param).initial, Cell::whole(5));
  dodona_param nan = bare(DODONA_PARAM_FLOAT, "x");
  nan.low = real(std::numeric_limits<double>::quiet_NaN());
  nan.high = real(1);
  nan.initial = real(0);
  EXPECT_TRUE(std::isnan(from_abi(nan).low.real()));
}

TEST(Param, NamesItselfInItsErrors) {
  EXPECT_EQ(error_of(bare(9, "n")), "hyperparameter \"n\" has the unknown type 9");
  dodona_param param = bare(DODONA_PARAM_INT, "n");
  param.low = real(0.5);
  EXPECT_EQ(error_of(param), "hyperparameter \"n\": its min_value is not an integer");
  param.low = whole(0);
  EXPECT_EQ(error_of(param), "hyperparameter \"n\": its max_value is not an integer");
  param.high = whole(4);
  param.step = to_abi(Value("x"));
  EXPECT_EQ(error_of(param), "hyperparameter \"n\": its step is not an integer");
  param.step = {};
  param.sampling = 7;
  EXPECT_EQ(error_of(param), "hyperparameter \"n\" has the unknown sampling 7");
  dodona_param flag = bare(DODONA_PARAM_BOOLEAN, "b");
  flag.initial = whole(1);
  EXPECT_EQ(error_of(flag), "hyperparameter \"b\": its default is not one of its values");
}

TEST(CellOf, ReadsCValuesAsItReadsValues) {
  Param choice;
  choice.type = ParamType::kChoice;
  choice.name = "c";
  choice.choices = {Value("adam"), Value("a rather long name of an optimizer")};
  EXPECT_EQ(cell_of(choice, to_abi(choice.choices[1])), Cell::whole(1));
  EXPECT_EQ(cell_of(choice, to_abi(Value("b"))), std::nullopt);
  Param number;
  number.type = ParamType::kFloat;
  number.low = Cell::real(0);
  number.high = Cell::real(1);
  EXPECT_EQ(cell_of(number, whole(1)), Cell::real(1.0));
  EXPECT_EQ(cell_of(number, real(1.5)), std::nullopt);
  EXPECT_EQ(cell_of(number, to_abi(Value(true))), std::nullopt);
  EXPECT_EQ(to_abi(choice, Cell::whole(0)).kind, DODONA_STRING);
  EXPECT_EQ(to_abi(number, Cell::real(0.5)).as.d, 0.5);
}

TEST(Space, ComesBackFromItsCForm) {
  Param parent;
  parent.type = ParamType::kBoolean;
  parent.name = "deep";
  Param child;
  child.type = ParamType::kInt;
  child.name = "layers";
  child.low = child.initial = Cell::whole(1);
  child.high = Cell::whole(3);
  child.conditions = {{"deep", {Value(true)}}};
  AbiParams params;
  params.add(parent);
  params.add(child);
  const dodona_space raw{sizeof raw, 2, params.pointers().data(), 2, {}};
  EXPECT_EQ(from_abi(raw).params(), (std::vector<Param>{parent, child}));
}

}  // namespace
}  // namespace dodona
