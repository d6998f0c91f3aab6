// SPDX-License-Identifier: Apache-2.0
#include "common/data/table_encoding.hpp"

#include "support/error_of.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using dodona::common::CsvTable;
using dodona::common::decode_csv;
using dodona::common::encoded;
using dodona::common::fit_encoding;
using dodona::common::inputs_of;
using dodona::common::JsonText;
using dodona::common::read_encoding;
using dodona::common::TableEncoding;

constexpr const char* kTable =
    "age,city,height,y\n"
    "30,Bern,1,0\n"
    ",Wien,2,1\n"
    "40,,3,0\n"
    "70,Bern,4,1\n"
    "90,Graz,5,1\n";

CsvTable table(const std::string& text = kTable) {
  return decode_csv(text, {.label = "y"}, "f");
}

TEST(TableEncoding, MakesInputsOfColumns) {
  const CsvTable read = table();
  const std::vector<std::int64_t> rows{0, 1, 2, 3};
  const TableEncoding encoding = fit_encoding(read, rows);
  EXPECT_EQ(encoding,
            (TableEncoding{
                {.name = "age", .median = 40, .missing = true},
                {.name = "city", .words = true, .categories = {"Bern", "Wien"}, .missing = true},
                {.name = "height", .median = 2.5}}));
  EXPECT_EQ(inputs_of(encoding), 6U);
  EXPECT_EQ(encoded(read, encoding),
            (std::vector<double>{30, 0, 1, 0, 0, 1,    //
                                 40, 1, 0, 1, 0, 2,    //
                                 40, 0, 0, 0, 1, 3,    //
                                 70, 0, 1, 0, 0, 4,    //
                                 90, 0, 0, 0, 1, 5}))  // Graz was not there in training
      << "the last row has a word that is no category";
}

// Without such rows in training there is no input for missing values.
TEST(TableEncoding, TakesMissingValuesThatTrainingHadNot) {
  const TableEncoding encoding = fit_encoding(table(), std::vector<std::int64_t>{0, 3});
  const CsvTable later = decode_csv(
      "city,height,age\n,,\n", {.categories = {"city"}, .columns = {"age", "city", "height"}}, "f");
  EXPECT_EQ(encoded(later, encoding), (std::vector<double>{50, 0, 2.5}));
}

// A table of numbers is what it was before there were encodings.
TEST(TableEncoding, LeavesNumbersAsTheyAre) {
  const CsvTable read = table("a,b,y\n1,0.1,0\n2,1e-300,1\n");
  const TableEncoding encoding = fit_encoding(read, std::vector<std::int64_t>{1});
  EXPECT_EQ(encoded(read, encoding), read.values);
}

TEST(TableEncoding, DoesNotDependOnTheOrderOfRows) {
  dodona::RandomStream random(7, 0, dodona::Purpose::kFill);
  std::vector<std::string> lines;
  for (int i = 0; i < 101; ++i) {
    const std::string number = random.below(5) == 0 ? "" : std::to_string(random.below(50));
    const std::string word = random.below(5) == 0 ? "" : "w" + std::to_string(random.below(20));
    std::string& line = lines.emplace_back(number);
    line.append(",").append(word).append(i % 2 == 0 ? ",0\n" : ",1\n");
  }
  const auto fit = [&] {
    std::string text = "a,b,y\n";
    for (const std::string& line : lines) text += line;
    std::vector<std::int64_t> rows(lines.size());
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    return fit_encoding(table(text), rows);
  };
  const TableEncoding first = fit();
  for (int again = 0; again < 5; ++again) {
    for (std::size_t left = lines.size(); left > 1; --left)
      std::swap(lines[left - 1], lines[random.below(left)]);
    EXPECT_EQ(fit(), first);
  }
}

TEST(TableEncoding, ComesBackFromItsText) {
  const TableEncoding encoding{
      {.name = "a \"b\"", .median = 1.0 / 3, .missing = true},
      {.name = "c", .words = true, .categories = {"", "\n", "\"x\"", "\xC3\xBC"}}};
  std::string text;
  JsonText json(text);
  write_encoding(json, encoding);
  EXPECT_EQ(read_encoding(text), encoding);
}

TEST(TableEncoding, RefusesATextThatIsNone) {
  const auto error_of = [](const std::string& text) {
    return dodona::support::error_of(DODONA_E_INVALID, [&] { read_encoding(text); });
  };
  EXPECT_EQ(error_of("[]"), "its encoding of columns is no object with a member for each");
  EXPECT_EQ(error_of(R"({"a":1})"), "its encoding of the column \"a\" is no object");
  EXPECT_EQ(error_of(R"({"a":{}})"),
            "its encoding of the column \"a\" has neither a median nor categories");
  EXPECT_EQ(error_of(R"({"a":{"median":NaN}})"),
            "its encoding of the column \"a\" has a median that is no number");
  EXPECT_EQ(error_of(R"({"a":{"categories":["b","a"]}})"),
            "its encoding of the column \"a\" has categories that are no sorted list of words");
}

}  // namespace
