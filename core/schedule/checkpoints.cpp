// SPDX-License-Identifier: Apache-2.0
#include "schedule/checkpoints.hpp"

#include "base/assert.hpp"
#include "base/file.hpp"
#include "schedule/going.hpp"
#include "study/ranking.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>

namespace dodona::schedule {
namespace {

namespace fs = std::filesystem;

// The trial whose directory has this name.
std::optional<std::uint64_t> trial_of(const std::string& name) {
  std::uint64_t trial = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), trial);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return trial;
}

// Copies a directory, if it is there, so that the copy is whole or absent.
void copy_whole(const std::string& from, const std::string& to) {
  std::error_code ignored;
  if (!fs::is_directory(from, ignored)) return;
  base::make_directory(fs::path(to).parent_path());
  base::copy_directory(from, to + ".new");
  base::sync_below(to + ".new");
  base::replace_directory(to + ".new", to);
}

}  // namespace

std::string best_checkpoint(const std::string& trial_directory) {
  return trial_directory + "/best";
}

std::string last_checkpoint(const std::string& trial_directory, std::uint32_t execution) {
  return trial_directory + "/" + std::to_string(execution) + "/last";
}

std::string trial_directory(const std::string& project_directory, std::uint64_t trial) {
  return project_directory.empty() ? "" : project_directory + "/trials/" + std::to_string(trial);
}

void Checkpoints::drop_best(std::uint64_t trial) const {
  const fs::path directory = trial_directory(directory_, trial);
  std::error_code ignored;
  fs::remove_all(best_checkpoint(directory), ignored);
  fs::remove_all(best_checkpoint(directory) + ".new", ignored);
  fs::remove(directory, ignored);  // if the trial left nothing else
}

bool Checkpoints::admit(std::uint64_t trial, study::TrialState state,
                        const study::Numbers& objectives, double violation) {
  const bool scored =
      state == study::TrialState::kCompleted || state == study::TrialState::kStopped;
  if (!scored || !std::isfinite(objectives.first())) return false;
  if (keep_ == kKeepAll) return true;
  if (objectives.size() > 1) {
    front_.push_back({trial, objectives, violation});
  } else {
    best_.emplace(violation, objectives.first(), trial);
  }
  if (best_.size() + front_.size() <= keep_) return true;
  const std::uint64_t out = take_worst();
  if (out != trial) drop_best(out);
  return out != trial;
}

std::uint64_t Checkpoints::take_worst() {
  std::uint64_t out = study::kNoTrial;
  if (front_.empty()) {
    const auto worst = std::prev(best_.end());
    out = std::get<std::uint64_t>(*worst);
    best_.erase(worst);
    return out;
  }
  std::vector<double> values;
  std::vector<double> violations;
  for (const Kept& each : front_) {
    DODONA_ASSERT(each.objectives.size() == front_.front().objectives.size());
    values.insert(values.end(), each.objectives.begin(), each.objectives.end());
    violations.push_back(each.violation);
  }
  const study::Ranking ranking =
      study::ranking_of(PointRows(values, front_.front().objectives.size()), violations);
  const auto worst = front_.begin() + static_cast<std::ptrdiff_t>(ranking.order.back());
  out = worst->trial;
  front_.erase(worst);
  return out;
}

void Checkpoints::ended(std::uint64_t trial, study::TrialState state,
                        const study::Numbers& objectives, double violation) {
  DODONA_ASSERT(study::is_final(state));
  if (directory_.empty()) return;
  const std::lock_guard lock(mutex_);
  if (!admit(trial, state, objectives, violation)) drop_best(trial);
}

void Checkpoints::inherit(std::uint64_t from, std::uint64_t to, std::uint32_t executions) const {
  if (directory_.empty()) return;
  const std::string source = trial_directory(directory_, from);
  const std::string target = trial_directory(directory_, to);
  if (keeps_best()) copy_whole(best_checkpoint(source), best_checkpoint(target));
  for (std::uint32_t i = 0; i < executions; ++i)
    copy_whole(last_checkpoint(source, i), last_checkpoint(target, i));
}

void Checkpoints::begin(const study::State& state) {
  if (directory_.empty()) return;
  std::error_code none;
  std::set<std::uint64_t> there;
  fs::directory_iterator entry(directory_ + "/trials", none);
  for (; !none && entry != fs::directory_iterator(); entry.increment(none)) {
    const auto trial = trial_of(entry->path().filename().string());
    if (trial && *trial < state.trials().size()) there.insert(*trial);
  }
  const std::lock_guard lock(mutex_);
  for (std::uint64_t id = 0; id < state.trials().size(); ++id) {
    const study::TrialRecord& trial = state.trials()[id];
    if (!study::is_final(trial.state)) continue;
    if (there.count(id) > 0) remove_going(trial_directory(directory_, id));
    if (trial.repeat_of != study::kNoTrial) continue;
    const bool stays = admit(id, trial.state, trial.objectives, trial.violation());
    if (!stays && there.count(id) > 0) drop_best(id);
  }
}

void Checkpoints::drop_last(std::uint64_t trials, std::uint32_t executions) const {
  if (directory_.empty()) return;
  std::error_code ignored;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    const std::string directory = trial_directory(directory_, trial);
    for (std::uint32_t i = 0; i < executions; ++i) {
      const fs::path last = last_checkpoint(directory, i);
      fs::remove_all(last, ignored);
      fs::remove(last.parent_path(), ignored);
    }
    fs::remove(directory, ignored);
  }
}

}  // namespace dodona::schedule
