// SPDX-License-Identifier: Apache-2.0
#include "space/search_space.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::space {
namespace {

using support::choice;
using support::integer;
using support::real;
using support::text;

const SearchSpace::OnGrowth kSilent = [](const space::Growth&) {};

std::string problem(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SearchSpace, GrowsByWhatIsAskedAndSaysSo) {
  SearchSpace space;
  std::vector<std::string> grown;
  const auto record = [&](const space::Growth& growth) {
    for (const Param& param : growth.params) {
      grown.push_back(std::to_string(growth.first) + param.name);
    }
  };
  EXPECT_EQ(space.resolve(integer("n", 1, 5), record), 0u);
  EXPECT_EQ(space.resolve(real("x", 0, 1), record), 1u);
  EXPECT_EQ(space.resolve(integer("n", 1, 5), record), 0u);
  EXPECT_EQ(grown, (std::vector<std::string>{"0n", "1x"}));
}

TEST(SearchSpace, ShowsBothDefinitionsOfAConflict) {
  SearchSpace space;
  space.resolve(integer("a", 0, 10), kSilent);
  EXPECT_EQ(problem([&] { space.resolve(integer("a", 50, 60), kSilent); }),
            "hyperparameter \"a\" is asked for with two definitions: int a in [0, 10], default 0; "
            "and int a in [50, 60], default 50");
}

TEST(SearchSpace, KeepsOneNameUnderDifferentConditionsApart) {
  SearchSpace space;
  space.resolve(choice("kind", {text("a"), text("b")}), kSilent);
  const auto under_a = space.resolve(integer("n", 1, 5, {{"kind", {text("a")}}}), kSilent);
  const auto under_b = space.resolve(integer("n", 7, 9, {{"kind", {text("b")}}}), kSilent);
  EXPECT_NE(under_a, under_b);
}

TEST(SearchSpace, OverridesReplaceADefinitionButKeepItsConditions) {
  SearchSpace space(Overrides({{real("lr", 0.5, 0.6), false}}));
  space.resolve(choice("kind", {text("a"), text("b")}), kSilent);
  const auto index = space.resolve(real("lr", 0, 1, {{"kind", {text("b")}}}), kSilent);
  const Param& param = space.snapshot()->space.params()[index];
  EXPECT_EQ(param.low.real(), 0.5);
  EXPECT_EQ(param.conditions.size(), 1u);
  // Whatever range the code asks for next time: the file's stands.
  EXPECT_EQ(space.resolve(real("lr", 0, 7, {{"kind", {text("b")}}}), kSilent), index);
}

TEST(SearchSpace, RefusesAnOverrideOfAnotherKind) {
  SearchSpace space(Overrides({{choice("lr", {text("high")}), false}}));
  EXPECT_EQ(problem([&] { space.resolve(real("lr", 0, 1), kSilent); }),
            "the study file's definition \"choice lr of {high}, default high\" does not fit what "
            "the hypermodel asks for, \"float lr in [0, 1], default 0\"");
}

TEST(SearchSpace, TakesUpARestoredDefinitionWithoutGrowing) {
  SearchSpace space;
  space.restore({integer("n", 1, 5)});
  EXPECT_EQ(space.resolve(integer("n", 1, 5), [](const Growth&) { FAIL() << "grew"; }), 0u);
  EXPECT_NE(problem([&] { space.resolve(integer("n", 1, 6), kSilent); }), "");
}

// A range that was changed in the code once failed trial after trial.
TEST(SearchSpace, RefusesAnotherDefinitionOfWhatTheStudyKeeps) {
  SearchSpace space;
  space.restore({integer("n", 1, 5)});
  space.keep(1);
  const std::string said = problem([&] { space.resolve(integer("n", 1, 6), kSilent); });
  EXPECT_EQ(said,
            "hyperparameter \"n\" is int n in [1, 5], default 1 in the study, and now asked for as "
            "int n in [1, 6], default 1; a study keeps its definitions: go on with the study's, "
            "begin anew with --overwrite (overwrite), or start a new project with this one as "
            "warm_start");
  ASSERT_TRUE(space.refused());
  EXPECT_EQ(space.refused()->what(), said);
  EXPECT_EQ(space.refused()->code(), DODONA_E_SPACE_CONFLICT);
  EXPECT_EQ(problem([&] { space.add({{std::nullopt, integer("n", 1, 6)}}, kSilent); }), said);
  // Two definitions of one model are the trial's alone.
  space.keep(1);
  space.resolve(integer("m", 1, 5), kSilent);
  EXPECT_NE(problem([&] { space.resolve(integer("m", 1, 6), kSilent); }), "");
  EXPECT_FALSE(space.refused());
}

TEST(SearchSpace, RefusesNewEntriesAndNamesThemAll) {
  SearchSpace space(Overrides({{integer("n", 1, 5), false}}, NewEntries::kRefused));
  const Param x = real("x", 0, 1);
  const Param y = real("y", 0, 1);
  const std::string said = problem([&] {
    space.add({{std::nullopt, integer("n", 1, 5)}, {x, x}, {y, y}}, kSilent);
  });
  EXPECT_EQ(said,
            "allow_new_entries is false, but the hypermodel asks for \"x\", \"y\", which the "
            "study's space does not have");
  EXPECT_EQ(space.refused()->what(), said);
  space.keep(0);
  EXPECT_FALSE(space.refused());
  EXPECT_EQ(space.size(), 0u);
  EXPECT_EQ(space.resolve(integer("n", 3, 4), kSilent), 0u);
  EXPECT_NE(problem([&] { space.resolve(x, kSilent); }), "");
  // A hyperparameter that the study has already is not new.
  SearchSpace later(Overrides({{integer("n", 1, 5), false}}, NewEntries::kRefused));
  later.restore({x});
  EXPECT_EQ(later.resolve(x, kSilent), 0u);
  EXPECT_FALSE(later.refused());
}

TEST(SearchSpace, MakesNewEntriesThatAreNotTunedConstants) {
  SearchSpace space(Overrides({{integer("n", 1, 5), false}}, NewEntries::kDefault));
  Param x = real("x", 0, 1);
  x.initial = Cell::real(0.25);
  EXPECT_EQ(space.resolve(integer("n", 3, 4), kSilent), 0u);
  EXPECT_EQ(space.resolve(x, kSilent), 1u);
  EXPECT_EQ(space.resolve(x, kSilent), 1u);
  const Param constant = space.snapshot()->space.params()[1];
  EXPECT_EQ(constant.type, ParamType::kFixed);
  EXPECT_EQ(constant.choices, (std::vector<Value>{0.25}));
  EXPECT_NE(problem([&] { space.resolve(real("x", 0, 2), kSilent); }), "");
  EXPECT_EQ(space.snapshot()->space.params()[0].high, Cell::whole(5));
  SearchSpace restored(Overrides({{integer("n", 1, 5), false}}, NewEntries::kDefault));
  restored.restore({constant, real("y", 0, 1)});
  EXPECT_EQ(restored.resolve(x, kSilent), 0u);
  EXPECT_EQ(restored.resolve(real("y", 0, 1), kSilent), 1u);  // tuned when it came: it stays
  EXPECT_NE(problem([&] { restored.resolve(real("y", 0, 2), kSilent); }), "");
}

TEST(SearchSpace, SnapshotsDoNotChange) {
  SearchSpace space;
  space.resolve(integer("n", 1, 5), kSilent);
  const auto before = space.snapshot();
  space.resolve(integer("m", 1, 5), kSilent);
  EXPECT_EQ(before->space.size(), 1u);
  EXPECT_EQ(space.size(), 2u);
}

TEST(SearchSpace, GrowsByConstraintsEachOnce) {
  SearchSpace space;
  std::vector<Growth> grown;
  const auto record = [&](const Growth& growth) { grown.push_back(growth); };
  const Param n = integer("n", 1, 5);
  space.add({{n, n}}, record, {"n > 1", "n > 1"});
  space.require("n < 5", record);
  space.require("n > 1", record);
  ASSERT_EQ(grown.size(), 2u);
  EXPECT_EQ(grown[0].constraints, (std::vector<std::string>{"n > 1"}));
  EXPECT_EQ(grown[1].first, 1u);
  EXPECT_TRUE(grown[1].params.empty());
  EXPECT_EQ(grown[1].constraints, (std::vector<std::string>{"n < 5"}));
  EXPECT_EQ(space.snapshot()->space.constraint_count(), 2u);
  EXPECT_NE(problem([&] { space.require("n <", record); }), "");
  EXPECT_EQ(grown.size(), 2u);
  SearchSpace again;
  again.restore({n}, {"n > 1", "n < 5"});
  again.require("n < 5", record);
  EXPECT_EQ(grown.size(), 2u);
}

// The model asks for it in every trial, so the search ends with the error.
TEST(SearchSpace, KeepsTheErrorOfADefinitionThatDoesNotFitAConstraint) {
  SearchSpace space;
  space.add({}, kSilent, {"n > 1"});
  const std::string said = problem([&] { space.resolve(choice("n", {text("a")}), kSilent); });
  EXPECT_EQ(said, "column 1 of \"n > 1\": n is a text, and 1 is a number: they cannot be compared");
  EXPECT_EQ(space.refused()->what(), said);
  EXPECT_EQ(space.size(), 0u);
}

}  // namespace
}  // namespace dodona::space
