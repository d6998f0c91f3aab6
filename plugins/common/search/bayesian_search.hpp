// SPDX-License-Identifier: Apache-2.0
//
// Bayesian optimisation: a Gaussian process over warped objectives, log expected improvement,
// augmented under noise, and every second time a quadratic model around the best point (every third
// time in many dimensions). Where there are categories or numbers of few values, it is every third
// time the best that another value of one of them gives (every fourth time where there is nothing
// else; more often once little is expected). The first points are those of opening.hpp.
//
// Several objectives have a process each, and the improvement is that of a volume (goal.hpp). Each
// limit has one, and so has success once a trial failed: the acquisition is multiplied by the
// probabilities that limits are kept and that the trial succeeds. Until a result keeps the limits
// these alone count. The quadratic serves one objective, where the trial may well keep the limits.
//
// This file decides which of its parts proposes: the processes (surrogate.hpp) by what their
// acquisition gives (moves.hpp), or the quadratic (trust_region.hpp).
//
// A proposal is a function of the past alone. Hyperparameters of the process are fitted when the
// data grew by a tenth or the newest result surprised, and travel in the note of the proposal that
// fitted them: the next one goes on from the last note in the log. All that is kept between
// proposals is a cache of what would be computed again with the same bits; an exception drops it.
//
// Running trials condition the process: they take away the uncertainty around them and leave its
// mean.
//
// Cost:    about n^2 a proposal, 40 n^3 a fit, n at most 600; linear in the values of a choice. See
//          tests/bench/quality.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/choice.hpp"
#include "common/search/features.hpp"
#include "common/search/goal.hpp"
#include "common/search/moves.hpp"
#include "common/search/results.hpp"
#include "common/search/surrogate.hpp"
#include "common/search/trust_region.hpp"

#include <dodona/oracle.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dodona::common {

class BayesianSearch {
 public:
  struct Options {
    std::int64_t initial_points = 0;  // 0: as many as the opening has
    std::int64_t local_every = 3;     // every so many-th proposal is a local one; 0: none
  };

  explicit BayesianSearch(const Options& options) : options_(options) {}

  // Pushes one proposal, or tells `out` that there is none. After an exception the next call
  // proposes what it would have proposed without.
  void propose(const Past& past, std::uint64_t trial, Proposals& out);

  // The first objective as the process expects it at each point. Throws Error{DODONA_E_STATE}
  // while there are too few results. Changes no proposal.
  std::vector<dodona_estimate> estimate(const Past& past, std::span<const Point> points);

 private:
  void forget();
  // Nothing where every point was met.
  std::optional<Choice> choose(const Past& past, std::uint64_t trial);
  void catch_up(const Past& past);
  void adopt(const std::string& note);
  bool is_noisy(std::size_t process) const;

  std::optional<Choice> initial_choice(const Past& past, std::uint64_t trial) const;
  std::optional<Choice> model_choice(const Past& past, std::uint64_t trial, bool local);
  bool has_model() const;
  std::optional<Choice> local_step(const Past& past, std::uint64_t turn);
  Goal goal() const;
  Eigen::MatrixXd centres(RandomStream& random) const;
  Eigen::Index home(const Goal& goal, RandomStream& random) const;
  void believe(const Eigen::VectorXd& row, Goal& goal) const;
  // The climbs to make, and the points that they found.
  struct Found {
    std::vector<Climb> climbs;
    std::optional<OtherValue> other;
    Acquisition acquisition;  // of the climbs
    Eigen::VectorXd values;   // of the candidates
    double margin = 0;        // by which the climbs seek more than the best
  };
  Found find(const Past& past, std::uint64_t trial, bool local, const Surrogate::Pending& pending,
             const Goal& goal);
  Choice best_climb(const Past& past, std::uint64_t trial, bool fitted_now, bool local);
  void explain(const Space& space, const Acquisition& acquisition, const Eigen::VectorXd& row,
               double margin, bool fitted_now, Note& note) const;

  Options options_;
  Features features_;
  std::size_t space_size_ = 0, constraints_ = 0;
  Results results_;
  std::size_t imported_ = 0, ended_ = 0;  // of the history, those that are in results_
  std::size_t revision_ = 0;              // of the history, when they came in
  std::size_t noted_ = 0;                 // trials whose notes were read
  ProcessFit adopted_;                    // the last fit that the log knows
  TrustRegion region_;
  Surrogate surrogate_;
};

}  // namespace dodona::common
