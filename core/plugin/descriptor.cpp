// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "plugin/completed.hpp"
#include "space/definition.hpp"

#include <dodona/convert.hpp>
#include <dodona/error.hpp>
#include <dodona/tables.h>

namespace dodona::plugin {
namespace {

namespace json = boost::json;

static_assert(static_cast<int>(OptionKind::kInt) == DODONA_INT);
static_assert(static_cast<int>(OptionKind::kString) == DODONA_STRING);
static_assert(static_cast<int>(OptionKind::kObject) == DODONA_OBJECT);

[[noreturn]] void fail(const std::string& source, const std::string& what) {
  throw Error(DODONA_E_PLUGIN, source + ": " + what);
}

json::value json_of(const dodona_value& value, const std::string& source) {
  switch (value.kind) {
    case DODONA_INT:
      return value.as.i;
    case DODONA_DOUBLE:
      return value.as.d;
    case DODONA_BOOL:
      return value.as.i != 0;
    case DODONA_STRING:
      return json::string(view(value.as.s));
    default:
      break;
  }
  fail(source, "its module table has a value of unknown kind " + std::to_string(value.kind));
}

// A value of a table that was checked, in the kind of its option.
json::value value_of(OptionKind kind, const json::value& value, const std::string& source) {
  auto kept = in_kind(kind, value);
  if (!kept) fail(source, base::to_text(value) + " is not of kind " + to_text(kind));
  return *std::move(kept);
}

OptionSpec option_of(const dodona_option& given, const std::string& source) {
  const dodona_option in = completed(given);
  OptionSpec out;
  out.name = in.name;
  out.help = in.help;
  out.kind = static_cast<OptionKind>(in.kind);
  const auto read = [&](const dodona_value& value) {
    return value_of(out.kind, json_of(value, source), source);
  };
  if (in.initial.kind != 0) out.initial = read(in.initial);
  if (in.initial_json != nullptr) {
    const std::string where = source + ": default of option " + out.name;
    out.initial = value_of(out.kind, base::parse_json(in.initial_json, where).root, where);
  }
  if (in.low.kind != 0) out.low = read(in.low);
  if (in.high.kind != 0) out.high = read(in.high);
  for (std::uint64_t i = 0; i < in.choice_count; ++i) out.choices.push_back(read(in.choices[i]));
  return out;
}

}  // namespace

const char* to_text(OptionKind kind) {
  switch (kind) {
    case OptionKind::kInt:
      return "int";
    case OptionKind::kFloat:
      return "float";
    case OptionKind::kBoolean:
      return "boolean";
    case OptionKind::kString:
      return "string";
    case OptionKind::kList:
      return "list";
    case OptionKind::kObject:
      return "object";
  }
  return "?";
}

std::string_view role_word(std::string_view role) {
  if (role == DODONA_ROLE_ORACLE) return "oracle";
  if (role == DODONA_ROLE_HYPERMODEL) return "hypermodel";
  if (role == DODONA_ROLE_SINK) return "sink";
  return role;
}

bool is_known_role(std::string_view role) {
  return role == DODONA_ROLE_ORACLE || role == DODONA_ROLE_HYPERMODEL || role == DODONA_ROLE_SINK;
}

std::string label(const Descriptor& descriptor) {
  return std::string(role_word(descriptor.role)) + ' ' + base::quote(descriptor.name);
}

std::optional<json::value> in_kind(OptionKind kind, const json::value& value) {
  bool fits = false;
  switch (kind) {
    case OptionKind::kInt:
      fits = value.is_int64();
      break;
    case OptionKind::kFloat: {
      const auto real = base::as_real(value);
      return real ? std::optional<json::value>(*real) : std::nullopt;
    }
    case OptionKind::kBoolean:
      fits = value.is_bool();
      break;
    case OptionKind::kString:
      fits = value.is_string();
      break;
    case OptionKind::kList:
      fits = value.is_array();
      break;
    case OptionKind::kObject:
      fits = value.is_object();
      break;
  }
  return fits ? std::optional(value) : std::nullopt;
}

std::string difference(const Descriptor& a, const Descriptor& b) {
  if (a.role != b.role) return "role";
  if (a.id != b.id) return "id";
  if (a.name != b.name) return "name";
  if (a.version != b.version) return "version";
  if (a.license != b.license) return "license";
  if (a.description != b.description) return "description";
  if (a.flags != b.flags) return "flags";
  if (a.options != b.options) return "options";
  return {};
}

Descriptor descriptor_of(const dodona_descriptor& table, const std::string& source) {
  Descriptor out;
  out.role = table.role;
  out.id = table.id;
  out.name = table.name;
  out.version = table.version;
  out.license = table.license;
  out.description = table.description;
  out.flags = table.flags;
  if (out.role == DODONA_ROLE_ORACLE) {
    const auto slots = completed(*static_cast<const dodona_oracle_vtable*>(table.vtable));
    out.proposes = slots.propose != nullptr;
    out.judges = slots.judge != nullptr;
  }
  for (std::uint64_t i = 0; i < table.option_count; ++i) {
    out.options.push_back(option_of(*table.options[i], source));
  }
  return out;
}

std::string abi_mismatch(const AbiVersion& plugin) {
  const auto dotted = [](std::uint64_t epoch, std::uint64_t minor) {
    return std::to_string(epoch) + '.' + std::to_string(minor);
  };
  const std::string own = dotted(DODONA_ABI_EPOCH, DODONA_ABI_MINOR);
  if (plugin.epoch != DODONA_ABI_EPOCH || plugin.minor_built < DODONA_ABI_BREAK) {
    return "was built for plugin ABI " + dotted(plugin.epoch, plugin.minor_built) +
           ", and this is " + own +
           "; rebuild the plugin with the headers that belong to this version";
  }
  if (plugin.minor_needed <= DODONA_ABI_MINOR) return {};
  return "needs plugin ABI " + dotted(plugin.epoch, plugin.minor_needed) +
         " or later, and this is " + own + "; use it with a newer dodona";
}

std::string flag_problem(std::uint32_t flags) {
  char problem[256];
  dodona_check_flags(flags, problem, sizeof problem);
  return problem;
}

Takes takes_of(const dodona_descriptor& table) {
  const dodona_descriptor known = completed(table);
  Takes takes;
  if (known.takes_types != 0) takes.types = known.takes_types;
  if (known.takes_samplings != 0) takes.samplings = known.takes_samplings;
  if (known.takes_conditions != 0) takes.conditions = known.takes_conditions;
  return takes;
}

void check_taken(const Takes& takes, const Param& param, const std::string& label) {
  const auto check = [&](std::uint32_t mask, int constant, const char* what) {
    if ((mask & DODONA_TAKES(constant)) != 0) return;
    throw Error(DODONA_E_INVALID, label + " does not take the " + what + " of " +
                                      space::to_text(param) + "; use another oracle");
  };
  check(takes.types, static_cast<int>(param.type), "type");
  if (param.type == ParamType::kInt || param.type == ParamType::kFloat) {
    check(takes.samplings, static_cast<int>(param.sampling), "sampling");
  }
  for (const Condition& condition : param.conditions) {
    check(takes.conditions, condition.any_of.size() == 1 ? DODONA_WHEN_EQUAL : DODONA_WHEN_IN,
          "condition");
  }
}

void check_module(const dodona_module* module, const std::string& source) {
  if (module == nullptr) fail(source, DODONA_ENTRY_SYMBOL " returns no table");
  check_size(module->struct_size, DODONA_SIZE_TO(dodona_module, minor_needed),
             source + ": its module table");
  const std::string mismatch =
      abi_mismatch({module->abi_epoch, module->minor_built, module->minor_needed});
  if (!mismatch.empty()) fail(source, mismatch);
  check_size(module->struct_size, DODONA_MODULE_SIZE_MIN, source + ": its module table");
  char problem[1024];
  if (dodona_check_tables(module, problem, sizeof problem) == 0) fail(source, problem);
}

}  // namespace dodona::plugin
