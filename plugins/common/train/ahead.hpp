// SPDX-License-Identifier: Apache-2.0
//
// Makes a value on a thread of its own while the owner does something else.
//
//   Ahead<Batch> ahead(begin);
//   ahead.start([&] { return load(2); });
//   train_on(batch_1);
//   Batch batch_2 = ahead.take();
//
// At most one value is being made or waits to be taken. The maker sees all that was done before
// start(), and the owner sees all that the maker did after take(). If the thread has not begun by
// then, as others use the processors, the owner makes the value.
//
// Threads: the calls of one object come from one thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace dodona::train {

template <class Value>
class Ahead {
 public:
  // `begin` is called on the thread before the first value is made.
  explicit Ahead(std::function<void()> begin)
      : thread_([this, begin = std::move(begin)] { work(begin); }) {}
  // Waits until a value that is being made is there, and drops it.
  ~Ahead() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;

  void start(std::function<Value()> make) {
    std::packaged_task<Value()> task(std::move(make));
    value_ = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      task_ = std::move(task);
    }
    changed_.notify_one();
  }
  // Waits for the value, or throws what its maker threw.
  Value take() {
    std::packaged_task<Value()> task;
    {
      const std::lock_guard lock(mutex_);
      task = std::exchange(task_, {});
    }
    if (task.valid()) task();
    return value_.get();
  }

 private:
  void work(const std::function<void()>& begin) {
    begin();
    for (;;) {
      std::packaged_task<Value()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ended_ || task_.valid(); });
        if (ended_) return;
        task = std::exchange(task_, {});
      }
      task();
    }
  }

  std::mutex mutex_;  // guards task_ and ended_
  std::condition_variable changed_;
  std::packaged_task<Value()> task_;
  bool ended_ = false;
  std::future<Value> value_;  // of the owner's thread
  std::thread thread_;        // last, as it uses all others
};

}  // namespace dodona::train
