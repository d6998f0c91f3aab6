// SPDX-License-Identifier: Apache-2.0
#include "common/search/sobol.hpp"

#include <dodona/random.hpp>

#include <bit>

namespace dodona::common {

namespace {

// Starting numbers m_1..m_degree of dimensions 2 to 37, whose polynomials are all primitive ones
// of degree 1 to 7 in rising order.
constexpr std::uint8_t kStart[] = {
    1,  1,  3,  1,  3,  1,   1, 1, 1, 1,  1,  3,  3,   1,  3,  5,  13, 1,  1,  5,  5,
    17, 1,  1,  5,  5,  5,   1, 1, 7, 11, 19, 1,  1,   5,  1,  1,  1,  1,  1,  3,  11,
    1,  3,  5,  5,  31, 1,   3, 3, 9, 7,  49, 1,  1,   1,  15, 21, 21, 1,  3,  1,  13,
    27, 49, 1,  1,  1,  15,  7, 5, 1, 3,  1,  15, 13,  25, 1,  1,  5,  5,  19, 61, 1,
    3,  7,  11, 23, 15, 103, 1, 3, 7, 13, 13, 15, 69,  1,  1,  3,  13, 7,  35, 63, 1,
    3,  5,  9,  1,  25, 53,  1, 3, 1, 13, 9,  35, 107, 1,  3,  1,  5,  27, 61, 31, 1,
    1,  5,  11, 19, 41, 61,  1, 3, 5, 3,  3,  13, 69,  1,  1,  7,  13, 1,  19, 1,  1,
    3,  7,  5,  13, 19, 59,  1, 1, 3, 9,  25, 29, 41,  1,  3,  5,  13, 23, 1,  55, 1,
    3,  7,  3,  13, 59, 17,  1, 3, 1, 3,  5,  53, 69,  1,  1,  5,  5,  23, 33, 13, 1,
    1,  7,  7,  1,  61, 123, 1, 1, 7, 9,  13, 61, 49,  1,  3,  3,  5,  3,  55, 33};

int degree_of(std::uint32_t polynomial) {
  return static_cast<int>(std::bit_width(polynomial)) - 1;
}

// True if x has the full period 2^degree - 1 modulo the polynomial over GF(2).
bool is_primitive(std::uint32_t polynomial) {
  const int degree = degree_of(polynomial);
  const std::uint32_t top = std::uint32_t{1} << degree;
  std::uint32_t power = 1;
  for (std::uint32_t period = 1; period < top; ++period) {
    power <<= 1;
    if (power & top) power ^= polynomial;
    if (power == 1) return period == top - 1;
  }
  return false;
}

std::uint32_t next_primitive(std::uint32_t polynomial) {
  do polynomial += 2;
  while (!is_primitive(polynomial));
  return polynomial;
}

std::uint32_t reversed(std::uint32_t x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0F0F0F0F) | (x & 0x0F0F0F0F) << 4;
  return __builtin_bswap32(x);
}

// Burley's hash: each bit of the result depends on the lower bits alone. With its bits reversed it
// is a nested uniform permutation.
std::uint32_t nested_permutation(std::uint32_t x, std::uint32_t seed) {
  x ^= x * 0x3D20ADEA;
  x += seed;
  x *= (seed >> 16) | 1;
  x ^= x * 0x05526C56;
  x ^= x * 0x53A22864;
  return x;
}

std::array<std::uint32_t, 32> recurrence(std::uint32_t polynomial, const std::uint32_t* start) {
  const int degree = degree_of(polynomial);
  std::array<std::uint32_t, 32> v{};
  for (int i = 0; i < 32; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (i < degree) {
      v[at] = start[i] << (31 - i);
      continue;
    }
    v[at] = v[at - static_cast<std::size_t>(degree)];
    v[at] ^= v[at] >> degree;
    for (int k = 1; k < degree; ++k) {
      if (polynomial >> (degree - k) & 1) v[at] ^= v[at - static_cast<std::size_t>(k)];
    }
  }
  return v;
}

}  // namespace

Sobol::Sobol(std::size_t dims, std::uint64_t seed) {
  std::uint32_t polynomial = 1;
  std::size_t used = 0;
  for (std::size_t d = 0; d < dims; ++d) {
    std::uint32_t start[32];
    std::uint32_t shape = 1;  // of the first dimension: van der Corput
    for (std::uint32_t& m : start) m = 1;
    if (d > 0) {
      polynomial = shape = d == 1 ? 3 : next_primitive(polynomial);
      for (int i = 0; i < degree_of(polynomial); ++i) {
        const auto dimension = static_cast<std::uint32_t>(d);
        const auto hash = philox({dimension, static_cast<std::uint32_t>(i), 0, 0}, 0x536F626F6C)[0];
        start[i] = used < sizeof kStart ? kStart[used++] : (hash >> (31 - i)) | 1;
      }
      directions_.push_back(recurrence(shape, start));
    } else {
      std::array<std::uint32_t, 32>& v = directions_.emplace_back();
      for (std::size_t i = 0; i < 32; ++i) v[i] = std::uint32_t{1} << (31 - i);
    }
    seeds_.push_back(philox({static_cast<std::uint32_t>(d), 0, 0, 1}, seed)[0]);
  }
}

void Sobol::point(std::uint32_t index, std::span<double> out) const {
  for (std::size_t d = 0; d < dims(); ++d) {
    std::uint32_t x = 0;
    for (std::uint32_t bits = index; bits != 0; bits &= bits - 1) {
      x ^= directions_[d][static_cast<std::size_t>(std::countr_zero(bits))];
    }
    if (scrambled_) x = reversed(nested_permutation(reversed(x), seeds_[d]));
    out[d] = (x + 0.5) * 0x1p-32;
  }
}

Point sobol_point(const Space& space, const Sobol& sobol, std::uint64_t index) {
  std::vector<double> units(space.size());
  sobol.point(static_cast<std::uint32_t>(index), units);
  Point point(space.size());
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (space.is_active(i, point)) point.set(i, from_unit(space.params()[i], units[i]));
  }
  return point;
}

}  // namespace dodona::common
