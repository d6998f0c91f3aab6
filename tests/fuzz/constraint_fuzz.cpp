// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary texts to the reader of constraints: it answers one that can be evaluated, and is
// the same when it is read again, or throws Error of a column within the text.
#include "support/params.hpp"

#include <dodona/constraint.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using dodona::Cell;
using dodona::Point;
using dodona::Space;
namespace support = dodona::support;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Space space;
  space.add(support::integer("a", -3, 5));
  space.add(support::real("b", 0, 1));
  space.add(support::boolean("c"));
  space.add(support::choice("d", {support::text("x"), support::text("y")}));
  space.add(support::integer("e", 0, 1, {{"c", {true}}}));
  try {
    space.add_constraint(text);
  } catch (const dodona::Error& error) {
    const std::string_view message(error.what());
    if (error.code() != DODONA_E_INVALID || !message.starts_with("column ")) __builtin_trap();
    if (std::stoul(std::string(message.substr(7))) > size + 1) __builtin_trap();
    return 0;
  }
  if (space.constraint(0).text() != text) __builtin_trap();
  for (std::int64_t k = 0; k < 32; ++k) {
    Point point(space.size());
    point.set(0, Cell::whole(k % 9 - 3));
    point.set(1, Cell::real(static_cast<double>(k) / 31));
    point.set(2, Cell::whole(k % 2));
    point.set(3, Cell::whole(k / 2 % 2));
    if (k % 2 == 1) point.set(4, Cell::whole(k / 4 % 2));
    const bool broken = space.evaluate(0, point) != dodona::Finding::kHolds;
    if (broken == space.is_feasible(point)) __builtin_trap();
    if (broken && space.told(0, point).size() <= text.size()) __builtin_trap();
  }
  return 0;
}
