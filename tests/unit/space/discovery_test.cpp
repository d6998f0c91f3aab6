// SPDX-License-Identifier: Apache-2.0
#include "space/discovery.hpp"

#include "support/error_of.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace dodona::space {
namespace {

using support::choice;
using support::error_of;
using support::integer;
using support::real;
using support::text;

std::vector<std::string> names(const std::vector<Definition>& definitions) {
  std::vector<std::string> result;
  for (const Definition& definition : definitions) {
    std::string name = definition.param.name;
    for (const Condition& condition : definition.param.conditions) name += "|" + condition.parent;
    result.push_back(name);
  }
  return result;
}

template <class Body>
void inside(Asker& asker, Condition condition, Body body) {
  if (asker.enter(std::move(condition))) body();
  asker.leave();
}

TEST(Discovery, ShowsWhatTheStudyFileGives) {
  const Overrides overrides({{integer("units", 8, 64), false},
                             {real("momentum", 0.5, 1, {{"optimizer", {text("sgd")}}}), true}});
  std::vector<std::string> seen;
  const auto declare = [&](Asker& asker) {
    asker.each([&](const Param& param, const Cell* cell) {
      EXPECT_EQ(*cell, param.initial);
      seen.push_back(param.name);
    });
  };
  EXPECT_TRUE(
      discover(declare, overrides).definitions.empty());  // asking after them defines nothing
  EXPECT_EQ(seen, (std::vector<std::string>{"units", "momentum"}));
}

TEST(Discovery, FindsEveryScopeAndKeepsTheOrderOfDefinition) {
  int passes = 0;
  const auto declare = [&](Asker& asker) {
    ++passes;
    asker.define(integer("layers", 1, 3));
    asker.define(integer("units_0", 8, 64));
    inside(asker, {"layers", {std::int64_t{2}, std::int64_t{3}}},
           [&] { asker.define(integer("units_1", 8, 64)); });
    inside(asker, {"layers", {std::int64_t{3}}}, [&] { asker.define(integer("units_2", 8, 64)); });
    asker.define(choice("optimizer", {text("adam"), text("sgd")}));
    inside(asker, {"optimizer", {text("sgd")}}, [&] {
      asker.define(choice("nesterov", {true, false}));
      inside(asker, {"nesterov", {false}}, [&] { asker.define(real("momentum", 0, 1)); });
    });
    asker.define(real("lr", 0, 1));
  };
  EXPECT_EQ(names(discover(declare, Overrides()).definitions),
            (std::vector<std::string>{"layers", "units_0", "units_1|layers", "units_2|layers",
                                      "optimizer", "nesterov|optimizer",
                                      "momentum|optimizer|nesterov", "lr"}));
  EXPECT_EQ(passes, 5);
}

// A given space that a model read with get once counted as one that it does not have.
TEST(Discovery, FindsWhatIsReadOfTheStudyFile) {
  const Overrides overrides({{choice("kind", {text("flat"), text("deep")}), false},
                             {integer("depth", 2, 8, {{"kind", {text("deep")}}}), true},
                             {real("rate", 0, 1), false},
                             {real("misspelt", 0, 1), false}});
  const auto declare = [](Asker& asker) {
    EXPECT_EQ(asker.get("rate").cell, Cell::real(0));
    asker.define(real("rate", 0, 1));  // asks for it after all
    try {
      EXPECT_EQ(asker.get("depth").cell, Cell::whole(2));
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()),
                "hyperparameter \"depth\" is not active in this trial (when kind is deep)");
    }
    inside(asker, {"kind", {text("deep")}}, [&] { asker.define(integer("width", 1, 4)); });
  };
  EXPECT_EQ(names(discover(declare, overrides).definitions),
            (std::vector<std::string>{"rate", "kind", "depth|kind", "width|kind"}));
}

// Here the model asks for it under a condition, and looks for it outside.
TEST(Discovery, LeavesAConditionalOverrideToTheModelThatLooksForIt) {
  const Overrides overrides({{real("momentum", 0.5, 1), false}});
  const auto declare = [](Asker& asker) {
    try {
      asker.get("momentum");
    } catch (const Error&) {
      // It is not active, or is not there yet.
    }
    asker.define(choice("optimizer", {text("adam"), text("sgd")}));
    inside(asker, {"optimizer", {text("sgd")}}, [&] { asker.define(real("momentum", 0, 1)); });
  };
  EXPECT_EQ(names(discover(declare, overrides).definitions),
            (std::vector<std::string>{"optimizer", "momentum|optimizer"}));
}

TEST(Discovery, TellsTheModelThatNothingWillBeTrained) {
  discover([](Asker& asker) { EXPECT_TRUE(asker.discovering()); }, Overrides());
}

TEST(Discovery, LeavesOutAScopeThatAnOverrideShuts) {
  const auto declare = [](Asker& asker) {
    asker.define(choice("optimizer", {text("adam"), text("sgd")}));
    inside(asker, {"optimizer", {text("sgd")}}, [&] { asker.define(real("momentum", 0, 1)); });
  };
  const Param only_sgd = choice("optimizer", {text("sgd")});
  EXPECT_EQ(names(discover(declare, Overrides({{only_sgd, false}})).definitions).size(), 2u);
  const Param only_adam = choice("optimizer", {text("adam")});
  EXPECT_EQ(names(discover(declare, Overrides({{only_adam, false}})).definitions),
            (std::vector<std::string>{"optimizer"}));
}

TEST(Discovery, OpensAScopeByTheValueThatAnOverrideLeft) {
  const auto declare = [](Asker& asker) {
    asker.define(choice("optimizer", {text("adam"), text("sgd"), text("rmsprop")}));
    inside(asker, {"optimizer", {text("sgd"), text("rmsprop")}},
           [&] { asker.define(real("momentum", 0, 1)); });
  };
  const Param left = choice("optimizer", {text("adam"), text("rmsprop")});
  EXPECT_EQ(names(discover(declare, Overrides({{left, false}})).definitions),
            (std::vector<std::string>{"optimizer", "momentum|optimizer"}));
}

TEST(Discovery, OpensAScopeInsideOneOfTheSameParent) {
  const auto declare = [](Asker& asker) {
    asker.define(choice("optimizer", {text("adam"), text("sgd"), text("rmsprop")}));
    inside(asker, {"optimizer", {text("sgd"), text("rmsprop")}}, [&] {
      inside(asker, {"optimizer", {text("rmsprop")}}, [&] { asker.define(real("rho", 0, 1)); });
    });
  };
  EXPECT_EQ(names(discover(declare, Overrides()).definitions),
            (std::vector<std::string>{"optimizer", "rho|optimizer|optimizer"}));
}

TEST(Discovery, FindsOneNameUnderDifferentConditions) {
  const auto declare = [](Asker& asker) {
    asker.define(choice("model", {text("tree"), text("net")}));
    inside(asker, {"model", {text("tree")}}, [&] { asker.define(integer("depth", 1, 8)); });
    inside(asker, {"model", {text("net")}}, [&] { asker.define(integer("depth", 2, 4)); });
    EXPECT_GE(asker.get("depth").cell.whole(), 1);
  };
  const auto found = discover(declare, Overrides()).definitions;
  EXPECT_EQ(names(found), (std::vector<std::string>{"model", "depth|model", "depth|model"}));
  EXPECT_EQ(found[2].param.high, Cell::whole(4));
}

TEST(Discovery, TellsAnInactiveHyperparameterFromOneThatDoesNotExist) {
  const auto get = [](const char* name) {
    return [name](Asker& asker) {
      asker.define(choice("optimizer", {text("adam"), text("sgd")}));
      inside(asker, {"optimizer", {text("sgd")}}, [&] { asker.define(real("momentum", 0, 1)); });
      asker.define(choice("nesterov", {true, false}));
      inside(asker, {"nesterov", {false}}, [&] { asker.get(name); });
    };
  };
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { discover(get("momentum"), Overrides()); }),
            "hyperparameter \"momentum\" is not active in this trial (when optimizer is sgd)");
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { discover(get("rho"), Overrides()); }),
            "there is no hyperparameter \"rho\"");
}

TEST(Discovery, ReportsAConflictOfDefinitions) {
  const auto declare = [](Asker& asker) {
    asker.define(integer("n", 1, 5));
    asker.define(integer("n", 1, 6));
  };
  EXPECT_THROW(discover(declare, Overrides()), Error);
}

// Answers what a hypermodel was asked with for `name`, pass by pass.
std::vector<Cell> asked_with(const Param& asked, const Param& given) {
  std::vector<Cell> cells;
  const auto declare = [&](Asker& asker) {
    asker.define(choice("kind", {text("a"), text("b")}));
    inside(asker, {"kind", {text("b")}}, [&] { cells.push_back(asker.define(asked).cell); });
  };
  discover(declare, Overrides({{given, false}}));
  return cells;
}

// A network was asked for as many layers as a file gave only once a trial ran.
TEST(Discovery, TriesWhatTheStudyFileGivesBeyondWhatIsAskedFor) {
  using Cells = std::vector<Cell>;
  const auto cells = [](std::initializer_list<std::int64_t> values) {
    Cells all;
    for (const std::int64_t value : values) all.push_back(Cell::whole(value));
    return all;
  };
  const Param asked = integer("n", 1, 3);
  EXPECT_EQ(asked_with(asked, integer("n", 2, 6)), cells({2, 6}));
  EXPECT_EQ(asked_with(asked, integer("n", -1, 6)), cells({-1, -1, 6}));
  EXPECT_EQ(asked_with(asked, integer("n", 2, 3)), cells({2}));
  EXPECT_EQ(asked_with(asked, choice("n", {std::int64_t{1}, std::int64_t{5}, std::int64_t{9}})),
            cells({0, 1, 2}));  // the indices
  EXPECT_EQ(asked_with(choice("n", {text("x"), text("y")}), choice("n", {text("y"), text("z")})),
            cells({0, 1}));
  EXPECT_EQ(asked_with(real("n", 0, 1), real("n", 0.5, 2)),
            (Cells{Cell::real(0.5), Cell::real(2)}));
  Param stepped = integer("n", 1, 6);
  stepped.step = Cell::whole(2);
  EXPECT_EQ(asked_with(asked, stepped), cells({1, 5}));  // 6 is none of its values
}

TEST(Discovery, NamesTheValueThatAHypermodelRefuses) {
  const auto declare = [](Asker& asker) {
    asker.define(integer("units", 8, 64));
    const std::int64_t layers = asker.define(integer("layers", 1, 3)).cell.whole();
    if (layers < 1 || layers > 3) throw Error(DODONA_E_INVALID, "1 to 3 layers");
  };
  const auto refusal = [&](const Param& units, const Param& layers) {
    return error_of(DODONA_E_INVALID, [&] {
      discover(declare, Overrides({{units, false}, {layers, false}}));
    });
  };
  const std::string reason = ", which is refused: 1 to 3 layers";
  const Param wide = integer("units", 8, 999);
  EXPECT_EQ(refusal(wide, integer("layers", 2, 6)), "space[1]: \"layers\" may be 6" + reason);
  EXPECT_EQ(refusal(wide, integer("layers", 0, 3)), "space[1]: \"layers\" may be 0" + reason);
  // Two defaults are beyond, and either may be the reason.
  EXPECT_EQ(refusal(integer("units", 1, 9), integer("layers", 0, 3)), "1 to 3 layers");
}

// Whatever failed was once blamed on the value.
TEST(Discovery, BlamesNoValueForWhatIsNoRefusalOfIt) {
  const Overrides wide({{integer("layers", 1, 6), false}});
  const auto lost = [](Asker& asker) {
    if (asker.define(integer("layers", 1, 3)).cell.whole() > 3) {
      throw Error(DODONA_E_IO, "the data are gone");
    }
  };
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { discover(lost, wide); }), "the data are gone");
  int passes = 0;
  const auto before = [&](Asker& asker) {
    if (++passes > 1) throw Error(DODONA_E_INVALID, "only once");
    asker.define(integer("layers", 1, 3));
  };
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { discover(before, wide); }), "only once");
}

TEST(Discovery, GivesUpOnAModelThatNeverEnds) {
  int passes = 0;
  const auto declare = [&](Asker& asker) {
    ++passes;
    asker.define(integer("n", 0, 1000));
    inside(asker, {"n", {std::int64_t{passes}}}, [] {});
  };
  EXPECT_THROW(discover(declare, Overrides()), Error);
  EXPECT_EQ(passes, kMaxPasses);
}

TEST(Discovery, FindsWhatTheHypermodelRequires) {
  const auto declare = [](Asker& asker) {
    asker.require("a < b");  // of what is asked for later, and broken by the examples
    asker.define(integer("a", 1, 5));
    asker.define(integer("b", 1, 5));
    asker.define(support::boolean("c"));
    if (asker.enter({"c", {true}})) asker.require("a > 1");
    asker.leave();
  };
  EXPECT_EQ(discover(declare, Overrides()).constraints,
            (std::vector<std::string>{"a < b", "a > 1"}));
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [] { discover([](Asker& asker) { asker.require("a <"); }, Overrides()); }),
            "column 4 of \"a <\": a name, number or text is missing before the end");
}

}  // namespace
}  // namespace dodona::space
