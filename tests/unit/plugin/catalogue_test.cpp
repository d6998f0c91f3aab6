// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include "support/example_module.hpp"
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
  EXPECT_TRUE(catalogue.problems().empty());
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
  module.abi_minor = 99;
  Catalogue catalogue;
  EXPECT_TRUE(contains(error_of([&] { catalogue.add(&module); }), "plugin ABI 0.99"));
  EXPECT_TRUE(contains(error_of([&] { catalogue.add(nullptr); }), "returns no table"));
}

}  // namespace
}  // namespace dodona::plugin
