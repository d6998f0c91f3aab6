// SPDX-License-Identifier: Apache-2.0
#include "plugin/options.hpp"

#include "base/json.hpp"
#include "base/json_path.hpp"
#include "base/text.hpp"

#include <dodona/convert.hpp>
#include <dodona/error.hpp>
#include <dodona/guard.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

namespace json = boost::json;

class Checker {
 public:
  Checker(const Descriptor& descriptor, const base::JsonReader& at)
      : descriptor_(descriptor), at_(at) {}

  json::object check() const {
    for (const auto& member : at_.object()) check_known(member.key());
    json::object out;
    for (const OptionSpec& option : descriptor_.options) {
      if (const auto given = at_.member(option.name)) {
        out[option.name] = checked(option, *given);
      } else if (option.initial) {
        out[option.name] = *option.initial;
      } else {
        at_.fail(label(descriptor_) + " needs the option " + base::quote(option.name) + ", " +
                 to_text(option.kind) + (option.help.empty() ? "" : ": " + option.help));
      }
    }
    return out;
  }

 private:
  void check_known(std::string_view key) const {
    std::vector<std::string> names;
    for (const OptionSpec& option : descriptor_.options) {
      if (option.name == key) return;
      names.push_back(option.name);
    }
    std::string message = label(descriptor_) + " has no option " + base::quote(key);
    const std::string guess = base::did_you_mean(key, names);
    if (names.empty()) {
      message += "; it takes none";
    } else if (!guess.empty()) {
      message += guess;
    } else {
      message += "; it takes";
      for (std::size_t i = 0; i < names.size(); ++i) message += (i ? ", " : " ") + names[i];
    }
    at_.fail_key(key, message);
  }

  static json::value checked(const OptionSpec& option, const base::JsonReader& given) {
    const auto kept = in_kind(option.kind, given.value());
    if (!kept && given.value().is_uint64()) given.whole();  // which fails: too large
    if (!kept) given.fail_kind("of kind " + (to_text(option.kind) + example_of(option)));
    check_bounds(option, given, *kept);
    if (!option.choices.empty()) check_choice(option, given, *kept);
    return *kept;
  }

  // The first words of a list's or an object's help: an example.
  static std::string example_of(const OptionSpec& option) {
    if (option.kind != OptionKind::kList && option.kind != OptionKind::kObject) return "";
    const std::string first = option.help.substr(0, option.help.find(';'));
    return first.empty() ? "" : ": " + first;
  }

  static void check_bounds(const OptionSpec& option, const base::JsonReader& given,
                           const json::value& value) {
    if (!value.is_number()) return;
    const auto is_below = [](const json::value& a, const json::value& b) {
      return a.is_int64() ? a.get_int64() < b.get_int64() : a.get_double() < b.get_double();
    };
    if (option.low && is_below(value, *option.low)) {
      given.fail(base::to_text(value) + " is below the smallest value, " +
                 base::to_text(*option.low));
    }
    if (option.high && is_below(*option.high, value)) {
      given.fail(base::to_text(value) + " is above the largest value, " +
                 base::to_text(*option.high));
    }
  }

  static void check_choice(const OptionSpec& option, const base::JsonReader& given,
                           const json::value& value) {
    std::string known;
    std::vector<std::string> words;
    for (const json::value& choice : option.choices) {
      if (choice == value) return;
      known += (known.empty() ? "" : ", ") + base::to_text(choice);
      if (choice.is_string()) words.emplace_back(choice.get_string());
    }
    const std::string guess =
        value.is_string() ? base::did_you_mean(value.get_string(), words) : "";
    given.fail(base::to_text(value) + " is not one of " + known + guess);
  }

  const Descriptor& descriptor_;
  const base::JsonReader& at_;
};

}  // namespace

json::object check_options(const Descriptor& descriptor, const base::JsonReader& at) {
  return Checker(descriptor, at).check();
}

json::object check_options(const Descriptor& descriptor, const json::object& given) {
  base::JsonDocument document;
  document.root = given;
  document.file = "options of " + label(descriptor);
  return check_options(descriptor, base::JsonReader(document));
}

OptionsView::OptionsView(json::object checked)
    : values_(std::move(checked)), text_(base::to_text(values_)) {
  raw_.struct_size = DODONA_SIZE_TO(dodona_options, size);
  raw_.impl = this;
  raw_.json = to_abi(text_);
  raw_.get = [](const dodona_options* options, dodona_str path, dodona_value* out,
                dodona_error* error) noexcept {
    return guard(
        error, [&] { *out = static_cast<const OptionsView*>(options->impl)->scalar(view(path)); });
  };
  raw_.size = [](const dodona_options* options, dodona_str path, std::uint64_t* out,
                 dodona_error* error) noexcept {
    return guard(
        error, [&] { *out = static_cast<const OptionsView*>(options->impl)->length(view(path)); });
  };
}

const json::value& OptionsView::at(std::string_view path) const {
  const json::value* here = &values_;
  for (const base::PathStep& step : base::split_path(path)) {
    const json::value* next = nullptr;
    if (const auto* key = std::get_if<std::string>(&step)) {
      if (here->is_object()) next = here->get_object().if_contains(*key);
    } else if (here->is_array()) {
      next = here->get_array().if_contains(std::get<std::size_t>(step));
    }
    if (next == nullptr) {
      throw Error(DODONA_E_INVALID, "there is no option " + base::quote(path));
    }
    here = next;
  }
  return *here;
}

dodona_value OptionsView::scalar(std::string_view path) const {
  const json::value& value = at(path);
  dodona_value out{};
  if (value.is_int64()) {
    out.kind = DODONA_INT;
    out.as.i = value.get_int64();
  } else if (value.is_double()) {
    out.kind = DODONA_DOUBLE;
    out.as.d = value.get_double();
  } else if (value.is_bool()) {
    out.kind = DODONA_BOOL;
    out.as.i = value.get_bool() ? 1 : 0;
  } else if (value.is_string()) {
    out.kind = DODONA_STRING;
    out.as.s = {value.get_string().data(), value.get_string().size()};
  } else {
    throw Error(DODONA_E_INVALID, "option " + base::quote(path) + " is " +
                                      std::string(base::kind_of(value)) + ", not a single value");
  }
  return out;
}

std::uint64_t OptionsView::length(std::string_view path) const {
  const json::value& value = at(path);
  if (value.is_array()) return value.get_array().size();
  if (value.is_object()) return value.get_object().size();
  throw Error(DODONA_E_INVALID, "option " + base::quote(path) + " is " +
                                    std::string(base::kind_of(value)) + ", which has no length");
}

}  // namespace dodona::plugin
