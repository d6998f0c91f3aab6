// SPDX-License-Identifier: Apache-2.0
//
// A study's log, read with the scores of another objective.
//
// A log keeps the scores that were made when it was written. Where a study goes on with another
// objective, every reader of the log shall see scores of that one: they are made again of the
// metrics in the log. Events that were logged under the objective at hand are read as they are.
//
// Trials: completed, stopped and invalid ones get the score of their reports or, where the old one
//         came from the metrics that the trial ended with, of those. A trial that has the metrics
//         of the objective nowhere keeps its state and has no score. A failed one stays failed.
// Errors:  what the log throws.
// Threads: rescore() before anybody reads; else as study::Store says.
// Cost:    rescore() reads the log, and keeps the results of the trials that it is about.
#pragma once

#include "study/score.hpp"
#include "study/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace dodona::project {

class RescoredStore final : public study::Store {
 public:
  struct Count {
    std::uint64_t scored = 0;
    std::uint64_t unscored = 0;  // they lack its metrics
  };

  explicit RescoredStore(std::unique_ptr<study::Store> log) : log_(std::move(log)) {}

  // From now on, the log's events below `end`, or all that it holds by now, have the scores of
  // `objective`. Says how many trials got a new one.
  Count rescore(const study::Objective& objective, std::uint64_t end = UINT64_MAX);

  // The log with the scores that are in it.
  study::Store& as_logged() { return *log_; }

  std::uint64_t append(study::Event& event) override { return log_->append(event); }
  void wait_durable(std::uint64_t end) override { log_->wait_durable(end); }
  std::uint64_t size() const override { return log_->size(); }
  void read(std::uint64_t first, const std::function<bool(const study::Event&)>& visit) override;
  bool wait_readable(std::uint64_t first, std::chrono::milliseconds time) override {
    return log_->wait_readable(first, time);
  }
  void interrupt() override { log_->interrupt(); }
  std::uint64_t cursor(std::string_view sink) override { return log_->cursor(sink); }
  void set_cursor(std::string_view sink, std::uint64_t next) override {
    log_->set_cursor(sink, next);
  }
  std::vector<std::string> sinks() override { return log_->sinks(); }
  std::string path() const override { return log_->path(); }
  void verify() override { log_->verify(); }
  std::uint64_t unchecked() override { return log_->unchecked(); }
  study::Names& names() override { return log_->names(); }

 private:
  bool is_foreign(std::uint64_t sequence) const;
  study::Event rescored(const study::Event& event) const;

  const std::unique_ptr<study::Store> log_;
  study::ScoreRule rule_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> foreign_;  // from and below which sequence
  std::map<std::uint64_t, study::Finished> finished_;             // by trial; without values
};

}  // namespace dodona::project
