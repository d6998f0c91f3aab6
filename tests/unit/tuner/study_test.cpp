// SPDX-License-Identifier: Apache-2.0
//
// Reading studies that a tuner wrote.
#include "base/json.hpp"
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"
#include "tuner/project.hpp"

#include <dodona/study.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace dodona {
namespace {

using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory) {
  TunerOptions options = support::ladder_options();
  options.store = "sqlite";
  options.directory = directory.string();
  options.project_name = "p";
  options.objective = {"acc", Direction::kMax};
  options.max_trials = 4;
  return options;
}

double rising(HyperParameters& hp) {
  return hp.real("x", {.min = 0, .max = 1});
}

TEST(Study, ShowsWhatATunerFoundWhileItIsOpen) {
  const TemporaryDirectory directory;
  Tuner tuner(options_in(directory));
  tuner.search(rising);
  const Study study = open((directory / "p").string());
  EXPECT_EQ(study.seed(), 7U);
  EXPECT_EQ(study.objective().name, "acc");
  EXPECT_EQ(study.objective().direction, Direction::kMax);
  ASSERT_EQ(study.trials().size(), 4U);
  EXPECT_EQ(to_json(study.trials()), to_json(tuner.trials()));
  ASSERT_EQ(study.best(2).size(), 2U);
  EXPECT_EQ(study.best(2)[0].trial, 3U);
  EXPECT_EQ(to_json(study.space()), to_json(tuner.space()));
  const base::JsonDocument document = base::parse_json(study.document(), "document");
  EXPECT_EQ(document.root.at("max_trials").as_int64(), 4);
}

TEST(Study, StandsStillWhileTheSearchGoesOn) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory);
  options.max_trials = 1;
  { Tuner(options).search(rising); }
  Study study = open((directory / "p").string());
  { Tuner(options_in(directory)).search(rising); }
  EXPECT_EQ(study.trials().size(), 1U);
  study = open((directory / "p").string());
  EXPECT_EQ(study.trials().size(), 4U);
  const Study moved = std::move(study);
  EXPECT_EQ(moved.trials().size(), 4U);
}

TEST(Study, OfNothingButAnOwnerIsEmpty) {
  const TemporaryDirectory directory;
  study::Settings settings;
  settings.directory = directory.string();
  { tuner::open_store(settings); }
  const Study study = open(tuner::project_directory(settings));
  EXPECT_TRUE(study.trials().empty());
  EXPECT_EQ(study.document(), "");
  EXPECT_EQ(study.objective().name, "default_objective");
}

TEST(Study, MustBeThere) {
  const TemporaryDirectory directory;
  const std::string path = (directory / "nowhere").string();
  EXPECT_TRUE(support::contains(support::error_of(DODONA_E_IO, [&] { open(path); }), path));
  EXPECT_TRUE(directory.empty());
}

}  // namespace
}  // namespace dodona
