// SPDX-License-Identifier: Apache-2.0
#include "common/data/image_input.hpp"

#include "support/error_of.hpp"
#include "support/idx_files.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using dodona::common::ImageInput;
using dodona::common::read_image_input;
using dodona::support::Bytes;
using dodona::support::idx_bytes;
using dodona::support::TemporaryDirectory;
using dodona::support::write_file;

Bytes pgm(std::uint8_t grey, const std::string& size = "1 1") {
  const std::string head = "P5 " + size + " 255\n";
  Bytes out(head.begin(), head.end());
  out.push_back(grey);
  if (size == "2 1") out.push_back(grey);
  return out;
}

class ImageInputTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_ / name; }
  std::string error_of(const std::string& name) const {
    return dodona::support::error_of(DODONA_E_IO, [&] { read_image_input(path(name)); });
  }
  TemporaryDirectory directory_;
};

TEST_F(ImageInputTest, ReadsIdxImagesWithTheLabelsBesideThem) {
  write_file(path("t10k-images-idx3-ubyte"), idx_bytes({2, 1, 2}, {1, 2, 3, 4}));
  const ImageInput alone = read_image_input(path("t10k-images-idx3-ubyte"));
  EXPECT_EQ(alone.images.pixels, (Bytes{1, 2, 3, 4}));
  EXPECT_EQ(alone.images.columns, 2U);
  EXPECT_TRUE(alone.images.labels.empty());
  write_file(path("t10k-labels-idx1-ubyte.gz"), dodona::support::gzip(idx_bytes({2}, {0, 5})));
  const ImageInput both = read_image_input(path("t10k-images-idx3-ubyte"));
  EXPECT_EQ(both.images.labels, (Bytes{0, 5}));
  EXPECT_EQ(both.images.classes, 6U);
  write_file(path("t10k-labels-idx1-ubyte"), idx_bytes({1}, {0}));
  EXPECT_EQ(error_of("t10k-images-idx3-ubyte"), "\"" + path("t10k-labels-idx1-ubyte") +
                                                    "\": it holds 1 labels for the 2 images of \"" +
                                                    path("t10k-images-idx3-ubyte") + "\"");
}

TEST_F(ImageInputTest, ReadsAFolderOfPicturesInOrder) {
  write_file(path("b.pgm"), pgm(2));
  write_file(path("a.pgm"), pgm(1));
  write_file(path("notes.txt"), {1});
  const ImageInput input = read_image_input(path(""));
  EXPECT_EQ(input.files, (std::vector<std::string>{"a.pgm", "b.pgm"}));
  EXPECT_EQ(input.images.pixels, (Bytes{1, 2}));
  EXPECT_TRUE(input.images.labels.empty());
  EXPECT_EQ(read_image_input(path("b.pgm")).images.pixels, Bytes{2});
  write_file(path("c.pgm"), pgm(3, "2 1"));
  EXPECT_EQ(error_of(""), "\"" + path("c.pgm") +
                              "\": it has 1 x 1 x 2 samples, and \"a.pgm\" has 1 x 1 x 1; all "
                              "pictures need the same size");
}

TEST_F(ImageInputTest, TakesFoldersForClasses) {
  for (const char* name : {"dog", "cat"}) std::filesystem::create_directory(path(name));
  write_file(path("dog/1.pgm"), pgm(7));
  write_file(path("cat/2.pgm"), pgm(8));
  const ImageInput input = read_image_input(path(""));
  EXPECT_EQ(input.images.class_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(input.images.labels, (Bytes{0, 1}));
  EXPECT_EQ(input.files, (std::vector<std::string>{"cat/2.pgm", "dog/1.pgm"}));
  write_file(path("3.pgm"), pgm(9));
  EXPECT_NE(error_of("").find("some pictures are in folders"), std::string::npos);
}

TEST_F(ImageInputTest, SaysWhatIsNone) {
  EXPECT_EQ(error_of(""),
            "\"" + path("") +
                "\": it holds neither pictures (.png, .ppm, .pgm) nor IDX or CIFAR-10 files");
  EXPECT_NE(error_of("none").find("cannot be opened"), std::string::npos);
}

}  // namespace
