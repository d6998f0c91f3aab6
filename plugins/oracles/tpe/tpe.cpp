// SPDX-License-Identifier: Apache-2.0
//
// Oracle `tpe`: the tree-structured Parzen estimator (common/search/tpe_search.hpp).
#include "common/oracle/past.hpp"
#include "common/search/dispatch.hpp"
#include "common/search/tpe_search.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>

namespace {

class Tpe {
 public:
  explicit Tpe(const dodona::StudyContext& context)
      : past_(context),
        search_({.initial_points = context.options.get<std::int64_t>("initial_points"),
                 .draws = context.options.get<std::int64_t>("draws")}) {}

  void set_space(const dodona::Space& space) { past_.set_space(space); }
  void observe(const dodona_event& event) { past_.observe(event); }
  void propose(std::uint64_t trial, dodona::Proposals& out) { search_.propose(past_, trial, out); }

 private:
  dodona::common::Past past_;
  dodona::common::TpeSearch search_;
};

}  // namespace

DODONA_SEARCH_PLUGIN(dodona::oracle<Tpe>(
    {.id = "org.dodona.tpe",
     .name = "tpe",
     .description = "tree-structured Parzen estimator: many trials, choices and conditions"},
    dodona::option("initial_points", 10,
                   "quasi-random trials before the model; more explore, fewer save trials",
                   {.low = 1}),
    dodona::option("draws", 24,
                   "points that are compared for a proposal: more exploit, and cost time in "
                   "proportion",
                   {.low = 1, .high = 10000})))
