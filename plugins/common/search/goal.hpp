// SPDX-License-Identifier: Apache-2.0
//
// The results that the next trial is to improve on, and the utility of improving on them: expected
// improvement of one objective, expected hypervolume improvement of two or three, a random Chebyshev
// function of more.
//
// Results that break a limit are nothing to improve on. The reference point of a volume is the
// worst of all results in each objective and a tenth of their range beyond. (With the worst of the
// front, as others have it, ends of the front stay unseen: ZDT1 at 100 trials lacked 8 % of the
// volume instead of .4 %, and it was worse on 5 of 6 problems.)
//
// Shapes:  n results of m objectives, as targets of the processes.
// Threads: one call at a time.
// Cost:    that of a front, m n^2.
#pragma once

#include "common/search/utility.hpp"

#include <dodona/random.hpp>

#include <Eigen/Core>

#include <memory>
#include <vector>

namespace dodona::common {

class Goal {
 public:
  // keeps[i]: result i keeps all limits. `noise`: variance of what a trial of one objective scores;
  // 0: scores are exact.
  Goal(Eigen::MatrixXd values, std::vector<char> keeps, double noise);

  Eigen::Index size() const { return values_.rows(); }

  // The expected result of a trial that still runs is no improvement for the next one.
  void believe(const Eigen::VectorXd& values);

  // Of an improvement on all results; by more than `margin`, if there is one objective. Nothing where
  // no result keeps the limits.
  std::shared_ptr<const Utility> utility(RandomStream& random, double margin = 0) const;
  // The same for the results that are marked in `some` alone: where there are none, for the worst of
  // all.
  std::shared_ptr<const Utility> utility_among(const std::vector<char>& some,
                                               RandomStream& random) const;

  // Results that nothing dominates, of those that keep the limits.
  std::vector<Eigen::Index> front() const;

 private:
  std::vector<double> flat(const std::vector<char>& some, bool with_believed) const;
  std::vector<double> reference() const;
  bool any_kept() const;

  Eigen::MatrixXd values_;
  std::vector<char> keeps_;
  double noise_;
  std::vector<Eigen::VectorXd> believed_;
};

}  // namespace dodona::common
