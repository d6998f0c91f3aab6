// SPDX-License-Identifier: Apache-2.0
#include "pages/live_study.hpp"

#include "base/json.hpp"
#include "pages/columns.hpp"
#include "pages/exact.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <sys/stat.h>

namespace dodona::pages {
namespace {

namespace json = boost::json;

constexpr std::size_t kRankedMax = 5000;                // trials; of more, the page's data tell
constexpr std::size_t kKeptMax = 20000;                 // reports, and explanations
constexpr std::int64_t kTryNanos = 2'000'000'000;       // between attempts at a broken study
constexpr std::int64_t kWindowNanos = 300'000'000'000;  // of the rate
constexpr double kNanos = 1e-9;

std::int64_t now_nanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool is_final(TrialState state) {
  return state != TrialState::kWaiting && state != TrialState::kRunning;
}

bool is_failure(TrialState state) {
  return state == TrialState::kFailed || state == TrialState::kInvalid;
}

json::value seconds_or_null(std::int64_t nanos) {
  return nanos == 0 ? json::value() : json::value(kNanos * static_cast<double>(nanos));
}

json::value limit_or_null(std::uint64_t limit) {
  return limit == 0 ? json::value() : json::value(limit);
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

json::object report_object(const Report& report) {
  json::object metrics;
  for (const auto& [name, value] : report.metrics) metrics[name] = value;
  return {{"trial", report.trial},     {"execution", report.execution},
          {"attempt", report.attempt}, {"step", report.step},
          {"verdict", report.verdict}, {"metrics", std::move(metrics)}};
}

// Keeps the last ones, and answers below which sequence some went.
template <class Entry>
std::uint64_t cut(std::deque<std::pair<std::uint64_t, Entry>>& entries) {
  std::uint64_t gone = 0;
  while (entries.size() > kKeptMax) {
    gone = entries.front().first;
    entries.pop_front();
  }
  return gone;
}

template <class Entry>
auto first_since(const std::deque<std::pair<std::uint64_t, Entry>>& entries, std::uint64_t from) {
  return std::partition_point(entries.begin(), entries.end(),
                              [&](const auto& each) { return each.first <= from; });
}

}  // namespace

LiveStudy::Stamp LiveStudy::stamp() const {
  struct stat status {};
  if (::stat((directory_ + "/study.db").c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

void LiveStudy::look() {
  try {
    if (study_ && stamp() == stamp_) {
      read_on();
    } else if (now_nanos() >= next_try_unix_nanos_) {
      open();
    }
  } catch (const std::exception& error) {
    problem_ = error.what();
    next_try_unix_nanos_ = now_nanos() + kTryNanos;
  }
}

void LiveStudy::open() {
  study_.reset();
  const Stamp stamp = this->stamp();
  Study study(directory_, Study::Damage::kTold);
  id_ = study.origin().id;
  trials_.clear();
  flipped_.clear();
  reports_.clear();
  explanations_.clear();
  best_events_ = UINT64_MAX;
  stamp_ = stamp;
  study_ = std::move(study);
  for (const Result& trial : study_->trials()) look_at(trial);
  anew_below_ = study_->events();
  read_document();
  problem_ = study_->damage();
}

void LiveStudy::read_on() {
  const std::uint64_t before = study_->events();
  const bool was_held = study_->is_held();
  const StudyNews news = study_->read_on();
  if (news.other_objective) return open();
  problem_ = study_->damage();
  const std::uint64_t now = study_->events();
  for (const std::uint64_t trial : news.trials) look_at(study_->trial(trial));
  if (study_->is_held() != was_held) flipped_ = news.trials;
  if (now == before) return;
  for (const Report& each : news.reports) reports_.emplace_back(now, each);
  for (const Explanation& each : news.explanations) explanations_.emplace_back(now, each);
  anew_below_ = std::max({anew_below_, cut(reports_), cut(explanations_)});
  read_document();
}

void LiveStudy::look_at(const Result& trial) {
  if (trial.trial >= trials_.size()) trials_.resize(trial.trial + 1);
  trials_[trial.trial] = {trial.state, trial.started_unix_nanos, trial.finished_unix_nanos,
                          study_->events()};
}

void LiveStudy::read_document() {
  const std::string document = study_->document();
  max_trials_ = 0;
  if (!document.empty()) {
    const json::value root = base::parse_json(document, "study document").root;
    const json::value* limit = root.as_object().if_contains("max_trials");
    const auto count = limit != nullptr ? base::as_real(*limit) : std::nullopt;
    if (count && *count > 0) max_trials_ = static_cast<std::uint64_t>(*count);
  }
  const std::vector<HyperParameter> space = study_->space();
  if (space.size() == definitions_ && !axes_.empty()) return;
  definitions_ = space.size();
  axes_ = axes_of(space);
  anew_below_ = study_->events();
}

std::vector<std::uint64_t> LiveStudy::changed_since(std::uint64_t from) const {
  std::vector<std::uint64_t> changed;
  for (std::uint64_t trial = 0; trial < trials_.size(); ++trial) {
    if (trials_[trial].changed > from) changed.push_back(trial);
  }
  for (const std::uint64_t trial : flipped_) {
    if (trial < trials_.size() && trials_[trial].changed <= from) changed.push_back(trial);
  }
  return changed;
}

bool LiveStudy::has_news(const std::string& id, std::uint64_t from) const {
  if (!study_ || id != id_ || from < anew_below_ || from > study_->events()) return false;
  const auto reports = first_since(reports_, from);
  return static_cast<std::size_t>(reports_.end() - reports) <= kNewsReportsMax &&
         changed_since(from).size() <= kNewsRowsMax;
}

json::object LiveStudy::ranks() const {
  std::vector<std::optional<std::uint32_t>> ranks;
  for (const Result& trial : study_->trials()) {
    ranks.push_back(trial.rank ? std::optional(static_cast<std::uint32_t>(*trial.rank))
                               : std::nullopt);
  }
  return index_column(ranks);
}

std::optional<std::string> LiveStudy::news(const std::string& id, std::uint64_t from) const {
  if (!has_news(id, from)) return std::nullopt;
  json::array rows, reports;
  std::size_t cuts = 0;
  const auto explanations = first_since(explanations_, from);
  for (const std::uint64_t id_of_trial : changed_since(from)) {
    const Result trial = study_->trial(id_of_trial);
    json::object row = exact_row(trial, axes_, cuts);
    row["state"] = static_cast<std::uint32_t>(trial.state);
    row["started"] = seconds_or_null(trial.started_unix_nanos);
    row["seconds"] = trial.finished_unix_nanos == 0
                         ? json::value()
                         : seconds_or_null(trial.finished_unix_nanos - trial.started_unix_nanos);
    // In the order of their trials.
    const auto why = std::partition_point(explanations, explanations_.end(), [&](const auto& each) {
      return each.second.trial < trial.trial;
    });
    if (why != explanations_.end() && why->second.trial == trial.trial) {
      row["source"] = why->second.source;
      if (!why->second.note.empty()) row["why"] = why->second.note;
    }
    rows.push_back(std::move(row));
  }
  for (auto each = first_since(reports_, from); each != reports_.end(); ++each) {
    reports.push_back(report_object(each->second));
  }
  json::object news{{"events", study_->events()}, {"id", id_},
                    {"held", study_->is_held()},  {"problem", text_or_null(problem_)},
                    {"trials", trials_.size()},   {"max_trials", limit_or_null(max_trials_)},
                    {"rows", std::move(rows)},    {"reports", std::move(reports)}};
  if (study_->objectives().size() > 1 && trials_.size() <= kRankedMax) news["rank"] = ranks();
  return base::to_text(news);
}

json::object LiveStudy::standing(std::int64_t now_unix_nanos) {
  json::object standing{{"problem", text_or_null(problem_)}, {"held", is_held()}};
  if (!study_) return standing;
  std::uint64_t finished = 0, failed = 0, running = 0, late = 0;
  std::int64_t begin = now_unix_nanos;
  for (const Trial& trial : trials_) {
    if (is_final(trial.state)) ++finished;
    if (is_failure(trial.state)) ++failed;
    if (trial.state == TrialState::kRunning) ++running;
    if (!is_final(trial.state) || trial.finished_unix_nanos < now_unix_nanos - kWindowNanos) {
      continue;
    }
    ++late;
    begin = std::min(begin, std::max(trial.started_unix_nanos, now_unix_nanos - kWindowNanos));
  }
  standing["finished"] = finished;
  standing["failed"] = failed;
  standing["running"] = running;
  standing["waiting"] = trials_.size() - finished - running;
  standing["max_trials"] = limit_or_null(max_trials_);
  const double minutes = kNanos * static_cast<double>(now_unix_nanos - begin) / 60;
  const bool has_pace = is_held() && late > 0 && minutes > 0;
  const double rate = has_pace ? static_cast<double>(late) / minutes : 0;
  standing["trials_per_minute"] = has_pace ? json::value(rate) : json::value();
  const bool ends = has_pace && max_trials_ > finished;
  standing["seconds_left"] =
      ends ? json::value(60 * static_cast<double>(max_trials_ - finished) / rate) : json::value();
  if (best_events_ != study_->events()) {
    best_events_ = study_->events();
    const std::vector<Result> best = study_->best(1);
    best_ = best.empty() ? std::nullopt : std::optional(best.front());
  }
  standing["objective"] = study_->objective().name;
  standing["best"] = json::value();
  if (best_) {
    standing["best"] = {{"trial", best_->trial},
                        {"score", best_->score ? json::value(*best_->score) : json::value()}};
  }
  return standing;
}

}  // namespace dodona::pages
