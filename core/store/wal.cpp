// SPDX-License-Identifier: Apache-2.0
#include "store/wal.hpp"

#include "base/assert.hpp"

#include <cstdint>

namespace dodona::store {
namespace {

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // its last bit: checksums read big-endian words
constexpr std::uint32_t kPageBytesMin = 512;
constexpr std::uint32_t kPageBytesMax = 65536;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t x = 0;
  for (std::size_t i = 0; i < 4; ++i) x = x << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return x;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t x = 0;
  for (std::size_t i = 4; i-- > 0;) x = x << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return x;
}

// The running checksum of the file, over pairs of words.
struct Sums {
  bool reads_big_endian = false;
  std::uint32_t a = 0, b = 0;

  void add(std::string_view bytes) {
    DODONA_ASSERT(bytes.size() % 8 == 0);
    const auto word = reads_big_endian ? big_endian : little_endian;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      a += word(bytes, at) + b;
      b += word(bytes, at + 4) + a;
    }
  }
  bool stand_in(std::string_view bytes, std::size_t at) const {
    return big_endian(bytes, at) == a && big_endian(bytes, at + 4) == b;
  }
};

}  // namespace

std::optional<std::size_t> damage_in_wal(std::string_view bytes) {
  if (bytes.size() <= kHeaderBytes) return std::nullopt;  // nothing was committed to it
  const std::uint32_t magic = big_endian(bytes, 0);
  const std::uint32_t page_bytes = big_endian(bytes, 8);
  Sums sums{(magic & 1) != 0};
  sums.add(bytes.substr(0, 24));
  const bool intact = (magic & ~1U) == kMagic && page_bytes >= kPageBytesMin &&
                      page_bytes <= kPageBytesMax && page_bytes % 8 == 0 &&
                      sums.stand_in(bytes, 24);
  if (!intact) return 0;
  const std::string_view salts = bytes.substr(16, 8);  // frames of an earlier round have others
  const std::size_t frame_bytes = kFrameHeaderBytes + page_bytes;
  std::optional<std::size_t> broken;
  int commits = 0;  // behind the broken frame
  for (std::size_t at = kHeaderBytes; at + frame_bytes <= bytes.size(); at += frame_bytes) {
    const std::string_view frame = bytes.substr(at, frame_bytes);
    const bool of_this_round = frame.substr(8, 8) == salts;
    sums.add(frame.substr(0, 8));
    sums.add(frame.substr(kFrameHeaderBytes));
    if (!broken && !(of_this_round && sums.stand_in(frame, 16))) broken = at;
    const bool commits_here = of_this_round && big_endian(frame, 4) != 0;
    if (broken && commits_here) ++commits;
  }
  return commits > 1 ? broken : std::nullopt;
}

}  // namespace dodona::store
