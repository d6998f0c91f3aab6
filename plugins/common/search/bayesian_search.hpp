// SPDX-License-Identifier: Apache-2.0
//
// Bayesian optimisation: a Gaussian process over warped objectives, log expected improvement,
// augmented under noise, and every third time a quadratic model around the best point or, where
// there are categories or numbers of few values, the best that another value of one of them gives
// (every fourth time where there is nothing else; more often once little is expected).
//
// A proposal is a function of the past alone. Hyperparameters of the process are fitted when the
// data grew by a tenth or the newest result surprised, and travel in the note of the proposal that
// fitted them: the next one goes on from the last note in the log. All that is kept between
// proposals is a cache of what would be computed again with the same bits.
//
// Running trials condition the process: they take away the uncertainty around them and leave its
// mean. Beyond kActiveMax results the process sees the best, those around the best, and the newest.
//
// Cost:    about n^2 a proposal, 40 n^3 a fit, n at most kActiveMax; see tests/bench/quality.
#pragma once

#include "common/oracle/note.hpp"
#include "common/oracle/past.hpp"
#include "common/search/candidates.hpp"
#include "common/search/features.hpp"
#include "common/search/quadratic_model.hpp"

#include <dodona/oracle.hpp>
#include <dodona/random.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace dodona::common {

class BayesianSearch {
 public:
  struct Options {
    std::int64_t initial_points = 0;  // 0: by dimension and budget
    std::int64_t local_every = 3;     // every so many-th proposal is a local one; 0: none
  };

  explicit BayesianSearch(const Options& options) : options_(options) {}

  void propose(const Past& past, std::uint64_t trial, Proposals& out);

 private:
  // Results in order: imported ones, then trials as they ended.
  struct Data {
    Eigen::MatrixXd rows;  // with room for more
    std::vector<double> objectives;
    std::size_t imported = 0, ended = 0;
    Eigen::Index size() const { return static_cast<Eigen::Index>(objectives.size()); }
    void add(const Eigen::VectorXd& row, double objective);
  };
  // The last fit that the log knows.
  struct Fitted {
    Eigen::VectorXd theta;
    Eigen::Index rows = 0;
    friend bool operator==(const Fitted&, const Fitted&) = default;
  };
  // The process of a fit, grown to the data.
  struct Surrogate {
    Fitted fit;
    std::vector<Eigen::Index> active;  // rows of the data, the first of them those of the fit
    std::size_t base = 0;
    std::optional<GaussianProcess> gp;
    Candidates candidates;
  };
  struct Choice {
    Point point;
    Note note;
    Origin origin;
  };

  // A place from which a trust region searches.
  struct Focus {
    double best = std::numeric_limits<double>::infinity();
    Eigen::VectorXd row;
    double radius = 0.2;
    void follow(const PastTrial& trial, const Eigen::VectorXd& at);
  };

  void catch_up(const Past& past);
  std::vector<double> theta_of(const std::string& note) const;
  bool is_noisy(const std::vector<double>& theta) const;
  std::size_t initial_points(const Past& past) const;

  std::optional<Choice> initial_choice(const Past& past, std::uint64_t trial) const;
  std::optional<Choice> local_choice(const Past& past, std::uint64_t turn) const;
  std::optional<Choice> model_choice(const Past& past, std::uint64_t trial, bool local);

  std::vector<Eigen::Index> select_rows(Eigen::Index count) const;
  Eigen::VectorXd warped(const std::vector<Eigen::Index>& rows) const;
  void build(const Past& past, const Fitted& fit);
  void grow();
  bool is_stale() const;
  bool refit(const Past& past);
  std::vector<Climb> climbs(const Past& past, const Acquisition& acquisition,
                            const Eigen::VectorXd& values, RandomStream& random) const;
  std::optional<Climb> other_value_climb(const Past& past, const Eigen::VectorXd& y, double noise,
                                         RandomStream& random, Acquisition& acquisition) const;
  void explain(const Space& space, const Acquisition& acquisition, const Eigen::VectorXd& row,
               double margin, bool fitted_now, Note& note) const;
  Choice best_climb(const Past& past, std::uint64_t trial, bool fitted_now, bool local);

  Options options_;
  Features features_;
  std::size_t space_size_ = 0;
  Data data_;
  std::size_t noted_ = 0;  // trials whose notes were read
  Fitted adopted_;
  Focus focus_;
  Surrogate surrogate_;
};

}  // namespace dodona::common
