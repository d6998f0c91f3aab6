// SPDX-License-Identifier: Apache-2.0
#include "document/schema.hpp"

#include "document/keys.hpp"
#include "document/space_entries.hpp"

#include <dodona/abi.h>

#include <boost/json/array.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dodona::document {
namespace {

namespace json = boost::json;
using plugin::Descriptor;
using plugin::OptionKind;
using plugin::OptionSpec;

// ---- plugins -----------------------------------------------------------------------------------

const char* type_word(OptionKind kind) {
  switch (kind) {
    case OptionKind::kInt:
      return "integer";
    case OptionKind::kFloat:
      return "number";
    case OptionKind::kBoolean:
      return "boolean";
    case OptionKind::kString:
      return "string";
    case OptionKind::kList:
      return "array";
    case OptionKind::kObject:
      break;
  }
  return "object";
}

json::object option_schema(const OptionSpec& option) {
  json::object out = {{"type", type_word(option.kind)}, {"description", option.help}};
  if (option.initial) out["default"] = *option.initial;
  if (option.low) out["minimum"] = *option.low;
  if (option.high) out["maximum"] = *option.high;
  if (!option.choices.empty()) {
    out["enum"] = json::array(option.choices.begin(), option.choices.end());
  }
  return out;
}

bool needs_options(const Descriptor& descriptor) {
  return std::any_of(descriptor.options.begin(), descriptor.options.end(),
                     [](const OptionSpec& option) { return !option.initial; });
}

// How a study file may call it: by its id, and by its name where no other of the role has it.
json::array names_of(const Descriptor& descriptor, const std::vector<const Descriptor*>& all) {
  const auto same = std::count_if(all.begin(), all.end(), [&](const Descriptor* other) {
    return other->role == descriptor.role && other->name == descriptor.name;
  });
  json::array names;
  if (same == 1) names.emplace_back(descriptor.name);
  if (same != 1 || descriptor.id != descriptor.name) names.emplace_back(descriptor.id);
  return names;
}

// If it is this plugin, its options are these.
json::object options_rule(const Descriptor& descriptor, json::array names) {
  json::object properties;
  json::array required;
  for (const OptionSpec& option : descriptor.options) {
    properties[option.name] = option_schema(option);
    if (!option.initial) required.emplace_back(option.name);
  }
  json::object options = {{"type", "object"},
                          {"description", descriptor.description},
                          {"properties", std::move(properties)},
                          {"additionalProperties", false}};
  json::object then;
  if (!required.empty()) {
    options["required"] = std::move(required);
    then["required"] = json::array{"options"};
  }
  then["properties"] = json::object{{"options", std::move(options)}};
  return {{"if", {{"properties", {{"plugin", {{"enum", std::move(names)}}}}}}},
          {"then", std::move(then)}};
}

json::object plugin_schema(std::string_view role, const plugin::Catalogue& catalogue) {
  const std::vector<const Descriptor*> all = catalogue.list();
  json::array names;       // of all
  json::array bare_names;  // of those that need no options
  json::array rules;
  for (const Descriptor* descriptor : all) {
    if (descriptor->role != role) continue;
    json::array called = names_of(*descriptor, all);
    names.insert(names.end(), called.begin(), called.end());
    if (!needs_options(*descriptor)) {
      bare_names.insert(bare_names.end(), called.begin(), called.end());
    }
    rules.push_back(options_rule(*descriptor, std::move(called)));
  }
  json::object object = {
      {"type", "object"},
      {"required", json::array{"plugin"}},
      {"properties",
       {{"plugin", {{"description", "short name or id"}, {"enum", std::move(names)}}},
        {"options", {{"type", "object"}}}}},
      {"additionalProperties", false}};
  if (!rules.empty()) object["allOf"] = std::move(rules);
  return {{"anyOf", {json::object{{"enum", std::move(bare_names)}}, std::move(object)}}};
}

json::object reference(const Key& key) {
  return {{"$ref", "#/$defs/" + std::string(plugin::role_word(key.role))}};
}

// ---- keys --------------------------------------------------------------------------------------

json::object name_schema() {
  return {{"type", "string"}, {"minLength", 1}};
}

// A metric with its direction.
json::object term_schema() {
  return {{"type", "object"},
          {"required", json::array{"name"}},
          {"properties", {{"name", name_schema()}, {"direction", {{"enum", {"min", "max"}}}}}},
          {"additionalProperties", false}};
}

json::object objective_schema() {
  const json::object name = name_schema();
  const json::object term = term_schema();
  const json::object terms = {
      {"type", "array"}, {"minItems", 1}, {"items", {{"anyOf", json::array{name, term}}}}};
  const json::object sum = {{"type", "object"},
                            {"required", json::array{"sum"}},
                            {"properties", {{"sum", terms}}},
                            {"additionalProperties", false}};
  return {{"anyOf", json::array{name, term, sum, terms}}};
}

json::object limits_schema() {
  const json::object number = {{"type", "number"}};
  const json::object limit = {
      {"type", "object"},
      {"required", json::array{"metric"}},
      {"properties", {{"metric", name_schema()}, {"min", number}, {"max", number}}},
      {"anyOf", json::array{json::object{{"required", json::array{"min"}}},
                            json::object{{"required", json::array{"max"}}}}},
      {"additionalProperties", false}};
  return {{"type", "array"}, {"items", limit}};
}

// One function for each alternative of KeyPlace.
struct Shape {
  const Key& key;

  json::object whole() const {
    json::object out = {{"type", "integer"}, {"minimum", key.low}};
    if (key.high < INT64_MAX) out["maximum"] = key.high;
    return out;
  }
  json::object operator()(std::string StudyOptions::*) const {
    if (key.form == Form::kSpace) return space_schema();
    if (!key.choices.empty()) {
      return {{"enum", json::array(key.choices.begin(), key.choices.end())}};
    }
    json::object out = {{"type", "string"}, {"minLength", 1}};
    if (key.form == Form::kFileName) {
      out["pattern"] = kFileNamePattern;
      out["maxLength"] = kFileNameMax;
    }
    return out;
  }
  json::object operator()(bool StudyOptions::*) const { return {{"type", "boolean"}}; }
  json::object operator()(std::uint64_t StudyOptions::*) const {
    if (key.form != Form::kOrAll) return whole();
    return {{"anyOf", json::array{whole(), json::object{{"const", "all"}}}}};
  }
  json::object operator()(std::uint32_t StudyOptions::*) const { return whole(); }
  json::object operator()(std::optional<std::uint64_t> StudyOptions::*) const { return whole(); }
  json::object operator()(double StudyOptions::*) const {
    return {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", key.high}};
  }
  json::object operator()(std::vector<std::string> StudyOptions::*) const {
    return {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}};
  }
  json::object operator()(Objective StudyOptions::*) const { return objective_schema(); }
  json::object operator()(PluginUse StudyOptions::*) const { return reference(key); }
  json::object operator()(std::optional<PluginUse> StudyOptions::*) const { return reference(key); }
  json::object operator()(std::vector<PluginUse> StudyOptions::*) const {
    return {{"type", "array"}, {"items", reference(key)}};
  }
  json::object operator()(std::optional<Objective> StudyOptions::*) const {
    return {{"anyOf", json::array{name_schema(), term_schema()}}};
  }
  json::object operator()(std::optional<Checkpoint> StudyOptions::*) const {
    const json::object steps = {{"type", "integer"}, {"minimum", 1}, {"maximum", key.high}};
    const json::object seconds = {
        {"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", key.high}};
    return {{"type", "object"},
            {"properties", {{"steps", steps}, {"seconds", seconds}}},
            {"additionalProperties", false},
            {"minProperties", 1},
            {"maxProperties", 1}};
  }
  json::object operator()(std::vector<MetricLimit> StudyOptions::*) const {
    return limits_schema();
  }
  json::object operator()(std::vector<NamedValues> StudyOptions::*) const {
    const json::object value = {{"type", {"integer", "number", "boolean", "string"}}};
    return {{"type", "array"}, {"items", {{"type", "object"}, {"additionalProperties", value}}}};
  }
};

json::object key_schema(const Key& key) {
  json::object shape = std::visit(Shape{key}, key.place);
  json::object out;
  std::string help = key.help;
  if (key.null_says.empty()) {
    out = std::move(shape);
  } else {
    help += " null: " + key.null_says + ".";
    out["anyOf"] = json::array{shape, json::object{{"type", "null"}}};
  }
  out["description"] = help;
  out["default"] = key_value(key, StudyOptions());
  return out;
}

}  // namespace

json::object schema(const plugin::Catalogue& catalogue) {
  json::object properties;
  properties["$schema"] = json::object{
      {"type", "string"}, {"description", "Where editors find this schema. The study ignores it."}};
  for (const Key& key : keys()) {
    if (key.group().empty()) {
      properties[key.path] = key_schema(key);
      continue;
    }
    json::value& group = properties[key.group()];
    if (group.is_null()) {
      group = json::object{{"type", "object"},
                           {"description", group_help(key.group())},
                           {"properties", json::object()},
                           {"additionalProperties", false}};
    }
    group.at("properties").as_object()[key.name()] = key_schema(key);
  }
  json::object defs;
  for (const char* role : {DODONA_ROLE_ORACLE, DODONA_ROLE_HYPERMODEL, DODONA_ROLE_SINK}) {
    defs[plugin::role_word(role)] = plugin_schema(role, catalogue);
  }
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "Dodona study file"},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false},
          {"$defs", std::move(defs)}};
}

}  // namespace dodona::document
