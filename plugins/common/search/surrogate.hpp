// SPDX-License-Identifier: Apache-2.0
//
// The Gaussian processes of a search, one for each column of its results, and how they grow.
//
// Beyond a number of results a process sees the best, those around the best, and the newest. All are
// fitted anew when the data of one grew by a tenth or its newest result surprised; every other
// result is appended. The data of a Surrogate are a function of the results and the fit: a new one
// that is brought to the same fit has the same bits.
//
// Shapes:  rows of Features, one a result.
// Threads: one call at a time; work is spread by the host.
// Cost:    for each process n^2 a result and 40 n^3 a fit; n at most 600.
#pragma once

#include "common/oracle/past.hpp"
#include "common/search/candidates.hpp"
#include "common/search/features.hpp"
#include "common/search/gaussian_process.hpp"
#include "common/search/results.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <optional>
#include <vector>

namespace dodona::common {

// The hyperparameters of the processes, and how many results they were fitted to.
struct ProcessFit {
  std::vector<Eigen::VectorXd> thetas;
  Eigen::Index rows = 0;
  friend bool operator==(const ProcessFit&, const ProcessFit&) = default;
};

class Surrogate {
 public:
  // Running trials: they take away the uncertainty around them, for as long as the object lives.
  class Pending {
   public:
    Pending(Surrogate& surrogate, const Eigen::MatrixXd& rows);
    ~Pending();
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    // The number of points of each process that will stay.
    const std::vector<Eigen::Index>& settled() const { return settled_; }

   private:
    Surrogate& surrogate_;
    std::vector<Eigen::Index> settled_;
  };

  // Brings the processes to all results, from `adopted`, the last fit that the log knows, or from a
  // fit of its own where that one is out of date. Answers true if they were fitted now. After an
  // exception the object is unusable: make another one.
  bool update(const Past& past, const Features& features, const Results& results,
              const ProcessFit& adopted);

  // The number of processes: Results::columns().
  std::size_t size() const { return processes_.size(); }
  const GaussianProcess& gp(std::size_t i) const { return *processes_[i].gp; }
  std::vector<const GaussianProcess*> gps() const;
  const ProcessFit& fit() const { return fit_; }
  Candidates& candidates() { return candidates_; }
  const Candidates& candidates() const { return candidates_; }
  // Results that the processes of objectives see, the first of them those of the fit.
  const std::vector<Eigen::Index>& active() const { return processes_.front().active; }

 private:
  struct Process {
    std::vector<Eigen::Index> active;  // results that it sees
    std::size_t base = 0;              // of which so many it was built with
    std::optional<GaussianProcess> gp;
  };

  void build(const Past& past, const Features& features, const Results& results,
             const ProcessFit& fit);
  void draw_candidates(const Past& past, const Features& features);
  void grow(const Results& results);
  static bool is_stale(const Process& process);
  void refit(const Past& past, const Features& features, const Results& results,
             const ProcessFit& adopted);

  ProcessFit fit_;
  std::vector<Process> processes_;
  Eigen::Index known_ = 0;  // results that they were told of
  Candidates candidates_;
};

}  // namespace dodona::common
