// SPDX-License-Identifier: Apache-2.0
#include "host/table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dodona::host {
namespace {

TEST(Table, AlignsItsColumns) {
  Table table({{"trial", Table::Align::kRight}, {"state"}, {"values"}});
  table.add({"3", "completed", "x 1"});
  table.add({"12", "", "\u03b1 2"});
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.text(),
            "trial  state      values\n"
            "    3  completed  x 1\n"
            "   12  -          \u03b1 2\n");
}

TEST(Table, LeavesOutAHeaderThatSaysNothing) {
  Table table({{""}, {""}});
  table.add({"a", "b"});
  EXPECT_EQ(table.text(), "a  b\n");
  EXPECT_EQ(Table({{"a"}}).text(), "a\n");
}

TEST(Table, FillsUpShortRows) {
  Table table({{"a"}, {"b"}});
  table.add({"1"});
  EXPECT_EQ(table.text(), "a  b\n1  -\n");
}

TEST(Table, CutsItsLastColumnWhereItIsTooWide) {
  Table table({{"name"}, {"help"}});
  table.add({"n", std::string(60, 'x')});
  EXPECT_EQ(table.text(40), "name  help\nn     " + std::string(31, 'x') + "...\n");
  // To 20 characters at least, however narrow.
  EXPECT_EQ(table.text(10), "name  help\nn     " + std::string(17, 'x') + "...\n");
}

}  // namespace
}  // namespace dodona::host
