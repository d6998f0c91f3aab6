// SPDX-License-Identifier: Apache-2.0
//
// The keys of a study file: the one table behind checking, writing and the schema.
//
// Threads: pure.
#pragma once

#include "study/settings.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dodona::document {

// Where a value lands in the settings; the member's type says what kind of value the key has.
using KeyPlace =
    std::variant<std::string study::Settings::*,
                 std::uint64_t study::Settings::*,                 //
                 std::uint32_t study::Settings::*,                 //
                 std::optional<std::uint64_t> study::Settings::*,  //
                 std::optional<std::string> study::Settings::*,    //
                 bool study::Settings::*,                          //
                 study::Keep study::Settings::*,                   // a number or "all"
                 double study::Settings::*,                        // above 0
                 std::vector<std::string> study::Settings::*,      // none of them empty
                 study::Objective study::Settings::*, study::PluginChoice study::Settings::*,
                 std::optional<study::PluginChoice> study::Settings::*,
                 std::vector<study::PluginChoice> study::Settings::*,
                 std::vector<space::Override> study::Settings::*,
                 std::vector<study::NamedValues> study::Settings::*>;

// The default of a key is what a Settings holds when it is made.
struct Key {
  std::string path;  // keys joined by a dot
  KeyPlace place;
  std::string help;  // what it does, why change it, what it costs
  std::uint64_t low = 0;
  std::uint64_t high = INT64_MAX;  // numbers lie in low..high, both included
  std::string null_says{};         // what null means; empty: null is refused. A number is 0 then
  std::vector<std::string> choices{};  // of a text; empty: any but the empty one
  bool file_name = false;              // a text that must be one component of a path
  std::string_view role{};             // DODONA_ROLE_* of plugins

  // The path up to its dot, if it has one, and what follows.
  std::string_view group() const;
  std::string_view name() const;
};

std::span<const Key> keys();

// What the keys of a group are about.
std::string_view group_help(std::string_view group);

// The value of a key as JSON.
boost::json::value key_value(const Key& key, const study::Settings& settings);

// Why a text cannot be one component of a path, or empty; and the same as a regular expression.
std::string file_name_problem(std::string_view text);
inline constexpr const char* kFileNamePattern = R"(^(?!\.{1,2}$)[^/\u0000-\u001f\u007f]+$)";

}  // namespace dodona::document
