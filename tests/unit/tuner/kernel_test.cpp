// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "support/error_of.hpp"
#include "support/example_module.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/kernel.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

namespace dodona {
namespace {

using support::contains;
using support::error_of;
using support::TemporaryDirectory;

PluginSources example() {
  PluginSources sources;
  sources.defaults = false;
  sources.modules = {support::example_module()};
  return sources;
}

TEST(Kernel, HasAVersionOfThreeNumbers) {
  EXPECT_EQ(version(), std::to_string(DODONA_VERSION_MAJOR) + "." +
                           std::to_string(DODONA_VERSION_MINOR) + "." +
                           std::to_string(DODONA_VERSION_PATCH));
  EXPECT_STREQ(version(), DODONA_VERSION);
  EXPECT_TRUE(std::regex_match(version(), std::regex(R"(\d+\.\d+\.\d+)"))) << version();
}

TEST(Kernel, ListsPluginsAndThoseThatCannotBeUsed) {
  const TemporaryDirectory directory;
  directory.write("broken.json", "{");
  PluginSources sources = example();
  sources.directories = {directory.string()};
  const std::vector<PluginInfo> plugins = list_plugins(sources);
  ASSERT_EQ(plugins.size(), 5U);
  EXPECT_EQ(plugins[0].role, "oracle");
  EXPECT_EQ(plugins[0].id, "org.example.idle");
  EXPECT_EQ(plugins[0].name, "idle");
  EXPECT_EQ(plugins[0].path, "");
  EXPECT_EQ(plugins[2].role, "hypermodel");
  EXPECT_EQ(plugins[3].role, "sink");
  EXPECT_EQ(plugins[4].name, "broken");
  EXPECT_EQ(plugins[4].path, (directory / "broken.json").string());
  EXPECT_FALSE(plugins[4].problem.empty());

  const base::JsonDocument document = base::parse_json(to_json(plugins), "plugins");
  const auto& list = document.root.at("plugins").as_array();
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(list[2].at("id").as_string(), "org.example.net");
  EXPECT_EQ(list[4].at("problem").as_string(), plugins[4].problem);

  EXPECT_TRUE(contains(error_of(DODONA_E_PLUGIN, [&] { describe_plugins("broken", sources); }),
                       "plugin \"broken\" cannot be used: " + plugins[4].problem));
}

TEST(Kernel, DescribesAPluginForPrograms) {
  const base::JsonDocument document =
      base::parse_json(to_json(describe_plugins("idle", example())), "idle");
  const auto& plugins = document.root.at("plugins").as_array();
  ASSERT_EQ(plugins.size(), 1U);
  const auto& options = plugins[0].at("options").as_array();
  ASSERT_EQ(options.size(), 5U);
  EXPECT_EQ(base::to_text(options[0]),
            R"({"name": "count", "kind": "int", "required": false, "default": 3, "low": 1, )"
            R"("high": 9, "choices": [], "help": "how many; more cost more"})");
  EXPECT_EQ(base::to_text(options[2].at("choices")), R"(["fast", "exact"])");
  EXPECT_TRUE(options[3].at("low").is_null());
}

TEST(Kernel, NamesWhatAMisspeltPluginMayBe) {
  const TemporaryDirectory directory;
  PluginSources sources = example();
  sources.directories = {directory.string()};
  EXPECT_EQ(
      error_of(DODONA_E_PLUGIN, [&] { describe_plugins("idel", sources); }),
      "there is no plugin \"idel\" (did you mean \"idle\"?); looked in " + directory.string());
}

TEST(Kernel, LooksOnlyIntoDirectoriesThatOthersCannotChange) {
  const TemporaryDirectory directory;
  PluginSources sources;
  sources.defaults = false;
  sources.directories = {(directory / "missing").string()};
  EXPECT_TRUE(
      contains(error_of(DODONA_E_INVALID, [&] { list_plugins(sources); }), sources.directories[0]));
  sources.directories = {directory.string()};
  EXPECT_TRUE(list_plugins(sources).empty());
  std::filesystem::permissions(directory.string(), std::filesystem::perms(0777));
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { list_plugins(sources); }), "chmod go-w"));
}

TEST(Kernel, WritesTheSchemaAsText) {
  const base::JsonDocument document = base::parse_json(study_schema(example()), "schema");
  EXPECT_EQ(document.root.at("title").as_string(), "Dodona study file");
}

}  // namespace
}  // namespace dodona
