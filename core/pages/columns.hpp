// SPDX-License-Identifier: Apache-2.0
//
// Columns of the page's data: an entry a trial, as bytes in base64.
//
//   {"encoding": "u8", "u16", "u24", "u32", "f24" or "f64", "base": 0.0, "data": "..."}
//
// Those of u are counts or indices; the greatest one means none. f64 is a double, f24 the greater
// three bytes of a float, rounded, to which `base` is added; NaN means none. Bytes of a column are
// kept by their place: first the least of all entries, and so on.
//
// Threads: pure.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dodona::pages {

// A relative error of at most 2^-17, and one of at most 1/65,535 of the range of the values.
boost::json::object real_column(std::span<const double> values);

// As small as holds them.
boost::json::object index_column(std::span<const std::optional<std::uint32_t>> indices);

}  // namespace dodona::pages
