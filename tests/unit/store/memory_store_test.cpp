// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.hpp"

#include "store_contract.hpp"

#include <gtest/gtest.h>

namespace dodona::store {
namespace {

TEST(MemoryStore, GivesSequencesFromZero) {
  gives_sequences_from_zero(*memory_store());
}

TEST(MemoryStore, ReadsFromAnyPlace) {
  reads_from_any_place(*memory_store());
}

TEST(MemoryStore, StopsReadingWhenTold) {
  stops_reading_when_told(*memory_store());
}

TEST(MemoryStore, LetsAVisitAppend) {
  appends_from_within_a_visit(*memory_store());
}

TEST(MemoryStore, KeepsTheOrderOfEachThread) {
  keeps_the_order_of_each_thread(*memory_store());
}

TEST(MemoryStore, TellsWhenThereIsSomethingToRead) {
  tells_when_there_is_something_to_read(*memory_store());
}

TEST(MemoryStore, WakesEverybodyWhenInterrupted) {
  wakes_everybody_when_interrupted(*memory_store());
}

TEST(MemoryStore, KeepsACursorForEachSink) {
  keeps_a_cursor_for_each_sink(*memory_store());
}

TEST(MemoryStore, TakesAFirstEventLargerThanItsFirstBlock) {
  const auto store = memory_store();
  append(*store, std::string(100'000, 'a'));
  append(*store, std::string(5'000'000, 'b'));
  const auto events = events_of(*store);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(value_of(events[0]), std::string(100'000, 'a'));
  EXPECT_EQ(value_of(events[1]), std::string(5'000'000, 'b'));
}

TEST(MemoryStore, IsDurableAtOnce) {
  const auto store = memory_store();
  append(*store, "x");
  EXPECT_TRUE(store->wait_readable(0, milliseconds(0)));
  store->wait_durable(1);
  store->wait_durable(0);
}

TEST(MemoryStore, HasNamesOfItsOwn) {
  const auto one = memory_store();
  const auto two = memory_store();
  EXPECT_EQ(one->names().intern("loss"), 0u);
  EXPECT_EQ(two->names().size(), 0u);
}

}  // namespace
}  // namespace dodona::store
