// SPDX-License-Identifier: Apache-2.0
#include "common/train/samples.hpp"

#include "support/error_of.hpp"
#include "support/idx_files.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

using dodona::common::CsvTable;
using dodona::common::LabelledImages;
using dodona::support::idx_bytes;
using dodona::support::TemporaryDirectory;
using dodona::support::write_file;
using dodona::train::Dataset;
using dodona::train::Samples;
using dodona::train::Targets;

Dataset table(std::int64_t classes) {
  auto known = std::make_shared<CsvTable>();
  known->columns = {"a", "b"};
  known->label = "y";
  if (classes > 0) known->classes = {"no", "yes"};
  Dataset data;
  data.shape.channels = 2;
  data.classes = classes;
  data.class_names = known->classes;
  data.encoding = dodona::common::fit_encoding(*known, {});
  data.table = std::move(known);
  return data;
}

Samples read_samples(const Dataset& known, const std::string& path, Targets targets) {
  return dodona::train::read_samples(known, known.encoding, path, targets);
}

class SamplesTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return directory_ / name;
  }
  static std::string error_of(dodona_status code, const Dataset& known, const std::string& path) {
    return dodona::support::error_of(code, [&] { read_samples(known, path, Targets::kRead); });
  }
  TemporaryDirectory directory_;
};

TEST_F(SamplesTest, FindsTheColumnsOfATableByTheirNames) {
  const std::string path = write("t.csv", "y,b,other,a\nyes,1,x,2\nno,3,x,4\n");
  const Samples samples = read_samples(table(2), path, Targets::kRead);
  EXPECT_EQ(samples.data.features, (std::vector<float>{2, 1, 4, 3}));
  EXPECT_EQ(samples.data.labels, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(samples.data.validation, (std::vector<std::int64_t>{0, 1}));
  const std::string bare = write("bare.csv", "b,a\n1,2\n");
  EXPECT_TRUE(read_samples(table(2), bare, Targets::kIgnored).data.labels.empty());
  EXPECT_EQ(
      error_of(DODONA_E_IO, table(2), bare),
      "\"" + bare + "\", line 1: the header has no label column \"y\"; it names \"b\", \"a\"");
  EXPECT_EQ(error_of(DODONA_E_IO, table(2), write("c.csv", "a,y\n1,no\n")),
            "\"" + directory_ / "c.csv" +
                "\", line 1: the header has no column \"b\"; it names \"a\", \"y\"");
}

TEST_F(SamplesTest, RefusesAClassThatTheModelDoesNotKnow) {
  const std::string path = write("t.csv", "a,b,y\n1,2,no\n\n3,4,perhaps\n");
  EXPECT_EQ(error_of(DODONA_E_IO, table(2), path),
            "\"" + path +
                "\", line 4: column \"y\" holds \"perhaps\", which is none of the 2 known classes");
}

TEST_F(SamplesTest, ReadsNumbersToPredict) {
  const std::string path = write("t.csv", "a,b,y\n1,2,0.5\n");
  EXPECT_EQ(read_samples(table(0), path, Targets::kRead).data.numbers, std::vector<float>{0.5});
}

TEST_F(SamplesTest, RefusesImagesThatDoNotFit) {
  Dataset known;
  known.shape = {1, 2, 2};
  known.classes = 2;
  known.class_names = {"0", "1"};
  known.images = std::make_shared<const LabelledImages>();
  const std::string images = directory_ / "a-images-idx3-ubyte";
  write_file(images, idx_bytes({1, 2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(read_samples(known, images, Targets::kIgnored).data.count, 1);
  EXPECT_NE(error_of(DODONA_E_INVALID, known, images).find("its images have no labels"),
            std::string::npos);
  write_file(directory_ / "a-labels-idx1-ubyte", idx_bytes({1}, {3}));
  EXPECT_EQ(error_of(DODONA_E_INVALID, known, images),
            "\"" + images + "\": it has the label 3, and the model knows the classes 0 to 1");
  known.shape = {1, 28, 28};
  EXPECT_EQ(
      error_of(DODONA_E_INVALID, known, images),
      "\"" + images + "\": its images have 1 x 2 x 2 samples, and the model takes 1 x 28 x 28");
}

}  // namespace
