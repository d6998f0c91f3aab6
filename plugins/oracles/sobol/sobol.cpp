// SPDX-License-Identifier: Apache-2.0
//
// Oracle `sobol`: quasi-random search (common/search/sobol_search.hpp).
#include "common/oracle/past.hpp"
#include "common/search/sobol_search.hpp"

#include <dodona/plugin.hpp>

#include <cstdint>

namespace {

class Sobol : public dodona::common::Past {
 public:
  explicit Sobol(const dodona::StudyContext& context) : Past(context) {}

  void propose(std::uint64_t trial, dodona::Proposals& out) { search_.propose(*this, trial, out); }

 private:
  dodona::common::SobolSearch search_;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Sobol>(
    {.id = "org.dodona.sobol",
     .name = "sobol",
     .description = "a quasi-random sequence: covers the space more evenly than random draws",
     .flags = DODONA_FLAG_OBJECTIVES}))
