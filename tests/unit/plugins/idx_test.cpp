// SPDX-License-Identifier: Apache-2.0
#include "common/data/idx.hpp"

#include "support/idx_files.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace {

using dodona::common::decode_idx;
using dodona::common::IdxArray;
using dodona::common::LabelledImages;
using dodona::common::load_images;
using dodona::common::shared_images;
using dodona::support::Bytes;
using dodona::support::gzip;
using dodona::support::idx_bytes;
using dodona::support::TemporaryDirectory;
using dodona::support::write_file;

// The text of the Error that `body` throws, with its code first.
std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const dodona::Error& error) {
    return std::to_string(error.code()) + " " + error.what();
  }
  return "no error";
}

std::string decode_error(const Bytes& file, std::uint8_t dimensions = 1) {
  return error_of([&] { decode_idx(file, dimensions, "f"); });
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const Bytes kPlain = idx_bytes({2, 3}, {1, 2, 3, 4, 5, 255});

TEST(Idx, DecodesPlainBytes) {
  const IdxArray array = decode_idx(kPlain, 2, "f");
  EXPECT_EQ(array.dims, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(array.bytes, (Bytes{1, 2, 3, 4, 5, 255}));
}

TEST(Idx, DecodesGzipOfOneOrSeveralMembers) {
  EXPECT_EQ(decode_idx(gzip(kPlain), 2, "f").bytes, (Bytes{1, 2, 3, 4, 5, 255}));
  const Bytes head(kPlain.begin(), kPlain.begin() + 14);
  const Bytes tail(kPlain.begin() + 14, kPlain.end());
  EXPECT_EQ(decode_idx(joined(gzip(head), gzip(tail)), 2, "f").bytes, (Bytes{1, 2, 3, 4, 5, 255}));
}

TEST(Idx, DecodesMoreThanOnePieceOfGzip) {
  Bytes elements(3'000'001);
  for (std::size_t i = 0; i < elements.size(); ++i)
    elements[i] = static_cast<std::uint8_t>(i * i >> 7);
  EXPECT_EQ(decode_idx(gzip(idx_bytes({3'000'001}, elements)), 1, "f").bytes, elements);
}

TEST(Idx, DecodesAnEmptyDimension) {
  EXPECT_TRUE(decode_idx(idx_bytes({0, 7}, {}), 2, "f").bytes.empty());
}

TEST(Idx, NamesAWrongMagic) {
  EXPECT_EQ(decode_error({}), "11 \"f\": empty; an IDX file starts with the bytes 00 00 08 01");
  EXPECT_EQ(decode_error({0, 0}),
            "11 \"f\": starts with the bytes 00 00; an IDX file of unsigned bytes and 1 dimension "
            "starts with 00 00 08 01");
  EXPECT_EQ(decode_error(kPlain, 3),
            "11 \"f\": starts with the bytes 00 00 08 02; an IDX file of unsigned bytes and 3 "
            "dimensions starts with 00 00 08 03");
  EXPECT_EQ(decode_error({0, 0, 13, 1, 0, 0, 0, 1, 9}),
            "11 \"f\": starts with the bytes 00 00 0d 01; an IDX file of unsigned bytes and 1 "
            "dimension starts with 00 00 08 01");
}

TEST(Idx, NamesWhatIsMissingOrTooMuch) {
  EXPECT_EQ(decode_error({0, 0, 8, 1, 0, 0}),
            "11 \"f\": truncated: it ends within the 8 bytes of its header");
  EXPECT_EQ(decode_error(idx_bytes({2, 3}, {1, 2, 3, 4, 5}), 2),
            "11 \"f\": truncated: it holds 5 elements, its header announces 2 x 3 = 6");
  EXPECT_EQ(decode_error(idx_bytes({2}, {1, 2, 3})),
            "11 \"f\": more bytes follow the 2 = 2 elements that its header announces");
  EXPECT_EQ(decode_error(gzip(idx_bytes({2}, {1, 2, 3}))),
            "11 \"f\": more bytes follow the 2 = 2 elements that its header announces");
}

// Would need 64 GiB if the header were believed.
TEST(Idx, DoesNotTrustALyingHeader) {
  EXPECT_EQ(decode_error(idx_bytes({0x10000, 0x10000, 16}, {7}), 3),
            "11 \"f\": truncated: it holds 1 elements, its header announces 65536 x 65536 x 16 = "
            "68719476736");
  EXPECT_EQ(decode_error(idx_bytes({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {7}), 3),
            "11 \"f\": its header announces 4294967295 x 4294967295 x 4294967295 elements, above "
            "the limit of 68719476736");
}

TEST(Idx, NamesDamagedGzip) {
  Bytes file = gzip(kPlain);
  EXPECT_EQ(decode_error(Bytes(file.begin(), file.end() - 9), 2),
            "11 \"f\": truncated: its gzip data ends early");
  EXPECT_EQ(decode_error(Bytes(file.begin(), file.end() - 1), 2),
            "11 \"f\": truncated: its gzip data ends early");
  EXPECT_EQ(decode_error(joined(file, {0, 0, 0}), 2),
            "11 \"f\": 3 bytes that are not gzip follow the gzip data");
  file[file.size() - 5] ^= 1;  // of the checksum's four bytes
  EXPECT_EQ(decode_error(file, 2), "11 \"f\": damaged gzip data (incorrect data check)");
}

// Files of a directory that loads, one of which a test then spoils.
class LabelledImagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write_file(images_, idx_bytes({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
    write_file(labels_ + ".gz", gzip(idx_bytes({2}, {9, 3})));
  }
  std::string load_error() const {
    return error_of([&] { load_images(directory_.path().string(), "train"); });
  }

  TemporaryDirectory directory_;
  std::string images_ = directory_ / "train-images-idx3-ubyte";
  std::string labels_ = directory_ / "train-labels-idx1-ubyte";
};

TEST_F(LabelledImagesTest, LoadAsTheyLie) {
  const LabelledImages images = load_images(directory_.path().string(), "train");
  EXPECT_EQ(images.count, 2U);
  EXPECT_EQ(images.rows, 2U);
  EXPECT_EQ(images.columns, 2U);
  EXPECT_EQ(images.classes, 10U);
  EXPECT_EQ(images.pixels, (Bytes{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(images.labels, (Bytes{9, 3}));
}

TEST_F(LabelledImagesTest, TakeThePlainFileFirst) {
  write_file(labels_, idx_bytes({2}, {0, 1}));
  EXPECT_EQ(load_images(directory_.path().string(), "train").classes, 2U);
}

TEST_F(LabelledImagesTest, NameADirectoryThatIsNotThere) {
  const std::string expected =
      "; it should hold train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz, as "
      "Debian's package dataset-fashion-mnist does";
  EXPECT_EQ(error_of([&] { load_images(directory_ / "none", "train"); }),
            "11 \"" + (directory_ / "none") + "\": no such directory" + expected);
  EXPECT_EQ(error_of([&] { load_images(images_, "train"); }),
            "11 \"" + images_ + "\": not a directory" + expected);
}

TEST_F(LabelledImagesTest, NameAFileThatIsNotThere) {
  EXPECT_EQ(
      error_of([&] { load_images(directory_.path().string(), "t10k"); }),
      "11 \"" + (directory_ / "t10k-images-idx3-ubyte") + "\": not found, nor the same with .gz");
  std::filesystem::remove(labels_ + ".gz");
  EXPECT_EQ(load_error(), "11 \"" + labels_ + "\": not found, nor the same with .gz");
}

TEST_F(LabelledImagesTest, NameAFileThatCannotBeRead) {
  std::filesystem::create_directory(labels_);
  EXPECT_EQ(load_error(), "11 \"" + labels_ + "\": a directory where a file should be");
}

TEST_F(LabelledImagesTest, RefuseNumbersThatDiffer) {
  write_file(labels_, idx_bytes({3}, {0, 1, 2}));
  EXPECT_EQ(load_error(),
            "11 \"" + labels_ + "\": it holds 3 labels for the 2 images of \"" + images_ + "\"");
}

TEST_F(LabelledImagesTest, RefuseToBeNone) {
  write_file(images_, idx_bytes({0, 28, 28}, {}));
  write_file(labels_, idx_bytes({0}, {}));
  EXPECT_EQ(load_error(), "11 \"" + images_ + "\": it holds no pixels: 0 x 28 x 28");
}

TEST_F(LabelledImagesTest, AreReadOnceForAllWhoHoldThem) {
  const std::string path = directory_.path().string();
  const auto first = shared_images(path, "train");
  std::shared_ptr<const LabelledImages> other;
  std::thread([&] { other = shared_images(path + "/.", "train"); }).join();
  EXPECT_EQ(first, other);
  const std::weak_ptr<const LabelledImages> watch = first;
  EXPECT_FALSE(watch.expired());
}

TEST_F(LabelledImagesTest, GoWithTheirLastHolder) {
  std::weak_ptr<const LabelledImages> watch = shared_images(directory_.path().string(), "train");
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(shared_images(directory_.path().string(), "train")->count, 2U);
}

// A directory that fails once is read again: the cause may have been removed.
TEST_F(LabelledImagesTest, AreReadAgainAfterAnError) {
  write_file(labels_, {1});
  EXPECT_THROW(shared_images(directory_.path().string(), "train"), dodona::Error);
  std::filesystem::remove(labels_);
  EXPECT_EQ(shared_images(directory_.path().string(), "train")->count, 2U);
}

}  // namespace
