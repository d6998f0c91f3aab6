// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

// Otherwise Boost.DLL would bring Boost.Filesystem.
#define BOOST_DLL_USE_STD_FS  // NOLINT(readability-identifier-naming)

#include "base/file.hpp"
#include "base/text.hpp"
#include "plugin/elf.hpp"
#include "plugin/running_call.hpp"

#include <dodona/error.hpp>
#include <dodona/tables.h>

#include <boost/dll/shared_library.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

namespace fs = std::filesystem;
using Entry = const dodona_module*();

struct Loaded {
  boost::dll::shared_library handle;
  std::string build_id;
  const dodona_module* module;
};

[[noreturn]] void fail(const fs::path& library, const std::string& what) {
  throw Error(DODONA_E_PLUGIN, library.string() + ": " + what);
}

// True for the entry of any epoch: dodona_module_v0, dodona_module_v1 and so on.
bool is_entry(std::string_view symbol) {
  constexpr std::string_view stem = "dodona_module_v";
  return symbol.starts_with(stem) && symbol.size() > stem.size() &&
         symbol.find_first_not_of("0123456789", stem.size()) == std::string_view::npos;
}

// Checks the file of a plugin, whatever its manifest says.
void check_facts(const fs::path& library, const ElfFacts& facts) {
  for (const std::string& needed : facts.needed) {
    if (const char* why = dodona_needed_problem(needed.c_str())) {
      fail(library, "needs the shared " + needed + ": " + why);
    }
  }
  const std::string entry = DODONA_ENTRY_SYMBOL;
  std::string other;  // the entry for another epoch
  bool found = false;
  for (const std::string& symbol : facts.exports) {
    found = found || symbol == entry;
    if (is_entry(symbol)) {
      if (symbol != entry) other = symbol;
      continue;
    }
    fail(library, "exports " + base::quote(symbol) + " beside " + entry +
                      ", which other plugins could pick up; build it with dodona_add_plugin()");
  }
  if (!found && !other.empty()) {
    fail(library, "exports " + other +
                      " alone, for another epoch of the plugin ABI than this one, " +
                      std::to_string(DODONA_ABI_EPOCH) +
                      "; rebuild the plugin with the headers that belong to this version");
  }
  if (!found) fail(library, "does not export " + entry + "; is DODONA_PLUGIN(...) missing?");
}

void check_file(const Descriptor& descriptor) {
  const fs::path& library = descriptor.library;
  const ElfFacts facts = read_elf(base::read_file(library), library.string());
  if (facts.build_id != descriptor.build_id) {
    fail(library, "its manifest belongs to another build of it (build-id " +
                      base::quote(descriptor.build_id) + ", the library has " +
                      base::quote(facts.build_id) + "); build or install both together");
  }
  check_facts(library, facts);
}

boost::dll::shared_library open(const fs::path& library) {
  // Boost has no name for NODELETE; its modes are the flags of dlopen.
  const auto mode = static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  std::error_code code;
  boost::dll::shared_library handle;
  handle.load(library, code, mode);
  if (code) {
    const char* reason = dlerror();
    fail(library, std::string("cannot be loaded: ") + (reason ? reason : code.message().c_str()));
  }
  return handle;
}

// A symbol is also found in what the library links to: only its own counts.
Entry* own_entry(const boost::dll::shared_library& handle, const fs::path& library) {
  Entry* entry = &handle.get<Entry>(DODONA_ENTRY_SYMBOL);
  Dl_info info{};
  std::error_code ignored;
  if (dladdr(reinterpret_cast<const void*>(entry), &info) == 0 || info.dli_fname == nullptr ||
      !fs::equivalent(info.dli_fname, library, ignored)) {
    fail(library, std::string("its ") + DODONA_ENTRY_SYMBOL + " comes from another library");
  }
  return entry;
}

Loaded load_library(const Descriptor& descriptor) {
  check_file(descriptor);
  const CallScope scope({lasting_name(label(descriptor) + " (its library is being loaded)")});
  boost::dll::shared_library handle = open(descriptor.library);
  const dodona_module* module = own_entry(handle, descriptor.library)();
  check_module(module, descriptor.library.string());
  return {std::move(handle), descriptor.build_id, module};
}

class Registry {
 public:
  const dodona_module& module_of(const Descriptor& descriptor, study::Services& services) {
    std::error_code code;
    const fs::path path = fs::canonical(descriptor.library, code);
    if (code) fail(descriptor.library, code.message());
    const std::lock_guard lock(mutex_);
    auto found = loaded_.find(path);
    if (found == loaded_.end()) {
      services.log(study::Level::kInfo, label(descriptor), "loading " + path.string());
      found = loaded_.emplace(path, load_library(descriptor)).first;
    } else if (found->second.build_id != descriptor.build_id) {
      fail(path, "was rebuilt after this process loaded it; start again");
    }
    return *found->second.module;
  }

 private:
  std::mutex mutex_;
  std::map<fs::path, Loaded> loaded_;
};

Registry& registry() {
  static Registry& never_destroyed = *new Registry;
  return never_destroyed;
}

}  // namespace

const dodona_descriptor& load(const Descriptor& descriptor, study::Services& services) {
  if (descriptor.table != nullptr) return *descriptor.table;
  const dodona_module& module = registry().module_of(descriptor, services);
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor& table = *module.descriptors[i];
    if (table.role != descriptor.role || table.id != descriptor.id) continue;
    const Descriptor inside = descriptor_of(table, descriptor.library.string());
    if (const std::string what = difference(inside, descriptor); !what.empty()) {
      fail(descriptor.library, "its manifest tells another " + what + " of " + label(descriptor) +
                                   " than the library itself; build or install both together");
    }
    return table;
  }
  fail(descriptor.library, "does not contain " + label(descriptor) +
                               ", which its manifest promises; build or install both together");
}

std::string manifest_text(const fs::path& given) {
  std::error_code code;
  const fs::path library = fs::canonical(given, code);
  if (code) fail(given, code.message());
  const ElfFacts facts = read_elf(base::read_file(library), library.string());
  check_facts(library, facts);
  if (facts.build_id.empty()) fail(library, "has no build-id; link it with -Wl,--build-id");
  const boost::dll::shared_library handle = open(library);
  const dodona_module* module = own_entry(handle, library)();
  check_module(module, library.string());
  if (const char* role = dodona_unknown_role(module)) {
    fail(library, "has the unknown role " + base::quote(role));
  }
  char* bytes = nullptr;
  std::size_t size = 0;
  std::FILE* stream = ::open_memstream(&bytes, &size);
  if (stream == nullptr) throw std::bad_alloc();
  dodona_put_manifest(stream, module, library.filename().c_str(), facts.build_id.c_str(), nullptr,
                      0);
  const bool complete = std::fclose(stream) == 0;
  const std::unique_ptr<char, decltype(&std::free)> owner(bytes, &std::free);
  if (!complete) throw std::bad_alloc();
  return {bytes, size};
}

}  // namespace dodona::plugin
