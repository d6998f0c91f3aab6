// SPDX-License-Identifier: Apache-2.0
#include "plugin/elf.hpp"

#include "plugin/manifest.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/random.hpp>

#include <algorithm>

namespace dodona::plugin {
namespace {

std::string library(const std::string& name) {
  return base::read_file(fs::path(DODONA_BAD_PLUGINS) / (name + ".so"));
}

TEST(Elf, KnowsTheBuildIdThatTheManifestHas) {
  const Manifest manifest = read_manifest(fs::path(DODONA_BAD_PLUGINS) / "throws.json");
  EXPECT_EQ(read_elf(library("throws"), "throws").build_id, manifest.build_id);
  EXPECT_EQ(manifest.build_id.size(), 40u);  // of SHA-1
}

TEST(Elf, ListsWhatALibraryExports) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(read_elf(library("throws"), "x").exports, (Names{"dodona_module_v0"}));
  EXPECT_EQ(read_elf(library("no_entry"), "x").exports, Names{});
  EXPECT_EQ(read_elf(library("second_export"), "x").exports.size(), 2u);
}

TEST(Elf, ListsWhatALibraryNeeds) {
  const std::vector<std::string> needed = read_elf(library("shared_libcxx"), "x").needed;
  EXPECT_EQ(std::count(needed.begin(), needed.end(), "libc++.so.1"), 1) << needed.size();
  EXPECT_EQ(read_elf(library("raw"), "x").needed.size(), needed.size() - 1);
}

TEST(Elf, RefusesWhatIsNoLibrary) {
  EXPECT_EQ(error_of([] { read_elf("", "f"); }), "f: is not an ELF library");
  EXPECT_EQ(error_of([] { read_elf("#!/bin/sh\n", "f"); }), "f: is not an ELF library");
  EXPECT_TRUE(contains(error_of([] {
                         read_elf(
                             "\x7f"
                             "ELF",
                             "f");
                       }),
                       "outside the file"));
  std::string bytes = library("raw");
  bytes[4] = 1;  // 32 bits
  EXPECT_EQ(error_of([&] { read_elf(bytes, "f"); }), "f: is not a 64-bit little-endian library");
  bytes = library("raw");
  bytes[16] = 2;  // an executable
  EXPECT_EQ(error_of([&] { read_elf(bytes, "f"); }), "f: is not a shared library");
}

// Every answer is fine but one beyond the bytes, which the sanitizers would see.
TEST(Elf, SurvivesAnyCutAndAnyChange) {
  const std::string whole = library("raw");
  const auto try_read = [](const std::string& bytes) {
    try {
      read_elf(bytes, "f");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), DODONA_E_PLUGIN);
    }
  };
  for (std::size_t size = 0; size < whole.size(); size += 7) try_read(whole.substr(0, size));
  RandomStream random(1, 0, Purpose::kProposal);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = whole;
    // Most of them where the headers are.
    const std::size_t range = i % 4 == 0 ? bytes.size() : 1024;
    for (int k = 0; k < 3; ++k) bytes[random.below(range)] = static_cast<char>(random.below(256));
    try_read(bytes);
  }
}

}  // namespace
}  // namespace dodona::plugin
