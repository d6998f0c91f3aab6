// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "plugin/completed.hpp"
#include "space/definition.hpp"

#include <dodona/convert.hpp>
#include <dodona/error.hpp>

namespace dodona::plugin {
namespace {

namespace json = boost::json;

static_assert(static_cast<int>(OptionKind::kInt) == DODONA_INT);
static_assert(static_cast<int>(OptionKind::kString) == DODONA_STRING);
static_assert(static_cast<int>(OptionKind::kObject) == DODONA_OBJECT);

[[noreturn]] void fail(const std::string& source, const std::string& what) {
  throw Error(DODONA_E_PLUGIN, source + ": " + what);
}

std::string text_of(const char* text, const char* what, const std::string& source) {
  if (text == nullptr || *text == '\0') {
    fail(source, std::string("its module table gives no ") + what);
  }
  return text;
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

OptionSpec option_of(const dodona_option& given, const std::string& source) {
  check_size(given.struct_size, DODONA_OPTION_SIZE_MIN, source + ": an option of its module table");
  const dodona_option in = completed(given);
  OptionSpec out;
  out.name = text_of(in.name, "name of an option", source);
  out.help = in.help == nullptr ? "" : in.help;
  if (in.kind < DODONA_INT || in.kind > DODONA_OBJECT) {
    fail(source,
         "option " + base::quote(out.name) + " has the unknown kind " + std::to_string(in.kind));
  }
  out.kind = static_cast<OptionKind>(in.kind);
  const auto in_kind_or_fail = [&](const json::value& value) {
    auto kept = in_kind(out.kind, value);
    if (!kept) {
      fail(source, "option " + base::quote(out.name) + " has a default, bound or choice that is " +
                       std::string(base::kind_of(value)) + ", not " + to_text(out.kind));
    }
    return *kept;
  };
  if (in.initial.kind != 0) out.initial = in_kind_or_fail(json_of(in.initial, source));
  if (in.initial_json != nullptr) {
    out.initial = in_kind_or_fail(
        base::parse_json(in.initial_json, source + ": default of option " + out.name).root);
  }
  if (in.low.kind != 0) out.low = in_kind_or_fail(json_of(in.low, source));
  if (in.high.kind != 0) out.high = in_kind_or_fail(json_of(in.high, source));
  for (std::uint64_t i = 0; i < in.choice_count; ++i) {
    out.choices.push_back(in_kind_or_fail(json_of(in.choices[i], source)));
  }
  return out;
}

// ---- required slots ----------------------------------------------------------------------------

void require(bool there, const char* slot, const std::string& source) {
  if (!there) fail(source, std::string("its table lacks the required function ") + slot);
}

template <class Table>
Table sized(const void* vtable, std::uint32_t size_min, const std::string& source) {
  const auto& table = *static_cast<const Table*>(vtable);
  check_size(table.struct_size, size_min, source + ": its table of functions");
  return completed(table);
}

void check_oracle(const void* vtable, const std::string& source) {
  const auto table = sized<dodona_oracle_vtable>(vtable, DODONA_ORACLE_VTABLE_SIZE_MIN, source);
  require(table.create != nullptr, "create", source);
  require(table.destroy != nullptr, "destroy", source);
  require(table.set_space != nullptr, "set_space", source);
  require(table.observe != nullptr, "observe", source);
  require(table.propose != nullptr || table.judge != nullptr, "propose (or judge)", source);
}

void check_hypermodel(const void* vtable, const std::string& source) {
  const auto table =
      sized<dodona_hypermodel_vtable>(vtable, DODONA_HYPERMODEL_VTABLE_SIZE_MIN, source);
  require(table.create != nullptr, "create", source);
  require(table.destroy != nullptr, "destroy", source);
  if (table.run == nullptr) {
    require(table.build != nullptr, "run (or build and fit)", source);
    require(table.fit != nullptr, "fit", source);
    require(table.release != nullptr, "release", source);
  }
  if (table.save != nullptr) require(table.load != nullptr, "load", source);
  if (table.load != nullptr) require(table.save != nullptr, "save", source);
}

void check_sink(const void* vtable, const std::string& source) {
  const auto table = sized<dodona_sink_vtable>(vtable, DODONA_SINK_VTABLE_SIZE_MIN, source);
  require(table.create != nullptr, "create", source);
  require(table.destroy != nullptr, "destroy", source);
  require(table.consume != nullptr, "consume", source);
  require(table.flush != nullptr, "flush", source);
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
  out.role = text_of(table.role, "role", source);
  out.id = text_of(table.id, "id", source);
  out.name = text_of(table.name, "name", source);
  out.version = text_of(table.version, "version", source);
  out.license = text_of(table.license, "license", source);
  out.description = table.description == nullptr ? "" : table.description;
  out.flags = table.flags;
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
  constexpr std::uint32_t known = DODONA_FLAG_RESUMES | DODONA_FLAG_ENDS | DODONA_FLAG_ISOLATE |
                                  DODONA_FLAG_OBJECTIVES | DODONA_FLAG_SERIAL;
  const std::uint32_t unknown = flags & ~known & 0xffff0000U;
  if (unknown == 0) return {};
  return "has the flags " + std::to_string(unknown) +
         ", which this version does not know and must not pass over; use it with a newer dodona";
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
  for (std::uint64_t i = 0; i < module->count; ++i) {
    const dodona_descriptor* table = module->descriptors[i];
    if (table == nullptr) {
      fail(source, "descriptor " + std::to_string(i) + " of its module table is not there");
    }
    check_size(table->struct_size, DODONA_DESCRIPTOR_SIZE_MIN,
               source + ": descriptor " + std::to_string(i) + " of its module table");
    const std::string role = text_of(table->role, "role", source);
    if (!is_known_role(role)) continue;
    const std::string who = source + ": " + std::string(role_word(role)) + ' ' +
                            base::quote(text_of(table->name, "name", source));
    if (const std::string problem = flag_problem(table->flags); !problem.empty()) {
      fail(who, problem);
    }
    if (table->vtable == nullptr) fail(who, "has no table of functions");
    if (role == DODONA_ROLE_ORACLE) check_oracle(table->vtable, who);
    if (role == DODONA_ROLE_HYPERMODEL) check_hypermodel(table->vtable, who);
    if (role == DODONA_ROLE_SINK) check_sink(table->vtable, who);
  }
}

}  // namespace dodona::plugin
