// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a study that is overwritten, whatever happens on the way.
#include "project/set_aside.hpp"

#include "project/project.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;
using support::contains;
using support::error_of;
using Overwrite = SetAside::Overwrite;

constexpr const char* kDocument = R"({"objective": {"name": "loss", "direction": "min"},
    "sinks": [{"plugin": "lines", "options":
    {"path": "log.jsonl", "sync": true}}, {"plugin": "board", "options": {"directory": "a/board"}},
    {"plugin": "far", "options": {"path": "/elsewhere", "up": "../p2", "none": "study.lock"}}]})";

class SetAsideTest : public ::testing::Test {
 protected:
  SetAsideTest() {
    options_.directory = directory_.string();
    options_.project_name = "p";
    old_study(11);
  }

  std::string place() const { return (directory_ / "p").string(); }
  std::string aside_path() const { return place() + ".before-overwrite"; }

  void append(study::Store& store, study::Body body, std::uint64_t trial = study::kNoTrial) {
    study::Event event;
    event.trial = trial;
    event.body = std::move(body);
    store.append(event);
    store.wait_durable(store.size());
  }
  void begin(study::Store& store, std::uint64_t seed) {
    append(store, study::Created{seed, "0"});
    append(store, study::Configured{kDocument});
    append(store, study::Proposed{}, 0);
    append(store, study::Started{}, 0);
  }
  void old_study(std::uint64_t seed) {
    const auto store = open_store(options_);
    begin(*store, seed);
    directory_.write("p/trials/0/best/weights.bin");
    directory_.write("p/log.jsonl");
    directory_.write("p/a/board/events.1");
    directory_.write("p/a/notes.txt");  // somebody's
    before_ = files();
  }
  // The new study of a start that overwrites, and what its sinks and trials write.
  std::unique_ptr<RescoredStore> overwrite(const SetAside& aside) {
    auto store = open_store(options_, aside.lock());
    begin(*store, 22);
    directory_.write("p/trials/0/best/other.bin");
    directory_.write("p/log.jsonl");
    directory_.write("p/a/board/events.2");
    return store;
  }
  // Everything below the project but the store's own files, and what lies beside it.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.string())) {
      const std::string name = entry.path().lexically_relative(directory_.string()).string();
      if (entry.is_regular_file() && name.rfind("p/study.", 0) != 0) names.insert(name);
    }
    return names;
  }
  std::optional<std::uint64_t> seed() const { return fold(*open_to_read(place())).state.seed(); }
  void expect_old_one_back() const {
    EXPECT_EQ(seed(), 11U);
    EXPECT_EQ(files(), before_);
    EXPECT_FALSE(fs::exists(aside_path()));
    EXPECT_FALSE(fs::exists(aside_path() + ".moving"));
  }

  support::TemporaryDirectory directory_;
  StudyOptions options_;
  std::set<std::string> before_;
};

TEST_F(SetAsideTest, PutsTheStudyBackWhenTheStartFails) {
  {
    SetAside aside(place(), Overwrite::kYes);
    EXPECT_TRUE(aside.pending());
    EXPECT_FALSE(fs::exists(place() + "/study.db"));
    EXPECT_TRUE(fs::exists(aside_path() + "/study.db"));
    EXPECT_TRUE(fs::exists(aside_path() + "/log.jsonl"));
    EXPECT_TRUE(fs::exists(aside_path() + "/a/board/events.1"));
    EXPECT_TRUE(fs::exists(place() + "/a/notes.txt"));
    const auto store = overwrite(aside);
    aside.watch(*store);  // no report yet
    aside.end_watch();
    EXPECT_TRUE(aside.pending());
  }
  expect_old_one_back();
}

TEST_F(SetAsideTest, DeletesTheStudyOnceATrialOfTheNewOneReported) {
  for (const bool report : {true, false}) {
    old_study(11);
    SetAside aside(place(), Overwrite::kYes);
    const auto store = overwrite(aside);
    aside.watch(*store);
    if (report) {
      append(*store, study::Reported{}, 0);
    } else {
      append(*store, study::Finished{}, 0);
    }
    if (report) {  // at once
      while (aside.pending()) std::this_thread::yield();
    }
    aside.end_watch();
    EXPECT_FALSE(aside.pending());
    EXPECT_FALSE(fs::exists(aside_path()));
    EXPECT_EQ(seed(), 22U);
    // Files in a sink's directory are for the sink to remove, which knows its own.
    EXPECT_EQ(files(),
              (std::set<std::string>{"p/trials/0/best/other.bin", "p/log.jsonl",
                                     "p/a/board/events.1", "p/a/board/events.2", "p/a/notes.txt"}));
    fs::remove_all(place());
  }
}

// A copy of the disk stands for the moment at which a process was killed.
TEST_F(SetAsideTest, PutsTheStudyBackAtTheNextStartAfterAKill) {
  const fs::path copy = directory_.string() + ".killed";
  {
    SetAside aside(place(), Overwrite::kYes);
    const auto store = overwrite(aside);
    fs::copy(directory_.string(), copy, fs::copy_options::recursive);
  }
  fs::remove_all(directory_.string());
  fs::rename(copy, directory_.string());
  EXPECT_EQ(seed(), 22U);
  {
    const SetAside next(place(), Overwrite::kNo);
    EXPECT_TRUE(next.put_back_at_start());
  }
  expect_old_one_back();
  EXPECT_FALSE(SetAside(place(), Overwrite::kNo).put_back_at_start());
}

TEST_F(SetAsideTest, DeletesTheStudyAtTheNextStartIfTheNewOneHadBegun) {
  const fs::path copy = directory_.string() + ".killed";
  {
    SetAside aside(place(), Overwrite::kYes);
    const auto store = overwrite(aside);
    append(*store, study::Reported{}, 0);
    fs::copy(directory_.string(), copy, fs::copy_options::recursive);
  }
  fs::remove_all(directory_.string());
  fs::rename(copy, directory_.string());
  const SetAside next(place(), Overwrite::kNo);
  EXPECT_FALSE(next.put_back_at_start());
  EXPECT_EQ(seed(), 22U);
  EXPECT_FALSE(fs::exists(aside_path()));
}

TEST_F(SetAsideTest, CompletesWhatAKillCutOffOnTheWay) {
  for (const char* moved : {"log.jsonl", "trials", "a/board", "study.db"}) {
    const fs::path to = fs::path(aside_path() + ".moving") / moved;
    fs::create_directories(to.parent_path());
    fs::rename(fs::path(place()) / moved, to);
    EXPECT_TRUE(SetAside(place(), Overwrite::kNo).put_back_at_start()) << moved;
    expect_old_one_back();
  }
  fs::create_directory(aside_path() + ".deleted");
  EXPECT_FALSE(SetAside(place(), Overwrite::kNo).put_back_at_start());
  EXPECT_FALSE(fs::exists(aside_path() + ".deleted"));
}

TEST_F(SetAsideTest, HoldsTheLockThroughout) {
  std::shared_ptr<base::FileLock> lock;
  {
    SetAside aside(place(), Overwrite::kYes);
    EXPECT_THROW(SetAside(place(), Overwrite::kYes), Error);
    { overwrite(aside); }
    EXPECT_THROW(SetAside(place(), Overwrite::kNo), Error);
    lock = aside.lock();
  }
  EXPECT_THROW(SetAside(place(), Overwrite::kNo), Error);
  lock = nullptr;
  EXPECT_NO_THROW(SetAside(place(), Overwrite::kNo));
}

TEST_F(SetAsideTest, RefusesWhatIsNoProjectAndWhatStandsInItsWay) {
  directory_.write("thesis/chapter.tex");
  const std::string thesis = (directory_ / "thesis").string();
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { SetAside(thesis, Overwrite::kYes); }),
                       "is not a Dodona project (it has no study.db)"));
  EXPECT_EQ(fs::exists(thesis + "/study.lock"), false);
  directory_.write("p.before-overwrite/mine.txt");
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { SetAside(place(), Overwrite::kYes); }),
                       aside_path() + " is in the way"));
  EXPECT_EQ(seed(), 11U);
}

TEST_F(SetAsideTest, TakesADamagedStudyToo) {
  std::ofstream(place() + "/study.db") << "rubbish";
  { const SetAside aside(place(), Overwrite::kYes); }
  std::ifstream file(place() + "/study.db");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "rubbish");
  SetAside aside(place(), Overwrite::kYes);
  const auto store = overwrite(aside);
  aside.watch(*store);
  append(*store, study::Finished{}, 0);
  aside.end_watch();
  EXPECT_EQ(seed(), 22U);
}

}  // namespace
}  // namespace dodona::project
