// SPDX-License-Identifier: Apache-2.0
#include "common/data/csv.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace {

using dodona::common::CsvLabels;
using dodona::common::CsvOptions;
using dodona::common::CsvTable;
using dodona::common::decode_csv;
using dodona::common::shared_csv;

const CsvOptions kClasses{.label = "y"};
const CsvOptions kNumbers{.label = "y", .labels = CsvLabels::kNumbers};

std::string decode_error(std::string_view text, const CsvOptions& options = kClasses) {
  return dodona::support::error_of(DODONA_E_IO, [&] { decode_csv(text, options, "f"); });
}

TEST(Csv, SplitsTheLabelFromTheNumbers) {
  const CsvTable table = decode_csv("a,y,b\n1,cat,2.5\n-3e2,dog,+4\n0,cat,.5\n", kClasses, "f");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.rows, 3U);
  EXPECT_EQ(table.values, (std::vector<double>{1, 2.5, -300, 4, 0, 0.5}));
  EXPECT_EQ(table.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(table.targets, (std::vector<double>{0, 1, 0}));
}

TEST(Csv, OrdersClassesThatAreNumbersAsNumbers) {
  EXPECT_EQ(decode_csv("a,y\n1,10\n2,9\n", kClasses, "f").classes,
            (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(decode_csv("a,y\n1,10\n2,9\n3,x\n", kClasses, "f").classes,
            (std::vector<std::string>{"10", "9", "x"}));
}

TEST(Csv, TakesLabelsThatAreNumbersToPredict) {
  const CsvTable table = decode_csv("y,a\n10.5,1\n-2,1\n", kNumbers, "f");
  EXPECT_EQ(table.targets, (std::vector<double>{10.5, -2}));
  EXPECT_TRUE(table.classes.empty());
}

TEST(Csv, TakesEveryUsualSpelling) {
  const CsvTable table = decode_csv(
      "\xEF\xBB\xBF\"a, \"\"b\"\"\" , y\r\n\r\n 1 ,\"two\nlines\"\r\n\"2\",x", kClasses, "f");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a, \"b\""}));
  EXPECT_EQ(table.values, (std::vector<double>{1, 2}));
  EXPECT_EQ(table.classes, (std::vector<std::string>{"two\nlines", "x"}));
}

TEST(Csv, TakesMissingValuesWhereTheyAreAllowed) {
  CsvOptions options = kClasses;
  options.missing = true;
  const CsvTable table = decode_csv("a,b,y\n,NA,1\nNaN,2,1\n", options, "f");
  EXPECT_TRUE(std::isnan(table.values[0]) && std::isnan(table.values[1]) &&
              std::isnan(table.values[2]));
  EXPECT_EQ(table.values[3], 2);
  EXPECT_EQ(decode_error("a,y\n1,2\n,1\n"),
            "\"f\", line 3: column \"a\" has no value; every cell must be a finite number");
}

TEST(Csv, NamesTheLineAndTheCellThatIsWrong) {
  EXPECT_EQ(decode_error("a,y\n1,2\n\n1,\"2\n\"\n1x,3\n"),
            "\"f\", line 6: column \"a\" holds \"1x\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1e999,2\n"),
            "\"f\", line 2: column \"a\" holds \"1e999\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1,cat\n", kNumbers),
            "\"f\", line 2: column \"y\" holds \"cat\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1,\n"), "\"f\", line 2: the label \"y\" has no value");
  EXPECT_EQ(decode_error("a,y\n1,2,3\n"),
            "\"f\", line 2: 3 cells, where the header names 2 columns");
  EXPECT_EQ(decode_error("a,y\n" + std::string(60, 'x') + ",1\n"),
            "\"f\", line 2: column \"a\" holds \"" + std::string(40, 'x') +
                "...\", which is not a finite number");
}

TEST(Csv, NamesWhatIsWrongWithTheHeader) {
  EXPECT_EQ(decode_error(""), "\"f\", line 1: empty; the first line should name the columns");
  EXPECT_EQ(decode_error("a,b\n1,2\n"),
            "\"f\", line 1: the header has no label column \"y\"; it names \"a\", \"b\"");
  EXPECT_EQ(decode_error("a,a,y\n"), "\"f\", line 1: two columns are named \"a\"");
  EXPECT_EQ(decode_error("a,,y\n"),
            "\"f\", line 1: column 2 has no name; the first line is a header that names every "
            "column");
  EXPECT_EQ(decode_error("y\n1\n"), "\"f\", line 1: there is no column beside the label \"y\"");
  EXPECT_EQ(decode_error("a,y\n\n"), "\"f\", line 2: no line of data follows the header");
}

TEST(Csv, RefusesQuotesAndLineEndsThatAreNone) {
  EXPECT_EQ(decode_error("a,y\n1,\"x\n2,y\n"), "\"f\", line 2: a quotation mark is never closed");
  EXPECT_EQ(decode_error("a,y\n1,x\"y\"\n"),
            "\"f\", line 2: a quotation mark within the cell \"x\"y\"\" that does not begin with "
            "one");
  EXPECT_EQ(decode_error("a,y\n1,\"x\"y\n"),
            "\"f\", line 2: text follows the closing quotation mark of the cell \"x\"");
  EXPECT_EQ(decode_error("a,y\r1,2\r"),
            "\"f\", line 1: a carriage return that no line feed follows");
}

TEST(Csv, ReadsAFileOnceForAllItsHolders) {
  const dodona::support::TemporaryDirectory directory;
  const std::string path = directory.write("t.csv", "a,y\n1,2\n");
  const auto first = shared_csv(path, kClasses);
  EXPECT_EQ(shared_csv(directory.string() + "/./t.csv", kClasses), first);
  EXPECT_NE(shared_csv(path, kNumbers), first);
  const std::string none = directory.string() + "/none.csv";
  EXPECT_EQ(dodona::support::error_of(DODONA_E_IO, [&] { shared_csv(none, kClasses); }),
            "\"" + none + "\": cannot be opened: No such file or directory");
}

}  // namespace
