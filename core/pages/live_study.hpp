// SPDX-License-Identifier: Apache-2.0
//
// A study that other processes write, as pages follow it.
//
// A page knows the study as it was at some sequence of the log. For any sequence it can be told what
// it lacks: the present facts of each trial that changed since, once each, however often that was. So
// nothing waits for a page that is slow, or that was cut off.
//
//   {"events", "id", "held", "problem", "trials", "max_trials", "rows": [as exact_row() has them, with
//   "state", "started", "seconds", "source" and "why"], "reports": [{"trial", "execution", "attempt",
//   "step", "verdict", "metrics"}], "rank": of several objectives, a column}
//
// Errors:  none; problem() says why a study cannot be read.
// Threads: one at a time.
// Cost:    the first look reads the whole log, later ones what came since; 32 bytes a trial beside
//          those of the study.
#pragma once

#include "pages/axes.hpp"

#include <dodona/study.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::pages {

// The greatest numbers of what a page is told at once. Where there is more, it reads all anew.
inline constexpr std::size_t kNewsRowsMax = 2000;
inline constexpr std::size_t kNewsReportsMax = 10000;

class LiveStudy {
 public:
  explicit LiveStudy(std::string directory) : directory_(std::move(directory)) {}

  // Reads what the log has gained. Begins anew where there is another study by now.
  void look();

  const std::string& directory() const { return directory_; }
  // Empty: the study was read whole.
  const std::string& problem() const { return problem_; }
  bool is_there() const { return study_.has_value(); }
  bool is_held() const { return study_ && study_->is_held(); }
  std::uint64_t events() const { return study_ ? study_->events() : 0; }
  const std::string& id() const { return id_; }

  // The news for a page that knows the events below `from` of the study with this id. Nothing if it
  // must read all anew.
  std::optional<std::string> news(const std::string& id, std::uint64_t from) const;
  // True if news() has an answer.
  bool has_news(const std::string& id, std::uint64_t from) const;

  // The study in a few numbers: {"problem", "held", "finished", "failed", "running", "waiting",
  // "max_trials", "objective", "best": {"trial", "score"}, "trials_per_minute", "seconds_left"}.
  boost::json::object standing(std::int64_t now_unix_nanos);

 private:
  struct Trial {
    TrialState state = TrialState::kWaiting;
    std::int64_t started_unix_nanos = 0;
    std::int64_t finished_unix_nanos = 0;
    std::uint64_t changed = 0;  // below which sequence
  };
  struct Stamp {
    std::uint64_t device = 0, inode = 0;
    bool operator==(const Stamp&) const = default;
  };

  void open();
  void read_on();
  void look_at(const Result& trial);
  void read_document();
  Stamp stamp() const;
  boost::json::object ranks() const;
  std::vector<std::uint64_t> changed_since(std::uint64_t from) const;

  const std::string directory_;
  std::string problem_;
  std::optional<Study> study_;
  Stamp stamp_;
  std::string id_;
  std::int64_t next_try_unix_nanos_ = 0;
  std::uint64_t max_trials_ = 0;
  std::vector<Axis> axes_;
  std::size_t definitions_ = 0;
  // A page that knows less than this must read all anew: the space grew, or it is not known what
  // changed.
  std::uint64_t anew_below_ = 0;
  std::vector<Trial> trials_;
  std::vector<std::uint64_t> flipped_;  // as the owner came or went, of which the log says nothing
  std::deque<std::pair<std::uint64_t, Report>> reports_;  // below which sequence
  std::deque<std::pair<std::uint64_t, Explanation>> explanations_;
  std::optional<Result> best_;
  std::uint64_t best_events_ = UINT64_MAX;
};

}  // namespace dodona::pages
