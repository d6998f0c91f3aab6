// SPDX-License-Identifier: Apache-2.0
#include "trial.hpp"

#include "names.hpp"
#include "record.hpp"
#include "wire.hpp"

#include <algorithm>
#include <cmath>

namespace tensorboard {

namespace {

// The scalars of a run up to a step, and the names that they have.
struct Kept {
  std::string records;
  std::set<std::string, std::less<>> names;
};

Kept up_to(std::uint64_t step, std::string_view records) {
  Kept kept;
  for (Records in(records); in.next();) {
    std::uint64_t at = 0;
    std::vector<std::string_view> names;
    for (WireReader event(in.payload()); event.next();) {
      if (event.field() == 2) at = event.natural();
      if (event.field() != 5) continue;
      for (WireReader summary(event.bytes()); summary.next();) {
        for (WireReader value(summary.bytes()); value.next();) {
          if (value.field() == 1) names.push_back(value.bytes());
        }
      }
    }
    if (at > step) continue;
    kept.records += in.record();
    for (const std::string_view name : names) kept.names.emplace(name);
  }
  return kept;
}

}  // namespace

void TrialRuns::start(const Moment& now, std::uint32_t execution, std::uint64_t start_step,
                      Directory& directory, Garbage& garbage) {
  const bool anew = start_step == 0 || start_step == UINT64_MAX || start_step == start_step_;
  std::erase_if(runs_, [&](const Run& run) {
    const bool gone = run.execution > execution || (run.execution == execution && anew);
    if (gone && !run.file.empty()) garbage.push_back(run.file);
    return gone;
  });
  if (execution == 0) reported_.clear();
  Run& own = run(execution, now.unix_nanos);
  if (!anew && !own.file.empty()) cut(now, own, start_step, directory, garbage);
}

// Drops the scalars after a step.
void TrialRuns::cut(const Moment& now, Run& run, std::uint64_t step, Directory& directory,
                    Garbage& garbage) {
  const std::string scalars =
      (directory.read(run.file).substr(0, run.size) + run.pending).substr(run.head);
  const Kept kept = up_to(step, scalars);
  reported_.insert(kept.names.begin(), kept.names.end());
  if (kept.records.size() == scalars.size()) return;
  garbage.push_back(run.file);
  open(now, run);
  run.pending += kept.records;
}

Run& TrialRuns::run(std::uint32_t execution, std::int64_t unix_nanos) {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [&](const Run& run) { return run.execution == execution; });
  const bool is_new = found == runs_.end();
  Run& run = is_new ? runs_.emplace_back() : *found;
  if (is_new) {
    run.execution = execution;
    run.started = unix_nanos;
  }
  run.last = unix_nanos;
  return run;
}

void TrialRuns::open(const Moment& now, Run& run) const {
  run.file = run_file(now.trial, run.execution, now.unix_nanos, now.sequence);
  run.size = 0;
  run.pending = record(file_version(run.started).encoded()) +
                record(restart(run.started).encoded()) +
                record(session_start(run.started, values_, trial_name(now.trial)).encoded());
  run.head = run.pending.size();
}

void TrialRuns::set(const Moment& now, Values values, Directory& directory, Garbage& garbage) {
  if (values == values_) return;
  values_ = std::move(values);
  for (Run& run : runs_) {
    if (run.file.empty()) continue;
    const std::string scalars =
        (directory.read(run.file).substr(0, run.size) + run.pending).substr(run.head);
    garbage.push_back(run.file);
    open(now, run);
    run.pending += scalars;
  }
}

void TrialRuns::fill(const Moment& now, const Values& values, Directory& directory,
                     Garbage& garbage) {
  Values all = values_;
  for (const auto& [name, value] : values) all[name] = value;
  set(now, std::move(all), directory, garbage);
}

void TrialRuns::report(const Moment& now, std::uint32_t execution, std::uint64_t step,
                       const Scalars& metrics) {
  Run& run = this->run(execution, now.unix_nanos);
  if (run.file.empty()) open(now, run);
  run.pending += record(scalars(now.unix_nanos, step, metrics).encoded());
  for (const auto& [name, value] : metrics) reported_.emplace(name);
}

void TrialRuns::finish(const Moment& now, Values values, std::uint64_t step, const Scalars& metrics,
                       const Scalars& scores, Status status, Directory& directory,
                       Garbage& garbage) {
  set(now, std::move(values), directory, garbage);
  if (runs_.empty()) run(0, now.unix_nanos);
  runs_.back().last = now.unix_nanos;
  Scalars last;
  for (const auto& metric : metrics) {
    if (!reported_.contains(metric.first)) last.push_back(metric);
  }
  for (const auto& score : scores) {
    if (!std::isnan(score.second)) last.push_back(score);
  }
  for (Run& run : runs_) {
    if (run.file.empty()) open(now, run);
    if (!last.empty()) run.pending += record(scalars(run.last, step, last).encoded());
    run.pending += record(session_end(run.last, status).encoded());
  }
  write(directory);
}

void TrialRuns::write(Directory& directory) {
  for (Run& run : runs_) {
    if (run.pending.empty()) continue;
    directory.append(run.file, run.size, run.pending);
    run.size += run.pending.size();
    run.pending.clear();
  }
}

void TrialRuns::restore(Directory& directory) const {
  for (const Run& run : runs_) {
    if (!run.file.empty()) directory.cut(run.file, run.size);
  }
}

std::string TrialRuns::encoded() const {
  Message out;
  for (const auto& [name, value] : values_) {
    out.message(1, Message().bytes(1, name).bytes(2, value));
  }
  for (const std::string& name : reported_) out.bytes(2, name);
  if (start_step_ != 0) out.natural(4, start_step_);
  for (const Run& run : runs_) {
    out.message(3, Message()
                       .natural(1, run.execution)
                       .bytes(2, run.file)
                       .natural(3, run.head)
                       .natural(4, run.size)
                       .natural(5, static_cast<std::uint64_t>(run.started))
                       .natural(6, static_cast<std::uint64_t>(run.last)));
  }
  return out.encoded();
}

TrialRuns TrialRuns::decoded(std::string_view bytes) {
  TrialRuns trial;
  for (WireReader in(bytes); in.next();) {
    if (in.field() == 4) {
      trial.start_step_ = in.natural();
      continue;
    }
    WireReader part(in.bytes());
    if (in.field() == 1) {
      std::string name;
      while (part.next()) {
        if (part.field() == 1) name = part.bytes();
        if (part.field() == 2) trial.values_[name] = part.bytes();
      }
    } else if (in.field() == 2) {
      trial.reported_.emplace(in.bytes());
    } else if (in.field() == 3) {
      Run& run = trial.runs_.emplace_back();
      while (part.next()) {
        if (part.field() == 1) run.execution = static_cast<std::uint32_t>(part.natural());
        if (part.field() == 2) run.file = part.bytes();
        if (part.field() == 3) run.head = part.natural();
        if (part.field() == 4) run.size = part.natural();
        if (part.field() == 5) run.started = static_cast<std::int64_t>(part.natural());
        if (part.field() == 6) run.last = static_cast<std::int64_t>(part.natural());
      }
    }
  }
  return trial;
}

}  // namespace tensorboard
