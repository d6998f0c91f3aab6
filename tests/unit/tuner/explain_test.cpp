// SPDX-License-Identifier: Apache-2.0
//
// Study::explain(), on studies that a tuner wrote.
#include "base/json.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/dodona.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace dodona {
namespace {

using support::TemporaryDirectory;

Insight explained(const char* oracle, std::uint64_t trials,
                  const std::function<double(HyperParameters&)>& f) {
  const TemporaryDirectory directory;
  TunerOptions options;
  options.study.oracle = oracle;
  options.study.directory = directory.string();
  options.study.project_name = "p";
  options.study.max_trials = trials;
  options.study.seed = 3;
  options.study.max_consecutive_failed_trials = 1000;
  Tuner(options).search(f);
  return open((directory / "p").string()).explain();
}

bool warns(const Insight& insight, Remark remark, const std::string& name = "") {
  return std::any_of(insight.warnings.begin(), insight.warnings.end(), [&](const auto& each) {
    return each.remark == remark && each.hyperparameter == name;
  });
}

double slope(HyperParameters& hp) {
  const double x = hp.real("x", {.min = 1, .max = 2});
  hp.real("idle", {.min = 0, .max = 1});
  const bool more = hp.boolean("more");
  return 4 * x + (more ? 1.0 : 0.0);
}

TEST(Explain, PutsTheMostImportantFirstAndWarnsOfEdgesAndOfWhatIsIdle) {
  const Insight insight = explained("bayesian", 60, slope);
  ASSERT_EQ(insight.objectives.size(), 1U);
  const ObjectiveImportance& of = insight.objectives[0];
  EXPECT_EQ(of.trials, 60U);
  EXPECT_EQ(of.hyperparameters.size(), 3U);
  EXPECT_EQ(of.hyperparameters[0].name, "x");
  EXPECT_GT(of.hyperparameters[0].everywhere.value, 0.5);
  EXPECT_TRUE(warns(insight, Remark::kEdge, "x"));
  EXPECT_TRUE(warns(insight, Remark::kNoEffect, "idle"));
  EXPECT_FALSE(warns(insight, Remark::kNoEffect, "x"));
  ASSERT_TRUE(insight.best);
  EXPECT_NEAR(insight.best->expected, 4.0, 0.3);
  EXPECT_EQ(insight.best->source, "model");
  ASSERT_TRUE(insight.next);
  EXPECT_LT(insight.next->gain, 0.3);
  EXPECT_TRUE(insight.stoppers.empty());  // nothing was reported by steps
}

TEST(Explain, WritesAStudyFileThatIsOne) {
  const Insight insight = explained("random", 120, slope);
  const auto document = base::parse_json(insight.next_study, "next").root;
  EXPECT_EQ(document.at("project_name").as_string(), "p_next");
  EXPECT_EQ(document.at("initial").as_array().size(), 1U);
  const auto& space = document.at("space").as_array();
  const auto idle = std::find_if(space.begin(), space.end(), [](const auto& each) {
    return each.at("name").as_string() == "idle";
  });
  ASSERT_NE(idle, space.end());
  EXPECT_EQ(idle->at("type").as_string(), "fixed");
  EXPECT_FALSE(document.as_object().contains("warm_start"));  // trials with other values do not fit
  EXPECT_FALSE(insight.changes.empty());
}

TEST(Explain, SaysWhatIsWrong) {
  const Insight constant = explained("random", 25, [](HyperParameters& hp) {
    hp.real("x", {.max = 1});
    return 1.0;
  });
  EXPECT_TRUE(warns(constant, Remark::kConstant));
  EXPECT_TRUE(constant.objectives.empty());
  const Insight failing = explained("random", 25, [](HyperParameters& hp) -> double {
    const double x = hp.real("x", {.max = 1});
    if (x > 0.2) throw Error(kInvalid, "too large");
    return x;
  });
  EXPECT_TRUE(warns(failing, Remark::kFailures));
  EXPECT_TRUE(warns(failing, Remark::kFewTrials));
}

TEST(Explain, TellsOfEachObjective) {
  const TemporaryDirectory directory;
  TunerOptions options;
  options.study.oracle = "random";
  options.study.directory = directory.string();
  options.study.project_name = "p";
  options.study.objectives = {{"a", Direction::kMin}, {"b", Direction::kMax}};
  options.study.max_trials = 40;
  options.study.seed = 3;
  Tuner(options).search([](HyperParameters& hp) {
    const double x = hp.real("x", {.max = 1});
    const double y = hp.real("y", {.max = 1});
    return Metrics{{"a", x}, {"b", y}};
  });
  const Insight insight = open((directory / "p").string()).explain();
  ASSERT_EQ(insight.objectives.size(), 2U);
  EXPECT_EQ(insight.objectives[0].hyperparameters[0].name, "x");
  EXPECT_EQ(insight.objectives[1].hyperparameters[0].name, "y");
  EXPECT_FALSE(insight.best);
  EXPECT_FALSE(insight.notes.empty());
}

TEST(Explain, IsJson) {
  const Insight insight = explained("random", 25, slope);
  const auto document = base::parse_json(to_json(insight), "insight").root;
  EXPECT_EQ(document.at("importance").as_array().size(), 1U);
  EXPECT_TRUE(document.at("next_study").is_object());
  EXPECT_TRUE(document.at("next").is_null());
}

}  // namespace
}  // namespace dodona
