// SPDX-License-Identifier: Apache-2.0
#include <dodona/event.hpp>

#include <gtest/gtest.h>

namespace dodona {
namespace {

TEST(BodyOf, GivesABodyOfItsTypeAlone) {
  dodona_finished_event finished{};
  const dodona_event event{sizeof(dodona_event), DODONA_EVENT_FINISHED, 0, 0, 0, &finished};
  EXPECT_EQ(body_of<dodona_finished_event>(event), &finished);
  EXPECT_EQ(body_of<dodona_reported_event>(event), nullptr);
}

TEST(Assign, SetsLegalCellsAndPassesOverOthers) {
  Param flag;
  flag.type = ParamType::kBoolean;
  flag.name = "b";
  Space space;
  space.add(flag);
  const dodona_assignment assignments[] = {{0, 0, to_abi(Value(true))},
                                           {9, 0, to_abi(Value(true))}};
  Point point(1);
  assign(space, {assignments, 2}, point);
  EXPECT_EQ(point.assignments(), (std::vector<Assignment>{{0, Cell::whole(1)}}));
  const Value text("x");
  const dodona_assignment wrong[] = {{0, 0, to_abi(text)}};
  point.clear(1);
  assign(space, {wrong, 1}, point);
  EXPECT_FALSE(point.active(0));
}

}  // namespace
}  // namespace dodona
