// SPDX-License-Identifier: Apache-2.0
#include "host/new_plugin.hpp"

#include "support/temporary_directory.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(NewPlugin, HasANameThatCMakeAndCTake) {
  for (const char* name : {"a", "hill_climber", "x2", "my_plugin", "oracle"}) {
    EXPECT_EQ(name_problem(name), "") << name;
  }
  for (const char* name : {"", "Hill", "hill-climber", "2x", "_a", "a_", "../a", "a b", "test",
                           "install", "\xc3\xa4"}) {
    EXPECT_NE(name_problem(name), "") << name;
  }
}

TEST(NewPlugin, NamesEverythingAfterThePlugin) {
  const support::TemporaryDirectory parent;
  for (const char* role : {"oracle", "hypermodel", "sink"}) {
    for (const char* language : {"c", "c++"}) {
      const std::string name = std::string(role) + "_of_mine_" + (language[1] ? "cpp" : "c");
      write_plugin({role, name, language}, DODONA_TEMPLATES, parent.string());
      for (const auto& entry : fs::recursive_directory_iterator(parent / name)) {
        if (!entry.is_regular_file()) continue;
        const std::string text = text_of(entry.path());
        EXPECT_FALSE(text.empty()) << entry.path();
        for (const char* left :
             {"my_plugin", "MyPlugin", "my_source", "my_use", "my_role", "my_languages", "SPDX"}) {
          EXPECT_EQ(text.find(left), std::string::npos) << entry.path() << ": " << left;
        }
      }
      const std::string source = text_of(parent / name / (name + (language[1] ? ".cpp" : ".c")));
      EXPECT_NE(source.find("org.example." + name), std::string::npos);
      EXPECT_TRUE(source.starts_with("//") || source.starts_with("/*")) << source.substr(0, 20);
    }
  }
}

TEST(NewPlugin, LeavesNothingWhereItFails) {
  const support::TemporaryDirectory parent;
  const auto code_of = [&](const NewPlugin& plugin, const fs::path& templates) {
    try {
      write_plugin(plugin, templates, parent.string());
    } catch (const Error& error) {
      return error.code();
    }
    return dodona_status{DODONA_OK};
  };
  EXPECT_EQ(code_of({"oracle", "Bad", "c"}, DODONA_TEMPLATES), DODONA_E_INVALID);
  EXPECT_EQ(code_of({"oracle", "a", "c"}, "/nowhere"), DODONA_E_IO);
  EXPECT_EQ(code_of({"oracle", "a", "c"}, parent.string()), DODONA_E_IO);  // no templates there
  EXPECT_TRUE(fs::is_empty(parent.string()));
  EXPECT_EQ(code_of({"oracle", "a", "c"}, DODONA_TEMPLATES), DODONA_OK);
  EXPECT_EQ(code_of({"oracle", "a", "c"}, DODONA_TEMPLATES), DODONA_E_STATE);
}

}  // namespace
}  // namespace dodona::host
