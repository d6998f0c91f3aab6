// SPDX-License-Identifier: Apache-2.0
#include "plugin/search_path.hpp"

#include "unit/plugin/plugin_files.hpp"

#include <vector>

namespace dodona::plugin {
namespace {

std::vector<std::string> paths(const std::vector<SearchDirectory>& directories) {
  std::vector<std::string> out;
  for (const SearchDirectory& each : directories) out.push_back(each.path.string());
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
  EXPECT_EQ(paths(directories), (Paths{"given", "/env/a", "/env/b", "/usr/lib/dodona/plugins",
                                       "/data/dodona/plugins"}));
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
            (Paths{"/env/a", "/usr/lib/dodona/plugins", "/users/u/.local/share/dodona/plugins"}));
  environment.home = std::nullopt;
  environment.plugin_path = std::nullopt;
  environment.holder.clear();
  EXPECT_EQ(paths(search_directories({}, true, environment)), Paths{});
}

TEST(SearchPath, FindsTheProgramThatHoldsThisCode) {
  EXPECT_EQ(Environment::current().holder, fs::read_symlink("/proc/self/exe"));
  EXPECT_FALSE(Environment::current().secure);
}

TEST(WritableByOwnerAlone, RefusesGroupAndOthersWithTheRemedy) {
  const PluginDirectory directory;
  const fs::path file = directory.write("f", "x");
  EXPECT_NO_THROW(check_writable_by_owner_alone(file));
  EXPECT_NO_THROW(check_writable_by_owner_alone(directory.path()));
  fs::permissions(file, fs::perms(0664));
  const std::string group =
      error_of([&] { check_writable_by_owner_alone(file); }, DODONA_E_INVALID);
  EXPECT_TRUE(contains(group, "by its group")) << group;
  EXPECT_TRUE(contains(group, "run: chmod go-w " + file.string())) << group;
  fs::permissions(file, fs::perms(0646));
  EXPECT_TRUE(contains(error_of([&] { check_writable_by_owner_alone(file); }, DODONA_E_INVALID),
                       "by everybody"));
  EXPECT_TRUE(
      contains(error_of([&] { check_writable_by_owner_alone(directory / "gone"); }, DODONA_E_IO),
               "No such file"));
}

}  // namespace
}  // namespace dodona::plugin
