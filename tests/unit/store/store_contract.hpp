// SPDX-License-Identifier: Apache-2.0
//
// What every Store does, as functions that a store's own tests call with an empty one.
#pragma once

#include "study/codec.hpp"
#include "study/store.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::store {

using std::chrono::milliseconds;
using study::Event;
using study::Store;

// Longer than anything here takes: a wait that ends by it has failed.
inline constexpr milliseconds kForever{60'000};

// A directory of its own that goes with the object.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "dodona-store-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Event noted(std::string value, std::uint64_t trial = study::kNoTrial) {
  Event event;
  event.trial = trial;
  event.unix_nanos = 1'600'000'000'000'000'000;
  event.body = study::Noted{"key", std::move(value)};
  return event;
}

inline const std::string& value_of(const Event& event) {
  return std::get<study::Noted>(event.body).value;
}

inline std::uint64_t append(Store& store, std::string value,
                            std::uint64_t trial = study::kNoTrial) {
  Event event = noted(std::move(value), trial);
  return store.append(event);
}

inline std::vector<Event> events_of(Store& store, std::uint64_t first = 0) {
  std::vector<Event> events;
  store.read(first, [&](const Event& event) {
    events.push_back(event);
    return true;
  });
  return events;
}

// The message of the Error that `action` throws.
template <class Action>
std::string message_of(dodona_status code, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text << "\n  lacks: " << part;
}

// ---- the contract -------------------------------------------------------------------------------

inline void gives_sequences_from_zero(Store& store) {
  EXPECT_EQ(store.size(), 0u);
  EXPECT_TRUE(events_of(store).empty());
  for (std::uint64_t i = 0; i < 5; ++i) {
    Event event = noted("x");
    EXPECT_EQ(store.append(event), i);
    EXPECT_EQ(event.sequence, i);
    EXPECT_EQ(store.size(), i + 1);
  }
}

// Small events and one larger than any block or chunk.
inline void reads_from_any_place(Store& store) {
  constexpr std::uint64_t kCount = 3000;
  const auto value = [](std::uint64_t i) {
    const std::size_t size = i == 1077 ? 2'500'000 : i % 97;
    return std::to_string(i) + std::string(size, 'x');
  };
  for (std::uint64_t i = 0; i < kCount; ++i) append(store, value(i), i);
  store.wait_durable(kCount);
  for (const std::uint64_t first : {0u, 31u, 32u, 33u, 1077u, 1078u, 1500u, 2999u}) {
    const std::vector<Event> events = events_of(store, first);
    ASSERT_EQ(events.size(), kCount - first);
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(events[i].sequence, first + i);
      ASSERT_EQ(events[i].trial, first + i);
      ASSERT_EQ(value_of(events[i]), value(first + i));
    }
  }
  for (const std::uint64_t first : {kCount, kCount + 1, UINT64_MAX}) {
    EXPECT_TRUE(events_of(store, first).empty());
  }
}

inline void stops_reading_when_told(Store& store) {
  for (int i = 0; i < 10; ++i) append(store, "x");
  store.wait_durable(10);
  std::vector<std::uint64_t> visited;
  store.read(2, [&](const Event& event) {
    visited.push_back(event.sequence);
    return event.sequence < 5;
  });
  EXPECT_EQ(visited, (std::vector<std::uint64_t>{2, 3, 4, 5}));
}

inline void appends_from_within_a_visit(Store& store) {
  append(store, "0");
  store.wait_durable(1);
  std::uint64_t count = 0;
  store.read(0, [&](const Event&) {
    append(store, "1");
    store.wait_durable(store.size());
    return ++count < 3;
  });
  EXPECT_GE(store.size(), 2u);
  EXPECT_EQ(events_of(store).size(), store.size());
}

inline void keeps_the_order_of_each_thread(Store& store) {
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 200;
  std::vector<std::thread> threads;
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t next = 0;
    while (!done || next < store.size()) {
      store.read(next, [&](const Event& event) {
        EXPECT_EQ(event.sequence, next);
        ++next;
        return true;
      });
      store.wait_readable(next, milliseconds(1));
    }
  });
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&store, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::uint64_t sequence = append(store, std::to_string(i), thread);
        if (i % 10 == 0) store.wait_durable(sequence + 1);
      }
      store.wait_durable(store.size());
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  std::array<std::uint64_t, kThreads> next{};
  for (const Event& event : events_of(store)) {
    EXPECT_EQ(value_of(event), std::to_string(next[event.trial]++));
  }
  for (const std::uint64_t count : next) EXPECT_EQ(count, kEach);
}

inline void tells_when_there_is_something_to_read(Store& store) {
  EXPECT_FALSE(store.wait_readable(0, milliseconds(0)));
  EXPECT_FALSE(store.wait_readable(0, milliseconds(3)));
  std::thread appender([&] { append(store, "x"); });
  EXPECT_TRUE(store.wait_readable(0, kForever));
  appender.join();
  EXPECT_TRUE(store.wait_readable(0, milliseconds(0)));
  EXPECT_FALSE(store.wait_readable(1, milliseconds(0)));
}

inline void wakes_everybody_when_interrupted(Store& store) {
  std::atomic<int> asleep{3};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      EXPECT_FALSE(store.wait_readable(0, kForever));
      --asleep;
    });
  }
  while (asleep > 0) {
    store.interrupt();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
}

inline void keeps_a_cursor_for_each_sink(Store& store) {
  EXPECT_EQ(store.cursor("jsonl"), 0u);
  store.set_cursor("jsonl", 7);
  store.set_cursor("other sink", 3);
  store.set_cursor("jsonl", 9);
  EXPECT_EQ(store.cursor("jsonl"), 9u);
  EXPECT_EQ(store.cursor("other sink"), 3u);
}

}  // namespace dodona::store
