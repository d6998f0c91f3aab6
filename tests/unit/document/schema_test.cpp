// SPDX-License-Identifier: Apache-2.0
#include "document/schema.hpp"

#include "base/json.hpp"
#include "document/keys.hpp"
#include "support/example_module.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dodona::document {
namespace {

namespace json = boost::json;

// The part of the schema at a path such as "properties.seed", as text.
std::string part(const std::string& pointer,
                 const plugin::Catalogue& catalogue = support::example_catalogue()) {
  const json::value root = schema(catalogue);
  boost::system::error_code error;
  const json::value* found = root.find_pointer(pointer, error);
  return found == nullptr ? "there is no " + pointer : base::to_text(*found);
}

TEST(Schema, HasEveryKeyAndNoOther) {
  const json::object root = schema(support::example_catalogue());
  EXPECT_EQ(root.at("additionalProperties"), json::value(false));
  std::set<std::string> paths;
  for (const auto& [name, property] : root.at("properties").as_object()) {
    EXPECT_TRUE(property.at("description").is_string()) << name;
    const json::value* members = property.as_object().if_contains("properties");
    if (members == nullptr) {
      paths.emplace(name);
      continue;
    }
    EXPECT_EQ(property.at("additionalProperties"), json::value(false)) << name;
    for (const auto& [member, shape] : members->as_object()) {
      paths.insert(std::string(name) + "." + std::string(member));
      EXPECT_TRUE(shape.at("description").is_string()) << name << "." << member;
    }
  }

  std::set<std::string> expected = {"$schema"};
  for (const Key& key : keys()) expected.insert(key.path);
  EXPECT_EQ(paths, expected);
}

TEST(Schema, SaysTheDefaultOfEveryKey) {
  const json::value root = schema(support::example_catalogue());
  for (const Key& key : keys()) {
    const json::value* place = &root.at("properties");
    if (!key.group().empty()) place = &place->at(key.group()).at("properties");
    EXPECT_EQ(place->at(key.name()).at("default"), key_value(key, StudyOptions())) << key.path;
  }
}

TEST(Schema, ShapesKeysByTheirKindAndBounds) {
  EXPECT_EQ(part("/properties/store/enum"), R"(["sqlite", "memory"])");
  EXPECT_EQ(part("/properties/seed/anyOf"),
            R"([{"type": "integer", "minimum": 0}, {"type": "null"}])");
  EXPECT_EQ(part("/properties/max_trials/anyOf/0"), R"({"type": "integer", "minimum": 1})");
  EXPECT_EQ(part("/properties/max_seconds/anyOf/0/exclusiveMinimum"), "0");
  EXPECT_EQ(part("/properties/parallel_trials/maximum"), "1024");
  EXPECT_EQ(part("/properties/checkpoint/anyOf/0/maxProperties"), "1");
  EXPECT_EQ(part("/properties/checkpoint/default"), R"({"seconds": 60.0})");
  EXPECT_EQ(part("/properties/project_name/minLength"), "1");
  EXPECT_EQ(part("/properties/project_name/pattern"), base::to_text(kFileNamePattern));
  EXPECT_EQ(part("/properties/oracle/$ref"), R"("#/$defs/oracle")");
  EXPECT_EQ(part("/properties/hypermodel/anyOf"),
            R"([{"$ref": "#/$defs/hypermodel"}, {"type": "null"}])");
  EXPECT_EQ(part("/properties/sinks/items/$ref"), R"("#/$defs/sink")");
}

TEST(Schema, NamesThePluginsAtHandAndTheirOptions) {
  // A bare name will do where no option must be given.
  EXPECT_EQ(part("/$defs/oracle/anyOf/0/enum"),
            R"(["idle", "org.example.idle", "auto", "org.example.auto"])");
  EXPECT_EQ(part("/$defs/hypermodel/anyOf/0/enum"), "[]");
  EXPECT_EQ(part("/$defs/hypermodel/anyOf/1/properties/plugin/enum"),
            R"(["net", "org.example.net"])");
  const std::string net = "/$defs/hypermodel/anyOf/1/allOf/0/then";
  EXPECT_EQ(part(net + "/required"), R"(["options"])");
  EXPECT_EQ(part(net + "/properties/options/required"), R"(["data"])");

  const std::string idle = "/$defs/oracle/anyOf/1/allOf/0";
  EXPECT_EQ(part(idle + "/if/properties/plugin/enum"), R"(["idle", "org.example.idle"])");
  const std::string options = idle + "/then/properties/options";
  EXPECT_EQ(part(options + "/additionalProperties"), "false");
  EXPECT_EQ(part(options + "/properties/count"),
            R"({"type": "integer", "description": "how many; more cost more", "default": 3, )"
            R"("minimum": 1, "maximum": 9})");
  EXPECT_EQ(part(options + "/properties/mode/enum"), R"(["fast", "exact"])");
  EXPECT_EQ(part(options + "/properties/layers/type"), R"("array")");
}

TEST(Schema, CallsPluginsThatShareANameByTheirIds) {
  const Module first(
      oracle<support::IdleOracle>({.id = "org.a.twin", .name = "twin", .description = "a"}));
  const Module second(
      oracle<support::IdleOracle>({.id = "org.b.twin", .name = "twin", .description = "b"}));
  plugin::Catalogue catalogue;
  catalogue.add(second.get());  // the one that came last is listed first
  catalogue.add(first.get());
  EXPECT_EQ(part("/$defs/oracle/anyOf/0/enum", catalogue), R"(["org.a.twin", "org.b.twin"])");
  EXPECT_EQ(part("/$defs/sink/anyOf/1/properties/plugin/enum", catalogue), "[]");
}

}  // namespace
}  // namespace dodona::document
