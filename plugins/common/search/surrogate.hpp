// SPDX-License-Identifier: Apache-2.0
//
// The results of a search, and the Gaussian process that grows with them.
//
// Beyond kActiveMax results the process sees the best, those around the best, and the newest. It is
// fitted anew when the data grew by a tenth or the newest result surprised; every other result is
// appended. The data of a Surrogate are a function of the results and the fit: a new one that is
// brought to the same fit has the same bits.
//
// Shapes:  rows of Features, one a result.
// Threads: one call at a time; work is spread by the host.
// Cost:    n^2 a result, 40 n^3 a fit, n at most kActiveMax.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/candidates.hpp"
#include "common/search/features.hpp"
#include "common/search/gaussian_process.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <optional>
#include <vector>

namespace dodona::common {

// Places of the smallest key, the second smallest, and so on; equal keys keep their order.
std::vector<Eigen::Index> order_by(const Eigen::VectorXd& keys);

// In the order in which they came.
class Results {
 public:
  Eigen::Index size() const { return static_cast<Eigen::Index>(objectives_.size()); }
  auto rows() const { return rows_.topRows(size()); }
  const std::vector<double>& objectives() const { return objectives_; }
  void add(const Eigen::VectorXd& row, double objective);

  // Of the first `count` those that a process shall see, in rising order.
  std::vector<Eigen::Index> selected(Eigen::Index count) const;
  Eigen::VectorXd at(const std::vector<Eigen::Index>& rows) const;
  // The targets of a process at these rows.
  Eigen::VectorXd warped(const std::vector<Eigen::Index>& rows) const;

 private:
  Eigen::MatrixXd rows_;  // with room for more
  std::vector<double> objectives_;
};

// The hyperparameters of a process, and how many results it was fitted to.
struct ProcessFit {
  Eigen::VectorXd theta;
  Eigen::Index rows = 0;
  friend bool operator==(const ProcessFit&, const ProcessFit&) = default;
};

class Surrogate {
 public:
  // Running trials: they take away the uncertainty around them, for as long as the object lives.
  class Pending {
   public:
    explicit Pending(GaussianProcess& gp) : gp_(gp), settled_(gp.size()) {}
    ~Pending() { gp_.truncate(settled_); }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    void add(const Eigen::VectorXd& row) { gp_.append(row); }
    Eigen::Index settled() const { return settled_; }

   private:
    GaussianProcess& gp_;
    Eigen::Index settled_;
  };

  // Brings the process to all results, from `adopted`, the last fit that the log knows, or from a
  // fit of its own where that one is out of date. Answers true if it was fitted now. After an
  // exception the object is unusable: make another one.
  bool update(const Past& past, const Features& features, const Results& results,
              const ProcessFit& adopted);

  GaussianProcess& gp() { return *gp_; }
  const GaussianProcess& gp() const { return *gp_; }
  const ProcessFit& fit() const { return fit_; }
  Candidates& candidates() { return candidates_; }
  const Candidates& candidates() const { return candidates_; }
  // Results that the process sees, the first of them those of the fit.
  const std::vector<Eigen::Index>& active() const { return active_; }

 private:
  void build(const Past& past, const Features& features, const Results& results,
             const ProcessFit& fit);
  void grow(const Results& results);
  bool is_stale() const;
  void refit(const Past& past, const Features& features, const Results& results,
             const ProcessFit& adopted);

  ProcessFit fit_;
  std::vector<Eigen::Index> active_;
  std::size_t base_ = 0;  // results that the fit was built with
  std::optional<GaussianProcess> gp_;
  Candidates candidates_;
};

}  // namespace dodona::common
