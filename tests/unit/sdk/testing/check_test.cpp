// SPDX-License-Identifier: Apache-2.0
//
// The checks of the kit in a process of a test, as an author runs them. DODONA_MINE is the path of
// the plugin.
#include <dodona/testing/check.hpp>

#include <gtest/gtest.h>

#include <string>

TEST(Mine, KeepsTheContract) {
  const dodona::testing::Library library(DODONA_MINE);
  for (const auto& result : dodona::testing::check(library, {.quick = true})) {
    EXPECT_NE(result.outcome, dodona::testing::Outcome::kFailed) << description(result);
  }
}

namespace {

using namespace dodona::testing;  // NOLINT(google-build-using-namespace)

TEST(Check, SkipsWithAReason) {
  const Library library(DODONA_MINE);
  bool skipped = false;
  for (const CheckResult& result : check(library, {.quick = true})) {
    EXPECT_EQ(result.outcome == Outcome::kPassed, result.text.empty());
    skipped = skipped || result.outcome == Outcome::kSkipped;
  }
  EXPECT_TRUE(skipped);
}

TEST(Check, RefusesOptionsThatNoPluginHas) {
  const Library library(DODONA_MINE);
  EXPECT_THROW(need_known_options(library, R"({"nothing": 1})"), dodona::Error);
  need_known_options(library, "{}");
}

}  // namespace
