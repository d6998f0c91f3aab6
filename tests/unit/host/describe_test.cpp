// SPDX-License-Identifier: Apache-2.0
#include "host/describe.hpp"

#include <gtest/gtest.h>

namespace dodona::host {
namespace {

PluginDescription described() {
  PluginDescription plugin;
  plugin.info = {"oracle",     "org.example.idle", "idle", "0.1.0",
                 "Apache-2.0", "proposes nothing", "",     ""};
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
            "\n"
            "  option  kind    default        values\n"
            "  count   int     3              1 to 9\n"
            "      how many; more cost more\n"
            "  mode    string  \"fast\"         \"fast\", \"exact\"\n"
            "      how exact\n"
            "  data    string  must be given  any\n");
}

TEST(Describe, SaysThatThereAreNoOptions) {
  EXPECT_TRUE(description_text(described()).ends_with("built in\n\nIt takes no options.\n"));
}

}  // namespace
}  // namespace dodona::host
