// SPDX-License-Identifier: Apache-2.0
//
// The identity of a plugin and its options, from its manifest or from its C tables.
//
// Errors:  Error{kPlugin} for C tables that break the contract.
// Threads: plain values.
#pragma once

#include <dodona/abi.h>
#include <dodona/space.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::plugin {

// The values of DODONA_INT and so on.
enum class OptionKind : std::uint8_t { kInt = 1, kFloat, kBoolean, kString, kList, kObject };

// The word of a manifest and of messages: int, float, boolean, string, list, object.
const char* to_text(OptionKind kind);

// One option that a study file may give. Numbers are stored in the option's kind.
struct OptionSpec {
  std::string name;
  std::string help;
  OptionKind kind = OptionKind::kInt;
  std::optional<boost::json::value> initial;  // nothing: it must be given
  std::optional<boost::json::value> low;      // numbers, included
  std::optional<boost::json::value> high;
  std::vector<boost::json::value> choices;  // empty: any
  friend bool operator==(const OptionSpec&, const OptionSpec&) = default;
};

// A function in place of a table's `create`; none: the table's own.
using Create = std::function<dodona_status(const dodona_host*, const dodona_study*,
                                           const dodona_options*, void** self, dodona_error*)>;

// The part of a module that says which hosts it is for.
struct AbiVersion {
  std::uint64_t epoch = 0;
  std::uint64_t minor_built = 0;
  std::uint64_t minor_needed = 0;
};

struct Descriptor {
  std::string role;  // DODONA_ROLE_*
  std::string id;
  std::string name;
  std::string version;
  std::string license;
  std::string description;
  std::uint32_t flags = 0;
  // Of an oracle. An oracle that does not propose is a stopper.
  bool proposes = true;
  bool judges = false;
  std::vector<OptionSpec> options;

  AbiVersion abi;
  // Where it comes from: a library, or a table that is part of the application.
  std::filesystem::path library;
  std::string build_id;
  std::string processor;           // which the library was compiled for; empty: for every one
  std::string plain_build_id;      // of the library for every processor, which may be another one
  std::filesystem::path manifest;  // empty for a table
  const dodona_descriptor* table = nullptr;
  Create create{};
};

// `oracle` for DODONA_ROLE_ORACLE; an unknown role as it is.
std::string_view role_word(std::string_view role);
// False for a role of a later version; descriptors with it are passed over unread.
bool is_known_role(std::string_view role);
// `oracle "random"`, for messages.
std::string label(const Descriptor& descriptor);

// The value as the option's kind: an integer is a fine float. Nothing where it is of another kind.
std::optional<boost::json::value> in_kind(OptionKind kind, const boost::json::value& value);

// The first respect in which two descriptors tell different plugins, or empty. Libraries and tables
// are not compared.
std::string difference(const Descriptor& a, const Descriptor& b);

// From C tables that were checked. `source` names the module in messages.
Descriptor descriptor_of(const dodona_descriptor& table, const std::string& source);

// Masks of DODONA_TAKES, without a 0.
struct Takes {
  std::uint32_t types = DODONA_TAKES(DODONA_PARAM_INT) | DODONA_TAKES(DODONA_PARAM_FLOAT) |
                        DODONA_TAKES(DODONA_PARAM_CHOICE) | DODONA_TAKES(DODONA_PARAM_BOOLEAN) |
                        DODONA_TAKES(DODONA_PARAM_FIXED);
  std::uint32_t samplings =
      DODONA_TAKES(DODONA_LINEAR) | DODONA_TAKES(DODONA_LOG) | DODONA_TAKES(DODONA_REVERSE_LOG);
  std::uint32_t conditions = DODONA_TAKES(DODONA_WHEN_EQUAL) | DODONA_TAKES(DODONA_WHEN_IN);
};
Takes takes_of(const dodona_descriptor& table);
// Throws Error{kInvalid} for a definition of a kind that the plugin does not take. `label` is its.
void check_taken(const Takes& takes, const Param& param, const std::string& label);

// Checks epoch, minors and sizes of a module, and each descriptor's flags and required slots.
void check_module(const dodona_module* module, const std::string& source);

// The remedy for a plugin of another ABI, or empty where this host will do.
std::string abi_mismatch(const AbiVersion& plugin);
// The remedy for flags that this host does not know and must not pass over, or empty.
std::string flag_problem(std::uint32_t flags);

}  // namespace dodona::plugin
