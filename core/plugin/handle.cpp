// SPDX-License-Identifier: Apache-2.0
#include "plugin/handle.hpp"

#include "base/assert.hpp"
#include "plugin/hp_bridge.hpp"
#include "plugin/trial_bridge.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

namespace dodona::plugin {

// ---- gates -------------------------------------------------------------------------------------

bool Gate::enter() noexcept {
  if ((calls_.fetch_add(1, std::memory_order_acquire) & kClosed) == 0) return true;
  leave();
  return false;
}

void Gate::leave() noexcept {
  const std::uint32_t before = calls_.fetch_sub(1, std::memory_order_release);
  DODONA_ASSERT((before & ~kClosed) > 0);
  if (before == (kClosed | 1)) calls_.notify_all();
}

void Gate::close() noexcept {
  std::uint32_t now = calls_.fetch_or(kClosed, std::memory_order_acq_rel) | kClosed;
  while (now != kClosed) {
    calls_.wait(now, std::memory_order_acquire);
    now = calls_.load(std::memory_order_acquire);
  }
}

// ---- where handles live ------------------------------------------------------------------------

namespace {

// Handles live in blocks, whose addresses are their multiples. Once all handles of a block are
// retired, its memory is given back: a private mapping of one file that all such blocks share takes
// its place, in which every handle is retired.
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

struct Block {
  std::size_t retired = 0;
  Handle handles[1];  // as many as there is room for
};
constexpr std::size_t kHandles = 1 + (kBlockBytes - sizeof(Block)) / sizeof(Handle);
static_assert(kHandles > 1000 &&
              offsetof(Block, handles) + kHandles * sizeof(Handle) <= kBlockBytes);

struct Blocks {
  std::mutex mutex;
  Block* current = nullptr;
  std::size_t taken = kHandles;  // of the current one
  int retired_image = -1;        // the file that stands for blocks without a living handle
};

Blocks& blocks() {
  static Blocks* const kAll = new Blocks;  // threads of plugins may outlive static objects
  return *kAll;
}

Block* map_block() {
  void* const room = ::mmap(nullptr, 2 * kBlockBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) throw Error(DODONA_E_NO_MEMORY, "no memory for the handles of trials");
  auto* const begin = static_cast<std::byte*>(room);
  const std::size_t off = reinterpret_cast<std::uintptr_t>(begin) % kBlockBytes;
  const std::size_t before = off == 0 ? 0 : kBlockBytes - off;
  if (before > 0) ::munmap(begin, before);
  ::munmap(begin + before + kBlockBytes, kBlockBytes - before);
  return new (begin + before) Block;
}

Handle* handle_at(Block* block, std::size_t index) {
  return reinterpret_cast<Handle*>(reinterpret_cast<std::byte*>(block) + offsetof(Block, handles) +
                                   index * sizeof(Handle));
}

void set_all_functions(Handle& handle) {
  set_functions(handle.trial);
  set_functions(handle.hp);
}

// A handle that is retired from the start: what all retired handles of an old block refer to.
Handle& retired_handle() {
  static Handle* const kHandle = [] {
    auto* const made = new Handle;
    set_all_functions(*made);
    made->trial.impl = made->hp.impl = made;
    made->trial.hp = &made->hp;
    made->gate.close();
    made->complained = true;  // nobody knows any more whose it was
    return made;
  }();
  return *kHandle;
}

int make_retired_image() {
  const int file = ::memfd_create("dodona handles", MFD_CLOEXEC);
  if (file < 0 || ::ftruncate(file, kBlockBytes) != 0) return -1;
  void* const room = ::mmap(nullptr, kBlockBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (room == MAP_FAILED) return -1;
  auto* const image = new (room) Block;
  for (std::size_t i = 0; i < kHandles; ++i) {
    Handle* const each = new (handle_at(image, i)) Handle;
    set_all_functions(*each);
    each->trial.impl = each->hp.impl = &retired_handle();
    each->trial.hp = &retired_handle().hp;
    each->gate.close();
    each->complained = true;
  }
  ::munmap(room, kBlockBytes);
  return file;
}

// Where it cannot be done the memory stays: nothing but its size is lost.
void give_back(Blocks& all, Block* block) {
  if (all.retired_image < 0) all.retired_image = make_retired_image();
  if (all.retired_image < 0) return;
  [[maybe_unused]] void* const room = ::mmap(block, kBlockBytes, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_FIXED, all.retired_image, 0);
}

// The complainants, by number.
struct Complainants {
  struct Who {
    study::Services& services;
    std::string name;
  };
  std::mutex mutex;
  std::uint64_t next = 1;
  std::map<std::uint64_t, Who> all;
};

Complainants& complainants() {
  static Complainants* const kAll = new Complainants;
  return *kAll;
}

}  // namespace

Handle* new_handle() {
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  if (all.taken == kHandles) {
    all.current = map_block();
    all.taken = 0;
  }
  auto* const handle = new (handle_at(all.current, all.taken++)) Handle;
  handle->trial.impl = handle->hp.impl = handle;
  handle->trial.hp = &handle->hp;
  return handle;
}

void retire(Handle& handle) noexcept {
  handle.gate.close();
  handle.trial.directory = handle.trial.resume_directory = {};
  handle.trial.devices = nullptr;
  handle.trial.device_count = 0;
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  const auto address = reinterpret_cast<std::uintptr_t>(&handle);
  auto* const block = reinterpret_cast<Block*>(address - address % kBlockBytes);
  DODONA_ASSERT(block->retired < kHandles);
  if (++block->retired == kHandles) give_back(all, block);
}

// ---- complaints --------------------------------------------------------------------------------

Complainant::Complainant(study::Services& services, std::string name) {
  Complainants& known = complainants();
  const std::lock_guard lock(known.mutex);
  id_ = known.next++;
  known.all.emplace(id_, Complainants::Who{services, std::move(name)});
}

Complainant::~Complainant() {
  Complainants& known = complainants();
  const std::lock_guard lock(known.mutex);
  known.all.erase(id_);
}

dodona_status too_late(Handle& handle, dodona_error* error) noexcept {
  return guard(error, [&] {
    const bool known = handle.complainant != 0;
    const std::string what = known ? "trial " + std::to_string(handle.id) : "the trial";
    if (!handle.complained.exchange(true)) {
      Complainants& all = complainants();
      const std::lock_guard lock(all.mutex);
      const auto found = all.all.find(handle.complainant);
      if (found != all.all.end()) {
        found->second.services.log(study::Level::kWarn, found->second.name,
                                   "a thread of " + what +
                                       " reports or asks although the trial has ended; it gets an "
                                       "error and changes nothing");
      }
    }
    throw Error(DODONA_E_STATE, what + " has ended: its handle must not be used any more");
  });
}

}  // namespace dodona::plugin
