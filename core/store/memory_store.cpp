// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.hpp"

#include "base/assert.hpp"
#include "study/codec.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace dodona::store {
namespace {

using study::Event;

// Blocks are huge pages where the system has them: touching 2 MiB page by page can take longer than
// encoding all that goes in. The first is small, as most studies are.
constexpr std::size_t kFirstBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kBlockBytes = std::size_t{2} << 20;

constexpr std::uint64_t kMarkEvery = 32;

// The time that a reader that is up to date dozes before it asks to be woken. While events keep
// coming it reads hundreds at a time, and no append pays for waking it.
constexpr std::chrono::milliseconds kDoze{1};

struct Free {
  void operator()(char* bytes) const { std::free(bytes); }
};

std::unique_ptr<char, Free> allocate(std::size_t bytes) {
  const bool huge = bytes % kBlockBytes == 0;
  void* const memory = huge ? std::aligned_alloc(kBlockBytes, bytes) : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish
  return std::unique_ptr<char, Free>(static_cast<char*>(memory));
}

// Bytes below `used` never change, so they are read without the lock.
struct Block {
  std::uint64_t first;  // sequence of its first event
  std::size_t capacity;
  std::unique_ptr<char, Free> bytes;
  std::size_t used = 0;
  std::vector<std::size_t> marks;  // where every kMarkEvery-th event starts

  Block(std::uint64_t sequence, std::size_t size)
      : first(sequence), capacity(size), bytes(allocate(size)) {}
};

class MemoryStore final : public study::Store {
 public:
  std::uint64_t append(Event& event) override {
    const std::lock_guard lock(mutex_);
    scratch_.clear();
    study::encode(event, scratch_);
    Block& block = room(scratch_.size());
    if ((size_ - block.first) % kMarkEvery == 0) block.marks.push_back(block.used);
    DODONA_ASSERT(scratch_.size() <= block.capacity - block.used);
    std::memcpy(block.bytes.get() + block.used, scratch_.data(), scratch_.size());
    block.used += scratch_.size();
    if (sleepers_ > 0) [[unlikely]]
      readable_.notify_all();
    return event.sequence = size_++;
  }

  void wait_durable(std::uint64_t end) override { DODONA_ASSERT(end <= size()); }

  std::uint64_t size() const override {
    const std::lock_guard lock(mutex_);
    return size_;
  }

  void read(std::uint64_t first, const std::function<bool(const Event&)>& visit) override {
    std::uint64_t sequence = first;
    for (View view = look(sequence); !view.bytes.empty(); view = look(sequence)) {
      for (std::uint64_t i = view.first; i < sequence; ++i) study::skip(view.bytes);
      while (!view.bytes.empty()) {
        Event event = study::decode(view.bytes);
        event.sequence = sequence++;
        if (!visit(event)) return;
      }
    }
  }

  bool wait_readable(std::uint64_t first, std::chrono::milliseconds time) override {
    const auto end = std::chrono::steady_clock::now() + time;
    std::unique_lock lock(mutex_);
    const std::uint64_t interrupts = interrupts_;
    const auto ready = [&] { return size_ > first || interrupts_ != interrupts; };
    if (ready()) return true;
    // Not counted as a sleeper: an append passes by without a word.
    const auto doze_end = std::min(end, std::chrono::steady_clock::now() + kDoze);
    if (!readable_.wait_until(lock, doze_end, ready)) {
      ++sleepers_;
      readable_.wait_until(lock, end, ready);
      --sleepers_;
    }
    return size_ > first;
  }

  void interrupt() override {
    const std::lock_guard lock(mutex_);
    ++interrupts_;
    readable_.notify_all();
  }

  std::uint64_t cursor(std::string_view sink) override {
    const std::lock_guard lock(mutex_);
    const auto found = cursors_.find(sink);
    return found == cursors_.end() ? 0 : found->second;
  }

  void set_cursor(std::string_view sink, std::uint64_t next) override {
    const std::lock_guard lock(mutex_);
    cursors_.insert_or_assign(std::string(sink), next);
  }

  std::vector<std::string> sinks() override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [sink, next] : cursors_) names.push_back(sink);
    return names;
  }

  study::Names& names() override { return names_; }

 private:
  Block& room(std::size_t bytes) {
    if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < bytes) {
      const bool small = blocks_.empty() && bytes <= kFirstBlockBytes;
      const std::size_t whole = (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
      blocks_.emplace_back(size_, small ? kFirstBlockBytes : whole);
    }
    return blocks_.back();
  }

  struct View {
    std::uint64_t first = 0;
    std::string_view bytes;
  };

  // A block from shortly before event `sequence` to as far as it is written; empty where there is
  // no such event yet.
  View look(std::uint64_t sequence) const {
    const std::lock_guard lock(mutex_);
    if (sequence >= size_) return {};
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), sequence,
        [](std::uint64_t wanted, const Block& block) { return wanted < block.first; });
    DODONA_ASSERT(after != blocks_.begin());
    const Block& block = *std::prev(after);
    const std::uint64_t mark = (sequence - block.first) / kMarkEvery;
    DODONA_ASSERT(mark < block.marks.size());
    const std::size_t offset = block.marks[static_cast<std::size_t>(mark)];
    return {block.first + mark * kMarkEvery, {block.bytes.get() + offset, block.used - offset}};
  }

  mutable std::mutex mutex_;
  std::condition_variable readable_;
  std::vector<Block> blocks_;
  std::string scratch_;
  std::uint64_t size_ = 0;
  std::uint64_t interrupts_ = 0;
  unsigned sleepers_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> cursors_;
  study::Names names_;
};

}  // namespace

std::unique_ptr<study::Store> memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace dodona::store
