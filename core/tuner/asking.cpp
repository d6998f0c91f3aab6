// SPDX-License-Identifier: Apache-2.0
#include "tuner/asking.hpp"

#include <dodona/guard.hpp>

#include <utility>

namespace dodona {
namespace {

// Asks the bridge of an open trial; `slot` is one of dodona_hp.
template <auto slot, class... Arguments>
dodona_status ask(dodona_hp* hp, Arguments... arguments, dodona_error* error) noexcept {
  dodona_status status = DODONA_OK;
  const dodona_status open = guard(error, [&] {
    auto& asked = *static_cast<AskedState*>(hp->impl);
    const auto keep = asked.open();
    dodona_hp* const raw = asked.bridge->get();
    status = (raw->*slot)(raw, arguments..., error);
  });
  return open != DODONA_OK ? open : status;
}

std::vector<study::NamedMetric> named(const Metrics& metrics) {
  std::vector<study::NamedMetric> list;
  for (const auto& [name, value] : metrics) list.push_back({name, value});
  return list;
}

const study::Run& run_of(const AskedState& asked) {
  if (asked.trial == nullptr) throw Error(DODONA_E_STATE, "no trial was given");
  return asked.trial->run;
}

}  // namespace

AskedState::AskedState(std::weak_ptr<tuner::Asking> from,
                       std::shared_ptr<schedule::Desk::Asked> given, bool no_more)
    : asking(std::move(from)), trial(std::move(given)), exhausted(no_more) {
  guarded.struct_size = sizeof guarded;
  guarded.impl = this;
  guarded.param = ask<&dodona_hp::param, const dodona_param*, dodona_value*>;
  guarded.get = ask<&dodona_hp::get, dodona_str, dodona_value*>;
  guarded.enter = ask<&dodona_hp::enter, const dodona_condition*, std::uint32_t*>;
  guarded.leave = [](dodona_hp* hp, dodona_error* error) noexcept {
    dodona_hp* const raw = static_cast<AskedState*>(hp->impl)->bridge->get();
    return raw->leave(
        raw, error);  // after an enter, so there is a trial; touches nothing but its scopes
  };
  guarded.require = ask<&dodona_hp::require, dodona_str>;
  guarded.each = ask<&dodona_hp::each, void (*)(void*, dodona_str, dodona_value) noexcept, void*>;
  if (trial != nullptr) bridge.emplace(trial->run.asker());
}

// Gives the trial back to ask(), unless it was told or another handle is left.
AskedState::~AskedState() {
  bridge.reset();
  if (trial == nullptr || trial->told) return;
  trial.reset();
  if (const auto desk = asking.lock()) desk->desk->let_go();
}

std::shared_ptr<tuner::Asking> AskedState::known() const {
  maker.check("the tuner");
  const study::Run& run = run_of(*this);
  auto desk = asking.lock();
  if (desk == nullptr) {
    throw Error(DODONA_E_STATE, "trial " + std::to_string(run.trial) +
                                    " was given by a tuner that is gone or searches now");
  }
  return desk;
}

std::shared_ptr<tuner::Asking> AskedState::open() const {
  auto desk = known();
  if (trial->told) {
    throw Error(DODONA_E_STATE, "trial " + std::to_string(trial->run.trial) + " has ended");
  }
  return desk;
}

void AskedState::tell(TrialState state, const Metrics& metrics, const std::string& message) {
  const auto from = open();
  from->desk->tell(*trial, static_cast<study::TrialState>(state), named(metrics), message);
}

dodona_hp* questions_of(AskedState& asked) {
  return &asked.guarded;
}

AskedTrial::operator bool() const {
  return asked_->trial != nullptr;
}
bool AskedTrial::exhausted() const {
  return asked_->exhausted;
}
std::uint64_t AskedTrial::id() const {
  return run_of(*asked_).trial;
}
std::uint64_t AskedTrial::seed() const {
  return run_of(*asked_).seed;
}
std::uint64_t AskedTrial::start_step() const {
  return run_of(*asked_).start_step;
}
std::uint64_t AskedTrial::budget() const {
  return run_of(*asked_).budget;
}
std::string AskedTrial::directory() const {
  return run_of(*asked_).directory;
}

Values AskedTrial::values() const {
  return asked_->known()->result(id()).values;
}

std::optional<std::uint64_t> AskedTrial::resume_of() const {
  return asked_->known()->result(id()).resume_of;
}

bool AskedTrial::report(std::uint64_t step, const Metrics& metrics) {
  return asked_->open()->desk->report(*asked_->trial, step, named(metrics));
}

void AskedTrial::detach() {
  asked_->open()->desk->keep(asked_->trial);
}

void AskedTrial::note(std::string_view key, std::string_view value) {
  asked_->known()->desk->note(*asked_->trial, key, value);
}

}  // namespace dodona
