// SPDX-License-Identifier: Apache-2.0
//
// Checks of a library as a file, of its tables, and of how it loads.
#pragma once

#include <dodona/abi.h>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/library.hpp>
#include <dodona/testing/option_text.hpp>
#include <dodona/visibility.hpp>

#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {
namespace detail {

inline void check_exports(Run& run) {
  for (const std::string& symbol : run.library.exports()) {
    constexpr std::string_view prefix = "dodona_module_v";
    const bool entry = std::string_view(symbol).starts_with(prefix) &&
                       symbol.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
    require(entry, "exports " + in_quotes(symbol) +
                       " beside its entry, which other plugins could pick up; build it with "
                       "dodona_add_plugin()");
  }
}

inline void check_runtime(Run& run) {
  for (const std::string& library : run.library.needed()) {
    require(!library.starts_with("libc++.so") && !library.starts_with("libc++abi.so"),
            "needs the shared " + library +
                ", half of which would be the host's C++ runtime; link it statically");
  }
}

inline void check_build_id(Run& run) {
  require(run.library.has_build_id(),
          "has no GNU build-id, by which a manifest knows its library; link with "
          "-Wl,--build-id=sha1");
}

inline void check_runpath(Run& run) {
  for (const std::string& paths : run.library.search_paths()) {
    for (std::size_t at = 0; at <= paths.size();) {
      const std::size_t end = std::min(paths.find(':', at), paths.size());
      const std::string path = paths.substr(at, end - at);
      at = end + 1;
      require(
          path.starts_with('/') || path.starts_with("$ORIGIN") || path.starts_with("${ORIGIN}"),
          "its runpath has " + in_quotes(path) +
              ", which is seen from the working directory of whoever loads it; make it absolute "
              "or begin it with $ORIGIN");
      struct stat status {};
      const bool there = ::stat(path.c_str(), &status) == 0;
      require(!there || (status.st_mode & S_IWOTH) == 0,
              "its runpath has " + in_quotes(path) + ", to which everybody may write");
    }
  }
}

inline void check_quiet(Run& run) {
  const LoadTrace& trace = run.library.trace();
  if (trace.was_loaded) throw NotApplicable("it was loaded before");
  require(trace.threads == 0, "loading it starts a thread; start it in create");
  require(trace.output_bytes == 0,
          "loading it writes to the standard streams; say it by the host's log");
  require(trace.file.empty(), "loading it makes a file " + in_quotes(trace.file));
  require(trace.descriptors == 0, "loading it opens a file and leaves it open; do so in create");
}

inline void check_entry(Run& run) {
  const dodona_module& module = run.library.module();
  require(run.library.call_entry() == &module, std::string(DODONA_ENTRY_SYMBOL) +
                                                   " answers another pointer when it is called "
                                                   "again; return a static table");
  if (!DODONA_HAS(&module, dodona_module, get_extension)) return;
  require(module.get_extension("org.dodona.check.unknown/1") == nullptr,
          "its get_extension answers a table for an id that nobody has; answer NULL");
}

inline bool is_role(const dodona_descriptor& plugin, const char* role) {
  return plugin.role != nullptr && std::strcmp(plugin.role, role) == 0;
}

// The number of slots of its role that a plugin lacks is none; else the first one.
inline std::string missing_slot(const dodona_descriptor& plugin) {
  if (plugin.vtable == nullptr) return "vtable";
  std::uint32_t size = 0;
  std::memcpy(&size, plugin.vtable, sizeof size);
  if (is_role(plugin, DODONA_ROLE_ORACLE)) {
    const auto& slots = *static_cast<const dodona_oracle_vtable*>(plugin.vtable);
    if (size < DODONA_ORACLE_VTABLE_SIZE_MIN) return "struct_size of its table";
    if (slots.create == nullptr) return "create";
    if (slots.destroy == nullptr) return "destroy";
    if (slots.set_space == nullptr) return "set_space";
    if (slots.observe == nullptr) return "observe";
    const bool acts = DODONA_HAS(&slots, dodona_oracle_vtable, propose) ||
                      DODONA_HAS(&slots, dodona_oracle_vtable, judge);
    return acts ? "" : "propose or judge";
  }
  if (is_role(plugin, DODONA_ROLE_SINK)) {
    const auto& slots = *static_cast<const dodona_sink_vtable*>(plugin.vtable);
    if (size < DODONA_SINK_VTABLE_SIZE_MIN) return "struct_size of its table";
    if (slots.create == nullptr) return "create";
    if (slots.destroy == nullptr) return "destroy";
    if (slots.consume == nullptr) return "consume";
    return slots.flush == nullptr ? "flush" : "";
  }
  const auto& slots = *static_cast<const dodona_hypermodel_vtable*>(plugin.vtable);
  if (size < DODONA_HYPERMODEL_VTABLE_SIZE_MIN) return "struct_size of its table";
  if (slots.create == nullptr) return "create";
  if (slots.destroy == nullptr) return "destroy";
  if (DODONA_HAS(&slots, dodona_hypermodel_vtable, run)) return "";
  if (!DODONA_HAS(&slots, dodona_hypermodel_vtable, build)) return "run, or build and fit";
  if (!DODONA_HAS(&slots, dodona_hypermodel_vtable, fit)) return "fit";
  if (!DODONA_HAS(&slots, dodona_hypermodel_vtable, release)) return "release";
  const bool saves = DODONA_HAS(&slots, dodona_hypermodel_vtable, save);
  const bool loads = DODONA_HAS(&slots, dodona_hypermodel_vtable, load);
  return saves == loads ? "" : saves ? "load" : "save";
}

inline bool is_known_role(const dodona_descriptor& plugin) {
  return is_role(plugin, DODONA_ROLE_ORACLE) || is_role(plugin, DODONA_ROLE_HYPERMODEL) ||
         is_role(plugin, DODONA_ROLE_SINK);
}

// The part of the tables on which every other check relies.
inline void check_tables(Run& run) {
  const dodona_module& module = run.library.module();
  require(module.abi_epoch == DODONA_ABI_EPOCH,
          "is of ABI epoch " + std::to_string(module.abi_epoch) + "; this kit is of " +
              std::to_string(DODONA_ABI_EPOCH));
  require(module.struct_size >= DODONA_MODULE_SIZE_MIN,
          "its module says a size of " + std::to_string(module.struct_size) + ", below " +
              std::to_string(DODONA_MODULE_SIZE_MIN));
  require(module.minor_needed <= module.minor_built,
          "needs ABI minor " + std::to_string(module.minor_needed) + " and was built with " +
              std::to_string(module.minor_built));
  require(module.count > 0 && module.descriptors != nullptr, "has no plugin");
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor* const plugin = module.descriptors[i];
    const std::string which = "descriptor " + std::to_string(i);
    require(plugin != nullptr, which + " is NULL");
    require(plugin->struct_size >= DODONA_DESCRIPTOR_SIZE_MIN, which + " says too small a size");
    require(plugin->role != nullptr && plugin->id != nullptr && plugin->name != nullptr,
            which + " lacks its role, id or name");
    require((plugin->flags >> 16 & ~(std::uint32_t{DODONA_FLAG_SERIAL} >> 16)) == 0,
            which + " has a flag of the high 16 bits that no host knows");
    if (!is_known_role(*plugin)) continue;
    const std::string missing = missing_slot(*plugin);
    require(missing.empty(), in_quotes(plugin->name) + " lacks " + missing);
    for (std::uint64_t k = 0; k < plugin->option_count; ++k) {
      require(plugin->options != nullptr && plugin->options[k] != nullptr &&
                  plugin->options[k]->struct_size >= DODONA_OPTION_SIZE_MIN &&
                  plugin->options[k]->name != nullptr,
              "option " + std::to_string(k) + " of " + in_quotes(plugin->name) +
                  " is NULL, too short, or without a name");
    }
  }
}

inline void check_ids(Run& run) {
  const dodona_module& module = run.library.module();
  std::set<std::pair<std::string, std::string>> seen;
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor& plugin = *module.descriptors[i];
    for (const char* name : {plugin.id, plugin.name}) {
      require(seen.emplace(plugin.role, name).second,
              "has two plugins " + in_quotes(name) +
                  " of one role; no study file could tell them apart");
    }
  }
}

inline void check_texts(Run& run) {
  const dodona_module& module = run.library.module();
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor& plugin = *module.descriptors[i];
    const std::string name = in_quotes(plugin.name);
    const std::string_view id = plugin.id;
    require(std::string_view(plugin.name).find_first_of(" \t\n/\\\"") == std::string_view::npos &&
                *plugin.name != '\0',
            "the name " + name + " is empty or has a blank, slash or quote");
    require(id.find('.') != std::string_view::npos && id.find(' ') == std::string_view::npos,
            "the id " + in_quotes(id) + " is not of the form org.example.NAME");
    require(plugin.version != nullptr && *plugin.version != '\0', name + " has no version");
    require(plugin.license != nullptr && *plugin.license != '\0', name + " has no license");
    require(plugin.description != nullptr && *plugin.description != '\0',
            name + " has no description, which `dodona plugins` prints");
    for (std::uint64_t k = 0; k < plugin.option_count; ++k) {
      const dodona_option& option = *plugin.options[k];
      require(option.help != nullptr && *option.help != '\0',
              "option " + in_quotes(option.name) + " of " + name + " has no help");
    }
  }
}

inline void check_option(const dodona_option& option, const std::string& what) {
  const bool list = option.kind == DODONA_LIST || option.kind == DODONA_OBJECT;
  require(option.kind >= DODONA_INT && option.kind <= DODONA_OBJECT,
          what + " is of the unknown kind " + std::to_string(option.kind));
  for (const dodona_value* bound : {&option.low, &option.high}) {
    require(bound->kind == 0 || (bound->kind == option.kind &&
                                 (option.kind == DODONA_INT || option.kind == DODONA_DOUBLE)),
            what + " has a bound that is not of its kind");
  }
  if (option.low.kind != 0 && option.high.kind != 0) {
    dodona_option without = option;
    without.choices = nullptr;
    without.low = dodona_value{};
    require(bound_fault(without, option.low).empty(), what + " has bounds that leave no value");
  }
  for (std::uint64_t i = 0; option.choices != nullptr && i < option.choice_count; ++i) {
    require(option.choices[i].kind == option.kind, what + " has a choice that is not of its kind");
  }
  if (option.initial.kind != 0) {
    const std::string fault = bound_fault(option, option.initial);
    require(fault.empty(), "the default of " + what + " " + fault);
  }
  if (!list || !DODONA_HAS(&option, dodona_option, initial_json)) return;
  Values ignored;
  dodona_kind kind = 0;
  try {
    kind = OptionReader(option.initial_json).whole("", ignored);
  } catch (const Error& error) {
    throw Broken("the default of " + what + ": " + error.what());
  }
  require(kind == option.kind, "the default of " + what + " is " + kind_name(kind));
}

inline void check_options(Run& run) {
  const dodona_module& module = run.library.module();
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor& plugin = *module.descriptors[i];
    std::set<std::string> names;
    for (std::uint64_t k = 0; k < plugin.option_count; ++k) {
      const dodona_option& option = *plugin.options[k];
      const std::string what = "option " + in_quotes(option.name) + " of " + in_quotes(plugin.name);
      require(names.insert(option.name).second, what + " stands twice");
      check_option(option, what);
    }
  }
}

}  // namespace detail
}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
