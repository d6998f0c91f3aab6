// SPDX-License-Identifier: Apache-2.0
#include "common/train/ahead.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace {

using dodona::train::Ahead;

TEST(Ahead, MakesValuesOnAnotherThread) {
  std::thread::id begun;
  Ahead<std::thread::id> ahead([&] { begun = std::this_thread::get_id(); });
  std::promise<void> made;
  ahead.start([&] {
    made.set_value();
    return std::this_thread::get_id();
  });
  made.get_future().wait();
  EXPECT_EQ(ahead.take(), begun);
  EXPECT_NE(begun, std::this_thread::get_id());
}

TEST(Ahead, MakesAValueWhereItIsTakenBeforeTheThreadBegins) {
  std::promise<void> free;
  Ahead<std::thread::id> ahead([&] { free.get_future().wait(); });
  ahead.start([] { return std::this_thread::get_id(); });
  EXPECT_EQ(ahead.take(), std::this_thread::get_id());
  free.set_value();
}

TEST(Ahead, MakesOneValueAfterAnother) {
  Ahead<std::unique_ptr<int>> ahead([] {});
  int state = 0;
  for (int i = 0; i < 100; ++i) {
    state = i;
    ahead.start([&] { return std::make_unique<int>(state++); });
    EXPECT_EQ(*ahead.take(), i);
    EXPECT_EQ(state, i + 1);
  }
}

TEST(Ahead, ThrowsWhatItsMakerThrew) {
  Ahead<int> ahead([] {});
  ahead.start([]() -> int { throw std::runtime_error("no"); });
  EXPECT_THROW(ahead.take(), std::runtime_error);
  ahead.start([] { return 3; });
  EXPECT_EQ(ahead.take(), 3);
}

TEST(Ahead, DropsAValueThatNobodyTakes) {
  const auto value = std::make_shared<int>(1);
  {
    Ahead<std::shared_ptr<int>> ahead([] {});
    ahead.start([value] { return std::shared_ptr<int>(value); });
  }
  EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
