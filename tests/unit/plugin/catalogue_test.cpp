// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include "plugin/library.hpp"
#include "plugin/processor.hpp"
#include "support/example_module.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <vector>

namespace dodona::plugin {
namespace {

std::vector<std::string> ids(const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const Descriptor* each : catalogue.list()) out.push_back(each->id);
  return out;
}

using Ids = std::vector<std::string>;

std::string manifest(const std::string& file, const std::string& id, const std::string& name) {
  return PluginDirectory::raw_manifest(file, "00", id, name);
}

void add(const PluginDirectory& directory, const std::string& file, const std::string& id,
         const std::string& name) {
  directory.write(file + ".so", "never looked into by a search");
  directory.write(file + ".json", manifest(file, id, name));
}

TEST(Catalogue, ListsByDirectoryAndFileName) {
  const PluginDirectory a;
  const PluginDirectory b;
  add(a, "z", "org.z", "z");
  add(a, "y", "org.y", "y");
  add(b, "x", "org.x", "x");
  const Catalogue catalogue({{a.path(), true}, {b.path(), false}});
  EXPECT_EQ(ids(catalogue), (Ids{"org.y", "org.z", "org.x"}));
  EXPECT_TRUE(catalogue.problems().empty());
  EXPECT_EQ(catalogue.searched(), (std::vector<fs::path>{a.path(), b.path()}));
}

TEST(Catalogue, TakesAnIdFromTheFirstDirectoryThatHasIt) {
  const PluginDirectory a;
  const PluginDirectory b;
  add(a, "net", "org.net", "net");
  add(b, "net", "org.net", "net");
  const Catalogue catalogue({{a.path(), false}, {b.path(), false}, {a.path(), false}});
  EXPECT_EQ(catalogue.list().size(), 1u);
  EXPECT_EQ(catalogue.find(DODONA_ROLE_ORACLE, "net").library, a / "net.so");
  ASSERT_EQ(catalogue.problems().size(), 1U);
  EXPECT_EQ(catalogue.problems()[0].path, b / "net.json");
  EXPECT_EQ(catalogue.problems()[0].kind, Problem::Kind::kHidden);
  EXPECT_EQ(catalogue.problems()[0].reason, "is hidden by the oracle \"net\" of the same id in " +
                                                (a / "net.so").string() + ", which comes first");
}

TEST(Catalogue, TellsOfAnIdThatOneDirectoryHasTwice) {
  const PluginDirectory directory;
  add(directory, "a", "org.net", "net");
  add(directory, "b", "org.net", "net");
  const Catalogue catalogue = directory.catalogue();
  EXPECT_EQ(catalogue.list().size(), 1u);
  ASSERT_EQ(catalogue.problems().size(), 1u);
  EXPECT_EQ(catalogue.problems()[0].path, directory / "b.json");
  EXPECT_TRUE(contains(catalogue.problems()[0].reason, (directory / "a.so").string()));
}

TEST(Catalogue, SkipsADefaultDirectoryThatIsNotThereAndRefusesAGivenOne) {
  const PluginDirectory directory;
  EXPECT_TRUE(Catalogue({{directory / "gone", false}}).searched().empty());
  const std::string gone = error_of(
      [&] {
        Catalogue({{directory / "gone", true}});
      },
      DODONA_E_INVALID);
  EXPECT_EQ(gone, "the plugin directory " + (directory / "gone").string() + " does not exist");
  directory.write("file", "");
  EXPECT_TRUE(contains(error_of(
                           [&] {
                             Catalogue({{directory / "file", true}});
                           },
                           DODONA_E_INVALID),
                       "is not a directory"));
}

TEST(Catalogue, RefusesWhatOthersMayWriteTo) {
  const PluginDirectory directory;
  add(directory, "a", "org.a", "a");
  add(directory, "b", "org.b", "b");
  add(directory, "c", "org.c", "c");
  fs::permissions(directory / "a.so", fs::perms(0775));
  fs::permissions(directory / "b.json", fs::perms(0666));
  const Catalogue catalogue = directory.catalogue();
  EXPECT_EQ(ids(catalogue), Ids{"org.c"});
  ASSERT_EQ(catalogue.problems().size(), 2u);
  EXPECT_TRUE(
      contains(catalogue.problems()[0].reason, "chmod go-w " + (directory / "a.so").string()));
  EXPECT_TRUE(
      contains(catalogue.problems()[1].reason, "chmod go-w " + (directory / "b.json").string()));

  fs::permissions(directory.path(), fs::perms(0770));
  EXPECT_TRUE(contains(error_of([&] { directory.catalogue(); }, DODONA_E_INVALID),
                       "chmod go-w " + directory.path().string()));
  const Catalogue by_default({{directory.path(), false}});
  EXPECT_TRUE(by_default.list().empty());
  EXPECT_EQ(by_default.problems().size(), 1u);
}

// A directory in which raw.so has a variant for `processor`, made of another library.
class VariantTest : public ::testing::Test {
 protected:
  void add_for(const std::string& processor, const std::string& variant = "raw") {
    directory_.add_raw("raw");
    fs::create_directory(directory_ / processor);
    fs::permissions(directory_ / processor, fs::perms(0755));
    library_ = directory_ / processor / "raw.so";
    fs::copy_file(fs::path(DODONA_BAD_PLUGINS) / (variant + ".so"), library_);
    fs::permissions(library_, fs::perms(0755));
    std::string text =
        PluginDirectory::raw_manifest("raw", PluginDirectory::build_id(directory_ / "raw.so"));
    text.replace(text.find("\"descriptors\""), 0,
                 R"("variants": [{"processor": ")" + processor + R"(", "library": ")" + processor +
                     R"(/raw.so", "build_id": ")" + PluginDirectory::build_id(library_) +
                     R"("}], )");
    directory_.write("raw.json", text);
  }
  Descriptor picked() const {
    const Catalogue catalogue = directory_.catalogue();
    problems_ = catalogue.problems();
    return catalogue.find(DODONA_ROLE_ORACLE, "raw");
  }

  const PluginDirectory directory_;
  fs::path library_;
  mutable std::vector<Problem> problems_;
};

TEST_F(VariantTest, IsPickedWhereTheProcessorRunsIt) {
  if (!runs_here("x86-64-v3")) GTEST_SKIP() << "this processor is below x86-64-v3";
  add_for("x86-64-v3");
  const Descriptor descriptor = picked();
  EXPECT_EQ(descriptor.library, library_);
  EXPECT_EQ(descriptor.processor, "x86-64-v3");
  EXPECT_EQ(descriptor.build_id, PluginDirectory::build_id(library_));
  EXPECT_TRUE(problems_.empty());
  support::FakeServices services;
  EXPECT_STREQ(load(descriptor, services).id, "org.example.raw");
}

TEST_F(VariantTest, IsLeftAloneWhereTheProcessorIsUnknown) {
  add_for("x86-64-v99");
  const Descriptor descriptor = picked();
  EXPECT_EQ(descriptor.library, directory_ / "raw.so");
  EXPECT_EQ(descriptor.processor, "");
  EXPECT_TRUE(problems_.empty());
}

TEST_F(VariantTest, GivesWayToThePlainLibraryWhereItCannotBeUsed) {
  if (!runs_here("x86-64-v3")) GTEST_SKIP() << "this processor is below x86-64-v3";
  add_for("x86-64-v3");
  fs::permissions(library_, fs::perms(0775));
  EXPECT_EQ(picked().library, directory_ / "raw.so");
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_TRUE(contains(problems_[0].reason, "chmod go-w " + library_.string()));
  fs::remove(library_);
  EXPECT_EQ(picked().library, directory_ / "raw.so");
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_TRUE(contains(problems_[0].reason, "is not there; the plain one serves"));
}

TEST_F(VariantTest, OfAnotherBuildThanTheManifestSaysIsRefused) {
  if (!runs_here("x86-64-v3")) GTEST_SKIP() << "this processor is below x86-64-v3";
  add_for("x86-64-v3");
  fs::remove(library_);
  fs::copy_file(fs::path(DODONA_BAD_PLUGINS) / "no_propose.so", library_);
  fs::permissions(library_, fs::perms(0755));
  const Descriptor descriptor = picked();
  support::FakeServices services;
  EXPECT_TRUE(contains(error_of([&] { load(descriptor, services); }), "another build"));
}

TEST(Catalogue, KeepsTheOthersWhenOnePluginIsBroken) {
  const PluginDirectory directory;
  add(directory, "good", "org.good", "good");
  directory.write("broken.json", "{");
  directory.write("broken.so", "");
  directory.write("lonely.json", manifest("lonely", "org.lonely", "lonely"));
  directory.write("naked.so", "");
  directory.write("notes.txt", "neither");
  fs::create_directory(directory / "dir.json");
  std::string old = manifest("old", "org.old", "old");
  old.replace(old.find("\"abi_epoch\": 0"), 14, "\"abi_epoch\": 7");
  directory.write("old.json", old);
  directory.write("old.so", "");

  const Catalogue catalogue = directory.catalogue();
  EXPECT_EQ(ids(catalogue), Ids{"org.good"});
  std::vector<std::string> stems;
  for (const Problem& problem : catalogue.problems()) stems.push_back(problem.path.stem());
  EXPECT_EQ(stems, (std::vector<std::string>{"broken", "lonely", "naked", "old"}));
  const auto why = [&](const std::string& name) {
    return error_of([&] { catalogue.find(DODONA_ROLE_ORACLE, name); });
  };
  EXPECT_TRUE(contains(why("broken"), "oracle \"broken\" cannot be used: "));
  EXPECT_TRUE(contains(why("lonely"), "lonely.so is not there"));
  EXPECT_TRUE(contains(why("naked"), "has no manifest naked.json"));
  const std::string minor = std::to_string(DODONA_ABI_MINOR);
  EXPECT_TRUE(contains(
      why("old"), "was built for plugin ABI 7." + minor + ", and this is 0." + minor + "; rebuild"))
      << why("old");
}

TEST(Catalogue, FindsByNameOrId) {
  const PluginDirectory directory;
  add(directory, "net", "org.example.net", "net");
  const Catalogue catalogue = directory.catalogue();
  EXPECT_EQ(catalogue.find(DODONA_ROLE_ORACLE, "net").id, "org.example.net");
  EXPECT_EQ(catalogue.find(DODONA_ROLE_ORACLE, "org.example.net").name, "net");
  error_of([&] { catalogue.find(DODONA_ROLE_SINK, "net"); });
}

TEST(Catalogue, ListsTheIdsOfANameThatIsNotUnique) {
  const PluginDirectory directory;
  add(directory, "a", "org.a.net", "net");
  add(directory, "b", "org.b.net", "net");
  const Catalogue catalogue = directory.catalogue();
  EXPECT_EQ(error_of([&] { catalogue.find(DODONA_ROLE_ORACLE, "net"); }),
            "several plugins are called oracle \"net\"; say which one by its id: \"org.a.net\", "
            "\"org.b.net\"");
  EXPECT_EQ(catalogue.find(DODONA_ROLE_ORACLE, "org.b.net").library, directory / "b.so");
}

TEST(Catalogue, SaysWhereItLookedAndWhatIsNear) {
  const PluginDirectory directory;
  add(directory, "random", "org.dodona.random", "random");
  EXPECT_EQ(error_of([&] { directory.catalogue().find(DODONA_ROLE_ORACLE, "randm"); }),
            "there is no oracle \"randm\" (did you mean \"random\"?); looked in " +
                directory.path().string());
  add(directory, "grid", "org.dodona.grid", "grid");
  EXPECT_EQ(error_of([&] { directory.catalogue().find(DODONA_ROLE_ORACLE, "zzz"); }),
            "there is no oracle \"zzz\"; there are grid or random; looked in " +
                directory.path().string());
  EXPECT_EQ(error_of([] { Catalogue().find(DODONA_ROLE_SINK, "x"); }),
            "there is no sink \"x\"; no plugin directory was found");
}

TEST(Catalogue, PutsModulesOfTheApplicationFirst) {
  const PluginDirectory directory;
  add(directory, "idle", "org.example.idle", "idle");
  add(directory, "other", "org.other", "other");
  Catalogue catalogue = directory.catalogue();
  catalogue.add(support::example_module());
  EXPECT_EQ(ids(catalogue).front(), "org.example.idle");
  EXPECT_EQ(ids(catalogue).back(), "org.other");
  const Descriptor& idle = catalogue.find(DODONA_ROLE_ORACLE, "idle");
  EXPECT_TRUE(idle.library.empty());
  EXPECT_NE(idle.table, nullptr);
}

TEST(Catalogue, RefusesAModuleThatBreaksTheContract) {
  dodona_module module = *support::example_module();
  module.minor_needed = 99;
  Catalogue catalogue;
  EXPECT_TRUE(
      contains(error_of([&] { catalogue.add(&module); }), "needs plugin ABI 0.99 or later"));
  EXPECT_TRUE(contains(error_of([&] { catalogue.add(nullptr); }), "returns no table"));
}

}  // namespace
}  // namespace dodona::plugin
