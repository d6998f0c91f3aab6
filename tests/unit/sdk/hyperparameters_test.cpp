// SPDX-License-Identifier: Apache-2.0
#include "support/error_of.hpp"

#include <dodona/hyperparameters.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona {
namespace {

using testing::FakeHp;

TEST(HyperParameters, AskWithTheDefinitionThatTheCallSays) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  EXPECT_EQ(hp.integer("units", {.min = 32, .max = 512, .step = 32}), 32);
  EXPECT_EQ(hp.real("lr", {.min = 1e-5, .max = 0.1, .sampling = Sampling::kLog, .initial = 1e-3}),
            1e-3);
  EXPECT_EQ(hp.choice("optimizer", {"adam", "sgd"}), "adam");
  EXPECT_EQ(hp.choice("batch", {32, 64}, 64), 64);
  EXPECT_TRUE(hp.boolean("bias", {.initial = true}));
  EXPECT_EQ(hp.fixed("loss", "mse"), "mse");

  const Param& units = fake.definition("units");
  EXPECT_EQ(units.type, ParamType::kInt);
  EXPECT_EQ(units.high, Cell::whole(512));
  EXPECT_EQ(units.step, Cell::whole(32));
  EXPECT_EQ(fake.definition("lr").sampling, Sampling::kLog);
  EXPECT_FALSE(fake.definition("optimizer").ordered);
  EXPECT_TRUE(fake.definition("batch").ordered);
  EXPECT_EQ(fake.definition("batch").initial, Cell::whole(1));
  EXPECT_EQ(fake.definition("loss").type, ParamType::kFixed);
}

TEST(HyperParameters, AnswerTheGivenValues) {
  FakeHp fake({{"units", Value(std::int64_t{64})}, {"optimizer", Value("sgd")}});
  HyperParameters hp(fake.get());
  EXPECT_EQ(hp.integer("units", {.min = 32, .max = 512}), 64);
  const std::vector<std::string> names{"adam", "sgd"};
  EXPECT_EQ(hp.choice("optimizer", std::span<const std::string>(names)), "sgd");
  EXPECT_EQ(hp.get<std::int64_t>("units"), 64);
  EXPECT_EQ(hp.get<double>("units"), 64.0);
  EXPECT_EQ(hp.get<std::string>("optimizer"), "sgd");
}

TEST(HyperParameters, RefuseAValueOfAnotherType) {
  FakeHp fake({{"x", Value("text")}});
  HyperParameters hp(fake.get());
  EXPECT_THROW(hp.real("x", {.min = 0, .max = 1}), Error);
  EXPECT_THROW(hp.get<bool>("x"), Error);
  EXPECT_THROW(hp.get<bool>("nothing"), Error);
}

TEST(Scope, IsTrueWhereItsConditionHoldsAndClosesItself) {
  FakeHp fake({{"optimizer", Value("sgd")}});
  HyperParameters hp(fake.get());
  hp.choice("optimizer", {"adam", "sgd"});
  {
    auto sgd = hp.when("optimizer", {"sgd", "rmsprop"});
    EXPECT_TRUE(sgd);
    EXPECT_EQ(fake.open_scopes(), 1u);
    hp.real("momentum", {.min = 0, .max = 1});
    auto moved = std::move(sgd);
    EXPECT_EQ(fake.open_scopes(), 1u);
  }
  EXPECT_EQ(fake.open_scopes(), 0u);
  EXPECT_EQ(fake.definition("momentum").conditions,
            (std::vector<Condition>{{"optimizer", {Value("sgd"), Value("rmsprop")}}}));
  EXPECT_FALSE(hp.when("optimizer", "adam"));
}

TEST(Scope, TakesValuesOfEveryType) {
  FakeHp fake({{"n", Value(std::int64_t{2})}, {"b", Value(true)}});
  HyperParameters hp(fake.get());
  hp.integer("n", {.min = 0, .max = 4});
  hp.boolean("b");
  EXPECT_TRUE(hp.when("n", 2));
  EXPECT_TRUE(hp.when("n", {1, 2}));
  EXPECT_TRUE(hp.when("b", true));
  const std::string name = "x";
  fake.get();
  EXPECT_THROW(static_cast<void>(hp.when(name, name)), Error);
}

TEST(Scope, ClosesWhenAnExceptionLeavesIt) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  hp.boolean("b");
  EXPECT_THROW(
      {
        auto inside = hp.when("b", false);
        throw 1;
      },
      int);
  EXPECT_EQ(fake.open_scopes(), 0u);
}

TEST(HyperParameters, SayWhetherAValueIsThere) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  EXPECT_FALSE(hp.contains("x"));
  hp.real("x", {.min = 0, .max = 1});
  EXPECT_TRUE(hp.contains("x"));
  // Any other error is one.
  dodona_hp broken = *fake.get();
  broken.get = [](dodona_hp*, dodona_str, dodona_value*, dodona_error* error) noexcept {
    return fill_error(error, DODONA_E_STATE, "trial 3 has ended");
  };
  EXPECT_EQ(support::error_of(DODONA_E_STATE, [&] { HyperParameters(&broken).contains("x"); }),
            "trial 3 has ended");
}

TEST(NameScope, PutsItsNameBeforeEveryOther) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  hp.integer("units", {.min = 1, .max = 9});
  {
    const auto a = hp.name_scope("a");
    hp.choice("kind", {"x", "y"});
    {
      const auto b = hp.name_scope("b");
      EXPECT_EQ(hp.integer("units", {.min = 2, .max = 9}), 2);
      EXPECT_EQ(hp.get<std::int64_t>("units"), 2);
      hp.real("rate", {.max = 1});
      hp.boolean("flag");
      hp.fixed("batch", 64);
    }
    EXPECT_TRUE(hp.contains("kind"));
    EXPECT_FALSE(hp.contains("units"));
    if (auto x = hp.when("kind", {"x", "z"})) hp.integer("depth", {.min = 3, .max = 9});
  }
  EXPECT_EQ(hp.get<std::int64_t>("units"), 1);
  EXPECT_EQ(hp.get<std::int64_t>("a/b/units"), 2);
  EXPECT_FALSE(hp.contains("kind"));
  for (const char* name : {"a/b/rate", "a/b/flag", "a/b/batch"}) EXPECT_TRUE(hp.contains(name));
  EXPECT_EQ(fake.definition("a/depth").conditions,
            (std::vector<Condition>{{"a/kind", {Value("x"), Value("z")}}}));
}

TEST(NameScope, NamesTheWholeNameInErrors) {
  FakeHp fake({{"a/x", Value("text")}});
  HyperParameters hp(fake.get());
  const auto a = hp.name_scope("a");
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { hp.real("x", {.max = 1}); }),
            "\"a/x\" has a value of another type than the one asked for");
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { static_cast<void>(hp.name_scope("")); }),
            "a name scope needs a name");
}

TEST(NameScope, EndsWhenAnExceptionLeavesIt) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  EXPECT_THROW(
      {
        const auto a = hp.name_scope("a");
        throw 1;
      },
      int);
  hp.boolean("b");
  EXPECT_TRUE(hp.contains("b"));
}

TEST(NameScope, GoesAlongWithACopyThatIsMadeInIt) {
  FakeHp fake;
  HyperParameters hp(fake.get());
  const auto block = [](HyperParameters copy) { copy.boolean("b"); };
  {
    const auto a = hp.name_scope("a");
    block(hp);
  }
  EXPECT_TRUE(hp.contains("a/b"));
}

TEST(HyperParameters, RequireOfTheHostWhatValuesKeep) {
  FakeHp fake({{"a", Value(std::int64_t{3})}});
  HyperParameters hp(fake.get());
  hp.integer("a", {.min = 0, .max = 9});
  hp.require("a < 5 and later > 1");
  EXPECT_EQ(fake.required(), std::vector<std::string>{"a < 5 and later > 1"});
  EXPECT_EQ(support::error_of(DODONA_E_INFEASIBLE, [&] { hp.require("a > 5"); }),
            "the values break the constraint a > 5");
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { hp.require("a >"); }),
            "column 4 of \"a >\": a name, number or text is missing before the end");
}

TEST(HyperParameters, JudgeTheirOwnValuesOnAHostWithoutConstraints) {
  FakeHp fake({{"a", Value(std::int64_t{3})}});
  dodona_hp older = *fake.get();
  older.struct_size = DODONA_HP_SIZE_MIN;
  HyperParameters hp(&older);
  hp.integer("a", {.min = 0, .max = 9});
  hp.choice("b", {"x", "y"});
  hp.require("a < 5 and b == 'x'");
  hp.require("later > 1");
  EXPECT_EQ(support::error_of(DODONA_E_INFEASIBLE, [&] { hp.require("a < 5 and b == 'y'"); }),
            "the trial's values break the constraint \"a < 5 and b == 'y'\"");
  older.discovering = 1;
  hp.require("a > 5");
  EXPECT_TRUE(fake.required().empty());
}

}  // namespace
}  // namespace dodona
