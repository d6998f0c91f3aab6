// SPDX-License-Identifier: Apache-2.0
#include "pages/columns.hpp"

#include "base/assert.hpp"
#include "base/base64.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace dodona::pages {
namespace {

// Floats beyond these lose more than their last bits.
constexpr double kFloatMax = 3e38;
constexpr double kFloatMin = 1e-37;

// The least `width` bytes of each word, all first ones first.
std::string planes(std::span<const std::uint64_t> words, std::size_t width) {
  DODONA_ASSERT(width <= sizeof(std::uint64_t));
  std::string bytes(words.size() * width, '\0');
  for (std::size_t plane = 0; plane < width; ++plane) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      bytes[plane * words.size() + i] = static_cast<char>((words[i] >> (8 * plane)) & 0xff);
    }
  }
  return base::to_base64(bytes);
}

// The bits of a float without its last byte, to the nearest.
std::uint64_t upper_bits(double value) {
  if (std::isnan(value)) return 0x7fc000;
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if (std::isinf(value)) return bits >> 8;
  return (std::uint64_t{bits} + 0x80) >> 8;
}

bool fits_float(double value) {
  const double size = std::abs(value);
  return !std::isfinite(value) || size == 0.0 || (size >= kFloatMin && size <= kFloatMax);
}

// The value from which the others are told: 0, or for a range that is narrow and far from 0 its
// lower end.
double base_of(std::span<const double> values) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const bool narrow = low <= high && std::max(std::abs(low), std::abs(high)) > 2 * (high - low);
  return narrow ? low : 0.0;
}

}  // namespace

boost::json::object real_column(std::span<const double> values) {
  std::vector<std::uint64_t> words;
  words.reserve(values.size());
  if (!std::all_of(values.begin(), values.end(), fits_float)) {
    for (const double value : values) words.push_back(std::bit_cast<std::uint64_t>(value));
    return {{"encoding", "f64"}, {"base", 0.0}, {"data", planes(words, 8)}};
  }
  const double base = base_of(values);
  for (const double value : values) words.push_back(upper_bits(value - base));
  return {{"encoding", "f24"}, {"base", base}, {"data", planes(words, 3)}};
}

boost::json::object index_column(std::span<const std::optional<std::uint32_t>> indices) {
  std::uint32_t most = 0;
  for (const auto& index : indices) most = std::max(most, index.value_or(0));
  const std::size_t width = most < 0xff ? 1 : most < 0xffff ? 2 : most < 0xffffff ? 3 : 4;
  const std::uint64_t none = (std::uint64_t{1} << (8 * width)) - 1;
  std::vector<std::uint64_t> words;
  words.reserve(indices.size());
  for (const auto& index : indices) words.push_back(index ? *index : none);
  return {
      {"encoding", "u" + std::to_string(8 * width)}, {"base", 0.0}, {"data", planes(words, width)}};
}

}  // namespace dodona::pages
