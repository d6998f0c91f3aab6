// SPDX-License-Identifier: Apache-2.0
#include "common/train/dataset.hpp"

#include "common/data/idx.hpp"
#include "support/idx_files.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using dodona::Error;
using dodona::common::CsvTable;
using dodona::common::LabelledImages;
using dodona::support::TemporaryDirectory;
using dodona::train::DataOptions;
using dodona::train::Dataset;
using dodona::train::load_dataset;
using dodona::train::split_dataset;

constexpr std::uint32_t kImages = 600;

class DatasetTest : public ::testing::Test {
 protected:
  void SetUp() override { dodona::support::write_toy_images(directory(), kImages); }
  std::string directory() const { return directory_.path().string(); }
  std::shared_ptr<const LabelledImages> images() const {
    return dodona::common::shared_images(directory(), "train");
  }
  std::string split_error(double validation_split, std::int64_t train_samples) const {
    try {
      split_dataset(images(), {validation_split, train_samples});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryDirectory directory_;
};

TEST_F(DatasetTest, PartsAreDisjointAndComplete) {
  const Dataset parts = split_dataset(images(), {0.1, 0});
  EXPECT_EQ(parts.training.size(), 540U);
  EXPECT_EQ(parts.validation.size(), 60U);
  std::set<std::int64_t> all(parts.training.begin(), parts.training.end());
  all.insert(parts.validation.begin(), parts.validation.end());
  EXPECT_EQ(all.size(), kImages);
  EXPECT_EQ(*all.rbegin(), kImages - 1);
}

// Pinned: the scores of old studies are comparable only as long as the split stays.
TEST_F(DatasetTest, PartsStayTheSame) {
  const Dataset parts = split_dataset(images(), {0.01, 3});
  EXPECT_EQ(parts.validation, (std::vector<std::int64_t>{435, 35, 268, 400, 410, 362}));
  EXPECT_EQ(parts.training, (std::vector<std::int64_t>{300, 7, 554}));
}

TEST_F(DatasetTest, FewerTrainingSamplesLeaveTheValidationPart) {
  const Dataset all = split_dataset(images(), {0.2, 0});
  const Dataset few = split_dataset(images(), {0.2, 50});
  EXPECT_EQ(few.validation, all.validation);
  EXPECT_EQ(few.training,
            std::vector<std::int64_t>(all.training.begin(), all.training.begin() + 50));
}

TEST_F(DatasetTest, MeasuresThePixelsOfTheTrainingPart) {
  const Dataset parts = split_dataset(images(), {0.1, 7});
  double sum = 0;
  double squares = 0;
  for (const std::int64_t index : parts.training) {
    for (std::size_t at = 0; at < 64; ++at) {
      const double pixel = images()->pixels[static_cast<std::size_t>(index) * 64 + at];
      sum += pixel;
      squares += pixel * pixel;
    }
  }
  EXPECT_NEAR(parts.means[0], sum / 448, 1e-9);
  EXPECT_NEAR(parts.stddevs[0], std::sqrt(squares / 448 - parts.means[0] * parts.means[0]), 1e-9);
}

TEST_F(DatasetTest, TakesPixelsThatAreAllAlike) {
  LabelledImages grey{
      10, 1, 2, 2, std::vector<std::uint8_t>(20, 9), std::vector<std::uint8_t>(10, 1)};
  const Dataset parts = split_dataset(std::make_shared<const LabelledImages>(grey), {0.5, 0});
  EXPECT_EQ(parts.means[0], 9);
  EXPECT_EQ(parts.stddevs[0], 1);
}

TEST_F(DatasetTest, RefusesPartsThatWouldBeEmptyOrTooSmall) {
  EXPECT_EQ(split_error(0.0005, 0),
            "validation_split 0.0005 of 600 images leaves 600 to train and 0 to validate");
  EXPECT_EQ(split_error(0.1, 541),
            "train_samples 541 is above 540, the images left to train by validation_split 0.1");
}

TEST_F(DatasetTest, LeavesNothingToValidateWhereToldSo) {
  const Dataset all = split_dataset(images(), {0, 0});
  EXPECT_EQ(all.training.size(), kImages);
  EXPECT_TRUE(all.validation.empty());
}

TEST_F(DatasetTest, MeasuresEachChannel) {
  auto colours = std::make_shared<LabelledImages>(
      LabelledImages{2, 1, 2, 2, {0, 2, 10, 10, 4, 6, 10, 10}, {0, 1}, 2});
  const Dataset parts = split_dataset(colours, {0, 0});
  EXPECT_EQ(parts.shape, (dodona::train::Shape{2, 1, 2}));
  EXPECT_EQ(parts.means, (std::vector<double>{3, 10}));
  EXPECT_EQ(parts.stddevs, (std::vector<double>{std::sqrt(5.0), 1}));
}

CsvTable table_of(std::uint64_t rows) {
  CsvTable table;
  table.columns = {"a", "b"};
  table.rows = rows;
  for (std::uint64_t i = 0; i < rows; ++i) {
    table.values.insert(table.values.end(), {1e9 + static_cast<double>(i % 2), 5});
    table.targets.push_back(static_cast<double>(i % 2) * 20);
  }
  return table;
}

TEST_F(DatasetTest, TakesTablesOfNumbersToPredict) {
  const Dataset parts = split_dataset(std::make_shared<const CsvTable>(table_of(10)), {0, 0});
  EXPECT_EQ(parts.shape, (dodona::train::Shape{2, 1, 1}));
  EXPECT_EQ(parts.classes, 0);
  EXPECT_EQ(parts.numbers.size(), 10U);
  EXPECT_TRUE(parts.labels.empty());
  EXPECT_EQ(parts.means, (std::vector<double>{1e9 + 0.5, 5}));
  EXPECT_EQ(parts.stddevs, (std::vector<double>{0.5, 1}));
  EXPECT_EQ(parts.number_mean, 10);
  EXPECT_EQ(parts.number_stddev, 10);
}

TEST_F(DatasetTest, TakesTablesOfClasses) {
  CsvTable table = table_of(10);
  for (double& target : table.targets) target /= 20;
  table.classes = {"cat", "dog"};
  const Dataset parts = split_dataset(std::make_shared<const CsvTable>(table), {0.2, 0});
  EXPECT_EQ(parts.classes, 2);
  EXPECT_EQ(parts.labels[1], 1);
  EXPECT_EQ(parts.validation.size(), 2U);
}

// Rows of three columns: a rare class, groups of five rows, and words of which one is in the first
// row alone.
CsvTable mixed(std::uint64_t rows) {
  std::string text = "word,who,y\n";
  for (std::uint64_t i = 0; i < rows; ++i)
    text += (i == 0       ? "once,"
             : i % 2 == 0 ? "even,"
                          : "odd,") +
            std::to_string(i / 5) + (i % 10 == 0 ? ",rare\n" : ",often\n");
  return dodona::common::decode_csv(text, {.label = "y", .group = "who"}, "f");
}

TEST_F(DatasetTest, GivesEachPartItsShareOfEachClass) {
  CsvTable table = mixed(200);
  table.groups.clear();
  const Dataset parts = split_dataset(std::make_shared<const CsvTable>(table),
                                      {.validation_split = 0.25, .stratify = true});
  std::int64_t rare = 0;
  for (const std::int64_t sample : parts.validation)
    rare += parts.labels[static_cast<std::size_t>(sample)];
  EXPECT_EQ(parts.validation.size(), 50U);
  EXPECT_EQ(rare, 5);
}

TEST_F(DatasetTest, KeepsTheRowsOfAGroupTogether) {
  const auto table = std::make_shared<const CsvTable>(mixed(200));
  const Dataset parts = split_dataset(table, {.validation_split = 0.25});
  std::set<std::uint64_t> trained;
  for (const std::int64_t sample : parts.training)
    trained.insert(table->groups[static_cast<std::size_t>(sample)]);
  EXPECT_EQ(parts.validation.size(), 50U);
  for (const std::int64_t sample : parts.validation)
    EXPECT_FALSE(trained.contains(table->groups[static_cast<std::size_t>(sample)]));
  EXPECT_EQ(split_dataset(table, {.validation_split = 0.25}).validation, parts.validation);
}

// The encoding is that of the training part, or one that is given.
TEST_F(DatasetTest, EncodesByTheTrainingPart) {
  const auto table = std::make_shared<const CsvTable>(mixed(40));
  const Dataset all = split_dataset(table, {.validation_split = 0});
  EXPECT_EQ(all.encoding.at(0).categories, (std::vector<std::string>{"even", "odd", "once"}));
  EXPECT_EQ(all.shape.channels, 3);
  EXPECT_EQ(all.means.at(2), 1.0 / 40);
  const Dataset parts = split_dataset(table, {.validation_split = 0.9});
  const bool trained = parts.encoding.at(0).categories.size() == 3;
  bool there = false;
  for (const std::int64_t sample : parts.training) there |= sample == 0;
  EXPECT_EQ(trained, there);
  EXPECT_EQ(split_dataset(table, {.validation_split = 0}, &parts.encoding).encoding,
            parts.encoding);
}

std::string load_error(const DataOptions& options, bool images = false) {
  try {
    load_dataset(options, images);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(DatasetTest, TellsTheFormatsApart) {
  EXPECT_EQ(load_dataset({.data = directory()}, true).shape, (dodona::train::Shape{1, 8, 8}));
  const std::string csv = directory_ / "t.csv";
  dodona::support::write_file(csv, {'a', ',', 'y', '\n', '1', ',', '2', '\n', '3', ',', '4', '\n'});
  const Dataset table =
      load_dataset({.data = csv, .label = "y", .split = {.validation_split = 0.5}}, false);
  EXPECT_EQ(table.shape, (dodona::train::Shape{1, 1, 1}));
  EXPECT_EQ(table.classes, 2);
  dodona::support::Bytes batch(std::size_t{3073} * 4);
  dodona::support::write_file(directory_ / "data_batch_1.bin", batch);
  EXPECT_EQ(load_error({.data = directory(), .split = {.validation_split = 0.5}}, true),
            "\"" + directory() + "\": all samples are of the class 0; two are needed");
  batch[3073] = 9;
  dodona::support::write_file(directory_ / "data_batch_1.bin", batch);
  EXPECT_EQ(load_dataset({.data = directory(), .split = {.validation_split = 0.5}}, true).shape,
            (dodona::train::Shape{3, 32, 32}));
}

TEST_F(DatasetTest, RefusesATableOfOneClass) {
  const std::string csv = directory_ / "t.csv";
  dodona::support::write_file(csv, {'a', ',', 'y', '\n', '1', ',', 'x', '\n', '3', ',', 'x', '\n'});
  EXPECT_EQ(load_error({.data = csv, .label = "y", .split = {.validation_split = 0.5}}),
            "\"" + csv +
                "\": all samples are of the class \"x\"; two are needed, or the option "
                "\"task\" as \"regression\" for numbers");
}

TEST_F(DatasetTest, RefusesOptionsThatDoNotFitTheData) {
  const std::string csv = directory_ / "t.csv";
  dodona::support::write_file(csv, {});
  EXPECT_EQ(
      load_error({.data = csv}),
      "\"" + csv + "\" is a file, so a table; the option \"label\" must name its label column");
  EXPECT_EQ(
      load_error({.data = csv}, true),
      "\"" + csv + "\" is a file; a model of images takes a directory of IDX or CIFAR-10 files");
  EXPECT_EQ(load_error({.data = directory(), .label = "y"}),
            "\"" + directory() + "\" holds images, so the option \"label\" must be left out");
  EXPECT_EQ(load_error({.data = directory(), .group = "y"}),
            "\"" + directory() + "\" holds images, so the option \"group\" must be left out");
  EXPECT_EQ(
      load_error({.data = directory(), .classes = false}),
      "\"" + directory() + "\" holds images, so the option \"task\" must be \"classification\"");
}

}  // namespace
