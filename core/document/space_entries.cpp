// SPDX-License-Identifier: Apache-2.0
#include "document/space_entries.hpp"

#include "base/text.hpp"
#include "space/definition.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace dodona::document {
namespace {

namespace json = boost::json;

// In the order of ParamType and Sampling, which count from 1.
const std::vector<std::string> kTypes = {"int", "float", "choice", "boolean", "fixed"};
const std::vector<std::string> kSamplings = {"linear", "log", "reverse_log"};
static_assert(static_cast<int>(ParamType::kFixed) == 5 &&
              static_cast<int>(Sampling::kReverseLog) == 3);

constexpr unsigned bit(ParamType type) {
  return 1U << static_cast<unsigned>(type);
}
constexpr unsigned kRanged = bit(ParamType::kInt) | bit(ParamType::kFloat);
constexpr unsigned kAll =
    kRanged | bit(ParamType::kChoice) | bit(ParamType::kBoolean) | bit(ParamType::kFixed);

// The kind of value that a key of an entry holds, for the schema.
enum class Holds { kName = 1, kType, kNumber, kSampling, kScalars, kScalar, kFlag, kParents };

struct EntryKey {
  std::string name;
  unsigned types;  // that have it
  bool required;
  Holds holds;
  const char* help;
};

// In the order in which entries are written.
const std::vector<EntryKey> kKeys = {
    {"name", kAll, true, Holds::kName, "of the hyperparameter"},
    {"type", kAll, true, Holds::kType, "what values it has"},
    {"min_value", kRanged, true, Holds::kNumber, "smallest value"},
    {"max_value", kRanged, true, Holds::kNumber, "largest value, included"},
    {"step", kRanged, false, Holds::kNumber,
     "difference from value to value; with log and reverse_log sampling their factor"},
    {"sampling", kRanged, false, Holds::kSampling,
     "linear, log (small values denser; needs a min_value above 0) or reverse_log (large ones)"},
    {"values", bit(ParamType::kChoice), true, Holds::kScalars, "the alternatives, of one type"},
    {"value", bit(ParamType::kFixed), true, Holds::kScalar, "the one value"},
    {"default", kAll & ~bit(ParamType::kFixed), false, Holds::kScalar,
     "value of the first trial of a model that does not declare its space"},
    {"ordered", bit(ParamType::kChoice), false, Holds::kFlag,
     "whether the order of the values means something; true for numbers if left out"},
    {"when", kAll, false, Holds::kParents,
     "parents and the values of theirs under which this hyperparameter exists"},
};

std::vector<std::string> keys_of(ParamType type) {
  std::vector<std::string> names;
  for (const EntryKey& key : kKeys) {
    if ((key.types & bit(type)) != 0) names.push_back(key.name);
  }
  return names;
}

bool is_number(const Value& value) {
  return value.index() < 2;
}
static_assert(std::is_same_v<std::variant_alternative_t<0, Value>, std::int64_t> &&
              std::is_same_v<std::variant_alternative_t<1, Value>, double>);

// ---- reading -----------------------------------------------------------------------------------

class EntryReader {
 public:
  explicit EntryReader(const base::JsonReader& entry) : entry_(entry) {}

  space::Override read() {
    param_.name = entry_.required("name").string();
    param_.type = static_cast<ParamType>(entry_.required("type").word(kTypes) + 1);
    check_keys();
    if ((bit(param_.type) & kRanged) != 0) read_range();
    if (param_.type == ParamType::kChoice) read_choices();
    if (param_.type == ParamType::kFixed) param_.choices = {read_scalar(entry_.required("value"))};
    const bool conditional = read_conditions();
    try {
      space::check(param_);
    } catch (const Error& error) {
      entry_.fail(error.what());  // the same, and where
    }
    read_default();
    return {std::move(param_), conditional};
  }

 private:
  void check_keys() const {
    const std::string& type = kTypes.at(static_cast<std::size_t>(param_.type) - 1);
    for (const json::key_value_pair& member : entry_.object()) {
      const auto elsewhere = std::find_if(kKeys.begin(), kKeys.end(), [&](const EntryKey& key) {
        return key.name == std::string_view(member.key());
      });
      if (elsewhere == kKeys.end() || (elsewhere->types & bit(param_.type)) != 0) continue;
      entry_.fail_key(member.key(), "is not a key of type " + type + ", which has " +
                                        base::alternatives(keys_of(param_.type)));
    }
    entry_.allow(keys_of(param_.type));
  }

  // A number of the entry's own type.
  Cell number(const base::JsonReader& from) const {
    if (param_.type == ParamType::kFloat) return Cell::real(from.real());
    if (from.value().is_double()) from.fail("is a real number; an int takes integers");
    return Cell::whole(from.whole());
  }

  void read_range() {
    param_.low = param_.initial = number(entry_.required("min_value"));
    param_.high = number(entry_.required("max_value"));
    if (const auto step = entry_.member("step")) param_.step = number(*step);
    if (const auto sampling = entry_.member("sampling")) {
      param_.sampling = static_cast<Sampling>(sampling->word(kSamplings) + 1);
    }
  }

  void read_choices() {
    const base::JsonReader values = entry_.required("values");
    for (std::size_t i = 0; i < values.array().size(); ++i) {
      param_.choices.push_back(read_scalar(values.element(i)));
    }
    const auto& choices = param_.choices;
    const bool numbers = std::all_of(choices.begin(), choices.end(), is_number);
    const bool reals = std::any_of(choices.begin(), choices.end(), [](const Value& value) {
      return std::holds_alternative<double>(value);
    });
    for (Value& value : param_.choices) {
      if (!numbers || !reals) break;
      if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        value = static_cast<double>(*whole);
      }
    }
    param_.ordered = numbers;
    if (const auto ordered = entry_.member("ordered")) param_.ordered = ordered->boolean();
  }

  // True if there is a `when`.
  bool read_conditions() {
    const auto when = entry_.member("when");
    if (!when) return false;
    for (const json::key_value_pair& member : when->object()) {
      const base::JsonReader values = when->required(member.key());
      Condition condition{member.key(), {}};
      if (condition.parent == param_.name) {
        when->fail_key(member.key(), "a hyperparameter cannot depend on itself");
      }
      if (!values.value().is_array()) {
        condition.any_of.push_back(read_scalar(values));
      } else {
        for (std::size_t i = 0; i < values.array().size(); ++i) {
          condition.any_of.push_back(read_scalar(values.element(i)));
        }
      }
      param_.conditions.push_back(std::move(condition));
    }
    return true;
  }

  // After check(): what is legal is known only of a definition that is possible.
  void read_default() {
    const auto initial = entry_.member("default");
    if (!initial) return;
    const bool ranged = (bit(param_.type) & kRanged) != 0;
    if (param_.type == ParamType::kBoolean) initial->boolean();  // fails for another kind
    const Value value = ranged ? value_of(param_, number(*initial)) : read_scalar(*initial);
    const auto cell = cell_of(param_, value);
    if (!cell) {
      initial->fail(base::to_text(initial->value()) + " is not one of the values of " +
                    space::to_text(param_) +
                    (ranged ? space::nearest_text(param_, number(*initial)) : ""));
    }
    param_.initial = *cell;
  }

  const base::JsonReader& entry_;
  Param param_;
};

// `parent` must be able to have each value under at least one of its definitions in the list.
void check_condition(const base::JsonReader& when, const Condition& condition,
                     const std::vector<space::Override>& entries) {
  std::vector<const Param*> parents;
  for (const space::Override& entry : entries) {
    if (entry.param.name == condition.parent) parents.push_back(&entry.param);
  }
  if (parents.empty()) return;
  const base::JsonReader values = when.required(condition.parent);
  for (std::size_t i = 0; i < condition.any_of.size(); ++i) {
    const Value& value = condition.any_of[i];
    const bool possible = std::any_of(parents.begin(), parents.end(), [&](const Param* parent) {
      return cell_of(*parent, value).has_value();
    });
    if (possible) continue;
    const base::JsonReader at = values.value().is_array() ? values.element(i) : values;
    at.fail(base::to_text(at.value()) + " is not one of the values of " +
            space::to_text(*parents.front()));
  }
}

// ---- writing -----------------------------------------------------------------------------------

json::array to_json(const std::vector<HyperParameterValue>& values) {
  json::array out;
  for (const HyperParameterValue& value : values) out.push_back(document::to_json(value));
  return out;
}

json::object entry_to_json(const HyperParameter& from) {
  json::object out;
  const bool fixed = from.type == "fixed";
  out["name"] = from.name;
  out["type"] = from.type;
  if (from.min_value) out["min_value"] = document::to_json(*from.min_value);
  if (from.max_value) out["max_value"] = document::to_json(*from.max_value);
  if (from.step) out["step"] = document::to_json(*from.step);
  if (!from.sampling.empty()) out["sampling"] = from.sampling;
  if (fixed && !from.values.empty()) out["value"] = document::to_json(from.values.front());
  if (from.type == "choice") out["values"] = to_json(from.values);
  if (!fixed) out["default"] = document::to_json(from.initial);
  if (from.when.empty()) return out;
  json::object& when = out["when"].emplace_object();
  for (const auto& [parent, values] : from.when) when[parent] = to_json(values);
  return out;
}

HyperParameter to_facade(const Param& param) {
  HyperParameter out;
  out.name = param.name;
  out.type = kTypes.at(static_cast<std::size_t>(param.type) - 1);
  const auto value = [&](Cell cell) { return value_of(param, cell); };
  if ((bit(param.type) & kRanged) != 0) {
    out.min_value = value(param.low);
    out.max_value = value(param.high);
    if (param.step) out.step = value(*param.step);
    out.sampling = kSamplings.at(static_cast<std::size_t>(param.sampling) - 1);
  }
  out.values = param.choices;
  out.initial = value(param.initial);
  for (const Condition& condition : param.conditions) {
    out.when.emplace_back(condition.parent, condition.any_of);
  }
  return out;
}

// ---- schema ------------------------------------------------------------------------------------

json::object key_schema(const EntryKey& key, ParamType type) {
  const json::array scalars = {"integer", "number", "string", "boolean"};
  const json::value number = type == ParamType::kInt ? "integer" : "number";
  json::object out;
  switch (key.holds) {
    case Holds::kName:
      out = {{"type", "string"}, {"minLength", 1}};
      break;
    case Holds::kType:
      out = {{"const", kTypes.at(static_cast<std::size_t>(type) - 1)}};
      break;
    case Holds::kNumber:
      out = {{"type", number}};
      break;
    case Holds::kSampling:
      out = {{"enum", json::array(kSamplings.begin(), kSamplings.end())}, {"default", "linear"}};
      break;
    case Holds::kScalars:
      out = {{"type", "array"}, {"items", {{"type", scalars}}}, {"minItems", 1}};
      break;
    case Holds::kScalar:
      out["type"] = (bit(type) & kRanged) != 0    ? number
                    : type == ParamType::kBoolean ? json::value("boolean")
                                                  : json::value(scalars);
      break;
    case Holds::kFlag:
      out = {{"type", "boolean"}};
      break;
    case Holds::kParents:
      out = {{"type", "object"},
             {"additionalProperties",
              {{"type", {"integer", "number", "string", "boolean", "array"}},
               {"items", {{"type", scalars}}},
               {"minItems", 1}}}};
      break;
  }
  out["description"] = key.help;
  return out;
}

}  // namespace

Value read_scalar(const base::JsonReader& from) {
  const json::value& value = from.value();
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool();
  if (value.is_double()) return value.get_double();
  if (!value.is_number()) from.fail_kind("a number, a string, true or false");
  return from.whole();
}

std::vector<space::Override> parse_space(const base::JsonReader& list) {
  std::vector<space::Override> entries;
  for (std::size_t i = 0; i < list.array().size(); ++i) {
    const base::JsonReader at = list.element(i);
    space::Override entry = EntryReader(at).read();
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const Param& known = entries[k].param;
      if (known.name != entry.param.name || known.conditions != entry.param.conditions) continue;
      at.fail("hyperparameter " + base::quote(known.name) + " is defined before, at " +
              list.element(k).path());
    }
    entries.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (const Condition& condition : entries[i].param.conditions) {
      check_condition(list.element(i).required("when"), condition, entries);
    }
  }
  return entries;
}

json::array space_to_json(const std::vector<space::Override>& entries) {
  json::array out;
  for (const space::Override& entry : entries) {
    json::object json = entry_to_json(to_facade(entry.param));
    if (entry.param.type == ParamType::kChoice) json["ordered"] = entry.param.ordered;
    if (entry.conditional && entry.param.conditions.empty()) json["when"].emplace_object();
    out.push_back(std::move(json));
  }
  return out;
}

json::object space_schema() {
  json::array forms;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    const auto type = static_cast<ParamType>(i + 1);
    json::object properties;
    json::array required;
    for (const EntryKey& key : kKeys) {
      if ((key.types & bit(type)) == 0) continue;
      properties[key.name] = key_schema(key, type);
      if (key.required) required.emplace_back(key.name);
    }
    forms.push_back({{"if", {{"properties", {{"type", {{"const", kTypes[i]}}}}}}},
                     {"then",
                      {{"properties", std::move(properties)},
                       {"required", std::move(required)},
                       {"additionalProperties", false}}}});
  }
  return {{"type", "array"},
          {"items",
           {{"type", "object"},
            {"required", {"name", "type"}},
            {"properties", {{"type", {{"enum", json::array(kTypes.begin(), kTypes.end())}}}}},
            {"allOf", std::move(forms)}}}};
}

std::vector<HyperParameter> to_facade(const std::vector<Param>& params) {
  std::vector<HyperParameter> out;
  for (const Param& param : params) out.push_back(to_facade(param));
  return out;
}

json::value to_json(const HyperParameterValue& value) {
  return std::visit([](const auto& each) { return json::value(each); }, value);
}

namespace {

// Throws for a parent that no entry before `child` has.
void check_parent(const std::vector<space::Override>& entries, std::size_t child,
                  const std::string& parent) {
  const std::string quoted = base::quote(parent);
  const std::string place = base::join_path("space", child) + ".when: ";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string& name = entries[i].param.name;
    if (name == parent && i < child) return;
    if (name == parent && i > child) {
      throw Error(DODONA_E_INVALID, place + quoted + " is defined later, as " +
                                        base::join_path("space", i) + "; move it before " +
                                        base::quote(entries[child].param.name));
    }
    if (i != child) names.push_back(name);
  }
  const std::string guess = base::did_you_mean(parent, names);
  throw Error(
      DODONA_E_INVALID,
      place + "there is no hyperparameter " + quoted + guess +
          (guess.empty() && !names.empty() ? "; there are " + base::alternatives(names) : ""));
}

std::string conditions_text(const std::vector<Condition>& conditions) {
  return conditions.empty() ? "always" : space::to_text(conditions);
}

Error not_asked_for(std::size_t index, const std::string& name,
                    const std::vector<std::string>& names) {
  const std::string guess = base::did_you_mean(name, names);
  const std::string others = "; it has " + base::alternatives(names) +
                             "; one that only its training reads is to be asked for in declare too";
  return Error(DODONA_E_INVALID, base::join_path("space", index) +
                                     ": the hypermodel has no hyperparameter " + base::quote(name) +
                                     guess + (guess.empty() ? others : ""));
}

}  // namespace

void check_parents(const std::vector<space::Override>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (const Condition& condition : entries[i].param.conditions) {
      check_parent(entries, i, condition.parent);
    }
  }
}

void check_asked_for(const std::vector<space::Override>& entries,
                     const std::vector<space::Definition>& definitions) {
  std::vector<std::string> names;
  for (const space::Definition& definition : definitions) names.push_back(definition.param.name);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const space::Override& entry = entries[i];
    bool asked = false;
    std::vector<const Param*> same_name;
    for (const space::Definition& definition : definitions) {
      const Param& param = definition.param;
      if (param.name == entry.param.name) same_name.push_back(&param);
      asked = asked || (param.name == entry.param.name &&
                        (!entry.conditional || param.conditions == entry.param.conditions));
    }
    if (asked) continue;
    const std::string quoted = base::quote(entry.param.name);
    if (!same_name.empty()) {
      throw Error(DODONA_E_INVALID, base::join_path("space", i) + ": the hypermodel has " + quoted +
                                        " " + conditions_text(same_name.front()->conditions) +
                                        ", not " + conditions_text(entry.param.conditions) +
                                        "; give the same conditions, or leave `when` out");
    }
    throw not_asked_for(i, entry.param.name, names);
  }
}

}  // namespace dodona::document

namespace dodona {

std::string to_json(const std::vector<HyperParameter>& space,
                    const std::vector<std::string>& constraints) {
  boost::json::array entries;
  for (const HyperParameter& entry : space) entries.push_back(document::entry_to_json(entry));
  return base::to_pretty_text(boost::json::object{
      {"space", std::move(entries)},
      {"constraints", boost::json::array(constraints.begin(), constraints.end())}});
}

}  // namespace dodona
