// SPDX-License-Identifier: Apache-2.0
//
// Oracle `nsga2`: a genetic search for fronts (common/search/nsga2_search.hpp).
#include "common/oracle/past.hpp"
#include "common/search/nsga2_search.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>

namespace {

class Nsga2 : public dodona::common::Past {
 public:
  explicit Nsga2(const dodona::StudyContext& context)
      : Past(context), search_({.population = context.options.get<std::int64_t>("population")}) {}

  void propose(std::uint64_t trial, dodona::Proposals& out) { search_.propose(*this, trial, out); }

 private:
  dodona::common::Nsga2Search search_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Nsga2>(
    {.id = "org.dodona.nsga2",
     .name = "nsga2",
     .description = "a genetic search, NSGA-II: very many cheap trials, several objectives",
     .flags = DODONA_FLAG_OBJECTIVES},
    dodona::option("population", 0,
                   "trials of which the next ones are bred: more explore, fewer converge sooner; "
                   "0: a sixth of max_trials, from 10 to 50",
                   {.low = 0, .high = 10000})))
