// SPDX-License-Identifier: Apache-2.0
#include "template.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace command {
namespace {

using dodona::support::contains;
using dodona::support::error_of;

std::string filled(const std::string& text) {
  return Template(text, "command[1]")
      .fill([](const std::string& name) -> std::optional<std::string> {
        if (name == "gone") return std::nullopt;
        return "<" + name + ">";
      })
      .value_or("left out");
}

TEST(Template, PutsValuesInPlaceOfNames) {
  EXPECT_EQ(filled("--lr={lr}"), "--lr=<lr>");
  EXPECT_EQ(filled("{a}{b c}"), "<a><b c>");
  EXPECT_EQ(filled("{{a}} {{{a}}}"), "{a} {<a>}");
  EXPECT_EQ(filled(""), "");
  EXPECT_EQ(filled("{a}{gone}"), "left out");
  EXPECT_EQ(Template("x{a}{b}", "").names(), (std::vector<std::string>{"a", "b"}));
}

TEST(Template, SaysWhereABraceIsAlone) {
  for (const char* text : {"{", "{a", "a}", "{}", "{a{b}}", "}{"}) {
    EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { filled(text); }), "command[1]: \""))
        << text;
  }
}

}  // namespace
}  // namespace command
