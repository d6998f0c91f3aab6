// SPDX-License-Identifier: Apache-2.0
//
// The results of a search, as columns from which processes learn: one for each objective, then one
// for each limit, then whether trials succeed at all. A smaller value is better in each; the last two
// kinds are kept where the value is at most 0.
//
// A trial that failed has the worst objectives, so that its region does not stay attractive, and no
// excesses. A trial that its runner lost tells nothing.
//
// Shapes:  rows of Features, one a result, in the order in which they came.
// Threads: one call at a time.
#pragma once

#include "common/oracle/standing.hpp"

#include <dodona/history.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::common {

// Places of the smallest key, the second smallest, and so on; equal keys keep their order.
std::vector<Eigen::Index> order_by(const Eigen::VectorXd& keys);

class Results {
 public:
  explicit Results(std::size_t objectives = 1, std::size_t limits = 0)
      : objectives_(objectives), limits_(limits), values_(objectives + limits + 1) {}

  // PastTrial or ImportedTrial; `row` are the features of its point.
  template <class Trial>
  void add(const Eigen::VectorXd& row, const Trial& trial);

  Eigen::Index size() const { return static_cast<Eigen::Index>(standings_.size()); }
  auto rows() const { return rows_.topRows(size()); }

  std::size_t objectives() const { return objectives_; }
  std::size_t limits() const { return limits_; }
  // The number of columns that say anything: that of success only after the first failure.
  std::size_t columns() const { return objectives_ + limits_ + (failures_ > 0 ? 1 : 0); }
  // NaN where nothing is known.
  const std::vector<double>& column(std::size_t i) const { return values_[i]; }
  // True if a process of the column learns from the result.
  bool tells(std::size_t column, Eigen::Index i) const {
    const std::vector<double>& values = column < objectives_ ? values_.back() : values_[column];
    return !std::isnan(values[static_cast<std::size_t>(i)]);
  }
  // True if the result has objectives and keeps all limits.
  bool keeps(Eigen::Index i) const {
    return standings_[static_cast<std::size_t>(i)].violation == 0.0;
  }
  // The number of results with a finite first objective, of the first `count`.
  std::size_t scores(Eigen::Index count) const;

  // A smaller key for a better result: the objective, or the rank where there are several or limits.
  Eigen::VectorXd merits(const std::vector<Eigen::Index>& rows) const;

  // Of the first `count` those that a process of the column shall see, in rising order.
  std::vector<Eigen::Index> selected(std::size_t column, Eigen::Index count) const;
  // The values of a column at these rows.
  Eigen::VectorXd at(std::size_t column, const std::vector<Eigen::Index>& rows) const;
  // The targets of a process at these rows.
  Eigen::VectorXd targets(std::size_t column, const std::vector<Eigen::Index>& rows) const;

 private:
  enum class End : std::uint8_t { kScored = 1, kFailed, kLost };
  void add(const Eigen::VectorXd& row, End end, Standing standing,
           const std::vector<double>& excesses);

  std::size_t objectives_;
  std::size_t limits_;
  Eigen::MatrixXd rows_;  // with room for more
  std::vector<std::vector<double>> values_;
  std::vector<Standing> standings_;
  std::size_t failures_ = 0;
};

template <class Trial>
void Results::add(const Eigen::VectorXd& row, const Trial& trial) {
  const auto& given = trial.objectives;
  const bool scored =
      given.size() == objectives_ &&
      std::none_of(given.begin(), given.end(), [](double y) { return std::isnan(y); });
  End end = scored ? End::kScored : End::kFailed;
  if constexpr (requires { trial.outcome; }) {
    if (!scored && trial.outcome == DODONA_OUTCOME_LOST) end = End::kLost;
  }
  add(row, end, standing_of(trial, limits_, objectives_), trial.excesses);
}

}  // namespace dodona::common
