// SPDX-License-Identifier: Apache-2.0
#include "pages/target.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>

namespace dodona::pages {
namespace {

TEST(Target, ReadsStudyPartAndQuery) {
  const auto target = parse_target("/study/runs%2Fa%20b/events?id=00ff&from=17&whole");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->study, "runs/a b");
  EXPECT_EQ(target->part, "events");
  EXPECT_EQ(target->query.at("id"), "00ff");
  EXPECT_EQ(target->query.at("from"), "17");
  EXPECT_EQ(target->query.at("whole"), "");
}

TEST(Target, ReadsTheListAndAPage) {
  EXPECT_EQ(parse_target("/")->part, "");
  EXPECT_EQ(parse_target("/studies")->part, "studies");
  EXPECT_EQ(parse_target("/study/toy/")->study, "toy");
  EXPECT_EQ(parse_target("/study/toy/")->part, "");
}

TEST(Target, RefusesAnyOtherForm) {
  for (const char* text :
       {"", "x", "http://x/", "/study/toy", "/study//data", "/study/%/data", "/study/%4/data",
        "/study/%zz/data", "/study/%-1/data", "/study/a/b/c", "/a b", "/?a=%", "/a/../b"}) {
    EXPECT_FALSE(parse_target(text).has_value()) << text;
  }
}

TEST(Target, ReadsEveryByteOfAName) {
  std::string bytes, address;
  for (int byte = 0; byte < 256; ++byte) {
    char digits[4];
    std::snprintf(digits, sizeof digits, byte % 2 == 0 ? "%%%02x" : "%%%02X", byte);
    bytes += static_cast<char>(byte);
    address += digits;
  }
  const auto target = parse_target("/study/" + address + "/data");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->study, bytes);
}

TEST(Target, CountsAreWhole) {
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "18446744073709551616", "x"}) {
    EXPECT_FALSE(parse_count(text).has_value()) << text;
  }
}

TEST(Host, IsLoopbackAlone) {
  for (const char* host : {"localhost", "localhost:8765", "127.0.0.1:1", "127.9.9.9", "[::1]:80"}) {
    EXPECT_TRUE(is_own_host(host, false, "node1")) << host;
  }
  for (const char* host :
       {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80",
        "localhost:", "localhost:x", "[::1", "::1", "192.168.0.1", "node1", "127.0.0",
        "127.0.0.0.1", "127.0.0.256", "localhost:1:2"}) {
    EXPECT_FALSE(is_own_host(host, false, "node1")) << host;
  }
}

TEST(Host, OfAServerForOthersIsAnyAddressOrTheMachine) {
  for (const char* host : {"192.168.0.1:8765", "node1", "[fe80::1]:8765", "localhost"}) {
    EXPECT_TRUE(is_own_host(host, true, "node1")) << host;
  }
  for (const char* host : {"evil.example", "node10", "", "1.2.3.4.evil.example", "[evil]"}) {
    EXPECT_FALSE(is_own_host(host, true, "node1")) << host;
  }
}

TEST(Origin, IsThatOfTheHost) {
  EXPECT_TRUE(is_same_origin("http://localhost:8765", "localhost:8765"));
  for (const char* origin : {"null", "", "http://localhost", "https://localhost:8765",
                             "http://localhost:87650", "http://evil.example"}) {
    EXPECT_FALSE(is_same_origin(origin, "localhost:8765")) << origin;
  }
}

}  // namespace
}  // namespace dodona::pages
