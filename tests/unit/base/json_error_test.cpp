// SPDX-License-Identifier: Apache-2.0
#include "base/json_error.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dodona::base {
namespace {

struct Malformed {
  std::string text;
  std::string message;  // what follows `study.json:`
};

void expect_messages(std::initializer_list<Malformed> table) {
  for (const Malformed& row : table) {
    try {
      const JsonDocument document = parse_json(row.text, "study.json");
      ADD_FAILURE() << row.text << " was read as " << to_text(document.root);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), DODONA_E_INVALID);
      EXPECT_EQ(error.what(), "study.json:" + row.message) << row.text;
    }
  }
}

TEST(JsonError, SaysWhereTheTextEnds) {
  expect_messages({
      {"", "1:1: the text is empty; at least {} should be here"},
      {" \n ", "2:2: the text is empty; at least {} should be here"},
      {"{", "1:2: the text ends here; \"}\" should close the object of line 1, column 1"},
      {"{\"a\": [1,\n2",
       "2:2: the text ends here; \"]\" should close the list of line 1, column 7"},
      {"{\"a\":", "1:6: the text ends here; \"}\" should close the object of line 1, column 1"},
      {"\"abc", "1:1: the string that begins here has no closing quote"},
  });
}

TEST(JsonError, NamesPunctuationThatIsAmiss) {
  expect_messages({
      {"{\"seed\" 7}", "1:9: found 7 after the key \"seed\"; a colon should follow it"},
      {"{\"seed\" = 7}", "1:9: found \"=\" after the key \"seed\"; a colon should follow it"},
      {"{\"a\": }",
       "1:7: found \"}\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"{\n  \"a\": 1,\n}", "3:1: found \"}\"; a key in double quotes should stand here"},
      {"[1,]",
       "1:4: found \"]\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[1,,2]",
       "1:4: found \",\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"{,}", "1:2: found \",\"; a key in double quotes should stand here"},
      {"{\"a\": 1\n \"b\": 2}",
       "2:2: found \"\\\"\" after a value; a comma or \"}\" should stand here"},
      {"[1 2]", "1:4: found 2 after a value; a comma or \"]\" should stand here"},
      {"{\"a\": 1]", "1:8: found \"]\" after a value; a comma or \"}\" should stand here"},
      {"[1}", "1:3: found \"}\" after a value; a comma or \"]\" should stand here"},
      {"[1,}",
       "1:4: found \"}\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"{} {}", "1:4: found \"{\" after the end of the document; nothing should follow it"},
      {"1 2", "1:3: found 2 after the end of the document; nothing should follow it"},
      {"]",
       "1:1: found \"]\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[\x01]",
       "1:2: found \"\\u0001\"; a value should stand here: a number, true, false, null, a string "
       "in double quotes, a list or an object"},
      {"[;]",
       "1:2: found \";\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
  });
}

TEST(JsonError, SaysHowWordsAreWritten) {
  expect_messages({
      {"{seed: 1}", "1:2: found seed; a key in double quotes should stand here"},
      {"{'seed': 1}", "1:2: found 'seed'; a key in double quotes should stand here"},
      {"{\u201Cseed\u201D: 1}",
       "1:2: found \u201Cseed\u201D; a key in double quotes should stand here"},
      {"[adam]",
       "1:2: found adam; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"['adam']",
       "1:2: found 'adam'; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[/usr/share]",
       "1:2: found /usr/share; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[True]",
       "1:2: found True; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[flase]",
       "1:2: found flase; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[None]",
       "1:2: found None; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[NaN]",
       "1:2: found NaN; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[-Infinity]",
       "1:2: found -Infinity; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[inf]",
       "1:2: found inf; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"// mine\n{}", "1:1: found a comment; JSON has none"},
      {"{\"a\": 1 /* mine */}", "1:9: found a comment; JSON has none"},
      {"{} # mine", "1:4: found a comment; JSON has none"},
  });
}

TEST(JsonError, SaysHowNumbersAreWritten) {
  const std::string real_bound =
      " is beyond a double, which holds 0 and sizes from 5e-324 to 1.7976931348623157e+308";
  expect_messages({
      {"[007]",
       "1:2: found 007, which is no number of JSON; a value should stand here: a number, true, "
       "false, null, a string in double quotes, a list or an object"},
      {"[-01]",
       "1:2: found -01, which is no number of JSON; a value should stand here: a number, true, "
       "false, null, a string in double quotes, a list or an object"},
      {"01",
       "1:1: found 01, which is no number of JSON; a value should stand here: a number, true, "
       "false, null, a string in double quotes, a list or an object"},
      {"[.5]",
       "1:2: found .5; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[5.]",
       "1:2: found 5.; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[1.e5]",
       "1:2: found 1.e5; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[+1]",
       "1:2: found +1; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[1e+]",
       "1:2: found 1e+; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[-]",
       "1:2: found \"-\"; a value should stand here: a number, true, false, null, a string in "
       "double quotes, a list or an object"},
      {"[0x1F]",
       "1:2: found 0x1F, which is no number of JSON; a value should stand here: a number, true, "
       "false, null, a string in double quotes, a list or an object"},
      {"[1_000]",
       "1:2: found 1_000, which is no number of JSON; a value should stand here: a number, true, "
       "false, null, a string in double quotes, a list or an object"},
      {"[2024-01-01]",
       "1:2: found 2024-01-01, which is no number of JSON; a value should stand here: a number, "
       "true, false, null, a string in double quotes, a list or an object"},
      {"[1e999]", "1:2: the number 1e999" + real_bound},
      {"[1e99999999999]", "1:2: the number 1e99999999999" + real_bound},
      {"[-1e-999]", "1:2: the number -1e-999" + real_bound},
      {"[18446744073709551616]",
       "1:2: the integer 18446744073709551616 is beyond 64 bits; real numbers have a point or an "
       "exponent"},
      {"[-9223372036854775809]",
       "1:2: the integer -9223372036854775809 is beyond 64 bits; real numbers have a point or an "
       "exponent"},
  });
}

TEST(JsonError, PointsIntoStrings) {
  expect_messages({
      {"[\"ab\n\"]",
       "1:5: found \"\\n\" in a string; close the string before it, or write it as it stands here"},
      {"[\"a\tb\"]",
       "1:4: found \"\\t\" in a string; close the string before it, or write it as it stands here"},
      {"{\"a\x02\": 1}",
       "1:4: found \"\\u0002\" in a string; close the string before it, or write it as it stands "
       "here"},
      {"[\"C:\\data\"]",
       "1:5: found \\d in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX, "
       "in pairs beyond \\uffff"},
      {"[\"\\",
       "1:3: found \\ in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX, "
       "in pairs beyond \\uffff"},
      {"[\"\\u12G4\"]",
       "1:3: found \\u in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX, "
       "in pairs beyond \\uffff"},
      {"[\"\\ud800x\"]",
       "1:3: found \\ud800 in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
       "\\uXXXX, in pairs beyond \\uffff"},
      {"[\"\\ud800\\ud800\"]",
       "1:3: found \\ud800 in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
       "\\uXXXX, in pairs beyond \\uffff"},
      {"[\"\\udc00\"]",
       "1:3: found \\udc00 in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
       "\\uXXXX, in pairs beyond \\uffff"},
  });
}

TEST(JsonError, RefusesWhatIsNotUtf8) {
  expect_messages({
      {"[\"\xFF\"]", "1:3: found a byte that is not UTF-8; save the text as UTF-8"},
      {"\xFF\xFE{", "1:1: found a byte that is not UTF-8; save the text as UTF-8"},  // UTF-16
      {"[\"\xC0\x80\"]", "1:3: found a byte that is not UTF-8; save the text as UTF-8"},
      {"{\"\xED\xA0\x80\": 1}", "1:3: found a byte that is not UTF-8; save the text as UTF-8"},
  });
}

TEST(JsonError, ShowsOnlyTheBeginningOfLongWords) {
  const std::string word(31, 'x');
  expect_messages({{"[" + word + "\u00E9\u00E9]",
                    "1:2: found " + word +
                        "...; a value should stand here: a number, true, false, null, a string in "
                        "double quotes, a list or an object"}});
}

TEST(JsonError, CountsColumnsInCharacters) {
  expect_messages({
      {"[\"\u00FC\u20AC\U0001F600\", x]",
       "1:9: found x; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"\xEF\xBB\xBF[x]",
       "1:2: found x; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
      {"[1,\r\n x]",
       "2:2: found x; a value should stand here: a number, true, false, null, a string in double "
       "quotes, a list or an object"},
  });
}

TEST(JsonError, RefusesKeysGivenTwice) {
  expect_messages({
      {"{\"a\": 1,\n \"b\": 2, \"a\": 3}",
       "2:10: the key \"a\" was given before, at line 1, column 2; remove one of the two"},
      {"{\"a\": 1, \"\\u0061\": 2}",
       "1:10: the key \"a\" was given before, at line 1, column 2; remove one of the two"},
      // The earliest of several.
      {"{\"b\": 1, \"a\": 2, \"b\": 3, \"a\": 4}",
       "1:18: the key \"b\" was given before, at line 1, column 2; remove one of the two"},
      {"[{\"a\": {\"x\": 1, \"x\": 1}}]",
       "1:17: the key \"x\" was given before, at line 1, column 9; remove one of the two"},
  });
  EXPECT_NO_THROW(parse_json("[{\"a\": 1}, {\"a\": {\"a\": 1}}]", "study.json"));
}

TEST(JsonError, RefusesWhatIsTooDeep) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_NO_THROW(parse_json(nested(kJsonDepthMax), "study.json"));
  expect_messages({{nested(kJsonDepthMax + 1),
                    "1:65: nested deeper than 64 levels; at most 64 objects and lists may lie "
                    "within each other"}});
  EXPECT_THROW(parse_json(std::string(1'000'000, '['), "study.json"), Error);
}

TEST(JsonError, HasAMessageForEveryTextCutShort) {
  const std::string text =
      "{\"a\": [1, -2.5e-3, \"x\\n\\ud83d\\ude00\u20AC\"], \"b\": {\"c\": null, \"d\": [true, "
      "false]}}";
  for (std::size_t n = 0; n < text.size(); ++n) {
    try {
      parse_json(text.substr(0, n), "f");
      ADD_FAILURE() << text.substr(0, n);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("not JSON"), std::string::npos) << error.what();
    }
  }
}

TEST(NumberLength, IsTheLongestNumberOfTheGrammar) {
  EXPECT_EQ(number_length("0"), 1U);
  EXPECT_EQ(number_length("01"), 1U);
  EXPECT_EQ(number_length("-12.50e+3,"), 9U);
  EXPECT_EQ(number_length("1.x"), 1U);
  EXPECT_EQ(number_length("1e+x"), 1U);
  EXPECT_EQ(number_length("1.5.5"), 3U);
  EXPECT_EQ(number_length("-"), 0U);
  EXPECT_EQ(number_length(""), 0U);
  EXPECT_EQ(number_length(".5"), 0U);
}

TEST(Diagnose, FallsBackWhereTheTextIsRight) {
  JsonProgress progress;
  progress.text = "\"right\"";
  progress.cursor = 0;
  const JsonFault fault = diagnose(progress, {3, "fallback"});
  EXPECT_EQ(fault.offset, 3U);
  EXPECT_EQ(fault.message, "fallback");
}

}  // namespace
}  // namespace dodona::base
