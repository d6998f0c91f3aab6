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
      ADD_FAILURE() << row.text << " was read as " << to_text(document.root, false);
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
      {"{",
       "1:2: the text ends inside the object opened at line 1, column 1; its \"}\" is missing"},
      {"{\"a\": [1,\n2",
       "2:2: the text ends inside the list opened at line 1, column 7; its \"]\" is missing"},
      {"{\"a\":",
       "1:6: the text ends inside the object opened at line 1, column 1; its \"}\" is missing"},
      {"\"abc", "1:1: the string that begins here has no closing quote"},
  });
}

TEST(JsonError, NamesPunctuationThatIsAmiss) {
  expect_messages({
      {"{\"seed\" 7}", "1:9: found 7 after the key \"seed\"; a colon should follow it"},
      {"{\"seed\" = 7}", "1:9: found \"=\" after the key \"seed\"; a colon should follow it"},
      {"{\"a\": }", "1:7: found \"}\"; a value should stand here"},
      {"{\n  \"a\": 1,\n}", "3:1: found \"}\" after a comma; remove the comma"},
      {"[1,]", "1:4: found \"]\" after a comma; remove the comma"},
      {"[1,,2]", "1:4: found \",\"; a value should stand here"},
      {"{,}", "1:2: found \",\"; a key in double quotes should stand here"},
      {"{\"a\": 1\n \"b\": 2}",
       "2:2: found the string \"b\" after a value; a comma or \"}\" should stand here"},
      {"[1 2]", "1:4: found 2 after a value; a comma or \"]\" should stand here"},
      {"{\"a\": 1]", "1:8: found \"]\"; the object opened at line 1, column 1 is closed by \"}\""},
      {"[1}", "1:3: found \"}\"; the list opened at line 1, column 1 is closed by \"]\""},
      {"[1,}", "1:4: found \"}\"; the list opened at line 1, column 1 is closed by \"]\""},
      {"{} {}", "1:4: found \"{\" after the end of the document; nothing should follow it"},
      {"1 2", "1:3: found 2 after the end of the document; nothing should follow it"},
      {"]", "1:1: found \"]\"; a value should stand here"},
      {"[\x01]", "1:2: found byte 0x01; a value should stand here"},
      {"[;]", "1:2: found \";\"; a value should stand here"},
  });
}

TEST(JsonError, SaysHowWordsAreWritten) {
  expect_messages({
      {"{seed: 1}", "1:2: found seed; keys are written in double quotes: \"seed\""},
      {"{'seed': 1}", "1:2: found 'seed'; keys are written in double quotes: \"seed\""},
      {"{\u201Cseed\u201D: 1}",
       "1:2: found \u201Cseed\u201D; keys are written in double quotes: \"seed\""},
      {"[adam]", "1:2: found adam; strings are written in double quotes: \"adam\""},
      {"['adam']", "1:2: found 'adam'; strings are written in double quotes: \"adam\""},
      {"[/usr/share]",
       "1:2: found /usr/share; strings are written in double quotes: \"/usr/share\""},
      {"[True]", "1:2: found True; write true"},
      {"[flase]", "1:2: found flase; write false"},
      {"[None]", "1:2: found None; write null"},
      {"[NaN]", "1:2: found NaN; JSON has no such number, write a finite one"},
      {"[-Infinity]", "1:2: found -Infinity; JSON has no such number, write a finite one"},
      {"[inf]", "1:2: found inf; JSON has no such number, write a finite one"},
      {"// mine\n{}", "1:1: found a comment; JSON has none, remove it"},
      {"{\"a\": 1 /* mine */}", "1:9: found a comment; JSON has none, remove it"},
      {"{} # mine", "1:4: found a comment; JSON has none, remove it"},
  });
}

TEST(JsonError, SaysHowNumbersAreWritten) {
  const std::string real_bound =
      " is beyond a double, which holds 0 and sizes from 5e-324 to 1.7976931348623157e+308";
  expect_messages({
      {"[007]", "1:2: found 007; write it without leading zeros"},
      {"[-01]", "1:2: found -01; write it without leading zeros"},
      {"01", "1:1: found 01; write it without leading zeros"},
      {"[.5]", "1:2: found .5; a digit should stand before the point"},
      {"[5.]", "1:2: found 5.; a digit should follow the point"},
      {"[1.e5]", "1:2: found 1.e5; a digit should follow the point"},
      {"[+1]", "1:2: found +1; write it without the plus sign"},
      {"[1e+]", "1:2: found 1e+; a digit should follow the e"},
      {"[-]", "1:2: found -; a digit should follow the minus sign"},
      {"[0x1F]", "1:2: found 0x1F; write it in decimal"},
      {"[1_000]", "1:2: found 1_000; write it without underscores"},
      {"[2024-01-01]",
       "1:2: found 2024-01-01; that is not a number; strings are written in double "
       "quotes: \"2024-01-01\""},
      {"[1e999]", "1:2: the number 1e999" + real_bound},
      {"[1e99999999999]", "1:2: the number 1e99999999999" + real_bound},
      {"[-1e-999]", "1:2: the number -1e-999" + real_bound},
      {"[18446744073709551616]",
       "1:2: the integer 18446744073709551616 is beyond 64 bits; real "
       "numbers have a point or an exponent"},
      {"[-9223372036854775809]",
       "1:2: the integer -9223372036854775809 is beyond 64 bits; real "
       "numbers have a point or an exponent"},
  });
}

TEST(JsonError, PointsIntoStrings) {
  expect_messages({
      {"[\"ab\n\"]",
       "1:5: a string ends at the end of its line; close it with a quote, or write "
       "its line break as \\n"},
      {"[\"a\tb\"]", "1:4: found byte 0x09 in a string; write it as \\t"},
      {"{\"a\x02\": 1}", "1:4: found byte 0x02 in a string; write it as \\u0002"},
      {"[\"C:\\data\"]",
       "1:5: found \\d in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r "
       "\\t and \\uXXXX, and a backslash itself is \\\\"},
      {"[\"\\",
       "1:3: found a lone backslash in a string; the escapes are \\\" \\\\ \\/ \\b \\f \\n "
       "\\r \\t and \\uXXXX, and a backslash itself is \\\\"},
      {"[\"\\u12G4\"]", "1:3: found \\u in a string; four hexadecimal digits should follow"},
      {"[\"\\ud800x\"]",
       "1:3: found \\ud800 alone; it is the first half of a pair, and the second "
       "(\\udc00 to \\udfff) should follow it"},
      {"[\"\\udc00\"]",
       "1:3: found \\udc00 alone; it is the second half of a pair, and the first "
       "(\\ud800 to \\udbff) should stand before it"},
  });
}

TEST(JsonError, RefusesWhatIsNotUtf8) {
  expect_messages({
      {"[\"\xFF\"]", "1:3: byte 0xff is not UTF-8; save the text as UTF-8"},
      {"\xFF\xFE{", "1:1: byte 0xff is not UTF-8; save the text as UTF-8"},  // UTF-16
      {"[\"\xC0\x80\"]", "1:3: byte 0xc0 is not UTF-8; save the text as UTF-8"},
      {"{\"\xED\xA0\x80\": 1}", "1:3: byte 0xed is not UTF-8; save the text as UTF-8"},
  });
}

TEST(JsonError, ShowsOnlyTheBeginningOfLongWords) {
  const std::string word(31, 'x');
  expect_messages({{"[" + word + "\u00E9\u00E9]", "1:2: found " + word +
                                                      "...; strings are written in double quotes: "
                                                      "\"" +
                                                      word + "...\""}});
}

TEST(JsonError, CountsColumnsInCharacters) {
  expect_messages({
      {"[\"\u00FC\u20AC\U0001F600\", x]",
       "1:9: found x; strings are written in double quotes: \"x\""},
      {"\xEF\xBB\xBF[x]", "1:2: found x; strings are written in double quotes: \"x\""},
      {"[1,\r\n x]", "2:2: found x; strings are written in double quotes: \"x\""},
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
