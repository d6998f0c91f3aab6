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

TEST(Table, FitsWithoutCutting) {
  Table table({{"name"}, {"help"}});
  table.add({"n", "some words that are too long for a line"});
  EXPECT_EQ(table.fitted(30),
            "name  help\n"
            "n     some words that are too\n"
            "      long for a line\n");
  EXPECT_EQ(table.fitted(0), table.text());
}

TEST(Table, SaysConstantsOnce) {
  Table table({{"trial", Table::Align::kRight, Table::Role::kKey}, {"batch"}, {"none"}, {"x"}});
  table.add({"0", "64", "", "1"});
  table.add({"0", "64", "", "2"});
  EXPECT_EQ(table.fitted(40),
            "all have batch 64\n"
            "trial  x\n"
            "    0  1\n"
            "    0  2\n");
}

TEST(Table, LeavesOutSpareColumnsAndSaysSo) {
  Table table({{"name"}, {"path", Table::Align::kLeft, Table::Role::kSpare}, {"x"}});
  table.add({"a", std::string(30, 'p'), "1"});
  table.add({"b", std::string(30, 'q'), "2"});
  EXPECT_EQ(table.fitted(20), "name  x\na     1\nb     2\n(left out for want of width: path)\n");
}

TEST(Table, StandsUprightWhereItsColumnsDoNotFit) {
  Table table({{"trial", Table::Align::kRight, Table::Role::kKey}, {"learning_rate"}, {"units"}});
  table.add({"0", "0.123456", "32"});
  table.add({"1", "0.234567", ""});
  EXPECT_EQ(table.fitted(20),
            "trial            0\n"
            "  learning_rate  0.123456\n"
            "  units          32\n"
            "\n"
            "trial            1\n"
            "  learning_rate  0.234567\n");
}

}  // namespace
}  // namespace dodona::host
