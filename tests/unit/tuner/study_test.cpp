// SPDX-License-Identifier: Apache-2.0
//
// Reading studies that a tuner wrote.
#include "base/file.hpp"
#include "base/json.hpp"
#include "project/project.hpp"
#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/random.hpp>
#include <dodona/study.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory) {
  TunerOptions options = support::ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.project_name = "p";
  options.study.objective = {"acc", Direction::kMax};
  options.study.max_trials = 4;
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

TEST(Study, ShowsAsWaitingWhatNobodyRuns) {
  const TemporaryDirectory directory;
  const std::string project = (directory / "p").string();
  {
    Tuner tuner(options_in(directory));
    const AskedTrial trial = tuner.ask();
    EXPECT_EQ(open(project).trials()[0].state, TrialState::kRunning);
  }
  EXPECT_EQ(open(project).trials()[0].state, TrialState::kWaiting);
}

TEST(Study, StandsStillWhileTheSearchGoesOn) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory);
  options.study.max_trials = 1;
  { Tuner(options).search(rising); }
  Study study = open((directory / "p").string());
  { Tuner(options_in(directory)).search(rising); }
  EXPECT_EQ(study.trials().size(), 1U);
  study = open((directory / "p").string());
  EXPECT_EQ(study.trials().size(), 4U);
  const Study moved = std::move(study);
  EXPECT_EQ(moved.trials().size(), 4U);
}

TEST(Study, ReadsOnWhereItIsToldTo) {
  const TemporaryDirectory directory;
  const std::string project = (directory / "p").string();
  std::optional<Study> study;
  {
    Tuner tuner(options_in(directory));
    AskedTrial first = tuner.ask();
    first.real("x", {.min = 0, .max = 1});
    study.emplace(project);
    EXPECT_TRUE(study->is_held());
    EXPECT_EQ(study->read_on().trials, std::vector<std::uint64_t>());
    first.report(1, {{"acc", 0.25}});
    tuner.tell(first, {{"acc", 0.5}});
    const AskedTrial second = tuner.ask();
    const std::uint64_t before = study->events();
    const StudyNews news = study->read_on();
    EXPECT_GT(study->events(), before);
    EXPECT_EQ(news.trials, (std::vector<std::uint64_t>{0, 1}));
    ASSERT_EQ(news.reports.size(), 1U);
    EXPECT_EQ(news.reports[0].metrics[0].second, 0.25);
    ASSERT_EQ(news.explanations.size(), 1U);
    EXPECT_EQ(news.explanations[0].trial, 1U);
    EXPECT_FALSE(news.other_objective);
    EXPECT_EQ(study->trial(0).score, 0.5);
    EXPECT_EQ(study->trial(1).state, TrialState::kRunning);
    EXPECT_EQ(to_json(study->trials()), to_json(open(project).trials()));
  }
  // The owner is gone, of which the log says nothing.
  EXPECT_EQ(study->read_on().trials, std::vector<std::uint64_t>{1});
  EXPECT_FALSE(study->is_held());
  EXPECT_EQ(study->trial(1).state, TrialState::kWaiting);
  EXPECT_THROW((void)study->trial(2), Error);
}

TEST(Study, SaysThatAnotherObjectiveCame) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory);
  { Tuner(options).search(rising); }
  Study study = open((directory / "p").string());
  options.study.objective = {"other", Direction::kMin};
  options.accept_changes = true;
  options.study.max_trials = 5;
  Tuner tuner(options);
  (void)tuner.ask();  // on the disk
  EXPECT_TRUE(study.read_on().other_objective);
}

TEST(Study, OfNothingButAnOwnerIsEmpty) {
  const TemporaryDirectory directory;
  StudyOptions options;
  options.directory = directory.string();
  { project::open_store(options); }
  const Study study = open(project::project_directory(options));
  EXPECT_TRUE(study.trials().empty());
  EXPECT_EQ(study.document(), "");
  EXPECT_EQ(study.objective().name, "default_objective");
}

TEST(Study, ReportsWhatStandsOfEachAttempt) {
  const TemporaryDirectory directory;
  StudyOptions options;
  options.directory = directory.string();
  {
    const auto store = project::open_store(options);
    const auto put = [&](std::uint64_t trial, study::Body body) {
      study::Event event;
      event.trial = trial;
      event.body = std::move(body);
      store->append(event);
    };
    const auto report = [&](std::uint64_t trial, std::uint32_t execution, double loss,
                            study::Verdict verdict = study::Verdict::kContinue,
                            std::uint64_t step = 1) {
      study::Reported reported;
      reported.execution = execution;
      reported.step = step;
      reported.metrics = {{store->names().intern("loss"), loss}};
      reported.verdict = verdict;
      put(trial, std::move(reported));
    };
    put(study::kNoTrial, study::Created{7, "1"});
    put(0, study::Proposed{});
    put(1, study::Proposed{});
    put(0, study::Started{0, 0});
    report(0, 0, 1.0);
    put(0, study::Started{0, 1});
    report(0, 0, 2.0);
    put(1, study::Started{0, 0});
    report(1, 0, 3.0, study::Verdict::kStopTrial);
    put(0, study::Started{1, 1});
    report(0, 1, 4.0);
    put(0, study::Started{0, 1});  // interrupted: the attempt begins again
    report(0, 0, 5.0, study::Verdict::kStopStudy);
    put(2, study::Proposed{});
    put(2, study::Started{0, 0, 0});
    for (const std::uint64_t step : {1U, 2U, 3U})
      report(2, 0, 6.0, study::Verdict::kContinue, step);
    put(2, study::Started{0, 0, 2});  // it goes on from a checkpoint
    report(2, 0, 7.0, study::Verdict::kContinue, 3);
    store->wait_durable(store->size());
  }
  EXPECT_EQ(to_csv(open(project::project_directory(options)).reports()),
            "trial,execution,attempt,step,verdict,loss\n"
            "0,0,0,1,continue,1.0\n0,0,1,1,stop_study,5.0\n1,0,0,1,stop_trial,3.0\n"
            "2,0,0,1,continue,6.0\n2,0,0,2,continue,6.0\n2,0,0,3,continue,7.0\n");
}

// Trials as they are shown by a study of which a bit may have flipped.
void expect_shown(const Study& study, const std::vector<Result>& whole) {
  const std::vector<Result> shown = study.trials();
  ASSERT_LE(shown.size(), whole.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i].state != TrialState::kWaiting) {
      EXPECT_EQ(to_json({shown[i]}), to_json({whole[i]}));
    } else {
      EXPECT_FALSE(shown[i].score);
    }
    for (const auto& [name, value] : shown[i].values.entries()) {
      ASSERT_NE(whole[i].values.find(name), nullptr);
      EXPECT_EQ(*whole[i].values.find(name), value);
    }
  }
  if (study.damage().empty()) {
    EXPECT_EQ(to_json(shown), to_json(whole));
  } else {
    EXPECT_TRUE(support::contains(study.damage(), "study.db\"")) << study.damage();
  }
}

// Seven of 300 flips once were read as other values, and replay verified five of them.
TEST(Study, ShowsAndVerifiesNothingElseWhereABitFlipped) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory);
  options.study.max_trials = 40;
  { Tuner(options).search(rising); }
  const std::string project = (directory / "p").string();
  const std::string copy = (directory / "copy").string();
  std::filesystem::create_directories(copy);
  const std::string bytes = base::read_file(project + "/study.db");
  const std::vector<Result> whole = open(project).trials();
  const std::uint64_t verified = open(project).replay(options.plugins).verified;
  EXPECT_EQ(verified, 39U);  // the first one asked for the space
  RandomStream random(5, 0, Purpose::kFill);
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t at = random.below(bytes.size());
    const std::uint64_t bit = random.below(8);
    SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit));
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
    base::write_file_atomically(copy + "/study.db", damaged);
    try {
      expect_shown(Study(copy, Study::Damage::kTold), whole);
      const ReplayResult replay = open(copy).replay(options.plugins);
      EXPECT_FALSE(replay.difference);
      EXPECT_EQ(replay.verified, verified);
    } catch (const Error& error) {
      ++found;
      EXPECT_TRUE(support::contains(error.what(), "study.db\"")) << error.what();
    }
  }
  EXPECT_GT(found, 30);
}

TEST(Study, ExplainsWhereValuesCameFrom) {
  const TemporaryDirectory directory;
  StudyOptions options;
  options.directory = directory.string();
  {
    const auto store = project::open_store(options);
    const auto put = [&](std::uint64_t trial, study::Body body) {
      study::Event event;
      event.trial = trial;
      event.body = std::move(body);
      store->append(event);
    };
    Param param;
    param.name = "lr";
    param.type = ParamType::kFloat;
    param.low = param.initial = Cell::real(0.0);
    param.high = Cell::real(1.0);
    study::Proposed proposed;
    put(study::kNoTrial, study::Created{7, "1"});
    put(0, proposed);
    put(study::kNoTrial, study::SpaceGrown{0, {param}});
    put(study::kNoTrial, study::Enqueued{{{0, Cell::real(0.5)}}});
    proposed.assignments = {{0, Cell::real(0.5)}};
    proposed.enqueued = 3;
    put(1, proposed);
    proposed.enqueued = study::kNoSequence;
    proposed.note = R"({"model":"grid"})";
    put(2, proposed);
    store->wait_durable(store->size());
  }
  EXPECT_EQ(to_csv(open(project::project_directory(options)).explanations()),
            "trial,source,note\n0,model,\n1,user,\n"
            "2,oracle,\"{\"\"model\"\":\"\"grid\"\"}\"\n");
}

TEST(Study, MustBeThere) {
  const TemporaryDirectory directory;
  const std::string path = (directory / "nowhere").string();
  EXPECT_TRUE(support::contains(support::error_of(DODONA_E_IO, [&] { open(path); }), path));
  EXPECT_TRUE(directory.empty());
  EXPECT_TRUE(support::contains(support::error_of(kInvalid, [] { open(""); }), "is empty"));
}

}  // namespace
}  // namespace dodona
