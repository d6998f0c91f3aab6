// SPDX-License-Identifier: Apache-2.0
//
// The keys of a study file: the one table behind checking, writing, the schema and the reference.
//
// A new key is a member of StudyOptions with its help, and a row here.
//
// Threads: pure.
#pragma once

#include <dodona/study_options.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dodona::document {

// The member that a key stands for; its type says what kind of value the key has.
using KeyPlace =
    std::variant<std::string StudyOptions::*,                   //
                 std::uint64_t StudyOptions::*,                 //
                 std::uint32_t StudyOptions::*,                 //
                 std::optional<std::uint64_t> StudyOptions::*,  //
                 bool StudyOptions::*,                          //
                 double StudyOptions::*,                        // above 0
                 std::vector<std::string> StudyOptions::*,      // none of them empty
                 Objective StudyOptions::*, PluginUse StudyOptions::*,
                 std::optional<PluginUse> StudyOptions::*, std::vector<PluginUse> StudyOptions::*,
                 std::vector<NamedValues> StudyOptions::*, std::vector<MetricLimit> StudyOptions::*,
                 std::optional<Objective> StudyOptions::*,
                 std::optional<Checkpoint> StudyOptions::*>;

// The form of a value, where the member's type does not say it.
enum class Form : std::uint8_t {
  kPlain = 1,
  kFileName,  // a text that must be one component of a path
  kSpace,     // a list in the file, its JSON in the member
  kOrAll      // a number or "all", which is StudyOptions::kKeepAll
};

// The default of a key is what a StudyOptions holds when it is made.
struct Key {
  std::string path;  // keys joined by a dot
  KeyPlace place;
  // Effect, reason to change it, and cost. The member's comment is the same, and a
  // test compares.
  std::string help;
  std::uint64_t low = 0;
  std::uint64_t high = INT64_MAX;  // numbers lie in low..high, both included
  // The meaning of null; empty: null is refused. The member then is 0, empty, or holds nothing.
  std::string null_says{};
  std::vector<std::string> choices{};  // of a text; empty: any but the empty one
  Form form = Form::kPlain;
  std::string_view role{};  // DODONA_ROLE_* of plugins

  // The path up to its dot, if it has one, and what follows.
  std::string_view group() const;
  std::string_view name() const;
};

std::span<const Key> keys();

// The subject of a group's keys.
std::string_view group_help(std::string_view group);

// The value of a key as JSON.
boost::json::value key_value(const Key& key, const StudyOptions& options);

// Why a text cannot be one component of a path, or empty; and the same as a regular expression.
std::string file_name_problem(std::string_view text);
// In bytes. A file system takes 255; what is set aside of a study has a longer name than the study.
inline constexpr std::size_t kFileNameMax = 200;
inline constexpr const char* kFileNamePattern = R"(^(?!\.{1,2}$)[^/\u0000-\u001f\u007f]+$)";

}  // namespace dodona::document
