// SPDX-License-Identifier: Apache-2.0
#include "base/json_path.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

namespace dodona::base {
namespace {

namespace json = boost::json;

json::value read(std::string_view text) {
  return parse_json(text, "test").root;
}

// The message of the Error that `action` throws, or an empty text.
template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    return error.what();
  }
  return "";
}

std::string after_set(std::string_view text, std::string_view path, json::value value) {
  json::value root = read(text);
  set_at(root, path, std::move(value));
  return to_text(root);
}

TEST(SplitPath, TakesKeysAndIndicesApart) {
  const std::vector<PathStep> steps = split_path("space[2].when.optimizer");
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(std::get<std::string>(steps[0]), "space");
  EXPECT_EQ(std::get<std::size_t>(steps[1]), 2U);
  EXPECT_EQ(std::get<std::string>(steps[2]), "when");
  EXPECT_EQ(std::get<std::string>(steps[3]), "optimizer");
  EXPECT_TRUE(split_path("").empty());
}

TEST(SplitPath, UndoesJoinPath) {
  const std::vector<PathStep> steps = {
      "a",  std::size_t{0},   "x.y",           "",   "[z]", "q\"\\",
      "\n", "gr\u00FC\u00DF", std::size_t{12}, "b c"};
  const std::string text = path_text(steps);
  EXPECT_EQ(text, "a[0][\"x.y\"][\"\"][\"[z]\"][\"q\\\"\\\\\"][\"\\n\"].gr\u00FC\u00DF[12].b c");
  EXPECT_EQ(split_path(text), steps);
}

TEST(SplitPath, SaysWhatIsMalformed) {
  const std::string end = "; a path looks like space[2].when.optimizer";
  const auto message = [](std::string_view path) { return message_of([&] { split_path(path); }); };
  EXPECT_EQ(message("a..b"), "path \"a..b\": a key is missing at character 3" + end);
  EXPECT_EQ(message(".a"), "path \".a\": a key is missing at character 1" + end);
  EXPECT_EQ(message("a."), "path \"a.\": a key is missing at character 3" + end);
  const std::string index = "an index such as [2], or a quoted key, should stand in the brackets";
  EXPECT_EQ(message("a[x]"), "path \"a[x]\": " + index + end);
  EXPECT_EQ(message("a[-1]"), "path \"a[-1]\": " + index + end);
  EXPECT_EQ(message("a[1"), "path \"a[1\": " + index + end);
  EXPECT_EQ(message("a[]"), "path \"a[]\": " + index + end);
  EXPECT_EQ(message("a[99999999999999999999]"), "path \"a[99999999999999999999]\": " + index + end);
  EXPECT_EQ(message("a[1]b"), "path \"a[1]b\": a dot should stand between two keys" + end);
  EXPECT_EQ(message("a]b"), "path \"a]b\": the key \"a]b\" should be written as [\"...\"]" + end);
  EXPECT_EQ(message("[\"a"), "path \"[\\\"a\": the quoted key should end in \"]" + end);
  EXPECT_EQ(message("[\"a\\"), "path \"[\\\"a\\\\\": the quoted key should end in \"]" + end);
  EXPECT_NE(message("[\"\\q\"]"), "");
}

TEST(SetAt, ReplacesWhatIsThere) {
  EXPECT_EQ(after_set("{\"a\": {\"b\": 1}, \"c\": 2}", "a.b", 3), "{\"a\": {\"b\": 3}, \"c\": 2}");
  EXPECT_EQ(after_set("{\"space\": [{\"max_value\": 1}, {}]}", "space[0].max_value", 2.5),
            "{\"space\": [{\"max_value\": 2.5}, {}]}");
  EXPECT_EQ(after_set("[1, [2, 3]]", "[1][0]", "x"), "[1, [\"x\", 3]]");
  EXPECT_EQ(after_set("{\"a\": \"old\"}", "a", read("{\"b\": []}")), "{\"a\": {\"b\": []}}");
}

TEST(SetAt, MakesMissingObjects) {
  EXPECT_EQ(after_set("{}", "oracle.options.n", 5), "{\"oracle\": {\"options\": {\"n\": 5}}}");
  EXPECT_EQ(after_set("null", "a.b", 1), "{\"a\": {\"b\": 1}}");
  EXPECT_EQ(after_set("{\"a\": null}", "a.b", 1), "{\"a\": {\"b\": 1}}");
  EXPECT_EQ(after_set("[{}]", "[0][\"x.y\"].z", 1), "[{\"x.y\": {\"z\": 1}}]");
}

TEST(SetAt, RefusesWhatCannotBeAndChangesNothing) {
  const std::string text =
      "{\"s\": \"text\", \"o\": {}, \"e\": [], \"one\": [1], \"two\": [{}, 5], \"n\": null}";
  json::value root = read(text);
  const auto message = [&](std::string_view path) {
    return message_of([&] { set_at(root, path, 1); });
  };
  EXPECT_EQ(message(""), "cannot set an empty path; a path looks like space[2].when.optimizer");
  EXPECT_EQ(message("s.x"), "cannot set \"s.x\": \"s\" is a string, not an object");
  EXPECT_EQ(message("s[0]"), "cannot set \"s[0]\": \"s\" is a string, not a list");
  EXPECT_EQ(message("o[0]"), "cannot set \"o[0]\": \"o\" is an object, not a list");
  EXPECT_EQ(message("two.x"), "cannot set \"two.x\": \"two\" is a list, not an object");
  EXPECT_EQ(message("two[1].x.y"),
            "cannot set \"two[1].x.y\": \"two[1]\" is an integer, not an object");
  EXPECT_EQ(message("two[2]"),
            "cannot set \"two[2]\": \"two\" has 2 elements, so the index should be 0 to 1");
  EXPECT_EQ(message("one[1]"),
            "cannot set \"one[1]\": \"one\" has 1 element, so the index should be 0");
  EXPECT_EQ(message("e[0]"),
            "cannot set \"e[0]\": \"e\" is an empty list, and elements cannot be added one by one");
  EXPECT_EQ(message("o.x.y[0]"),
            "cannot set \"o.x.y[0]\": \"o.x.y\" is not there, and the "
            "elements of a list cannot be added one by one");
  EXPECT_EQ(message("n[0]"),
            "cannot set \"n[0]\": \"n\" is not there, and the elements of a list "
            "cannot be added one by one");
  EXPECT_EQ(message("[0]"), "cannot set \"[0]\": the document is an object, not a list");
  EXPECT_NE(message("a..b"), "");
  EXPECT_EQ(to_text(root), text);
}

}  // namespace
}  // namespace dodona::base
