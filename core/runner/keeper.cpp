// SPDX-License-Identifier: Apache-2.0
#include "runner/keeper.hpp"

#include "runner/session.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace dodona::runner {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRound{100};
constexpr milliseconds kMeasure{200};
constexpr std::size_t kAtOnce = std::size_t{1} << 16;
// So many pieces of one runner's output are read in a row before the others have their turn.
constexpr int kPieces = 16;
// The time between the end of an engine's client's input and SIGTERM, and from there to SIGKILL.
constexpr milliseconds kToLeave{1000};
constexpr milliseconds kToTidyUp{5000};

}  // namespace

// ---- Tail --------------------------------------------------------------------------------------

void Tail::add(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes.size();
  if (bytes.size() > kKept) bytes.remove_prefix(bytes.size() - kKept);
  kept_.append(bytes);
  if (kept_.size() > kKept) kept_.erase(0, kept_.size() - kKept);
}

void Tail::end() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  ended_.notify_all();
}

bool Tail::has_ended() const {
  const std::lock_guard lock(mutex_);
  return has_ended_;
}

void Tail::clear() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
  bytes_ = 0;
}

std::string Tail::text(milliseconds patience) const {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, patience, [this] { return has_ended_; });
  std::string_view text = kept_;
  if (bytes_ > kept_.size()) {  // the first line lacks its beginning
    const std::size_t line = text.find('\n');
    if (line != std::string_view::npos) text.remove_prefix(line + 1);
  }
  const std::size_t last = text.find_last_not_of(" \n\r\t");
  return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::uint64_t Tail::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

// ---- Kept --------------------------------------------------------------------------------------

void Kept::close_input() {
  const std::lock_guard lock(mutex_);
  close_now();
}

// Under the lock.
void Kept::close_now() {
  if (std::exchange(closed_, true)) return;
  out.stop();
  child.close_input();
}

void Kept::rest() {
  const std::lock_guard lock(mutex_);
  idle_since_ = Clock::now();
}

bool Kept::wake() {
  const std::lock_guard lock(mutex_);
  idle_since_.reset();
  return !closed_;
}

void Kept::retire(Clock::time_point moment) {
  const std::lock_guard lock(mutex_);
  if (idle_since_ && *idle_since_ <= moment) close_now();
}

// ---- Keeper ------------------------------------------------------------------------------------

struct Keeper::Job {
  const std::vector<std::string>& words;
  Child::Session session;
  std::shared_ptr<Kept> spawned{};
  std::exception_ptr error{};
  bool done = false;
};

Keeper::Keeper(milliseconds beat, milliseconds idle, Memory memory)
    : beat_(beat), idle_(idle), memory_(memory) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Error(DODONA_E_IO, std::string("cannot make a pipe for runners: ") + strerror(errno));
  }
  wake_reading_ = Descriptor(ends[0]);
  wake_writing_ = Descriptor(ends[1]);
  thread_ = std::thread([this] { work(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
}

void Keeper::wake() const {
  [[maybe_unused]] const ssize_t count = ::write(wake_writing_.get(), "", 1);
}

std::shared_ptr<Kept> Keeper::spawn(const std::vector<std::string>& words, Child::Session session) {
  Job job{words, session};
  std::unique_lock lock(mutex_);
  jobs_.push_back(&job);
  wake();
  spawned_.wait(lock, [&] { return job.done; });
  if (job.error) std::rethrow_exception(job.error);
  return job.spawned;
}

void Keeper::dismiss(const std::shared_ptr<Kept>& kept, Farewell farewell) {
  kept->close_input();
  const std::lock_guard lock(mutex_);
  const auto wait = farewell == Farewell::kFriendly ? kToLeave : milliseconds(0);
  dismissed_.push_back({kept, Clock::now() + wait});
  wake();
}

// True once all those that were dismissed have ended.
bool Keeper::see_off() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  std::erase_if(dismissed_, [&](Dismissed& each) {
    Child& child = each.kept->child;
    if (child.wait(milliseconds(0))) return true;
    if (now < each.asked) return false;
    if (!std::exchange(each.told, true)) child.send(SIGTERM);
    if (now >= each.asked + kToTidyUp) child.send(SIGKILL);
    return false;
  });
  return dismissed_.empty();
}

// Does what was asked for, and answers the runners that are there.
Keeper::Runners Keeper::take_jobs() {
  const std::lock_guard lock(mutex_);
  for (Job* const job : std::exchange(jobs_, {})) {
    try {
      job->spawned = std::make_shared<Kept>(job->words, job->session);
      kept_.push_back(job->spawned);
    } catch (...) {
      job->error = std::current_exception();
    }
    job->done = true;
  }
  spawned_.notify_all();
  Runners runners;
  std::erase_if(kept_, [&](const std::weak_ptr<Kept>& each) {
    auto runner = each.lock();
    if (runner == nullptr) return true;
    runners.push_back(std::move(runner));
    return false;
  });
  return runners;
}

void Keeper::read(const Runners& runners) const {
  std::vector<pollfd> files{{wake_reading_.get(), POLLIN, 0}};
  for (const auto& runner : runners) {
    const bool open = !runner->tail.has_ended();
    files.push_back({open ? runner->child.errors() : -1, POLLIN, 0});
  }
  if (::poll(files.data(), files.size(), static_cast<int>(kRound.count())) <= 0) return;
  std::array<char, kAtOnce> bytes;
  if (files[0].revents != 0) {
    while (::read(files[0].fd, bytes.data(), bytes.size()) > 0) {
    }
  }
  for (std::size_t i = 0; i < runners.size(); ++i) {
    for (int piece = 0; files[i + 1].revents != 0 && piece < kPieces; ++piece) {
      const ssize_t count = ::read(files[i + 1].fd, bytes.data(), bytes.size());
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (count <= 0) {
        runners[i]->tail.end();
        break;
      }
      runners[i]->tail.add({bytes.data(), static_cast<std::size_t>(count)});
    }
  }
}

void Keeper::measure(const Runners& runners) {
  const auto sizes = resident_by_session();
  for (const auto& runner : runners) {
    const auto found = sizes.find(runner->child.pid());
    if (found != sizes.end()) runner->resident_bytes = found->second;
  }
}

void Keeper::work() {
  auto next_beat = Clock::now() + beat_;
  auto next_measure = Clock::now();
  for (;;) {
    const Runners runners = take_jobs();
    const bool all_left = see_off();
    {
      const std::lock_guard lock(mutex_);
      if (ending_ && all_left) return;
    }
    read(runners);
    for (const auto& runner : runners) {
      if (idle_.count() > 0) runner->retire(Clock::now() - idle_);
    }
    if (memory_ == Memory::kMeasured && !runners.empty() && Clock::now() >= next_measure) {
      next_measure = Clock::now() + kMeasure;
      measure(runners);
    }
    if (Clock::now() < next_beat) continue;
    next_beat = Clock::now() + beat_;
    for (const auto& runner : runners) runner->out.write_if_free(R"({"beat":true})");
  }
}

}  // namespace dodona::runner
