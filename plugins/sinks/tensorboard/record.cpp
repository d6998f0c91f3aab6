// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace tensorboard {
namespace {

constexpr std::size_t kHeadBytes = 12;  // the length and its checksum
constexpr std::size_t kFrameBytes = 16;

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t polynomial = 0x82F63B78;  // Castagnoli's, bits reversed
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ ((rest & 1) != 0 ? polynomial : 0);
    table[i] = rest;
  }
  return table;
}

constexpr auto kTable = make_table();

std::uint32_t masked(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xa282ead8u;
}

void append(std::string& out, std::uint64_t number, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return ~crc;
}

std::string record(std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + kFrameBytes);
  append(out, payload.size(), 8);
  append(out, masked(crc32c(out)), 4);
  out += payload;
  append(out, masked(crc32c(payload)), 4);
  return out;
}

std::optional<std::string_view> payload_of(std::string_view bytes) {
  if (bytes.size() < kFrameBytes) return std::nullopt;
  const std::string_view payload = bytes.substr(kHeadBytes, bytes.size() - kFrameBytes);
  if (record(payload) != bytes) return std::nullopt;
  return payload;
}

bool Records::next() {
  if (rest_.size() < kFrameBytes) return false;
  std::uint64_t size = 0;
  for (int i = 0; i < 8; ++i) {
    size |= std::uint64_t{static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)])}
            << (8 * i);
  }
  if (size > rest_.size() - kFrameBytes) return false;
  record_ = rest_.substr(0, size + kFrameBytes);
  rest_.remove_prefix(record_.size());
  return true;
}

std::string_view Records::payload() const {
  return record_.substr(kHeadBytes, record_.size() - kFrameBytes);
}

}  // namespace tensorboard
