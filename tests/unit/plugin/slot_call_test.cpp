// SPDX-License-Identifier: Apache-2.0
#include "plugin/slot_call.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dodona::plugin {
namespace {

using support::error_of;

// A number that a table threw once ended the process.
TEST(SlotCall, TurnsWhateverASlotThrowsIntoAnError) {
  const auto number = [] {
    call_slot("sink \"s\"", [](dodona_error*) -> dodona_status { throw 42; });
  };
  EXPECT_EQ(error_of(DODONA_E_EXCEPTION, number),
            "sink \"s\": threw out of its table what is not a std::exception");
  const auto exception = [] {
    call_slot("", [](dodona_error*) -> dodona_status { throw std::runtime_error("oops"); });
  };
  EXPECT_EQ(error_of(DODONA_E_EXCEPTION, exception), "threw out of its table: oops");
  call_last_slot([] { throw 42; });
}

TEST(SlotCall, ReturnsTheStatusesThatAreAnswers) {
  const auto wait = [](dodona_error*) -> dodona_status { return DODONA_E_WAIT; };
  EXPECT_EQ(call_slot("x", wait, {DODONA_E_EXHAUSTED, DODONA_E_WAIT}), DODONA_E_WAIT);
  EXPECT_EQ(error_of(DODONA_E_WAIT, [&] { call_slot("x", wait); }),
            "x: failed without a message (status " + std::to_string(DODONA_E_WAIT) + ")");
}

TEST(SlotCall, TakesAnUnknownStatusForAFailure) {
  const auto fails_with = [](dodona_status status) {
    return [status] { call_slot("x", [&](dodona_error*) -> dodona_status { return status; }); };
  };
  error_of(DODONA_E_INFEASIBLE, fails_with(DODONA_E_INFEASIBLE));
  error_of(DODONA_E_FAILED, fails_with(4711));
  error_of(DODONA_E_FAILED, fails_with(-1));
}

}  // namespace
}  // namespace dodona::plugin
