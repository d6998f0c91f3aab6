// SPDX-License-Identifier: Apache-2.0
#include "document/keys.hpp"

#include "base/json.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace dodona::document {
namespace {

TEST(Keys, HaveNamesOfTheirOwnAndHelp) {
  std::set<std::string> paths;
  for (const Key& key : keys()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.help.empty()) << key.path;
    EXPECT_LE(key.low, key.high) << key.path;
    if (!key.group().empty()) {
      EXPECT_FALSE(group_help(key.group()).empty()) << key.path;
    }
  }
  EXPECT_EQ(paths.size(), 41U);
}

TEST(Keys, LandEachInAPlaceOfItsOwn) {
  const auto all = keys();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(all[i].place, all[k].place) << all[i].path;
  }
}

TEST(Keys, SplitAtTheDot) {
  const Key plain{"seed", &StudyOptions::seed, ""};
  EXPECT_EQ(plain.group(), "");
  EXPECT_EQ(plain.name(), "seed");
  const Key nested{"retry.often", &StudyOptions::seed, ""};
  EXPECT_EQ(nested.group(), "retry");
  EXPECT_EQ(nested.name(), "often");
}

TEST(Keys, WriteALimitOfZeroAsNull) {
  StudyOptions options;
  options.max_trials = 0;
  for (const Key& key : keys()) {
    const std::string text = base::to_text(key_value(key, options));
    if (key.path == "max_trials" || key.path == "max_seconds" || key.path == "threads_per_trial") {
      EXPECT_EQ(text, "null") << key.path;
    }
    if (key.path == "retry.max_retries_per_trial") {
      EXPECT_EQ(text, "0");
    }
  }
}

TEST(Keys, SayFileNamesInWordsAsInTheirPattern) {
  const std::regex pattern(kFileNamePattern);
  const std::string del(1, '\x7f');
  for (const std::string text : {"a", "untitled_project", "...", ".a", "a b", "a.", "..a"}) {
    EXPECT_EQ(file_name_problem(text), "") << text;
    EXPECT_TRUE(std::regex_search(text, pattern)) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("/"),
        std::string("a\nb"), std::string("a\tb"), del}) {
    EXPECT_NE(file_name_problem(text), "") << text;
    EXPECT_FALSE(std::regex_search(text, pattern)) << text;
  }
}

}  // namespace
}  // namespace dodona::document
