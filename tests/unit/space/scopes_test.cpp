// SPDX-License-Identifier: Apache-2.0
#include "space/scopes.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

namespace dodona::space {
namespace {

using support::choice;
using support::text;

TEST(Scopes, AreActiveFromTheOutsideIn) {
  Space space;
  space.add(choice("a", {text("x"), text("y")}));
  Point point(1);
  point.set(0, Cell::whole(0));
  Scopes scopes;
  EXPECT_TRUE(scopes.enter(space, point, {"a", {text("x")}}));
  EXPECT_FALSE(scopes.enter(space, point, {"a", {text("y")}}));
  EXPECT_FALSE(scopes.enter(space, point, {"a", {text("x")}}));
  EXPECT_EQ(scopes.open().size(), 3u);
  scopes.leave();
  scopes.leave();
  EXPECT_TRUE(scopes.active());
  scopes.leave();
  EXPECT_TRUE(scopes.active());
}

}  // namespace
}  // namespace dodona::space
