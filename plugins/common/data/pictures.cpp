// SPDX-License-Identifier: Apache-2.0
#include "common/data/pictures.hpp"

#include <dodona/error.hpp>

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace dodona::common {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t kSamplesMax = std::uint64_t{1} << 28;

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(DODONA_E_IO, "\"" + name + "\": " + what);
}

void check_size(const std::string& name, std::uint64_t columns, std::uint64_t rows) {
  if (columns == 0 || rows == 0 || columns > kSamplesMax || rows > kSamplesMax ||
      3 * columns * rows > kSamplesMax)
    fail(name, "a picture of " + std::to_string(columns) + " x " + std::to_string(rows) +
                   " points, which is none or too large");
}

// ---- PNG ---------------------------------------------------------------------------------------

constexpr std::uint8_t kPngMark[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::uint32_t big_endian(Bytes bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

struct Png {
  std::uint32_t columns = 0, rows = 0;
  unsigned depth = 0;     // bits of a sample
  unsigned colour = 0;    // type
  unsigned channels = 0;  // in the file
  std::vector<std::uint8_t> palette;
  std::vector<std::uint8_t> packed;  // by zlib
};

void read_header(Png& png, Bytes chunk, const std::string& name) {
  if (chunk.size() != 13) fail(name, "the header of this PNG file is damaged");
  png.columns = big_endian(chunk);
  png.rows = big_endian(chunk.subspan(4));
  png.depth = chunk[8];
  png.colour = chunk[9];
  check_size(name, png.columns, png.rows);
  constexpr unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
  png.channels = png.colour < std::size(channels) ? channels[png.colour] : 0;
  const bool few = png.colour == 0 || png.colour == 3;
  const bool deep = png.depth == 8 || (png.depth == 16 && png.colour != 3) ||
                    (few && (png.depth == 1 || png.depth == 2 || png.depth == 4));
  if (png.channels == 0 || !deep)
    fail(name, "colour type " + std::to_string(png.colour) + " with " + std::to_string(png.depth) +
                   " bits, which no PNG file has");
  if (chunk[12] != 0) fail(name, "an interlaced PNG file; save it without interlacing");
}

Png read_chunks(Bytes file, const std::string& name) {
  Png png;
  for (Bytes rest = file.subspan(sizeof kPngMark); rest.size() >= 12;) {
    const std::uint32_t size = big_endian(rest);
    if (size > rest.size() - 12) break;
    const std::string_view type(reinterpret_cast<const char*>(rest.data()) + 4, 4);
    const Bytes chunk = rest.subspan(8, size);
    if (type == "IHDR") read_header(png, chunk, name);
    if (type == "PLTE") png.palette.assign(chunk.begin(), chunk.end());
    if (type == "IDAT") png.packed.insert(png.packed.end(), chunk.begin(), chunk.end());
    if (type == "IEND") {
      if (png.columns == 0) break;
      return png;
    }
    rest = rest.subspan(std::size_t{size} + 12);
  }
  fail(name, "this PNG file is truncated or damaged");
}

// The predictor of the filter Paeth.
int paeth(int left, int up, int corner) {
  const int sum = left + up - corner;
  const int by_left = std::abs(sum - left);
  const int by_up = std::abs(sum - up);
  const int by_corner = std::abs(sum - corner);
  if (by_left <= by_up && by_left <= by_corner) return left;
  return by_up <= by_corner ? up : corner;
}

// Takes back the filter of a line. `step` is the size of a point in bytes, 1 at least.
void unfilter(unsigned filter, std::span<std::uint8_t> line, Bytes above, std::size_t step,
              const std::string& name) {
  if (filter > 4) fail(name, "this PNG file has the unknown filter " + std::to_string(filter));
  for (std::size_t i = 0; i < line.size(); ++i) {
    const int left = i >= step ? line[i - step] : 0;
    const int up = above.empty() ? 0 : above[i];
    const int corner = i >= step && !above.empty() ? above[i - step] : 0;
    const int guess[] = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
    line[i] = static_cast<std::uint8_t>(line[i] + guess[filter]);
  }
}

// The lines, each `size` bytes, without filters.
std::vector<std::uint8_t> lines_of(const Png& png, std::size_t size, const std::string& name) {
  std::vector<std::uint8_t> raw((size + 1) * png.rows);
  uLongf unpacked = raw.size();
  if (uncompress(raw.data(), &unpacked, png.packed.data(), png.packed.size()) != Z_OK ||
      unpacked != raw.size())
    fail(name, "the pixels of this PNG file are damaged");
  std::vector<std::uint8_t> lines;
  lines.reserve(size * png.rows);
  const std::size_t step = std::max<std::size_t>(png.channels * png.depth / 8, 1);
  for (std::size_t row = 0; row < png.rows; ++row) {
    const std::span<std::uint8_t> line(raw.data() + row * (size + 1) + 1, size);
    const Bytes above = row == 0 ? Bytes() : Bytes(lines.data() + (row - 1) * size, size);
    unfilter(raw[row * (size + 1)], line, above, step, name);
    lines.insert(lines.end(), line.begin(), line.end());
  }
  return lines;
}

// Sample `at` of a line; of fewer than 8 bits as it stands there.
std::uint8_t sample(Bytes line, std::size_t at, unsigned depth) {
  if (depth >= 8) return line[at * depth / 8];
  const std::size_t bit = at * depth;
  const unsigned byte = line[bit / 8];
  return static_cast<std::uint8_t>(byte >> (8 - depth - bit % 8) & ((1U << depth) - 1));
}

Picture decode_png(Bytes file, const std::string& name) {
  const Png png = read_chunks(file, name);
  const std::size_t size = (std::size_t{png.columns} * png.channels * png.depth + 7) / 8;
  const std::vector<std::uint8_t> lines = lines_of(png, size, name);
  const bool indexed = png.colour == 3;
  Picture out{indexed || png.channels >= 3 ? 3U : 1U, png.rows, png.columns, {}};
  const std::size_t plane = std::size_t{png.rows} * png.columns;
  out.samples.resize(plane * out.channels);
  const unsigned largest = png.depth < 8 ? (1U << png.depth) - 1 : 255;
  for (std::size_t point = 0; point < plane; ++point) {
    const Bytes line(lines.data() + point / png.columns * size, size);
    const std::size_t first = point % png.columns * png.channels;
    for (std::size_t channel = 0; channel < out.channels; ++channel) {
      const std::uint8_t value = sample(line, indexed ? first : first + channel, png.depth);
      const std::size_t entry = std::size_t{value} * 3 + channel;
      if (indexed && entry >= png.palette.size())
        fail(name, "this PNG file has a colour that is not in its palette");
      out.samples[channel * plane + point] =
          indexed ? png.palette[entry] : static_cast<std::uint8_t>(value * 255U / largest);
    }
  }
  return out;
}

// ---- PGM and PPM -------------------------------------------------------------------------------

// A number of the header, after spaces and comments.
std::uint64_t header_number(Bytes& rest, const std::string& name) {
  while (!rest.empty() && (std::isspace(rest[0]) != 0 || rest[0] == '#')) {
    const bool comment = rest[0] == '#';
    rest = rest.subspan(1);
    while (comment && !rest.empty() && rest[0] != '\n') rest = rest.subspan(1);
  }
  std::uint64_t number = 0;
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 10 && std::isdigit(rest[digits]) != 0)
    number = number * 10 + (rest[digits++] - unsigned{'0'});
  if (digits == 0) fail(name, "the header of this file lacks width, height or largest value");
  rest = rest.subspan(digits);
  return number;
}

Picture decode_pnm(Bytes file, const std::string& name) {
  Bytes rest = file.subspan(2);
  const std::uint64_t columns = header_number(rest, name);
  const std::uint64_t rows = header_number(rest, name);
  const std::uint64_t largest = header_number(rest, name);
  check_size(name, columns, rows);
  if (largest == 0 || largest > 255)
    fail(name, "the largest value is " + std::to_string(largest) + "; it should be 1 to 255");
  Picture out{file[1] == '6' ? 3U : 1U,
              static_cast<std::uint32_t>(rows),
              static_cast<std::uint32_t>(columns),
              {}};
  const std::size_t plane = rows * columns;
  if (rest.size() != 1 + plane * out.channels)
    fail(name, std::to_string(rest.empty() ? 0 : rest.size() - 1) +
                   " bytes follow the header, which announces " +
                   std::to_string(plane * out.channels));
  out.samples.resize(plane * out.channels);
  for (std::size_t i = 0; i < out.samples.size(); ++i) {
    const unsigned value = std::min<unsigned>(rest[1 + i], static_cast<unsigned>(largest));
    out.samples[i % out.channels * plane + i / out.channels] =
        static_cast<std::uint8_t>(value * 255U / largest);
  }
  return out;
}

}  // namespace

bool is_picture(const std::string& name) {
  std::string end = name.size() < 4 ? "" : name.substr(name.size() - 4);
  for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return end == ".png" || end == ".ppm" || end == ".pgm";
}

Picture decode_picture(Bytes file, const std::string& name) {
  if (file.size() > sizeof kPngMark &&
      std::equal(std::begin(kPngMark), std::end(kPngMark), file.begin()))
    return decode_png(file, name);
  if (file.size() > 2 && file[0] == 'P' && (file[1] == '5' || file[1] == '6'))
    return decode_pnm(file, name);
  fail(name, "neither a PNG file nor a PGM or PPM file of the binary form (P5 or P6)");
}

}  // namespace dodona::common
