// SPDX-License-Identifier: Apache-2.0
#include "host/describe.hpp"

#include <gtest/gtest.h>

namespace dodona::host {
namespace {

PluginDescription described() {
  PluginDescription plugin;
  plugin.info = {"oracle",     "org.example.idle", "idle", "0.1.0",
                 "Apache-2.0", "proposes nothing", "",     ""};
  plugin.abi_built = "0.6";
  plugin.abi_needed = "0.5";
  return plugin;
}

TEST(Describe, PutsTheHelpBelowEachOption) {
  PluginDescription plugin = described();
  plugin.options = {{"count", "int", "3", "1", "9", {}, "how many; more cost more"},
                    {"mode", "string", "\"fast\"", {}, {}, {"\"fast\"", "\"exact\""}, "how exact"},
                    {"data", "string", {}, {}, {}, {}, ""}};
  EXPECT_EQ(description_text(plugin),
            "oracle \"idle\", version 0.1.0, Apache-2.0\n"
            "  proposes nothing\n"
            "  id: org.example.idle\n"
            "  library: built in\n"
            "  plugin ABI: built for 0.6, needs 0.5\n"
            "\n"
            "  option  kind    default        values\n"
            "  count   int     3              1 to 9\n"
            "      how many; more cost more\n"
            "  mode    string  \"fast\"         \"fast\", \"exact\"\n"
            "      how exact\n"
            "  data    string  must be given  any\n");
}

TEST(Describe, SaysThatThereAreNoOptions) {
  EXPECT_TRUE(description_text(described()).ends_with("needs 0.5\n\nIt takes no options.\n"));
}

TEST(Describe, SaysWhatThePluginIsAndWhatWasLeftAsideForIt) {
  PluginDescription plugin = described();
  plugin.info.path = "/lib/idle.so";
  plugin.build_id = "00ff";
  plugin.processor = "x86-64-v3";
  plugin.judges = true;
  plugin.flags = {"resumes", "ends"};
  PluginInfo aside;
  aside.path = "/other/idle.json";
  aside.problem = "is hidden";
  plugin.aside = {aside};
  const std::string text = description_text(plugin);
  for (const char* line :
       {"  library: /lib/idle.so, for x86-64-v3\n", "  build-id: 00ff\n", "  judges trials, too\n",
        "  resumes: proposes trials that go on", "  ends: ends by itself",
        "  left aside: /other/idle.json: is hidden\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  plugin.info.role = "hypermodel";
  EXPECT_NE(description_text(plugin).find("dodona space STUDY.json"), std::string::npos);
}

}  // namespace
}  // namespace dodona::host
