// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include "support/command_settings.hpp"
#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <string>

namespace command {
namespace {

using dodona::support::contains;
using dodona::support::error_of;

std::string refusal(const std::string& more) {
  return error_of(DODONA_E_INVALID, [&] { test_settings(more); });
}

TEST(Settings, OfACommandAreChecked) {
  EXPECT_EQ(refusal(R"({"command": []})"),
            "command: is empty; it should be a program and its arguments");
  EXPECT_EQ(refusal(R"({"command": [""]})"), "command[0]: is empty; it should be a program");
  EXPECT_EQ(refusal(R"({"command": ["a", 1]})"),
            "command[1]: should be a string; a number is written \"1\"");
  EXPECT_TRUE(contains(refusal(R"({"command": ["a", "\u0000"]})"), "command[1]: has a character"));
  EXPECT_TRUE(contains(refusal(R"({"command": ["a", "{"]})"), "command[1]: "));
  EXPECT_TRUE(contains(refusal(R"({"command": ["a"], "metrics_regex": {"loss": 1}})"),
                       "metrics_regex: \"loss\" should be a string"));
  for (const char* file : {"/etc/x", "../x", "a/../../x", ".", "a//b", "a/"}) {
    EXPECT_TRUE(
        contains(refusal(std::string(R"({"command": ["a"], "metrics_file": ")") + file + "\"}"),
                 "should be a path below the trial's directory"))
        << file;
  }
  EXPECT_EQ(test_settings(R"({"command": ["a"], "metrics_file": "out/m.jsonl"})").metrics_file,
            "out/m.jsonl");
  EXPECT_EQ(test_settings(R"({"command": ["a"], "grace_seconds": 0.25})").grace.count(), 250);
}

}  // namespace
}  // namespace command
