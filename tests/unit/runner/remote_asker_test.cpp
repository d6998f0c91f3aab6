// SPDX-License-Identifier: Apache-2.0
#include "runner/remote_asker.hpp"

#include "base/json.hpp"
#include "runner/wire.hpp"
#include "support/params.hpp"
#include "unit/plugin/fakes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::runner {
namespace {

// Questions cross to an asker as lines, and answers back.
class RemoteAskerTest : public testing::Test {
 protected:
  void ask(const boost::json::object& question, const Answered& read) {
    const base::JsonDocument asked = base::parse_json(base::to_text(question), "question");
    boost::json::object reply;
    try {
      reply["answer"] = answer_of(base::JsonReader(asked), owner_).value();
    } catch (const Error& error) {
      reply["error"] = to_json(error);
    }
    lines_.push_back(base::to_text(reply));
    const base::JsonDocument answered = base::parse_json(lines_.back(), "answer");
    const base::JsonReader reader(answered);
    if (const auto error = reader.member("error")) throw read_error(*error);
    read(reader.required("answer"));
  }

  support::FakeAsker owner_;
  std::vector<std::string> lines_;
  RemoteAsker asker_{
      [this](const boost::json::object& question, const Answered& read) { ask(question, read); },
      false};
};

TEST_F(RemoteAskerTest, AnswersTheOwnersValueAndDefinition) {
  owner_.cells["x"] = Cell::real(0.1);
  const auto known = asker_.define(support::real("x", 0, 1));
  EXPECT_EQ(known.cell.real(), 0.1);
  EXPECT_EQ(*known.param, support::real("x", 0, 1));
  EXPECT_EQ(lines_.back(), R"({"answer": {"cell": 0.1}})");  // the definition is known there
  EXPECT_EQ(*asker_.get("x").param, support::real("x", 0, 1));
}

TEST_F(RemoteAskerTest, AsksAgainWithoutDefiningAgain) {
  asker_.define(support::real("x", 0, 1));
  asker_.define(support::real("x", 0, 1));
  EXPECT_EQ(owner_.define_calls, 1);
}

TEST_F(RemoteAskerTest, TakesTheDefinitionOfTheStudyFile) {
  asker_.define(support::real("x", 0, 1));
  owner_.overridden = true;
  EXPECT_EQ(*asker_.define(support::real("x", 0, 9)).param, support::real("x", 0, 1));
}

TEST_F(RemoteAskerTest, ThrowsTheOwnersErrors) {
  asker_.define(support::real("x", 0, 1));
  try {
    asker_.define(support::real("x", 0, 2));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_SPACE_CONFLICT);
    EXPECT_STREQ(error.what(), "two definitions of x");
  }
  EXPECT_THROW(asker_.get("y"), Error);
  owner_.infeasible = true;
  EXPECT_THROW(asker_.require("x < 1"), Error);
}

TEST_F(RemoteAskerTest, OpensScopesAndVisitsAll) {
  EXPECT_TRUE(asker_.enter({"a", {Value("b")}}));
  ASSERT_EQ(owner_.scopes.size(), 1u);
  EXPECT_EQ(owner_.scopes[0], (Condition{"a", {Value("b")}}));
  asker_.leave();
  EXPECT_TRUE(owner_.scopes.empty());
  owner_.cells["n"] = Cell::whole(7);
  asker_.define(support::integer("n", 1, 9));
  asker_.define(support::real("z", 0, 1));
  std::vector<std::string> seen;
  asker_.each([&](const Param& param, const Cell* cell) {
    seen.push_back(param.name + (cell == nullptr ? " -" : " " + std::to_string(cell->whole())));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"n 7", "z -"}));
}

TEST_F(RemoteAskerTest, KnowsNoOtherQuestions) {
  const base::JsonDocument other = base::parse_json(R"({"dance": true})", "question");
  EXPECT_FALSE(answer_of(base::JsonReader(other), owner_));
}

}  // namespace
}  // namespace dodona::runner
