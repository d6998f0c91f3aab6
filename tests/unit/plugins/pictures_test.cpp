// SPDX-License-Identifier: Apache-2.0
#include "common/data/pictures.hpp"

#include "support/error_of.hpp"
#include "support/idx_files.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using dodona::common::decode_picture;
using dodona::common::Picture;
using dodona::support::Bytes;

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

Bytes big_endian(std::uint32_t number) {
  Bytes out;
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(number >> shift));
  return out;
}

// The check sum is not read.
Bytes chunk(const std::string& type, const Bytes& data) {
  Bytes out = big_endian(static_cast<std::uint32_t>(data.size()));
  append(out, bytes_of(type));
  append(out, data);
  append(out, {0, 0, 0, 0});
  return out;
}

struct PngForm {
  std::uint32_t columns, rows;
  std::uint8_t depth, colour;
  std::uint8_t interlaced = 0;
};

// A file whose `lines` are those of PNG, each with the number of its filter first.
Bytes png(const PngForm& form, const Bytes& lines, const Bytes& palette = {}) {
  Bytes header = big_endian(form.columns);
  append(header, big_endian(form.rows));
  append(header, {form.depth, form.colour, 0, 0, form.interlaced});
  uLongf size = compressBound(lines.size());
  Bytes packed(size);
  compress(packed.data(), &size, lines.data(), lines.size());
  packed.resize(size);
  Bytes out{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  append(out, chunk("IHDR", header));
  if (!palette.empty()) append(out, chunk("PLTE", palette));
  const Bytes first(packed.begin(), packed.begin() + 3);  // a file may have many pieces
  append(out, chunk("IDAT", first));
  append(out, chunk("IDAT", Bytes(packed.begin() + 3, packed.end())));
  append(out, chunk("IEND", {}));
  return out;
}

std::string error_of(const Bytes& file) {
  return dodona::support::error_of(DODONA_E_IO, [&] { decode_picture(file, "f"); });
}

TEST(Pictures, DecodesEveryFilterOfPng) {
  // Each line comes out as 10 20 30; after the first one through another filter.
  const Picture picture = decode_picture(
      png({3, 5, 8, 0}, {0, 10, 20, 30, 1, 10, 10, 10, 2, 0, 0, 0, 3, 5, 5, 5, 4, 0, 0, 0}), "f");
  EXPECT_EQ(picture.channels, 1U);
  EXPECT_EQ(picture.rows, 5U);
  EXPECT_EQ(picture.columns, 3U);
  EXPECT_EQ(picture.samples, (Bytes{10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30}));
}

TEST(Pictures, PutsColoursIntoPlanes) {
  const Bytes planes{1, 4, 2, 5, 3, 6};
  EXPECT_EQ(decode_picture(png({2, 1, 8, 2}, {0, 1, 2, 3, 4, 5, 6}), "f").samples, planes);
  // With transparency, which is left out; of 16 bits; and by a palette of 4 bits an entry.
  EXPECT_EQ(decode_picture(png({2, 1, 8, 6}, {0, 1, 2, 3, 99, 4, 5, 6, 99}), "f").samples, planes);
  EXPECT_EQ(
      decode_picture(png({2, 1, 16, 2}, {0, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9}), "f").samples,
      planes);
  EXPECT_EQ(decode_picture(png({2, 1, 4, 3}, {0, 0x12}, {0, 0, 0, 1, 2, 3, 4, 5, 6}), "f").samples,
            planes);
}

TEST(Pictures, StretchesFewBitsToBytes) {
  EXPECT_EQ(decode_picture(png({4, 1, 1, 0}, {0, 0xA0}), "f").samples, (Bytes{255, 0, 255, 0}));
  EXPECT_EQ(decode_picture(png({4, 1, 2, 0}, {0, 0x1B}), "f").samples, (Bytes{0, 85, 170, 255}));
  EXPECT_EQ(decode_picture(png({1, 1, 8, 4}, {0, 7, 99}), "f").samples, Bytes{7});
}

TEST(Pictures, DecodesPgmAndPpm) {
  Bytes grey = bytes_of("P5 # a comment\n2 1\n255\n");
  append(grey, {7, 8});
  EXPECT_EQ(decode_picture(grey, "f").samples, (Bytes{7, 8}));
  Bytes colour = bytes_of("P6\n2 1 51\n");
  append(colour, {1, 2, 3, 4, 5, 51});
  const Picture picture = decode_picture(colour, "f");
  EXPECT_EQ(picture.channels, 3U);
  EXPECT_EQ(picture.samples, (Bytes{5, 20, 10, 25, 15, 255}));
}

TEST(Pictures, SaysWhatIsWrong) {
  EXPECT_EQ(error_of(bytes_of("GIF89a")),
            "\"f\": neither a PNG file nor a PGM or PPM file of the binary form (P5 or P6)");
  EXPECT_EQ(error_of(png({1, 1, 8, 0, 1}, {0, 0})),
            "\"f\": an interlaced PNG file; save it without interlacing");
  EXPECT_EQ(error_of(png({1, 1, 3, 2}, {0, 0})),
            "\"f\": colour type 2 with 3 bits, which no PNG file has");
  EXPECT_EQ(error_of(png({2, 1, 8, 0}, {0, 0})), "\"f\": the pixels of this PNG file are damaged");
  EXPECT_EQ(error_of(png({1, 1, 8, 0}, {5, 0})), "\"f\": this PNG file has the unknown filter 5");
  EXPECT_EQ(error_of(png({1, 1, 8, 3}, {0, 1}, {1, 2, 3})),
            "\"f\": this PNG file has a colour that is not in its palette");
  EXPECT_EQ(error_of(png({1U << 30, 1U << 30, 8, 0}, {0, 1})),
            "\"f\": a picture of 1073741824 x 1073741824 points, which is none or too large");
  Bytes cut = png({1, 1, 8, 0}, {0, 1});
  cut.resize(cut.size() - 6);
  EXPECT_EQ(error_of(cut), "\"f\": this PNG file is truncated or damaged");
  EXPECT_EQ(error_of(bytes_of("P5 2 2 255\n123")),
            "\"f\": 3 bytes follow the header, which announces 4");
  EXPECT_EQ(error_of(bytes_of("P5 2")),
            "\"f\": the header of this file lacks width, height or largest value");
  EXPECT_EQ(error_of(bytes_of("P5 2 2 65535\n")),
            "\"f\": the largest value is 65535; it should be 1 to 255");
}

TEST(Pictures, KnowsTheirNames) {
  for (const char* name : {"a.png", "B.PNG", "c/d.ppm", "e.pgm"})
    EXPECT_TRUE(dodona::common::is_picture(name)) << name;
  for (const char* name : {"png", "a.jpg", "a.png.txt", ""})
    EXPECT_FALSE(dodona::common::is_picture(name)) << name;
}

}  // namespace
