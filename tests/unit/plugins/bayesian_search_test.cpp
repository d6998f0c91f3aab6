// SPDX-License-Identifier: Apache-2.0
//
// Searches by a model, linked in: what an exception leaves behind.
#include "common/search/bayesian_search.hpp"

#include "common/search/tpe_search.hpp"
#include "support/failing_allocation.hpp"
#include "support/model_oracle.hpp"

#include <dodona/plugin.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace dodona {
namespace {

using testing::OracleStudy;

// Allocations of a proposal before one fails; below 0: none does.
std::int64_t fails_after = -1;

template <class Search>
class Failing : public common::Past {
 public:
  explicit Failing(const StudyContext& context) : Past(context) {}
  void propose(std::uint64_t trial, Proposals& out) {
    struct Guard {
      Guard() { support::fail_allocation(fails_after); }
      ~Guard() { support::fail_no_allocation(); }
    } const guard;
    search_.propose(*this, trial, out);
  }

 private:
  Search search_{{.initial_points = 4}};
};

// After twelve results, with two trials that run.
template <class Search>
OracleStudy study_of() {
  static const Module module{oracle<Failing<Search>>(
      {.id = "org.dodona.test", .name = "test", .description = "a search that may fail"})};
  OracleStudy study(*module.get()->descriptors[0], support::square());
  for (std::uint64_t id = 0; id < 12; ++id) {
    study.ask();
    study.finish(id, support::bowl(study.trials()[id]));
  }
  study.ask();
  study.ask();
  return study;
}

// The rows of pending trials once stayed in the model after an exception.
template <class Search>
void expect_goes_on_after_a_failure() {
  OracleStudy reference = study_of<Search>();
  ASSERT_EQ(reference.ask(), testing::Answer::kProposed);
  const auto& expected = reference.trials().back();
  int failures = 0;
  for (std::int64_t after = 0; after < 100'000; after += 1 + after / 4) {
    OracleStudy study = study_of<Search>();
    fails_after = after;
    bool failed = false;
    try {
      study.ask();
    } catch (const Error&) {
      failed = true;
    }
    fails_after = -1;
    if (!failed) break;  // it has fewer allocations
    ++failures;
    ASSERT_EQ(study.ask(), testing::Answer::kProposed);
    EXPECT_EQ(study.trials().back().point.assignments(), expected.point.assignments())
        << "after " << after;
    EXPECT_EQ(study.trials().back().note, expected.note) << "after " << after;
  }
  EXPECT_GE(failures, 5);
}

TEST(BayesianSearch, GoesOnAfterAFailureAsIfItHadNotBeen) {
  expect_goes_on_after_a_failure<common::BayesianSearch>();
}

TEST(TpeSearch, GoesOnAfterAFailureAsIfItHadNotBeen) {
  expect_goes_on_after_a_failure<common::TpeSearch>();
}

}  // namespace
}  // namespace dodona
