// SPDX-License-Identifier: Apache-2.0
#include "tuner/enqueued.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "space/definition.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace dodona::tuner {
namespace {

constexpr const char* kEnqueued = "enqueue";

Error unknown_name(const std::string& name, const std::vector<std::string>& names,
                   const std::string& where) {
  const std::string guess = base::did_you_mean(name, names);
  return Error(DODONA_E_INVALID,
               where + ": there is no hyperparameter " + base::quote(name) + guess +
                   (guess.empty() ? "; there are " + base::alternatives(names) : ""));
}

// Values by the index of their definition. A name may have several definitions, of which one at
// most will be active. `where` stands in messages.
std::vector<Assignment> assignments_of(const NamedValues& values, const space::SearchSpace& space,
                                       const std::string& where) {
  const auto snapshot = space.snapshot();
  const std::vector<Param>& params = snapshot->space.params();
  std::vector<std::string> names;
  for (const Param& param : params) names.push_back(param.name);
  std::vector<Assignment> assignments;
  for (const auto& [name, value] : values) {
    const Param* refused = nullptr;
    const std::size_t before = assignments.size();
    for (std::uint32_t i = 0; i < params.size(); ++i) {
      if (params[i].name != name) continue;
      const auto cell = cell_of(params[i], value);
      if (cell) assignments.push_back({i, *cell});
      if (!cell) refused = &params[i];
    }
    if (assignments.size() > before) continue;
    if (refused != nullptr) {
      throw Error(DODONA_E_INVALID, where + ": " + space::to_text(value) + " is not a value of " +
                                        space::to_text(*refused));
    }
    throw unknown_name(name, names, where);
  }
  std::sort(assignments.begin(), assignments.end(),
            [](const Assignment& a, const Assignment& b) { return a.param < b.param; });
  return assignments;
}

}  // namespace

void EnqueuedValues::add(NamedValues values) {
  if (study_.space.size() > 0) {
    log(assignments_of(values, study_.space, kEnqueued));
    return;
  }
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(values));
}

void EnqueuedValues::release() {
  const std::vector<NamedValues>& initial = study_.settings.initial;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const std::vector<Assignment> assignments =
        assignments_of(initial[i], study_.space, base::join_path("initial", i));
    const bool there = study_.journal.with_state([&](const study::State& now) {
      return std::any_of(now.enqueued().begin(), now.enqueued().end(),
                         [&](const auto& each) { return each.assignments == assignments; });
    });
    if (!there) log(assignments);
  }
  release_waiting();
}

void EnqueuedValues::release_waiting() {
  std::vector<NamedValues> mine;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty() || study_.space.size() == 0) return;
    mine.swap(waiting_);
  }
  for (const NamedValues& values : mine) log(assignments_of(values, study_.space, kEnqueued));
}

void EnqueuedValues::log(std::vector<Assignment> assignments) {
  study_.journal.wait_durable(
      study_.journal.append(study::kNoTrial, study::Enqueued{std::move(assignments)}));
}

}  // namespace dodona::tuner
