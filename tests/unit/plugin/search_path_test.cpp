// SPDX-License-Identifier: Apache-2.0
#include "plugin/search_path.hpp"

#include "base/file.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <unistd.h>
#include <vector>

namespace dodona::plugin {
namespace {

std::vector<std::string> paths(const std::vector<SearchDirectory>& directories) {
  std::vector<std::string> out;
  for (const SearchDirectory& each : directories) {
    if (each.ignored.empty()) out.push_back(each.path.string());
  }
  return out;
}

Environment everything() {
  Environment environment;
  environment.plugin_path = "/env/a:/env/b";
  environment.xdg_data_home = "/data";
  environment.home = "/users/u";
  environment.holder = "/usr/lib/libdodona.so.0";
  return environment;
}

using Paths = std::vector<std::string>;

TEST(SearchPath, HasTheAgreedOrder) {
  const auto directories = search_directories({"given"}, true, everything());
  EXPECT_EQ(paths(directories),
            (Paths{"given", "/env/a", "/env/b", "/usr/lib/dodona/plugins", "/data/dodona/plugins",
                   "/users/u/.local/lib/dodona/plugins"}));
  EXPECT_TRUE(directories[0].given);
  EXPECT_FALSE(directories[1].given);
}

TEST(SearchPath, IsWhatWasGivenWithoutDefaults) {
  EXPECT_EQ(paths(search_directories({"/a", "/b"}, false, everything())), (Paths{"/a", "/b"}));
}

TEST(SearchPath, OfAProgramWithOtherRightsIgnoresTheEnvironment) {
  Environment environment = everything();
  environment.secure = true;
  EXPECT_EQ(paths(search_directories({}, true, environment)), (Paths{"/usr/lib/dodona/plugins"}));
}

TEST(SearchPath, NeverDependsOnTheWorkingDirectory) {
  Environment environment = everything();
  environment.plugin_path = "plugins::./x:/env/a:";
  environment.xdg_data_home = "data";
  EXPECT_EQ(paths(search_directories({}, true, environment)),
            (Paths{"/env/a", "/usr/lib/dodona/plugins", "/users/u/.local/share/dodona/plugins",
                   "/users/u/.local/lib/dodona/plugins"}));
  environment.home = std::nullopt;
  environment.plugin_path = std::nullopt;
  environment.holder.clear();
  EXPECT_EQ(paths(search_directories({}, true, environment)), Paths{});
}

TEST(SearchPath, NamesRelativeEntriesAsIgnored) {
  Environment environment;
  environment.plugin_path = "plugins::/env/a:~/mine";
  const auto directories = search_directories({}, true, environment);
  ASSERT_EQ(directories.size(), 3U);
  EXPECT_EQ(directories[0].ignored,
            "the entry \"plugins\" of DODONA_PLUGIN_PATH is ignored, as it is relative; give \"" +
                fs::absolute("plugins").string() + "\"");
  EXPECT_EQ(directories[1].ignored, "");
  EXPECT_TRUE(contains(directories[2].ignored, "give \"" + *base::home_expanded("~/mine") + "\""))
      << directories[2].ignored;
}

TEST(SearchPath, FindsTheProgramThatHoldsThisCode) {
  EXPECT_EQ(Environment::current().holder, fs::read_symlink("/proc/self/exe"));
  EXPECT_FALSE(Environment::current().secure);
}

TEST(Trust, RefusesGroupAndOthersWithTheRemedy) {
  const PluginDirectory directory;
  const fs::path file = directory.write("f", "x");
  EXPECT_NO_THROW(check_trusted(file));
  EXPECT_NO_THROW(check_trusted(directory.path()));
  fs::permissions(file, fs::perms(0664));
  const std::string group = error_of([&] { check_trusted(file); }, DODONA_E_INVALID);
  EXPECT_TRUE(contains(group, "by its group")) << group;
  EXPECT_TRUE(contains(group, "run: chmod go-w " + file.string())) << group;
  fs::permissions(file, fs::perms(0646));
  EXPECT_TRUE(contains(error_of([&] { check_trusted(file); }, DODONA_E_INVALID), "by everybody"));
  EXPECT_TRUE(
      contains(error_of([&] { check_trusted(directory / "gone"); }, DODONA_E_IO), "No such file"));
}

TEST(Trust, IsInRootInTheUserAndInTheOwnerOfTheLibrary) {
  constexpr uid_t kUser = 1000, kLibrary = 500, kOther = 1001;
  EXPECT_TRUE(is_trusted(0, kUser, kLibrary));
  EXPECT_TRUE(is_trusted(kUser, kUser, kLibrary));
  EXPECT_TRUE(is_trusted(kLibrary, kUser, kLibrary));
  EXPECT_FALSE(is_trusted(kOther, kUser, kLibrary));
  EXPECT_FALSE(is_trusted(kUser, 0, 0));
}

TEST(Trust, RefusesWhatAnotherUserOwns) {
  const PluginDirectory directory;
  const fs::path file = directory.write("f", "x");
  constexpr uid_t kOther = 54321;
  if (::chown(file.c_str(), kOther, static_cast<gid_t>(-1)) != 0) GTEST_SKIP() << "needs root";
  const std::string why = error_of([&] { check_trusted(file); }, DODONA_E_INVALID);
  EXPECT_TRUE(contains(why, file.string() + " belongs to user 54321")) << why;
  EXPECT_TRUE(contains(why, "it should belong to root or to you, user ")) << why;
}

}  // namespace
}  // namespace dodona::plugin
