// SPDX-License-Identifier: Apache-2.0
#include "host/overtime.hpp"

#include <gtest/gtest.h>

#include <future>

namespace dodona::host {
namespace {

TEST(Overtime, CallsOnceTheTimeIsOver) {
  std::promise<double> called;
  Overtime overtime(Overtime::Seconds(0.01), [&, first = true](Overtime::Seconds over) mutable {
    if (first) called.set_value(over.count());
    first = false;
  });
  EXPECT_GE(called.get_future().get(), 0.0);
}

TEST(Overtime, IsSilentWhereAllIsBackInTime) {
  for (const double seconds : {1e3, 1e12, 1e300}) {
    const Overtime overtime(Overtime::Seconds(seconds),
                            [](Overtime::Seconds) { FAIL() << "the time is not over"; });
  }
}

TEST(Overtime, GoesByTheTimeThatItWasSet) {
  std::promise<void> called;
  Overtime overtime(Overtime::Seconds(0), [&, first = true](Overtime::Seconds) mutable {
    if (first) called.set_value();
    first = false;
  });
  overtime.set(Overtime::Seconds(0.01));
  called.get_future().wait();
}

}  // namespace
}  // namespace dodona::host
