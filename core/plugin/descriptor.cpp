// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

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

OptionSpec option_of(const dodona_option& in, const std::string& source) {
  if (in.struct_size < DODONA_SIZE_TO(dodona_option, initial_json)) {
    fail(source, "its module table has an option that is too short");
  }
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
const Table& sized(const void* vtable, std::uint32_t size, const std::string& source) {
  const auto& table = *static_cast<const Table*>(vtable);
  if (table.struct_size < size) {
    fail(source, "its table of functions has " + std::to_string(table.struct_size) +
                     " bytes, fewer than the " + std::to_string(size) + " of this ABI");
  }
  return table;
}

void check_oracle(const void* vtable, const std::string& source) {
  const auto& table =
      sized<dodona_oracle_vtable>(vtable, DODONA_SIZE_TO(dodona_oracle_vtable, fill), source);
  require(table.create != nullptr, "create", source);
  require(table.destroy != nullptr, "destroy", source);
  require(table.set_space != nullptr, "set_space", source);
  require(table.observe != nullptr, "observe", source);
  require(table.propose != nullptr || table.judge != nullptr, "propose (or judge)", source);
}

void check_hypermodel(const void* vtable, const std::string& source) {
  const auto& table = sized<dodona_hypermodel_vtable>(
      vtable, DODONA_SIZE_TO(dodona_hypermodel_vtable, release), source);
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
  const auto& table =
      sized<dodona_sink_vtable>(vtable, DODONA_SIZE_TO(dodona_sink_vtable, flush), source);
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

std::string abi_mismatch(std::uint64_t epoch, std::uint64_t minor) {
  if (epoch == DODONA_ABI_EPOCH && minor == DODONA_ABI_MINOR) return {};
  return "was built for plugin ABI " + std::to_string(epoch) + '.' + std::to_string(minor) +
         ", and this is " + std::to_string(DODONA_ABI_EPOCH) + '.' +
         std::to_string(DODONA_ABI_MINOR) +
         "; rebuild the plugin with the headers that belong to this version";
}

void check_module(const dodona_module* module, const std::string& source) {
  if (module == nullptr) fail(source, DODONA_ENTRY_SYMBOL " returns no table");
  if (module->struct_size < DODONA_SIZE_TO(dodona_module, abi_minor)) {
    fail(source, "its module table is too short to be one");
  }
  const std::string mismatch = abi_mismatch(module->abi_epoch, module->abi_minor);
  if (!mismatch.empty()) fail(source, mismatch);
  if (module->struct_size < DODONA_SIZE_TO(dodona_module, get_extension)) {
    fail(source, "its module table has " + std::to_string(module->struct_size) +
                     " bytes, fewer than the " +
                     std::to_string(DODONA_SIZE_TO(dodona_module, get_extension)) + " of this ABI");
  }
  for (std::uint64_t i = 0; i < module->count; ++i) {
    const dodona_descriptor* table = module->descriptors[i];
    if (table == nullptr || table->struct_size < DODONA_SIZE_TO(dodona_descriptor, vtable)) {
      fail(source, "descriptor " + std::to_string(i) + " of its module table is too short");
    }
    const std::string role = text_of(table->role, "role", source);
    const std::string who = source + ": " + std::string(role_word(role)) + ' ' +
                            base::quote(text_of(table->name, "name", source));
    if (table->vtable == nullptr) fail(who, "has no table of functions");
    if (role == DODONA_ROLE_ORACLE) check_oracle(table->vtable, who);
    if (role == DODONA_ROLE_HYPERMODEL) check_hypermodel(table->vtable, who);
    if (role == DODONA_ROLE_SINK) check_sink(table->vtable, who);
  }
}

}  // namespace dodona::plugin
