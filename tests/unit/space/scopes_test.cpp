// SPDX-License-Identifier: Apache-2.0
#include "space/scopes.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

#include <vector>

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
  const std::vector<const Param*> asked{&space.params()[0]};
  EXPECT_TRUE(scopes.enter(space, asked, point, {"a", {text("x")}}));
  EXPECT_FALSE(scopes.enter(space, asked, point, {"a", {text("y")}}));
  EXPECT_FALSE(scopes.enter(space, asked, point, {"a", {text("x")}}));
  EXPECT_EQ(scopes.open().size(), 3u);
  scopes.leave();
  scopes.leave();
  EXPECT_TRUE(scopes.active());
  scopes.leave();
  EXPECT_TRUE(scopes.active());
}

TEST(Scopes, MayNameValuesThatTheStudyFileTookAway) {
  Space space;
  space.add(choice("a", {text("x")}));
  Point point(1);
  point.set(0, Cell::whole(0));
  const Param asked = choice("a", {text("x"), text("y")});
  Scopes scopes;
  EXPECT_FALSE(scopes.enter(space, std::vector{&asked}, point, {"a", {text("y")}}));
  scopes.leave();
  EXPECT_TRUE(scopes.enter(space, std::vector{&asked}, point, {"a", {text("y"), text("x")}}));
  scopes.leave();
  EXPECT_FALSE(scopes.enter(space, std::vector<const Param*>{nullptr}, point, {"a", {text("y")}}));
  scopes.leave();
  EXPECT_THROW(scopes.enter(space, std::vector{&asked}, point, {"a", {text("z")}}), Error);
}

}  // namespace
}  // namespace dodona::space
