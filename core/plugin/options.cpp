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
  Checker(const Descriptor& descriptor, const OptionsPlace& place)
      : descriptor_(descriptor), place_(place) {}

  json::object check(const json::object& given) const {
    for (const auto& member : given) check_known(member.key());
    json::object out;
    for (const OptionSpec& option : descriptor_.options) {
      const json::value* value = given.if_contains(option.name);
      if (value != nullptr) {
        out[option.name] = checked(option, *value);
      } else if (option.initial) {
        out[option.name] = *option.initial;
      } else {
        fail({}, label(descriptor_) + " needs the option " + base::quote(option.name) + ", " +
                     to_text(option.kind) + (option.help.empty() ? "" : ": " + option.help));
      }
    }
    return out;
  }

 private:
  // `key` empty: the options as a whole.
  [[noreturn]] void fail(std::string_view key, const std::string& message,
                         base::Part part = base::Part::kValue) const {
    if (place_.document != nullptr) {
      const std::string path = key.empty() ? place_.path : base::join_path(place_.path, key);
      throw place_.document->error_at(path, message, part);
    }
    const std::string who = key.empty() ? "" : label(descriptor_) + ": option " + base::quote(key);
    throw Error(DODONA_E_INVALID, who + (who.empty() ? "" : ": ") + message);
  }

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
    fail(place_.document != nullptr ? key : std::string_view(), message, base::Part::kKey);
  }

  json::value checked(const OptionSpec& option, const json::value& given) const {
    const auto kept = in_kind(option.kind, given);
    if (!kept && given.is_uint64()) {
      fail(option.name,
           base::to_text(given) + " is above the largest integer, " + std::to_string(INT64_MAX));
    }
    if (!kept) {
      fail(option.name, "is " + std::string(base::kind_of(given)) + "; it should be of kind " +
                            to_text(option.kind) + example_of(option));
    }
    check_bounds(option, *kept);
    if (!option.choices.empty()) check_choice(option, *kept);
    return *kept;
  }

  // The first words of a list's or an object's help: an example.
  static std::string example_of(const OptionSpec& option) {
    if (option.kind != OptionKind::kList && option.kind != OptionKind::kObject) return "";
    const std::string first = option.help.substr(0, option.help.find(';'));
    return first.empty() ? "" : ": " + first;
  }

  void check_bounds(const OptionSpec& option, const json::value& value) const {
    const auto bounded = [&](const std::optional<json::value>& bound, bool is_low) {
      if (!bound || !value.is_number()) return;
      const bool outside = value.is_int64() ? (is_low ? value.get_int64() < bound->get_int64()
                                                      : value.get_int64() > bound->get_int64())
                                            : (is_low ? value.get_double() < bound->get_double()
                                                      : value.get_double() > bound->get_double());
      if (!outside) return;
      fail(option.name, base::to_text(value) + " is " + (is_low ? "below" : "above") + " the " +
                            (is_low ? "smallest" : "largest") + " value, " + base::to_text(*bound));
    };
    bounded(option.low, true);
    bounded(option.high, false);
  }

  void check_choice(const OptionSpec& option, const json::value& value) const {
    std::string known;
    std::vector<std::string> words;
    for (const json::value& choice : option.choices) {
      if (choice == value) return;
      known += (known.empty() ? "" : ", ") + base::to_text(choice);
      if (choice.is_string()) words.emplace_back(choice.get_string());
    }
    const std::string guess =
        value.is_string() ? base::did_you_mean(value.get_string(), words) : "";
    fail(option.name, base::to_text(value) + " is not one of " + known + guess);
  }

  const Descriptor& descriptor_;
  const OptionsPlace& place_;
};

}  // namespace

json::object check_options(const Descriptor& descriptor, const json::object& given,
                           const OptionsPlace& place) {
  return Checker(descriptor, place).check(given);
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
