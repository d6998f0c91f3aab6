// SPDX-License-Identifier: Apache-2.0
//
// Oracle `bayesian`: Bayesian optimisation with a Gaussian process
// (common/search/bayesian_search.hpp).
#include "common/oracle/past.hpp"
#include "common/search/bayesian_search.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace {

class Bayesian : public dodona::common::Past {
 public:
  explicit Bayesian(const dodona::StudyContext& context)
      : Past(context),
        search_({.initial_points = context.options.get<std::int64_t>("initial_points"),
                 .local_every = context.options.get<std::int64_t>("local_every")}) {}

  void propose(std::uint64_t trial, dodona::Proposals& out) { search_.propose(*this, trial, out); }
  std::vector<dodona_estimate> estimate(std::span<const dodona::Point> points) {
    return search_.estimate(*this, points);
  }

 private:
  dodona::common::BayesianSearch search_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Bayesian>(
    {.id = "org.dodona.bayesian",
     .name = "bayesian",
     .description = "Bayesian optimisation with a Gaussian process: few, costly trials",
     .flags = DODONA_FLAG_OBJECTIVES},
    dodona::option("initial_points", 0,
                   "trials before the model: the defaults or the middle, then a step along each "
                   "axis, or quasi-random ones; more explore, fewer save trials; 0: by "
                   "hyperparameters and max_trials",
                   {.low = 0}),
    dodona::option("local_every", 3,
                   "every so many-th trial refines the best point: by a quadratic model where all "
                   "hyperparameters are continuous (one trial sooner where at most 7 are), else by "
                   "another value of one with few (one trial later where all have few); 0: none",
                   {.low = 0})))
