// SPDX-License-Identifier: Apache-2.0
#include "host/interrupt.hpp"

#include "host/exit_code.hpp"

#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace dodona::host {
namespace {

bool ignored(int signal) {
  struct sigaction now {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() : kill_only_(ignored(SIGINT)) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  for (const int signal : {SIGTERM, SIGHUP}) {
    if (!ignored(signal)) sigaddset(&signals_, signal);
  }
  if (kill_only_) std::signal(SIGINT, SIG_DFL);  // blocked below; an ignored signal may get lost
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  // To this thread alone, which takes any signal for the news that it is done.
  pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupt::came() const {
  const std::lock_guard lock(mutex_);
  return came_;
}

void Interrupt::wait() {
  for (;;) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&signals_, &info);
    if (signal < 0) continue;
    const std::lock_guard lock(mutex_);
    if (done_) return;
    const bool from_kill = info.si_code == SI_USER || info.si_code == SI_TKILL;
    if (signal == SIGINT && kill_only_ && !from_kill) continue;
    if (came_) _exit(kInterrupted);
    came_ = true;
    if (action_) action_();
  }
}

Interrupt::Action::Action(Interrupt& interrupt, std::function<void()> function)
    : interrupt_(interrupt) {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.action_ = std::move(function);
  if (interrupt_.came_) interrupt_.action_();
}

Interrupt::Action::~Action() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.action_ = nullptr;
}

}  // namespace dodona::host
