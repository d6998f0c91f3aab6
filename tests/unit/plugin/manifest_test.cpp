// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include "base/json.hpp"
#include "unit/plugin/plugin_files.hpp"

namespace dodona::plugin {
namespace {

namespace json = boost::json;

const char* const kGood = R"({
  "manifest_version": 1,
  "library": "net.so",
  "abi_epoch": 0, "minor_built": 7, "minor_needed": 5,
  "build_id": "0123abcd",
  "later": "unknown keys are passed over",
  "descriptors": [
    {"role": "dodona.hypermodel/1", "id": "org.example.net", "name": "net", "version": "1.2.3",
     "license": "MIT", "description": "a network", "flags": 3,
     "options": [
       {"name": "epochs", "kind": "int", "help": "passes", "default": 5, "low": 1, "high": 9},
       {"name": "rate", "kind": "float", "help": "speed", "default": 1},
       {"name": "mode", "kind": "string", "help": "", "default": "a", "choices": ["a", "b"]},
       {"name": "fast", "kind": "boolean", "help": "", "default": false},
       {"name": "layers", "kind": "list", "help": "", "default": [1, 2]},
       {"name": "extra", "kind": "object", "help": "", "default": {}},
       {"name": "data", "kind": "string", "help": "directory"}
     ]}
  ]
})";

TEST(Manifest, SaysWhatALibraryContains) {
  const Manifest manifest = parse_manifest(kGood, "net.json");
  EXPECT_EQ(manifest.library, "net.so");
  EXPECT_EQ(manifest.build_id, "0123abcd");
  EXPECT_EQ(manifest.abi.minor_built, 7u);
  EXPECT_EQ(manifest.abi.minor_needed, 5u);
  ASSERT_EQ(manifest.descriptors.size(), 1u);
  const Descriptor& net = manifest.descriptors[0];
  EXPECT_EQ(net.id, "org.example.net");
  EXPECT_EQ(net.version, "1.2.3");
  EXPECT_EQ(net.license, "MIT");
  EXPECT_EQ(net.flags, 3u);
  EXPECT_EQ(label(net), "hypermodel \"net\"");
  ASSERT_EQ(net.options.size(), 7u);
  EXPECT_EQ(net.options[0].kind, OptionKind::kInt);
  EXPECT_EQ(net.options[0].initial, json::value(5));
  EXPECT_EQ(net.options[0].low, json::value(1));
  EXPECT_EQ(net.options[1].initial, json::value(1.0));  // in the option's kind
  EXPECT_EQ(net.options[2].choices.size(), 2u);
  EXPECT_EQ(net.options[4].initial, (json::value{1, 2}));
  EXPECT_EQ(net.options[6].initial, std::nullopt);
}

// A manifest with this list of variants.
std::string with_variants(const std::string& list) {
  std::string text = kGood;
  return text.replace(text.find("\"later\""), 0, "\"variants\": " + list + ", ");
}

TEST(Manifest, NamesVariantsForProcessors) {
  EXPECT_TRUE(parse_manifest(kGood, "net.json").variants.empty());
  const Manifest manifest = parse_manifest(
      with_variants(R"([{"processor": "v9", "library": "v9/net.so", "build_id": "aa"},
                        {"processor": "v3", "library": "v3/net.so", "build_id": "bb"}])"),
      "net.json");
  ASSERT_EQ(manifest.variants.size(), 2u);
  EXPECT_EQ(manifest.variants[0].processor, "v9");
  EXPECT_EQ(manifest.variants[1].library, "v3/net.so");
  EXPECT_EQ(manifest.variants[1].build_id, "bb");
}

TEST(Manifest, RefusesAVariantElsewhere) {
  for (const char* library : {"/lib/net.so", "../net.so", "v3/../../net.so"}) {
    const std::string text = with_variants(R"([{"processor": "v3", "library": ")" +
                                           std::string(library) + R"(", "build_id": "bb"}])");
    EXPECT_TRUE(contains(error_of([&] { parse_manifest(text, "net.json"); }, DODONA_E_INVALID),
                         "variants[0].library: \"" + std::string(library) +
                             "\" is not a file below the manifest's directory"))
        << library;
  }
}

TEST(Manifest, OfAFileKnowsWhereTheLibraryIs) {
  const PluginDirectory directory;
  const fs::path path = directory.write("net.json", kGood);
  const Manifest manifest = read_manifest(path);
  EXPECT_EQ(manifest.descriptors[0].library, directory / "net.so");
  EXPECT_EQ(manifest.descriptors[0].build_id, "0123abcd");
}

// `change` replaces a piece of the good manifest.
std::string error_with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  text.replace(text.find(from), from.size(), to);
  return error_of([&] { parse_manifest(text, "net.json"); }, DODONA_E_INVALID);
}

TEST(Manifest, ErrorsSayWhereAndWhatWouldBeRight) {
  EXPECT_EQ(error_with("\"name\": \"net\",", ""), "net.json:8:5: descriptors[0]: lacks \"name\"");
  EXPECT_EQ(error_with("\"low\": 1", "\"low\": \"x\""),
            "net.json:11:81: descriptors[0].options[0].low: is a string; it should be of kind int");
  EXPECT_TRUE(contains(error_with("\"kind\": \"float\"", "\"kind\": \"complex\""),
                       "\"complex\" is not known; it should be int, float,"));
  EXPECT_TRUE(contains(error_with("\"net.so\"", "\"../net.so\""), "not the name of a file"));
  EXPECT_TRUE(contains(error_with("\"net.so\"", "\".\""), "not the name of a file"));
  EXPECT_TRUE(contains(error_with("\"net.so\"", "\"\""), "is empty"));
  EXPECT_TRUE(contains(error_with("0123abcd", "0123ABCD"), "not lower-case hexadecimal"));
  EXPECT_TRUE(contains(error_with("0123abcd", "0"), "not lower-case hexadecimal"));
  EXPECT_TRUE(contains(error_with("\"manifest_version\": 1", "\"manifest_version\": 2"),
                       "version 2 is not known"));
  EXPECT_TRUE(contains(error_with("\"abi_epoch\": 0", "\"abi_epoch\": -1"), "32 bits"));
  EXPECT_TRUE(
      contains(error_with("\"abi_epoch\": 0", "\"abi_epoch\": 0.5"), "should be an integer"));
  EXPECT_TRUE(contains(error_with("\"flags\": 3", "\"flags\": null"), "should be an integer"));
  EXPECT_TRUE(contains(error_with("[\"a\", \"b\"]", "{}"), "should be a list"));
  EXPECT_TRUE(contains(error_with("\"help\": \"passes\"", "\"help\": 1"), "should be a string"));
  EXPECT_TRUE(contains(error_with("\"a network\"", "[]"), "should be a string"));
}

TEST(Manifest, RefusesOtherDocuments) {
  const auto error = [](std::string_view text) {
    return error_of([&] { parse_manifest(text, "f"); }, DODONA_E_INVALID);
  };
  EXPECT_TRUE(contains(error("[]"), "should be an object"));
  EXPECT_TRUE(contains(error("{}"), "lacks \"manifest_version\""));
  EXPECT_TRUE(contains(error("{"), "f:1:"));
  EXPECT_TRUE(contains(error("{\"a\": 1, \"a\": 2}"), "f:1:"));
  EXPECT_TRUE(
      contains(error_with("\"descriptors\": [", "\"descriptors\": [], \"old\": ["), "is empty"));
}

TEST(Manifest, OfTheBuildToolIsUnderstood) {
  const Manifest manifest = read_manifest(fs::path(DODONA_BAD_PLUGINS) / "throws.json");
  EXPECT_EQ(manifest.descriptors.size(), 5u);
  EXPECT_EQ(manifest.library, "throws.so");
}

}  // namespace
}  // namespace dodona::plugin
