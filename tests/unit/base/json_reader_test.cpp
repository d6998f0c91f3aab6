// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace dodona::base {
namespace {

const std::vector<std::string> kWords = {"linear", "log"};

std::string problem(const std::string& text, const std::function<void(const JsonReader&)>& read) {
  const base::JsonDocument document = base::parse_json(text, "f");
  try {
    read(JsonReader(document));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    return error.what();
  }
  return "";
}

TEST(JsonReader, KnowsItsPath) {
  const base::JsonDocument document = base::parse_json(R"({"a": {"b c": [1, [2]]}})", "f");
  const JsonReader root(document);
  const JsonReader two = root.required("a").required("b c").element(1).element(0);
  EXPECT_EQ(two.path(), "a.b c[1][0]");
  EXPECT_EQ(two.whole(), 2);
  EXPECT_FALSE(root.member("b"));
}

TEST(JsonReader, SaysWhatIsThereAndWhatShouldBe) {
  const std::string text = R"({"a": "x", "r": 2.5, "big": 18446744073709551615})";
  using R = const JsonReader&;
  EXPECT_EQ(problem(text, [](R root) { root.required("a").whole(); }),
            "f:1:7: a: is a string; it should be an integer");
  EXPECT_EQ(problem(text, [](R root) { root.required("r").whole(); }),
            "f:1:17: r: is a real number; it should be an integer");
  EXPECT_EQ(problem(text, [](R root) { root.required("big").whole(); }),
            "f:1:29: big: 18446744073709551615 is above the largest integer, "
            "9223372036854775807");
  EXPECT_EQ(problem(text, [](R root) { root.required("a").real(); }),
            "f:1:7: a: is a string; it should be a number");
  EXPECT_EQ(problem(text, [](R root) { root.required("a").boolean(); }),
            "f:1:7: a: is a string; it should be true or false");
  EXPECT_EQ(problem(text, [](R root) { root.required("a").array(); }),
            "f:1:7: a: is a string; it should be a list");
  EXPECT_EQ(problem(text, [](R root) { root.required("a").member("b"); }),
            "f:1:7: a: is a string; it should be an object");
  EXPECT_EQ(problem(text, [](R root) { root.required("r").string(); }),
            "f:1:17: r: is a real number; it should be a string");
  EXPECT_EQ(problem(text, [](R root) { root.required("z"); }), "f:1:1: lacks \"z\"");
  EXPECT_EQ(problem("[1]", [](R root) { root.element(2); }),
            "f:1:1: has 1 elements; there should be at least 3");
}

TEST(JsonReader, PointsAtAKeyItDoesNotKnow) {
  const auto allow = [](const JsonReader& root) { root.allow(kWords); };
  EXPECT_EQ(problem(R"({"log": 1})", allow), "");
  EXPECT_EQ(problem(R"({"lgo": 1})", allow),
            "f:1:2: lgo: there is no key \"lgo\" (did you mean \"log\"?)");
  EXPECT_EQ(problem(R"({"zzzzzz": 1})", allow),
            "f:1:2: zzzzzz: there is no key \"zzzzzz\"; the keys here are linear or log");
}

TEST(JsonReader, TakesOneOfItsWords) {
  const auto word = [](const JsonReader& root) { EXPECT_EQ(root.word(kWords), 1U); };
  EXPECT_EQ(problem(R"("log")", word), "");
  EXPECT_EQ(problem(R"("Log")", word),
            "f:1:1: \"Log\" is not one of linear or log (did you mean \"log\"?)");
  EXPECT_EQ(problem("3", word), "f:1:1: is an integer; it should be linear or log");
}

TEST(JsonReader, JoinsAlternatives) {
  EXPECT_EQ(alternatives(std::vector<std::string>{}), "");
  EXPECT_EQ(alternatives(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(alternatives(std::vector<std::string>{"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace dodona::base
