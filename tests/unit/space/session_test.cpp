// SPDX-License-Identifier: Apache-2.0
#include "space/session.hpp"

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

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    space_.add({{choice("optimizer", {text("adam"), text("sgd")}),
                 choice("optimizer", {text("adam"), text("sgd")})},
                {momentum(), momentum()},
                {integer("n", 1, 5), integer("n", 1, 5)}},
               silent_);
  }

  static Param momentum() { return real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}); }

  Session session(const std::vector<Assignment>& values) {
    return Session(
        space_, values,
        [this](std::uint32_t param, const Param& definition, const Session::Fits&) {
          filled_.push_back(param);
          return definition.initial;
        },
        silent_);
  }

  static std::string problem(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  const SearchSpace::OnGrowth silent_ = [](const space::Growth&) {};
  SearchSpace space_;
  std::vector<std::uint32_t> filled_;
};

TEST_F(SessionTest, ShowsTheWholeSpaceAndCountsWhatIsActiveAsUsed) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  std::vector<std::string> seen;
  s.each([&](const Param& param, const Cell* cell) {
    seen.push_back(param.name + (cell != nullptr ? "=" + std::to_string(cell->whole()) : ""));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"optimizer=0", "momentum", "n=4"}));
  EXPECT_EQ(s.used(), (std::vector<Assignment>{{0, Cell::whole(0)}, {2, Cell::whole(4)}}));
  EXPECT_TRUE(filled_.empty());
}

TEST_F(SessionTest, AnswersWithTheTrialsValues) {
  Session s = session({{0, Cell::whole(1)}, {1, Cell::real(0.25)}, {2, Cell::whole(4)}});
  EXPECT_EQ(s.known("optimizer")->cell, Cell::whole(1));
  ASSERT_TRUE(s.enter({"optimizer", {text("sgd")}}));
  EXPECT_EQ(s.known("momentum")->cell.real(), 0.25);
  s.leave();
  EXPECT_EQ(s.known("n")->cell.whole(), 4);
  EXPECT_EQ(s.used().size(), 3u);
  EXPECT_TRUE(filled_.empty());
}

TEST_F(SessionTest, DropsWhatIsNotAskedFor) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  s.known("n");
  EXPECT_EQ(s.used(), (std::vector<Assignment>{{2, Cell::whole(4)}}));
}

TEST_F(SessionTest, RefusesQuestionsInsideAScopeThatIsNotActive) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  EXPECT_FALSE(s.enter({"optimizer", {text("sgd")}}));
  EXPECT_FALSE(s.enter({"n", {std::int64_t{4}}}));  // inner ones are not active either
  s.leave();
  EXPECT_EQ(problem([&] { s.known("momentum"); }),
            "hyperparameter \"momentum\" is asked for inside a scope that is not active (when "
            "optimizer is sgd)");
  s.leave();
  EXPECT_TRUE(s.known("n").has_value());
}

TEST_F(SessionTest, RefusesScopesOfUnknownParentsAndValues) {
  Session s = session({{0, Cell::whole(0)}});
  EXPECT_EQ(problem([&] {
              s.enter({"optimiser", {text("sgd")}});
            }),
            "a scope depends on \"optimiser\", which is not defined before it");
  EXPECT_EQ(problem([&] {
              s.enter({"optimizer", {text("sdg")}});
            }),
            "a scope asks for \"optimizer\" to be sdg, which is not one of its values");
}

TEST_F(SessionTest, FillsADefinitionFirstMetInTheTrialAndAnswersItAgain) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  EXPECT_FALSE(s.known("late").has_value());
  EXPECT_EQ(s.define(integer("late", 3, 9)).cell.whole(), 3);
  EXPECT_EQ(s.known("late")->cell.whole(), 3);
  EXPECT_EQ(s.get("late").cell.whole(), 3);
  EXPECT_EQ(filled_, (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(space_.size(), 4u);
}

TEST_F(SessionTest, ReadsBackActiveValuesOnly) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  EXPECT_EQ(s.get("n").cell.whole(), 4);
  EXPECT_EQ(problem([&] { s.get("momentum"); }),
            "hyperparameter \"momentum\" is not active in this trial (when optimizer is sgd)");
  EXPECT_EQ(problem([&] { s.get("nn"); }), "there is no hyperparameter \"nn\"");
}

// Values that a model reads of a given space were once missing in its results.
TEST_F(SessionTest, CountsWhatIsReadBackAsUsed) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  s.get("n");
  problem([&] { s.get("momentum"); });
  EXPECT_EQ(s.used(), (std::vector<Assignment>{{2, Cell::whole(4)}}));
}

TEST_F(SessionTest, AnswersFromWhatTheStudyFileDefinesUnderItsOwnConditions) {
  SearchSpace given;
  given.add({{std::nullopt, choice("optimizer", {text("adam"), text("sgd")})},
             {std::nullopt, momentum()}},
            silent_);
  const auto fill = [](std::uint32_t, const Param& p, const Session::Fits&) { return p.initial; };
  Session sgd(given, {{0, Cell::whole(1)}, {1, Cell::real(0.5)}}, fill, silent_);
  EXPECT_EQ(sgd.known("momentum")->cell.real(), 0.5);
  Session adam(given, {{0, Cell::whole(0)}}, fill, silent_);
  EXPECT_FALSE(adam.known("momentum").has_value());
  EXPECT_EQ(problem([&] { adam.define(real("momentum", 0, 1)); }),
            "hyperparameter \"momentum\" is asked for, but the study file makes it active only "
            "when optimizer is sgd");
}

TEST_F(SessionTest, RefusesTheTrialWhoseValuesBreakARequirement) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  s.require("n > 3");
  EXPECT_FALSE(s.infeasible());
  EXPECT_EQ(problem([&] { s.require("n > 4 or optimizer == 'sgd'"); }),
            "the trial's values break the constraint \"n > 4 or optimizer == 'sgd'\", where n is 4 "
            "and optimizer is 'adam'");
  ASSERT_TRUE(s.infeasible());
  EXPECT_EQ(s.infeasible()->code(), DODONA_E_INFEASIBLE);
  EXPECT_EQ(space_.snapshot()->space.constraint_count(), 2u);  // for the trials to come
  EXPECT_EQ(problem([&] { s.require("n >"); }),
            "column 4 of \"n >\": a name, number or text is missing before the end");
  EXPECT_EQ(space_.snapshot()->space.constraint_count(), 2u);
}

TEST_F(SessionTest, RefusesALaterValueThatBreaksAConstraint) {
  space_.require("late > 2 * n", silent_);
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  EXPECT_EQ(problem([&] { s.define(integer("late", 1, 9)); }),
            "the trial's values break the constraint \"late > 2 * n\", where late is 1 and n is 4");
}

TEST_F(SessionTest, TellsWhichValuesFit) {
  space_.require("late > 2 * n", silent_);
  const auto fill = [](std::uint32_t, const Param&, const Session::Fits& fits) {
    std::int64_t value = 1;
    while (!fits(Cell::whole(value))) ++value;
    return Cell::whole(value);
  };
  Session s(space_, {{0, Cell::whole(0)}, {2, Cell::whole(4)}}, fill, silent_);
  EXPECT_EQ(s.define(integer("late", 1, 9)).cell, Cell::whole(9));
}

TEST_F(SessionTest, TakesNoRequirementInsideAScopeThatIsNotActive) {
  Session s = session({{0, Cell::whole(0)}, {2, Cell::whole(4)}});
  ASSERT_FALSE(s.enter({"optimizer", {text("sgd")}}));
  EXPECT_EQ(problem([&] { s.require("n > 4"); }),
            "the constraint \"n > 4\" is required inside a scope that is not active (when "
            "optimizer is sgd)");
}

}  // namespace
}  // namespace dodona::space
