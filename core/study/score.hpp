// SPDX-License-Identifier: Apache-2.0
//
// The score of one trial from what its executions reported.
//
// If every execution's final metrics hold the objective, the score is their mean. Else it is the
// best mean over executions of a step, the first such step on a tie. Steps without a finite
// objective do not count; a trial without any is invalid. A model that never said the objective
// failed. An objective that is a sum is there where all of its terms are. An execution that did not
// report a step has no part in the mean of that step.
//
// Of several objectives the first one decides which step is the best, or the metric `stop_on`, and
// a step that keeps the study's limits is better than one that does not. All objectives are taken at
// that step, and the metrics that have limits. A step counts only where all of them are known; what
// a step lacks, beside the metric that decides, may be among the final metrics of its execution.
//
// Units:   signed: smaller is better; metrics are raw.
// Errors:  none; the caller sees to it that steps increase within an execution.
// Threads: one.
// Cost:    keeps a copy of every report; an outcome of r reports takes O(r log r).
#pragma once

#include "study/event.hpp"
#include "study/names.hpp"
#include "study/objective.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::study {

// The place of a result among others: limits first.
struct Standing {
  double violation = std::numeric_limits<double>::infinity();
  double value = std::numeric_limits<double>::infinity();  // smaller is better

  friend bool operator<(const Standing& a, const Standing& b) {
    return a.violation != b.violation ? a.violation < b.violation : a.value < b.value;
  }
};

// The metric that decides, and its sign; or the terms of a sum.
struct ScoreRule {
  struct Term {
    std::uint32_t name = 0;
    double sign = 1.0;
  };
  std::uint32_t name = 0;  // what a number without a name is; of several objectives, of none
  double sign = 1.0;       // -1 where more is better
  std::vector<Term> sum{};
  std::vector<Term> others{};  // further objectives
  struct Bound {
    std::uint32_t name = 0;
    Limit limit{};
  };
  std::vector<Bound> limits{};
  std::optional<Term> stop_on{};  // nothing: the first objective

  // Signed first objective of a list of metrics; nothing if they do not hold all objectives and all
  // metrics that have limits.
  std::optional<double> of(const std::vector<MetricValue>& metrics) const;
  // All objectives, signed; NaN for one that they do not hold.
  Numbers all_of(const std::vector<MetricValue>& metrics) const;
  // The excess of each limit; NaN where the metric is not there.
  Numbers excesses_of(const std::vector<MetricValue>& metrics) const;
  // How good a step is, beside others of its trial. Not finite where the metrics do not tell.
  Standing standing_of(const std::vector<MetricValue>& metrics) const;
  // As many NaN as there are objectives.
  Numbers none() const;
  // Signed first objective alone.
  std::optional<double> first_of(const std::vector<MetricValue>& metrics) const;
};

// The rule of an objective. `index` answers the place of a metric's name.
ScoreRule rule_of(const Objective& objective,
                  const std::function<std::uint32_t(const std::string& name)>& index);
// The same, and its names become known to `names`.
ScoreRule rule_of(const Objective& objective, Names& names);

// The reports of one attempt. A copy goes on by itself: an outcome can be tried on it.
class TrialScore {
 public:
  explicit TrialScore(const ScoreRule& rule) : rule_(rule) {}

  // An execution begins, or begins again: of the reports so far only those stay that stand after
  // it. Executions before it have ended, without final metrics where nobody said so. Not needed
  // where each execution begins once, in order.
  // `proposed` is the proposal's start step.
  void start(const Started& started, std::uint64_t proposed);
  // A report of the execution that has not ended.
  void report(std::uint64_t step, const std::vector<MetricValue>& metrics);
  // Ends an execution; `final_metrics` may be empty. The next report begins another one.
  void end_execution(const std::vector<MetricValue>& final_metrics);

  // True if no execution told any metric.
  bool is_empty() const;

  // State (completed, invalid or failed), metrics, objectives, excesses, best step, message and, where there
  // were several executions, the objective of each; assignments are the caller's. To be called once
  // all executions have ended; changes nothing.
  Finished outcome(const Names& names) const;
  // The same without a message.
  Finished outcome() const;
  // The same records under another rule.
  TrialScore under(const ScoreRule& rule) const {
    TrialScore other = *this;
    other.rule_ = rule;
    return other;
  }

 private:
  struct Record {
    std::uint64_t step;
    std::size_t execution;
    std::vector<MetricValue> metrics;
  };
  Finished from_final() const;
  Finished from_steps() const;
  bool lacks_stop_on() const;
  Finished mean_of(std::span<const Record* const> records) const;
  std::vector<MetricValue> known_at(const Record& record) const;
  bool is_scored(const Record& record) const;
  std::string objective_text(const Names& names) const;
  std::string missing(const Names& names) const;

  ScoreRule rule_;
  std::vector<Record> records_;  // of all executions
  std::vector<Record> finals_;   // one an execution, at its last step
  std::uint64_t last_step_ = 0;
};

}  // namespace dodona::study
