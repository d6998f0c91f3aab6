// SPDX-License-Identifier: Apache-2.0
#include "schedule/sink_pump.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace dodona::schedule {
namespace {

constexpr std::size_t kBatch = 1024;
constexpr std::chrono::seconds kFlushInterval{1};
constexpr std::chrono::seconds kGrace{2};  // of the destructor, for a sink that is at work

// The study is gone while the sink was at work.
struct Abandoned {};

}  // namespace

// The data of the thread, as long as it lives. Of these, `store` and `space` are the study's, and
// are not touched once the pump is gone.
struct SinkPump::Feed {
  Feed(std::string its_name, std::string its_cursor, std::unique_ptr<study::Sink> its_sink,
       std::shared_ptr<study::Names> its_names, study::Store& its_store,
       const space::SearchSpace& its_space, std::shared_ptr<study::Services> its_services)
      : name(std::move(its_name)),
        cursor(std::move(its_cursor)),
        names(std::move(its_names)),
        services(std::move(its_services)),
        sink(std::move(its_sink)),
        store(its_store),
        space(its_space) {}

  void run();
  void pump();
  void deliver(std::vector<study::Event>& events);
  void flush(std::uint64_t next);
  template <class Call>
  void call_sink(Call&& call);

  const std::string name;
  const std::string cursor;
  const std::shared_ptr<study::Names> names;
  const std::shared_ptr<study::Services> services;
  const std::unique_ptr<study::Sink> sink;  // goes before what it uses
  study::Store& store;
  const space::SearchSpace& space;
  std::size_t known = 0;  // definitions and constraints that the sink was told
  std::atomic<std::uint64_t> last = UINT64_MAX;  // events to deliver before the end
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<bool> abandoned = false;
  bool at_work = false;  // the sink is: the thread touches nothing of the study
  bool running = true;
};

SinkPump::SinkPump(std::string name, std::string cursor, std::unique_ptr<study::Sink> sink,
                   std::shared_ptr<study::Names> names, study::Store& store,
                   const space::SearchSpace& space, std::shared_ptr<study::Services> services)
    : feed_(std::make_shared<Feed>(std::move(name), std::move(cursor), std::move(sink),
                                   std::move(names), store, space, std::move(services))),
      thread_([feed = feed_] { feed->run(); }) {}

SinkPump::~SinkPump() {
  feed_->store.interrupt();
  std::unique_lock lock(feed_->mutex);
  feed_->abandoned = true;
  const auto ended = [this] { return !feed_->running; };
  const bool back = feed_->changed.wait_for(lock, kGrace, ended);
  feed_->changed.wait(lock, [&] { return ended() || feed_->at_work; });
  lock.unlock();
  if (back) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void SinkPump::finish(std::chrono::milliseconds time) {
  feed_->last = feed_->store.size();
  feed_->store.interrupt();
  std::unique_lock lock(feed_->mutex);
  if (feed_->changed.wait_for(lock, time, [this] { return !feed_->running; })) return;
  const std::string what = time.count() == 0 ? "the sink was left behind"
                                             : "the sink did not finish within " +
                                                   std::to_string(time.count() / 1000) + " s";
  feed_->services->log(study::Level::kWarn, feed_->name,
                       what + "; it goes on from where it stood the next time");
}

void SinkPump::Feed::run() {
  try {
    pump();
  } catch (const Abandoned&) {
    // Nobody waits for an answer.
  } catch (const std::exception& error) {
    services->log(study::Level::kError, name,
                  std::string("the sink failed and is set aside: ") + error.what());
  } catch (...) {
    services->log(study::Level::kError, name, "the sink failed and is set aside");
  }
  const std::lock_guard lock(mutex);
  running = false;
  changed.notify_all();
}

// Throws what the sink throws; Abandoned where the study may be gone.
template <class Call>
void SinkPump::Feed::call_sink(Call&& call) {
  const auto set_at_work = [this](bool now) {
    const std::lock_guard lock(mutex);
    if (abandoned) throw Abandoned();
    at_work = now;
    changed.notify_all();
  };
  set_at_work(true);
  try {
    call();
  } catch (...) {
    set_at_work(false);
    throw;
  }
  set_at_work(false);
}

void SinkPump::Feed::pump() {
  std::uint64_t next = store.cursor(cursor);
  std::uint64_t flushed = next;
  auto last_flush = std::chrono::steady_clock::now();
  std::vector<study::Event> events;
  while (!abandoned) {
    if (next < last && store.wait_readable(next, std::chrono::milliseconds(200))) {
      events.clear();
      store.read(next, [&](const study::Event& event) {
        events.push_back(event);
        return events.size() < kBatch;
      });
      deliver(events);
      next += events.size();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool done = next >= last;
    if (next > flushed && (done || now - last_flush >= kFlushInterval)) {
      flush(next);
      flushed = next;
      last_flush = now;
    }
    if (done) return;
  }
}

void SinkPump::Feed::deliver(std::vector<study::Event>& events) {
  for (std::uint32_t i = names->size(); i < store.names().size(); ++i) {
    names->intern(store.names()[i]);
  }
  // The space at hand is never behind the events: it grew before they were appended.
  const auto snapshot = space.snapshot();
  const std::size_t now = snapshot->space.size() + snapshot->space.constraint_count();
  const bool grew = std::exchange(known, now) != now;
  call_sink([&] {
    if (grew) sink->set_space(snapshot->space);
    sink->consume(events);
  });
}

void SinkPump::Feed::flush(std::uint64_t next) {
  call_sink([&] { sink->flush(); });
  store.set_cursor(cursor, next);
}

}  // namespace dodona::schedule
