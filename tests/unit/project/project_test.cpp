// SPDX-License-Identifier: Apache-2.0
#include "project/project.hpp"

#include "base/file.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
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

TEST(Project, LosesItsStudyWhenDeletedAndNoOtherFile) {
  const TemporaryDirectory directory;
  { open_store(options_in(directory, "p")); }
  directory.write("p/trials/0/best/weights.bin");
  directory.write("p/log.jsonl");  // a sink's
  delete_project((directory / "p").string());
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(directory / "p")) {
    left.insert(entry.path().filename().string());
  }
  EXPECT_EQ(left, (std::set<std::string>{"log.jsonl", "study.lock"}));
  EXPECT_EQ(fold(*open_store(options_in(directory, "p"))).state.events(), 0U);
}

TEST(Project, IsNotDeletedWhereThereIsNone) {
  const TemporaryDirectory directory;
  delete_project((directory / "missing").string());
  EXPECT_FALSE(fs::exists(directory / "missing"));
  fs::create_directory(directory / "empty");
  delete_project((directory / "empty").string());
  EXPECT_TRUE(fs::exists(directory / "empty"));

  directory.write("thesis/chapter.tex", "precious");
  const std::string thesis = (directory / "thesis").string();
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { delete_project(thesis); }),
                       "is not a Dodona project (it has no study.db)"));
  EXPECT_TRUE(fs::exists(directory / "thesis/chapter.tex"));

  const std::string file = directory.write("file.txt", "precious");
  EXPECT_THROW(delete_project(file), Error);
  EXPECT_TRUE(fs::exists(file));
}

TEST(Project, IsNotDeletedWhileInUse) {
  const TemporaryDirectory directory;
  const auto store = open_store(options_in(directory, "p"));
  directory.write("p/log.jsonl");
  const auto act = [&] { delete_project((directory / "p").string()); };
  EXPECT_FALSE(error_of(DODONA_E_STATE, act).empty());
  EXPECT_TRUE(fs::exists(directory / "p/study.db"));
  EXPECT_TRUE(fs::exists(directory / "p/log.jsonl"));
}

}  // namespace
}  // namespace dodona::project
