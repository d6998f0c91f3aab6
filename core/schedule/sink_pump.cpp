// SPDX-License-Identifier: Apache-2.0
#include "schedule/sink_pump.hpp"

#include <exception>
#include <utility>

namespace dodona::schedule {
namespace {

constexpr std::size_t kBatch = 1024;
constexpr std::chrono::seconds kFlushInterval{1};

}  // namespace

SinkPump::SinkPump(std::string name, std::string cursor, std::unique_ptr<study::Sink> sink,
                   study::Store& store, const space::SearchSpace& space, study::Services& services)
    : name_(std::move(name)),
      cursor_(std::move(cursor)),
      sink_(std::move(sink)),
      store_(store),
      space_(space),
      services_(services),
      thread_([this] { run(); }) {}

SinkPump::~SinkPump() {
  abandoned_ = true;
  store_.interrupt();
  thread_.join();
}

void SinkPump::finish(std::chrono::milliseconds time) {
  last_ = store_.size();
  store_.interrupt();
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, time, [this] { return !running_; })) return;
  const std::string what = time.count() == 0 ? "the sink was left behind"
                                             : "the sink did not finish within " +
                                                   std::to_string(time.count() / 1000) + " s";
  services_.log(study::Level::kWarn, name_,
                what + "; it goes on from where it stood the next time");
}

void SinkPump::run() {
  try {
    pump();
  } catch (const std::exception& error) {
    services_.log(study::Level::kError, name_,
                  std::string("the sink failed and is set aside: ") + error.what());
  }
  const std::lock_guard lock(mutex_);
  running_ = false;
  ended_.notify_all();
}

void SinkPump::pump() {
  std::uint64_t next = store_.cursor(cursor_);
  std::uint64_t flushed = next;
  auto last_flush = std::chrono::steady_clock::now();
  std::vector<study::Event> events;
  while (!abandoned_) {
    if (next < last_ && store_.wait_readable(next, std::chrono::milliseconds(200))) {
      events.clear();
      store_.read(next, [&](const study::Event& event) {
        events.push_back(event);
        return events.size() < kBatch;
      });
      deliver(events);
      next += events.size();
    }
    const auto now = std::chrono::steady_clock::now();
    const bool done = next >= last_;
    if (next > flushed && (done || now - last_flush >= kFlushInterval)) {
      flush(next);
      flushed = next;
      last_flush = now;
    }
    if (done) return;
  }
}

void SinkPump::deliver(std::vector<study::Event>& events) {
  // The space at hand is never behind the events: it grew before they were appended.
  const auto snapshot = space_.snapshot();
  if (snapshot->space.size() != known_params_) {
    sink_->set_space(snapshot->space);
    known_params_ = snapshot->space.size();
  }
  sink_->consume(events);
}

void SinkPump::flush(std::uint64_t next) {
  sink_->flush();
  store_.set_cursor(cursor_, next);
}

}  // namespace dodona::schedule
