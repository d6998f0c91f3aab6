// SPDX-License-Identifier: Apache-2.0
#include "pages/action.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

namespace dodona::pages {
namespace {

TEST(Action, IsRead) {
  EXPECT_EQ(parse_action(R"({"action": "stop"})").kind, Action::Kind::kStop);
  EXPECT_EQ(parse_action(R"({"action": "stop_trial", "trial": 7})").trial, 7U);
  EXPECT_EQ(parse_action(R"({"action": "enqueue", "values": {"lr": 0.5}})").text, R"({"lr": 0.5})");
  EXPECT_EQ(parse_action(R"({"action": "note", "text": "why"})").text, "why");
  EXPECT_FALSE(parse_action(R"({"action": "note", "text": "why"})").trial.has_value());
  EXPECT_EQ(parse_action(R"({"action": "note", "trial": 0, "text": "why"})").trial, 0U);
  EXPECT_EQ(parse_action(R"({"action": "max_trials", "max_trials": 9})").max_trials, 9U);
}

TEST(Action, OfAnyOtherFormIsRefused) {
  for (const char* text :
       {"", "{", "[]", "7", "{}", R"({"action": 7})", R"({"action": "search"})",
        R"({"action": "stop", "now": true})", R"({"action": "stop_trial"})",
        R"({"action": "stop_trial", "trial": -1})", R"({"action": "stop_trial", "trial": 1.5})",
        R"({"action": "enqueue", "values": [1]})", R"({"action": "note", "text": null})",
        R"({"action": "max_trials", "max_trials": 0})"}) {
    EXPECT_THROW(parse_action(text), Error) << text;
  }
}

TEST(Secret, IsTheSameOrNot) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  for (const char* given : {"", "ab", "abd", "abcabc", "abcc"}) {
    EXPECT_FALSE(is_same_secret(given, "abc")) << given;
  }
  EXPECT_FALSE(is_same_secret("", ""));
}

}  // namespace
}  // namespace dodona::pages
