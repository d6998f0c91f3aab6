// SPDX-License-Identifier: Apache-2.0
#include "schedule/sink_pump.hpp"

#include "store/memory_store.hpp"
#include "support/params.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

// Longer than anything here takes: a wait that ends by it has failed.
constexpr std::chrono::milliseconds kForever{60'000};

// Calls that a sink got, seen from the test's thread.
class Record {
 public:
  void add(const std::string& call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    changed_.notify_all();
  }
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  bool wait_for(const std::string& call) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kForever, [&] {
      for (const std::string& known : calls_) {
        if (known == call) return true;
      }
      return false;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> calls_;
};

class FakeSink : public study::Sink {
 public:
  explicit FakeSink(Record& record) : record_(record) {}
  void set_space(const Space& space) override {
    record_.add("space " + std::to_string(space.size()));
  }
  void consume(std::span<const study::Event> events) override {
    for (const study::Event& event : events) {
      on_consume(event);
      record_.add(std::to_string(event.sequence));
    }
  }
  void flush() override {
    on_flush();
    record_.add("flush");
  }

  std::function<void(const study::Event&)> on_consume = [](const study::Event&) {};
  std::function<void()> on_flush = [] {};

 private:
  Record& record_;
};

class LogServices : public study::Services {
 public:
  explicit LogServices(Record& record) : record_(record) {}
  void log(study::Level level, std::string_view source, std::string_view message) override {
    record_.add(std::to_string(static_cast<int>(level)) + " " + std::string(source) + ": " +
                std::string(message));
  }
  bool cancelled() const override { return false; }
  void parallel_for(std::uint64_t, std::uint64_t,
                    const std::function<void(std::uint64_t, std::uint64_t)>&) override {}

 private:
  Record& record_;
};

using Calls = std::vector<std::string>;

class SinkPumpTest : public ::testing::Test {
 protected:
  void append(int count = 1) {
    for (int i = 0; i < count; ++i) {
      study::Event event;
      event.body = study::Noted{"key", "value"};
      store_->append(event);
    }
  }
  void grow(const std::string& name) {
    const Param param = support::boolean(name);
    space_.add({{param, param}}, [](const space::Growth&) {});
  }
  std::unique_ptr<SinkPump> pump() {
    return std::make_unique<SinkPump>("s", "at", std::move(sink_), names_, *store_, space_,
                                      services_);
  }

  // Without the flushes, which come whenever a second is over.
  Calls delivered() const {
    Calls calls = record_.calls();
    std::erase(calls, "flush");
    return calls;
  }

  std::unique_ptr<study::Store> store_ = store::memory_store();
  space::SearchSpace space_;
  Record record_;
  Record log_;
  std::shared_ptr<LogServices> services_ = std::make_shared<LogServices>(log_);
  std::shared_ptr<study::Names> names_ = std::make_shared<study::Names>();
  std::unique_ptr<FakeSink> sink_ = std::make_unique<FakeSink>(record_);
};

TEST_F(SinkPumpTest, DeliversTheLogFromItsCursorAndFlushesAtTheEnd) {
  append(4);
  store_->set_cursor("at", 2);
  pump()->finish(kForever);
  EXPECT_EQ(record_.calls(), (Calls{"2", "3", "flush"}));
  EXPECT_EQ(store_->cursor("at"), 4U);
  EXPECT_TRUE(log_.calls().empty());
}

TEST_F(SinkPumpTest, ShowsTheSpaceBeforeTheEventsThatUseIt) {
  grow("a");
  append();
  const auto running = pump();
  ASSERT_TRUE(record_.wait_for("0"));
  grow("b");
  append();
  ASSERT_TRUE(record_.wait_for("1"));
  append();
  running->finish(kForever);
  EXPECT_EQ(delivered(), (Calls{"space 1", "0", "space 2", "1", "2"}));
  EXPECT_EQ(record_.calls().back(), "flush");
}

TEST_F(SinkPumpTest, DeliversMoreThanABatch) {
  append(3000);
  pump()->finish(kForever);
  const Calls calls = delivered();
  ASSERT_EQ(calls.size(), 3000U);
  EXPECT_EQ(calls.back(), "2999");
  EXPECT_EQ(store_->cursor("at"), 3000U);
}

TEST_F(SinkPumpTest, HasNothingToFlushWhereNothingHappened) {
  append(2);
  store_->set_cursor("at", 2);
  pump()->finish(kForever);
  EXPECT_TRUE(record_.calls().empty());
}

TEST_F(SinkPumpTest, SetsASinkThatFailsAsideAndSaysSoOnce) {
  append(3);
  sink_->on_consume = [](const study::Event& event) {
    if (event.sequence == 1) throw Error(DODONA_E_IO, "disk full");
  };
  const auto running = pump();
  running->finish(kForever);
  append(3);
  EXPECT_EQ(record_.calls(), (Calls{"0"}));
  EXPECT_EQ(log_.calls(), (Calls{"40 s: the sink failed and is set aside: disk full"}));
  EXPECT_EQ(store_->cursor("at"), 0U);  // all of it comes again
}

TEST_F(SinkPumpTest, KeepsItsCursorWhereAFlushFails) {
  append(3);
  sink_->on_flush = [] { throw Error(DODONA_E_IO, "disk full"); };
  pump()->finish(kForever);
  EXPECT_EQ(store_->cursor("at"), 0U);
  EXPECT_EQ(log_.calls().size(), 1U);
}

TEST_F(SinkPumpTest, WarnsWhereASinkDoesNotEndInTime) {
  append();
  std::latch entered(1);
  std::latch leave(1);
  sink_->on_consume = [&](const study::Event&) {
    entered.count_down();
    leave.wait();
  };
  const auto running = pump();
  entered.wait();
  running->finish(std::chrono::milliseconds(0));
  EXPECT_EQ(log_.calls(),
            (Calls{"30 s: the sink was left behind; it goes on from where it stood the next "
                   "time"}));
  leave.count_down();
}

// It once held up the search for good.
TEST_F(SinkPumpTest, LeavesASinkAloneThatDoesNotComeBack) {
  struct GoneSink : FakeSink {
    GoneSink(Record& record, std::latch& gone) : FakeSink(record), gone_(gone) {}
    ~GoneSink() override { gone_.count_down(); }
    std::latch& gone_;
  };
  std::latch entered(1);
  std::latch leave(1);
  std::latch gone(1);
  sink_ = std::make_unique<GoneSink>(record_, gone);
  store_->names().intern("loss");
  std::weak_ptr<LogServices> services = services_;
  sink_->on_consume = [&, names = names_, services](const study::Event& event) {
    if (event.sequence == 0) entered.count_down();
    leave.wait();
    EXPECT_EQ((*names)[0], "loss");
    services.lock()->log(study::Level::kInfo, "s", "here I am");
  };
  append(3);
  auto running = pump();
  entered.wait();
  running->finish(std::chrono::milliseconds(0));
  running.reset();
  store_.reset();
  services_.reset();
  leave.count_down();
  gone.wait();
  EXPECT_EQ(record_.calls(), (Calls{"0", "1", "2"}));  // of its batch; it was not called again
  EXPECT_EQ(log_.calls().size(), 4U);
}

TEST_F(SinkPumpTest, EndsWithoutFinishWhereASearchFailed) {
  const auto running = pump();
  append();
  EXPECT_TRUE(record_.wait_for("0"));
}

}  // namespace
}  // namespace dodona::schedule
