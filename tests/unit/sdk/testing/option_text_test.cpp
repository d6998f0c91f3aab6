// SPDX-License-Identifier: Apache-2.0
#include <dodona/testing/option_text.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dodona::testing {
namespace {

Values read(const std::string& text) {
  Values values;
  detail::OptionReader(text).members(values);
  return values;
}

TEST(OptionText, ReadsScalarsByPath) {
  const Values values = read(R"({"a": 1, "b": [2.5, true], "c": {"d": "x\n\u00e9"}, "e": []})");
  EXPECT_EQ(values.size(), 4U);
  EXPECT_EQ(values.at("a"), Value(std::int64_t{1}));
  EXPECT_EQ(values.at("b[0]"), Value(2.5));
  EXPECT_EQ(values.at("b[1]"), Value(true));
  EXPECT_EQ(values.at("c.d"), Value(std::string("x\n\xC3\xA9")));
}

TEST(OptionText, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", "1", "[", "{", R"({"a")", R"({"a": })", R"({"a": 1} x)", R"({"a": "\q"})"}) {
    EXPECT_THROW(read(text), Error) << text;
  }
}

}  // namespace
}  // namespace dodona::testing
