// SPDX-License-Identifier: Apache-2.0
//
// IDX files for tests: their bytes, gzip, and a directory of small images that are easy to learn.
#pragma once

#include <dodona/random.hpp>

#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace dodona::support {

using Bytes = std::vector<std::uint8_t>;

// A directory of its own that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dodona-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  if (!out) throw std::runtime_error("cannot write " + path);
}

// An IDX file of unsigned bytes; `elements` need not fit `dims`.
inline Bytes idx_bytes(std::initializer_list<std::uint32_t> dims, const Bytes& elements) {
  Bytes out{0, 0, 8, static_cast<std::uint8_t>(dims.size())};
  for (const std::uint32_t dim : dims) {
    for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(dim >> shift));
  }
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

inline Bytes gzip(const Bytes& plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr std::uint32_t kToySide = 8;
constexpr std::uint32_t kToyClasses = 4;

// Writes train-*: `count` images of 8 x 8 in 4 classes, told apart by a bright quarter in noise.
// The quarter stands out enough for every network to learn it in some 90 steps, with a wide margin
// whatever the rounding of the processor.
inline void write_toy_images(const std::string& directory, std::uint32_t count) {
  RandomStream random(1, count, Purpose::kTrialSeed);
  Bytes pixels;
  Bytes labels;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % kToyClasses);
    labels.push_back(label);
    for (std::uint32_t at = 0; at < kToySide * kToySide; ++at) {
      const std::uint32_t quarter = at / 32 * 2 + at % kToySide / 4;
      const std::uint64_t noise = random.below(96);
      pixels.push_back(static_cast<std::uint8_t>(noise + (quarter == label ? 140 : 0)));
    }
  }
  write_file(directory + "/train-images-idx3-ubyte",
             idx_bytes({count, kToySide, kToySide}, pixels));
  write_file(directory + "/train-labels-idx1-ubyte.gz", gzip(idx_bytes({count}, labels)));
}

}  // namespace dodona::support
