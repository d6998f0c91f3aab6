// SPDX-License-Identifier: Apache-2.0
#include "common/data/cifar.hpp"

#include "support/error_of.hpp"
#include "support/idx_files.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::common::decode_cifar;
using dodona::common::LabelledImages;
using dodona::common::shared_cifar;
using dodona::support::Bytes;
using dodona::support::error_of;
using dodona::support::TemporaryDirectory;
using dodona::support::write_file;

// One record whose pixels count upward.
Bytes record(std::uint8_t label) {
  Bytes out{label};
  for (int i = 0; i < 3072; ++i) out.push_back(static_cast<std::uint8_t>(i));
  return out;
}

TEST(Cifar, DecodesRecords) {
  LabelledImages images;
  decode_cifar(record(9), "f", images);
  decode_cifar(record(0), "f", images);
  EXPECT_EQ(images.count, 2U);
  EXPECT_EQ(images.channels, 3U);
  EXPECT_EQ(images.rows, 32U);
  EXPECT_EQ(images.columns, 32U);
  EXPECT_EQ(images.classes, 10U);
  EXPECT_EQ(images.labels, (Bytes{9, 0}));
  ASSERT_EQ(images.pixels.size(), 2U * 3072);
  EXPECT_EQ(images.pixels[3072 + 257], 1);
}

TEST(Cifar, NamesTheByteThatIsWrong) {
  LabelledImages images;
  Bytes two = record(1);
  const Bytes wrong = record(10);
  two.insert(two.end(), wrong.begin(), wrong.end());
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { decode_cifar(two, "f", images); }),
            "\"f\": the label at byte 3073 is 10; labels of CIFAR-10 are 0 to 9");
  two.pop_back();
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { decode_cifar(two, "f", images); }),
            "\"f\": 6145 bytes; a file of CIFAR-10 holds one or more records of 3073 bytes");
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { decode_cifar({}, "f", images); }),
            "\"f\": 0 bytes; a file of CIFAR-10 holds one or more records of 3073 bytes");
}

TEST(Cifar, ReadsTheBatchesThatAreThereOnce) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(dodona::common::holds_cifar(directory.path().string()));
  write_file(directory / "data_batch_1.bin", record(1));
  write_file(directory / "data_batch_3.bin", record(3));
  EXPECT_TRUE(dodona::common::holds_cifar(directory.path().string()));
  const auto images = shared_cifar(directory.path().string());
  EXPECT_EQ(images->labels, (Bytes{1, 3}));
  EXPECT_EQ(shared_cifar(directory / "."), images);
  EXPECT_TRUE(images->class_names.empty());
}

TEST(Cifar, ReadsTheNamesOfTheClasses) {
  const TemporaryDirectory directory;
  write_file(directory / "data_batch_1.bin", record(1));
  const std::string names = "airplane\r\nautomobile\n\n";
  write_file(directory / "batches.meta.txt", Bytes(names.begin(), names.end()));
  EXPECT_EQ(shared_cifar(directory.path().string())->class_names,
            (std::vector<std::string>{"airplane", "automobile"}));
}

TEST(Cifar, NamesABatchThatIsNotThere) {
  const TemporaryDirectory directory;
  const std::string path = directory / "data_batch_1.bin";
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { shared_cifar(directory.path().string()); }),
            "\"" + path + "\": cannot be opened: No such file or directory");
}

}  // namespace
