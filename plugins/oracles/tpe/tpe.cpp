// SPDX-License-Identifier: Apache-2.0
//
// Oracle `tpe`: the tree-structured Parzen estimator (common/search/tpe_search.hpp).
#include "common/oracle/past.hpp"
#include "common/search/tpe_search.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>

namespace {

class Tpe : public dodona::common::Past {
 public:
  explicit Tpe(const dodona::StudyContext& context)
      : Past(context),
        search_({.initial_points = context.options.get<std::int64_t>("initial_points"),
                 .draws = context.options.get<std::int64_t>("draws")}) {}

  void propose(std::uint64_t trial, dodona::Proposals& out) { search_.propose(*this, trial, out); }

 private:
  dodona::common::TpeSearch search_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Tpe>(
    {.id = "org.dodona.tpe",
     .name = "tpe",
     .description = "tree-structured Parzen estimator: many trials, choices and conditions",
     .flags = DODONA_FLAG_OBJECTIVES},
    dodona::option("initial_points", 10,
                   "quasi-random trials before the model; more explore, fewer save trials",
                   {.low = 1}),
    dodona::option("draws", 0,
                   "points that are compared for a proposal: more exploit, and cost time in "
                   "proportion; 0: 24, and 64 with several objectives or limits",
                   {.low = 0, .high = 10000})))
