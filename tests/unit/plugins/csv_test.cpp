// SPDX-License-Identifier: Apache-2.0
#include "common/data/csv.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
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

TEST(Csv, TakesMissingValues) {
  const CsvTable table = decode_csv("a,b,y\n,NA,1\nNaN,2,1\n", kClasses, "f");
  EXPECT_TRUE(std::isnan(table.values[0]) && std::isnan(table.values[1]) &&
              std::isnan(table.values[2]));
  EXPECT_EQ(table.values[3], 2);
  EXPECT_EQ(decode_error("a,y\n1,2\n1,\n", kNumbers),
            "\"f\", line 3: column \"y\" has no value; every cell must be a finite number");
}

TEST(Csv, TakesColumnsOfWords) {
  const CsvTable table = decode_csv("a,b,y\nred,1,0\n,2,1\n\"ash, grey\",3,0\nred,x,1\n7,4,1\n",
                                    {.label = "y", .categories = {"b"}}, "f");
  EXPECT_EQ(table.words, (std::vector<std::vector<std::string>>{{"7", "ash, grey", "red"},
                                                                {"1", "2", "3", "4", "x"}}));
  EXPECT_EQ(table.values[0], 2);
  EXPECT_TRUE(std::isnan(table.values[2]));
  EXPECT_EQ(table.values[4], 1);
  EXPECT_EQ(table.values[8], 0);
  EXPECT_TRUE(decode_csv("a,y\n,1\n", kClasses, "f").words.empty());
}

TEST(Csv, LeavesOutColumnsAndNumbersGroups) {
  const CsvTable table = decode_csv("id,a,who,y\n1,5,eve,0\nx,6,bob,1\n3,7,eve,0\n",
                                    {.label = "y", .ignore = {"id"}, .group = "who"}, "f");
  EXPECT_EQ(table.columns, std::vector<std::string>{"a"});
  EXPECT_EQ(table.values, (std::vector<double>{5, 6, 7}));
  EXPECT_EQ(table.groups, (std::vector<std::uint64_t>{0, 1, 0}));
  EXPECT_EQ(decode_error("a,y\n1,2\n", {.label = "y", .ignore = {"id"}}),
            "\"f\", line 1: the header has no column to ignore \"id\"; it names \"a\", \"y\"");
  EXPECT_EQ(decode_error("a,y\n1,2\n", {.label = "y", .ignore = {"y"}}),
            "\"f\", line 1: column \"y\" is named twice; it may be the label, the group, one to "
            "ignore, or one of categories");
  EXPECT_EQ(decode_error("a,g,y\n1,1,2\n1,NA,2\n", {.label = "y", .group = "g"}),
            "\"f\", line 3: the group \"g\" has no value");
}

// Known columns have the kinds that they had where a model learned from them.
TEST(Csv, TakesKnownColumnsByTheirKinds) {
  const CsvOptions known{.categories = {"city"}, .columns = {"age", "city"}};
  const CsvTable table = decode_csv("city,age\n1,2\n", known, "f");
  EXPECT_EQ(table.values, (std::vector<double>{2, 0}));
  EXPECT_EQ(table.words, (std::vector<std::vector<std::string>>{{}, {"1"}}));
  EXPECT_EQ(decode_error("city,age\n1,old\n2,young\n", known),
            "\"f\", line 2: column \"age\" holds \"old\", which is not a finite number");
}

std::string in_quotes(const std::string& cell) {
  std::string out = "\"";
  for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

// Words of every character that needs quotation marks come back as they were.
TEST(Csv, ReadsBackWhatWasQuoted) {
  constexpr std::string_view letters = "a \",\r\n\t;'";
  dodona::RandomStream random(1, 0, dodona::Purpose::kFill);
  std::vector<std::string> words;
  std::string text = "a,y\r\n";
  for (int row = 0; row < 300; ++row) {
    std::string word = "x";
    for (std::uint64_t left = random.below(8); left > 0; --left)
      word += letters[random.below(letters.size())];
    text += in_quotes(word) + ",1" + (row % 2 == 0 ? "\r\n" : "\n");
    words.push_back(word);
  }
  const CsvTable table = decode_csv(text, kClasses, "f");
  ASSERT_EQ(table.rows, words.size());
  for (std::size_t row = 0; row < words.size(); ++row)
    EXPECT_EQ(table.words[0][static_cast<std::size_t>(table.values[row])], words[row]);
}

TEST(Csv, NamesTheLineAndTheCellThatIsWrong) {
  std::string numbers = "a,y\n1,2\n\n1,\"2\n\"\n1x,3\n";
  for (int i = 0; i < 7; ++i) numbers += "1,2\n";
  EXPECT_EQ(decode_csv(numbers, kClasses, "f").words.at(0), (std::vector<std::string>{"1", "1x"}));
  EXPECT_EQ(decode_error(numbers + "1,2\n"),
            "\"f\", line 6: column \"a\" holds \"1x\", which is not a finite number, while nearly "
            "all others are; the option \"categories\" names columns of words");
  EXPECT_EQ(decode_error("a,y\n1e999,2\n"),
            "\"f\", line 2: column \"a\" holds \"1e999\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1,cat\n", kNumbers),
            "\"f\", line 2: column \"y\" holds \"cat\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1,\n"), "\"f\", line 2: the label \"y\" has no value");
  EXPECT_EQ(decode_error("a,y\n1,2,3\n"),
            "\"f\", line 2: 3 cells, where the header names 2 columns");
  EXPECT_EQ(decode_error("a,y\n1,2\n1," + std::string(60, 'x') + "\n", kNumbers),
            "\"f\", line 3: column \"y\" holds \"" + std::string(40, 'x') +
                "...\", which is not a finite number");
  EXPECT_EQ(decode_error("a,y\n1e39,2\n"),
            "\"f\", line 2: column \"a\" holds \"1e39\", which is beyond 3.4e38, the largest "
            "number that models take");
  EXPECT_EQ(decode_error("a,y\nok,2\nM\xFCnchen,2\n"),
            "\"f\", line 3: column \"a\" holds \"M\xEF\xBF\xBDnchen\", which is not UTF-8; the "
            "file should be saved as UTF-8");
  std::string many = "name,y\n";
  for (int i = 0; i < 1001; ++i) many += "n" + std::to_string(i) + ",1\n";
  EXPECT_EQ(decode_error(many),
            "\"f\", line 1002: column \"name\" holds more than 1000 different words; the option "
            "\"ignore\" leaves a column out");
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
  EXPECT_EQ(decode_error("a,y\n1,\"x\n2,y\n"),
            "\"f\", line 2: column 2 has a quotation mark that is never closed");
  EXPECT_EQ(decode_error("a,y\n1,x\"y\"\n"),
            "\"f\", line 2: column 2 has a quotation mark within the cell \"x\"y\"\" that does not "
            "begin with "
            "one");
  EXPECT_EQ(decode_error("a,y\n1,\"x\"y\n"),
            "\"f\", line 2: column 2 has text after the closing quotation mark of the cell \"x\"");
  EXPECT_EQ(decode_error("a,y\r1,2\r"),
            "\"f\", line 1: column 2 ends in a carriage return that no line feed follows");
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
