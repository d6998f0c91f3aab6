// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include "support/example_module.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace dodona::plugin {
namespace {

using support::FakeServices;

const dodona_descriptor& load_quietly(const Descriptor& descriptor) {
  FakeServices services;
  return load(descriptor, services);
}

// Message of the error that loading the only plugin of a directory throws.
std::string load_error(const PluginDirectory& directory) {
  const Catalogue catalogue = directory.catalogue();
  const auto list = catalogue.list();
  if (list.empty()) return "not listed: " + catalogue.problems().at(0).reason;
  return error_of([&] { load_quietly(*list.front()); });
}

std::string load_error(const std::string& variant) {
  const PluginDirectory directory;
  directory.add_raw(variant);
  return load_error(directory);
}

TEST(Library, LoadsOnceAndForGood) {
  const PluginDirectory directory;
  directory.add_raw("raw");
  const Catalogue catalogue = directory.catalogue();
  const dodona_descriptor& table = load_quietly(catalogue.find(DODONA_ROLE_ORACLE, "raw"));
  EXPECT_STREQ(table.id, "org.example.raw");
  EXPECT_EQ(&load_quietly(directory.catalogue().find(DODONA_ROLE_ORACLE, "raw")), &table);
}

TEST(Library, LoadsTwoThatExportTheSameName) {
  const PluginDirectory directory;
  directory.add_raw("raw", "a");
  const dodona_descriptor& a = load_quietly(*directory.catalogue().list().front());
  const PluginDirectory other;
  other.add_raw("raw", "b");
  EXPECT_NE(&load_quietly(*other.catalogue().list().front()), &a);
}

TEST(Library, IsATableWhereTheApplicationHasIt) {
  Catalogue catalogue;
  catalogue.add(support::example_module());
  EXPECT_EQ(&load_quietly(catalogue.find(DODONA_ROLE_ORACLE, "idle")),
            support::example_module()->descriptors[0]);
}

TEST(Library, OfAnotherBuildThanItsManifestIsRefused) {
  const PluginDirectory directory;
  directory.add_raw("raw");
  directory.write("raw.json", PluginDirectory::raw_manifest("raw", "0badc0de"));
  const std::string error = load_error(directory);
  EXPECT_TRUE(contains(error, "another build")) << error;
  EXPECT_TRUE(contains(error, "\"0badc0de\"")) << error;
}

TEST(Library, RebuiltWhileLoadedIsRefused) {
  const PluginDirectory directory;
  const fs::path library = directory.add_raw("raw");
  load_quietly(*directory.catalogue().list().front());
  fs::remove(library);
  directory.add_raw("no_propose");
  EXPECT_TRUE(contains(load_error(directory), "was rebuilt after this process loaded it"));
}

TEST(Library, OfAnotherAbiSaysWhichAndWhatToDo) {
  const std::string minor = std::to_string(DODONA_ABI_MINOR);
  EXPECT_TRUE(contains(
      load_error("other_epoch"),
      "was built for plugin ABI 7." + minor + ", and this is 0." + minor + "; rebuild the plugin"))
      << load_error("other_epoch");
  EXPECT_TRUE(contains(load_error("newer"), "needs plugin ABI 0.99 or later, and this is 0."));
  EXPECT_TRUE(contains(load_error("older"), "was built for plugin ABI 0.4, and this is 0."));
}

TEST(Library, BuiltByAnotherMinorIsTakenIfThisHostWillDo) {
  const PluginDirectory directory;
  directory.add_raw("other_minor");
  load_quietly(*directory.catalogue().list().front());
}

TEST(Library, WithFlagsThatMustNotBePassedOverIsRefused) {
  EXPECT_TRUE(contains(load_error("high_flag"), "has the flags 1073741824, which this version"));
}

TEST(Library, WithATableThatIsTooShortIsRefused) {
  EXPECT_TRUE(contains(load_error("short_module"), "its module table has 32 bytes"))
      << load_error("short_module");
  EXPECT_TRUE(contains(load_error("short_descriptor"), "descriptor 0 of its module table"));
  EXPECT_TRUE(contains(load_error("short_table"), "oracle \"raw\": its table of functions has"));
}

TEST(Library, WithoutARequiredPartIsRefused) {
  EXPECT_TRUE(contains(load_error("no_table"), "has no table of functions"));
  EXPECT_TRUE(contains(load_error("no_propose"), "lacks the required function propose (or judge)"));
  EXPECT_TRUE(contains(load_error("null_module"), "dodona_module_v0 returns no table"));
  EXPECT_TRUE(contains(load_error("no_entry"), "does not export dodona_module_v0"));
}

TEST(Library, MayServeOtherEpochsToo) {
  const PluginDirectory directory;
  directory.add_raw("two_epochs");
  load_quietly(*directory.catalogue().list().front());
  const std::string error = load_error("other_entry");
  EXPECT_TRUE(contains(error, "exports dodona_module_v7 alone, for another epoch")) << error;
}

TEST(Library, ThatExportsMoreThanItsEntryIsRefused) {
  EXPECT_TRUE(
      contains(load_error("second_export"), "exports \"dodona_test_second_export\" beside"));
}

TEST(Library, OnASharedLibcxxIsRefusedBeforeItIsLoaded) {
  const std::string error = load_error("shared_libcxx");
  EXPECT_TRUE(contains(error, "shared_libcxx") || contains(error, "raw.so")) << error;
  EXPECT_TRUE(contains(error, "needs the shared libc++.so.1: ")) << error;
  EXPECT_TRUE(contains(error, "link it statically")) << error;
}

TEST(Library, HasAManifestThatTellsTheSame) {
  const PluginDirectory directory;
  const fs::path library = directory.copy(fs::path(DODONA_BAD_PLUGINS) / "throws.so", "throws");
  directory.write("throws.json", manifest_text(library));
  EXPECT_EQ(manifest_text(library), base::read_file(fs::path(DODONA_BAD_PLUGINS) / "throws.json"));
  load_quietly(*directory.catalogue().list().front());
}

TEST(Library, WithBadTablesHasNoManifest) {
  const auto error = [](const std::string& variant) {
    return error_of([&] { manifest_text(fs::path(DODONA_BAD_PLUGINS) / (variant + ".so")); });
  };
  EXPECT_TRUE(contains(error("no_propose"), "lacks the required function propose (or judge)"));
  EXPECT_TRUE(contains(error("default_out_of_bounds"),
                       "oracle \"raw\": option \"count\" has the default 9, which is above its "
                       "largest value, 5"));
  EXPECT_TRUE(contains(error("unknown_role"), "has the unknown role \"dodona.chooser/1\""));
  EXPECT_TRUE(contains(error("shared_libcxx"), "needs the shared libc++.so.1"));
  EXPECT_TRUE(contains(error("other_epoch"), "rebuild the plugin"));
  EXPECT_TRUE(
      contains(error("bad_json"), "option \"layers\" has the default '[1, ]', which is not JSON"));
  EXPECT_TRUE(contains(error("nothing"), "No such file"));
}

TEST(Library, ThatCannotBeLinkedSaysWhatIsMissing) {
  const std::string error = load_error("unresolved");
  EXPECT_TRUE(contains(error, "cannot be loaded: ")) << error;
  EXPECT_TRUE(contains(error, "dodona_test_function_that_nobody_has")) << error;
}

TEST(Library, ThatIsNoLibraryIsRefused) {
  const PluginDirectory directory;
  directory.write("raw.so", "#!/bin/sh\n");
  directory.write("raw.json", PluginDirectory::raw_manifest("raw", "00"));
  EXPECT_TRUE(contains(load_error(directory), "is not an ELF library"));
}

TEST(Library, ThatSaysOtherThingsThanItsManifestIsRefused) {
  const PluginDirectory directory;
  const fs::path library = directory.add_raw("raw");
  const std::string id = PluginDirectory::build_id(library);
  directory.write("raw.json", PluginDirectory::raw_manifest("raw", id, "org.example.raw", "row"));
  EXPECT_TRUE(contains(load_error(directory), "its manifest tells another name of oracle \"row\""))
      << load_error(directory);
  directory.write("raw.json", PluginDirectory::raw_manifest("raw", id, "org.example.other"));
  EXPECT_TRUE(contains(load_error(directory), "does not contain oracle \"raw\""));
}

TEST(Library, ThatWentAwayIsAnError) {
  const PluginDirectory directory;
  const fs::path library = directory.add_raw("raw");
  const Catalogue catalogue = directory.catalogue();
  fs::remove(library);
  EXPECT_TRUE(contains(error_of([&] { load_quietly(*catalogue.list().front()); }), "No such file"));
}

}  // namespace
}  // namespace dodona::plugin
