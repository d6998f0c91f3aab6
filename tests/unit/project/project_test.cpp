// SPDX-License-Identifier: Apache-2.0
#include "project/project.hpp"

#include "store/sqlite_store.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

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

}  // namespace
}  // namespace dodona::project
