// SPDX-License-Identifier: Apache-2.0
#include <dodona/members.hpp>

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace dodona::detail {
namespace {

class Class {
 public:
  void evaluate() {}
  void save(int) {}
  void save(double) {}
  int judge = 0;
  void saves() {}

 private:
  void load() {}
};

struct Final final {
  void save() {}
};

struct Abstract {
  virtual ~Abstract() = default;
  virtual void fill() = 0;
};

TEST(Members, SeesEveryMemberOfAName) {
  static_assert(names_evaluate<Class>());
  static_assert(names_save<Class>());
  static_assert(names_load<Class>());
  static_assert(names_judge<Class>());
  static_assert(names_save<Final>());
  static_assert(names_fill<Abstract>());
}

TEST(Members, SeesNoOther) {
  static_assert(!names_metrics<Class>());
  static_assert(!names_declare<Class>());
  static_assert(!names_load<Final>());
  static_assert(!names_save<Abstract>());
}

// A letter left out or doubled, two neighbours exchanged, and capitals.
std::set<std::string> misspellings(const std::string& name) {
  std::set<std::string> out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    out.insert(name.substr(0, i) + name.substr(i + 1));
    out.insert(name.substr(0, i) + name[i] + name.substr(i));
    if (i + 1 == name.size()) continue;
    std::string exchanged = name;
    std::swap(exchanged[i], exchanged[i + 1]);
    out.insert(exchanged);
  }
  std::string camel;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_') continue;
    const bool begins = i > 0 && name[i - 1] == '_';
    camel += begins ? static_cast<char>(std::toupper(name[i])) : name[i];
  }
  out.insert(camel);
  camel[0] = static_cast<char>(std::toupper(camel[0]));
  out.insert(camel);
  out.erase(name);
  return out;
}

#define DODONA_TEXT(near) #near,

TEST(Members, ListsTheMisspellingsOfEachName) {
  using Names = std::set<std::string>;
  EXPECT_EQ((Names{DODONA_NEAR_DECLARE(DODONA_TEXT)}), misspellings("declare"));
  Names evaluate = misspellings("evaluate");
  evaluate.insert("eval");
  EXPECT_EQ((Names{DODONA_NEAR_EVALUATE(DODONA_TEXT)}), evaluate);
  EXPECT_EQ((Names{DODONA_NEAR_SAVE(DODONA_TEXT)}), misspellings("save"));
  EXPECT_EQ((Names{DODONA_NEAR_LOAD(DODONA_TEXT)}), misspellings("load"));
  EXPECT_EQ((Names{DODONA_NEAR_PROPOSE(DODONA_TEXT)}), misspellings("propose"));
  EXPECT_EQ((Names{DODONA_NEAR_JUDGE(DODONA_TEXT)}), misspellings("judge"));
  EXPECT_EQ((Names{DODONA_NEAR_FILL(DODONA_TEXT)}), misspellings("fill"));
  EXPECT_EQ((Names{DODONA_NEAR_SET_SPACE(DODONA_TEXT)}), misspellings("set_space"));
}

}  // namespace
}  // namespace dodona::detail
