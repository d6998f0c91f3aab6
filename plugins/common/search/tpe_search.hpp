// SPDX-License-Identifier: Apache-2.0
//
// The tree-structured Parzen estimator, multivariate: of points drawn where good results lie, the
// one that is most probable there relative to where the others lie.
//
// Hyperparameters with the same conditions are always active together: they form a group, which has
// a pair of densities over the trials in which it was active. Groups are drawn one after another,
// parents before children. Running trials count as bad ones, which keeps parallel proposals apart.
//
// The densities are folds of the results in order: what joins stays, but for the few times when the
// set of good ones is allowed to grow. Of many bad results every so many-th is kept.
//
// With several objectives or limits the good ones are chosen anew after each result, from those of
// the best standing (common/oracle/standing.hpp): whole fronts, and of the front that is cut those
// that dominate the most. The bad density then has a kernel of each result, and leaves out the good.
//
// Source:  Watanabe (2023), arXiv 2304.11127; Falkner, Klein & Hutter (2018), BOHB, arXiv
// 1807.01774
//          (widths from the spread of the observations).
// Cost:    a proposal: draws (kKept + 25) d operations, whatever the number of trials.
#pragma once

#include "common/oracle/past.hpp"
#include "common/oracle/standing.hpp"
#include "common/search/features.hpp"
#include "common/search/parzen.hpp"

#include <dodona/oracle.hpp>
#include <dodona/random.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dodona::common {

class TpeSearch {
 public:
  struct Options {
    std::int64_t initial_points = 10;
    std::int64_t draws = 0;  // 0: 24, and 64 for several objectives or limits
  };

  explicit TpeSearch(const Options& options) : options_(options) {}

  // Pushes one proposal, or tells `out` that there is none. After an exception the next call
  // proposes what it would have proposed without.
  void propose(const Past& past, std::uint64_t trial, Proposals& out);

 private:
  void choose(const Past& past, std::uint64_t trial, Proposals& out);
  struct Ranked {
    Standing standing;
    std::uint64_t order;
    Eigen::VectorXd row;
  };
  struct Result {
    double objective;
    std::uint64_t order;
    Eigen::VectorXd row;
    friend bool operator<(const Result& a, const Result& b) {
      return a.objective != b.objective ? a.objective < b.objective : a.order < b.order;
    }
  };
  struct Group {
    std::vector<std::size_t> params;  // with more than one value, or empty
    std::vector<Axis> axes;
    std::uint64_t count = 0;
    std::vector<Result> good;  // in rising order
    std::vector<Result> bad;   // those kept, in order
    std::uint64_t stride = 1;  // of results, the kept ones
    Parzen above, below;
    std::size_t above_built = 0;
    bool below_is_stale = true;
    std::vector<Ranked> pool;           // several objectives or limits: those that may be good
    std::vector<std::uint64_t> chosen;  // orders of the good ones of the pool, rising

    std::size_t allowed(double share) const;
    void add_ranked(Eigen::VectorXd row, Standing standing);
    void choose_good();
    void leave_out_chosen(bool out);
    void add(Eigen::VectorXd row, double objective);
    void push_bad(Result result);
    void build_above();
    void build_below(bool ranked);
  };

  void catch_up(const Past& past);
  Eigen::VectorXd row_of(const Past& past, const Group& group, const Point& point) const;
  struct LogDensities {
    double good = 0, bad = 0;
  };
  Point draw(const Past& past, RandomStream& random, std::int64_t draws, LogDensities& logs);

  Options options_;
  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_;  // of a hyperparameter
  std::size_t space_size_ = 0;
  std::size_t imported_ = 0, revision_ = 0, ended_ = 0;
};

}  // namespace dodona::common
