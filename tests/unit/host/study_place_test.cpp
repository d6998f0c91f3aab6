// SPDX-License-Identifier: Apache-2.0
#include "host/study_place.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::host {
namespace {

class StudyPlaceTest : public ::testing::Test {
 protected:
  std::string shown(const std::string& message, const std::vector<std::string>& sets = {}) {
    const std::string file = directory_.write("s.json",
                                              "{\n  \"initial\": [{\"x\": 1},\n   {\"y\": 2}],\n"
                                              "  \"objective\": \"loss\"}");
    const Error error = placed(Error(DODONA_E_INVALID, message), file, sets);
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    const std::string text = error.what();
    return text.starts_with(file) ? text.substr(file.size()) : text;
  }
  const support::TemporaryDirectory directory_;
};

TEST_F(StudyPlaceTest, NamesTheLineOfTheKeyThatAMessageBeginsWith) {
  EXPECT_EQ(shown("initial[1]: there is none"), ":3:4: initial[1]: there is none");
  EXPECT_EQ(shown("objective: is none"), ":4:16: objective: is none");
  EXPECT_EQ(shown("objective is missing: which"), ": objective is missing: which");
}

TEST_F(StudyPlaceTest, NamesTheSetThatGaveTheKey) {
  const std::vector<std::string> sets{"initial=[]", "initial=[{}]", "initials=1", "objective=loss"};
  EXPECT_EQ(shown("initial[0]: none", sets), "--set initial=[{}]: initial[0]: none");
  EXPECT_EQ(shown("objective: none", sets), "--set objective=loss: objective: none");
}

TEST_F(StudyPlaceTest, LeavesOtherMessagesAsTheyAre) {
  for (const char* message :
       {"no colon", "space[0]: of a file without it", ": nothing", "hypermodel \"toy\": broke",
        "initial[: malformed", "the disk is missing: a sentence"}) {
    EXPECT_EQ(shown(message), message);
  }
  EXPECT_STREQ(placed(Error(DODONA_E_IO, "initial: of no file"), "nowhere", {}).what(),
               "initial: of no file");
}

}  // namespace
}  // namespace dodona::host
