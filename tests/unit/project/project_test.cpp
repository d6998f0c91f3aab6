// SPDX-License-Identifier: Apache-2.0
#include "project/project.hpp"

#include "base/file.hpp"
#include "document/document.hpp"
#include "store/sqlite_store.hpp"
#include "study/codec.hpp"
#include "support/error_of.hpp"
#include "support/params.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;
using support::contains;
using support::error_of;
using support::TemporaryDirectory;

StudyOptions options_in(const TemporaryDirectory& directory, const std::string& name) {
  StudyOptions options;
  options.directory = directory.string();
  options.project_name = name;
  return options;
}

TEST(Project, LiesBelowTheDirectoryUnderItsName) {
  StudyOptions options;
  options.directory = "runs/./a/..";
  options.project_name = "fashion";
  EXPECT_EQ(project_directory(options), "runs/fashion");
  options.store = "memory";
  EXPECT_EQ(project_directory(options), "");
}

TEST(Project, KeepsItsLogWhereTheOptionsSay) {
  const TemporaryDirectory directory;
  const StudyOptions options = options_in(directory, "a/b");
  {
    const auto store = open_store(options);
    study::Event event;
    event.body = study::Created{11, "0"};
    store->append(event);
    EXPECT_THROW(open_store(options), Error);  // it has one owner
  }
  const auto store = open_store(options);
  const study::State state = fold(*store).state;
  EXPECT_EQ(state.events(), 1U);
  EXPECT_EQ(state.seed(), 11U);
}

TEST(Project, InMemoryTouchesNoFile) {
  const TemporaryDirectory directory;
  StudyOptions options = options_in(directory, "p");
  options.store = "memory";
  EXPECT_EQ(fold(*open_store(options)).state.events(), 0U);
  EXPECT_TRUE(directory.empty());
}

TEST(Project, SaysWhichDirectoryCannotBeMade) {
  const TemporaryDirectory directory;
  directory.write("file");
  EXPECT_TRUE(contains(error_of(DODONA_E_IO, [&] { open_store(options_in(directory, "file/p")); }),
                       "file/p"));
}

TEST(Project, GetsAStudyThatIsMadeWholeOrNone) {
  const TemporaryDirectory directory;
  const std::string place = (directory / "p").string();
  const auto created = [](study::Store& store) {
    study::Event event;
    event.body = study::Created{11, "0"};
    store.append(event);
  };
  const auto fails = [&](study::Store& store) {
    created(store);
    store.wait_durable(1);
    EXPECT_THROW(open_to_read(place), Error);
    EXPECT_THROW(store::lock_project(place), Error);
    throw Error(DODONA_E_IO, "half-way");
  };
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { make_study(place, fails); }), "half-way");
  EXPECT_THROW(open_to_read(place), Error);
  // As a process leaves it that was killed half-way.
  store::open_sqlite_store(place + "/study.new", store::Access::kOwn);
  EXPECT_THROW(open_to_read(place), Error);
  make_study(place, created);
  EXPECT_EQ(fold(*open_to_read(place)).state.seed(), 11U);
  EXPECT_FALSE(fs::exists(place + "/study.new"));
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { make_study(place, created); }),
                       "there is a study in " + place + " already"));
}

// ---- damage -------------------------------------------------------------------------------------
//
// Bits of a real study.db are flipped, one at a time. The events that are read are then those that were written, or
// reading fails with an error that names the file: never another value.

constexpr std::uint64_t kTrials = 60;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// All that a reader can see of a study.
std::string seen_in(const std::string& directory) {
  const auto store = open_to_read(directory);
  const Folded folded = fold(*store);
  std::string text = folded.state.document();
  store->read(0, [&](const study::Event& event) {
    study::encode(event, text);
    return true;
  });
  for (std::uint32_t i = 0; i < store->names().size(); ++i) text += store->names()[i] + "\n";
  for (const std::string& sink : store->sinks()) {
    text += sink + std::to_string(store->cursor(sink)) + "\n";
  }
  return text;
}

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() {
    settings_.directory = directory_.string();
    settings_.project_name = "whole";
    settings_.objective = {"loss", Direction::kMin};
    const auto store = open_store(settings_);
    const std::uint32_t loss = store->names().intern("loss");
    const std::uint32_t accuracy = store->names().intern("accuracy");
    put(*store, study::Created{7, "0.2.0", {1, 2, 3}});
    put(*store, study::Configured{document::document_text(settings_), {{"r", "i", "v", "b"}}});
    put(*store, study::SpaceGrown{0, {support::real("x", 0, 1)}});
    for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
      const double x = static_cast<double>(trial) / static_cast<double>(kTrials);
      study::Proposed proposed;
      proposed.assignments = {{0, Cell::real(x)}};
      put(*store, proposed, trial);
      put(*store, study::Started{0, 0, 0}, trial);
      put(*store, study::Reported{0, 1, {{loss, x}, {accuracy, 1 - x}}, x}, trial);
      put(*store,
          study::Finished{study::TrialState::kCompleted,
                          {{0, Cell::real(x)}},
                          {{loss, x}, {accuracy, 1 - x}},
                          x,
                          1,
                          ""},
          trial);
      if (trial % 3 == 0) store->wait_durable(store->size());
    }
    store->set_cursor("org.example.log {}", 100);
  }

  static void put(study::Store& store, study::Body body, std::uint64_t trial = study::kNoTrial) {
    study::Event event;
    event.trial = trial;
    event.unix_nanos = 1'700'000'000'000'000'000;
    event.body = std::move(body);
    store.append(event);
  }

  std::string whole() const { return directory_.string() + "/whole"; }
  // A copy of the study whose file is this.
  std::string copy_with(const std::string& bytes) const {
    const fs::path copy = fs::path(directory_.string()) / "copy";
    fs::remove_all(copy);
    fs::create_directories(copy);
    std::ofstream(copy / "study.db", std::ios::binary) << bytes;
    return copy.string();
  }

  const TemporaryDirectory directory_;
  StudyOptions settings_;
};

TEST_F(DamageTest, OfOneBitIsFoundOrHarmless) {
  const std::string expected = seen_in(whole());
  const std::string bytes = bytes_of(fs::path(whole()) / "study.db");
  RandomStream random(11, 0, Purpose::kFill);
  int found = 0;
  for (std::uint64_t i = 0; i < 900; ++i) {
    // The header and the schema, where a bit says most, then anywhere.
    const std::uint64_t at = i < 200 ? random.below(120) : random.below(bytes.size());
    const std::uint64_t bit = random.below(8);
    SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit));
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
    const std::string copy = copy_with(damaged);
    try {
      ASSERT_EQ(seen_in(copy), expected);
    } catch (const Error& error) {
      ++found;
      EXPECT_TRUE(contains(error.what(), "study.db\"")) << error.what();
    }
  }
  EXPECT_GT(found, 100);
}

TEST_F(DamageTest, OfAnEventLeavesThoseBeforeIt) {
  std::string bytes = bytes_of(fs::path(whole()) / "study.db");
  const std::size_t at = bytes.rfind(std::string("\0\0\0\0\0\0\xe0\x3f", 8));  // 0.5, of trial 30
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 1;
  const std::string copy = copy_with(bytes);
  const auto store = open_to_read(copy);
  const Folded folded = fold(*store, {}, Damage::kTold);
  EXPECT_TRUE(contains(folded.damage, "the checksum does not match"));
  EXPECT_TRUE(contains(folded.damage, copy + "/study.db\""));
  EXPECT_TRUE(contains(folded.damage, "the " + std::to_string(folded.state.events()) +
                                          " events before it can be read (dodona trials)"));
  EXPECT_GE(folded.state.trials().size(), 25U);
  EXPECT_LT(folded.state.trials().size(), 31U);
  EXPECT_THROW(fold(*store), Error);
}

// The header counts five free pages, and there is none.
TEST_F(DamageTest, OfTheStructureLeavesAllEvents) {
  std::string bytes = bytes_of(fs::path(whole()) / "study.db");
  bytes[39] = 5;
  const std::string copy = copy_with(bytes);
  const auto store = open_to_read(copy);
  const Folded folded = fold(*store, {}, Damage::kTold);
  EXPECT_EQ(folded.state.trials().size(), kTrials);
  EXPECT_TRUE(contains(folded.damage, "\"" + copy + "/study.db\": the database is damaged"))
      << folded.damage;
  EXPECT_TRUE(contains(
      folded.damage, std::to_string(folded.state.events()) + " events can be read (dodona trials)"))
      << folded.damage;
  EXPECT_THROW(fold(*store), Error);
}

TEST_F(DamageTest, OfTheDocumentNamesTheFile) {
  const auto store = open_store([&] {
    StudyOptions settings = settings_;
    settings.project_name = "torn";
    return settings;
  }());
  put(*store, study::Created{7, "0.2.0"});
  put(*store, study::Configured{"{\"objective\": nul}"});
  const std::string message =
      support::error_of(DODONA_E_IO, [&] { store->wait_durable(2), fold(*store); });
  EXPECT_TRUE(contains(message, "cannot read event 1 of \""));
  EXPECT_TRUE(contains(message, "torn/study.db\": study document"));
}

}  // namespace
}  // namespace dodona::project
