// SPDX-License-Identifier: Apache-2.0
//
// Exporting classes as a plugin: one line at the end of a source file.
//
//   DODONA_PLUGIN(dodona::hypermodel<Net>(
//       {.id = "org.example.net", .name = "net", .description = "a small network"},
//       dodona::option("epochs", 5, "passes over the data", {.low = 1})))
//
// An application can embed the very same class.
//
// A library has one DODONA_PLUGIN, with any number of oracles, hypermodels and sinks. Loading it
// makes none of their objects. Two flags tell the kernel about an oracle, one about a hypermodel:
//
//   DODONA_FLAG_RESUMES   its proposals go on from earlier trials: the kernel keeps the state of
//                         each trial at its budget, which costs disk space
//   DODONA_FLAG_ENDS      it ends by itself: a study file without max_trials has no such limit
//   DODONA_FLAG_LIMITS    it holds its trials to the study's limits of trials; see LimitWatch
//
// Errors:  none here. The kernel refuses a wrong table when it loads the plugin: an option whose
//          default, bound or choice has another kind, or a class without its required functions.
// Lifetime: every text of an About or an option is borrowed until the process ends, and so is a
//          default that is a text. Literals are right.
#pragma once

#include <dodona/abi.h>
#include <dodona/event.hpp>
#include <dodona/host.hpp>
#include <dodona/hypermodel.hpp>
#include <dodona/oracle.hpp>
#include <dodona/sink.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Identity of a plugin. The first three members must be given. The manifest that the build writes
// beside the library says the same; the kernel refuses a plugin where the two differ.
struct About {
  const char* id;    // reverse-DNS; no other plugin ever has the same
  const char* name;  // the short name that study files use
  const char* description;
  const char* version = "0.1.0";
  const char* license = "Apache-2.0";
  std::uint32_t flags = 0;  // DODONA_FLAG_...
  // Of an oracle: the types of hyperparameters, samplings and conditions that it takes, as masks of
  // DODONA_TAKES. 0: all that the first version of this epoch has. The kernel refuses a space with
  // others before the search.
  std::uint32_t takes_types = 0;
  std::uint32_t takes_samplings = 0;
  std::uint32_t takes_conditions = 0;
};

// The only values that an option may have, at most kMax of them. Empty: any.
class Choices {
 public:
  static constexpr std::size_t kMax = 16;

  Choices() = default;
  template <std::size_t kCount>
  explicit Choices(const std::array<dodona_value, kCount>& values) : count_(kCount) {
    static_assert(kCount <= kMax, "an option has at most 16 choices");
    std::copy(values.begin(), values.end(), values_.begin());
  }
  std::span<const dodona_value> list() const { return {values_.data(), count_}; }

 private:
  std::array<dodona_value, kMax> values_{};
  std::size_t count_ = 0;
};

namespace detail {

// A text is a literal, as it is borrowed until the process ends.
template <std::size_t kSize>
dodona_value choice_of(const char (&text)[kSize]) {
  return plain(std::string_view(text, kSize - 1));
}
template <class T>
requires std::is_arithmetic_v<T> dodona_value choice_of(T value) {
  return plain_of(value);
}

}  // namespace detail

// The choices of an option: literals of text, or numbers, all of one kind.
//   dodona::option("optimizer", "adam", "...", {.choices = dodona::choices("adam", "sgd")})
template <class... T>
Choices choices(const T&... values) {
  static_assert(sizeof...(T) > 0, "choices are values");
  static_assert((std::is_array_v<T> && ...) || (std::is_same_v<T, bool> && ...) ||
                    ((std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)&&...),
                "the choices of an option are literals of text, numbers, or booleans");
  return Choices(std::array{detail::choice_of(values)...});
}

// Bounds and alternatives of an option. By default nothing is bounded. Bounds are included, and are
// for numbers alone; those of an integer option are whole. The choices are of the option's kind.
// The kernel refuses a study file whose value is out of bounds, or not among the choices.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  Choices choices{};
};

// An option as a descriptor takes it. The pointer to its choices is set where it comes to rest.
struct OptionEntry {
  dodona_option base{};
  Choices choices{};
};

namespace detail {

inline OptionEntry make_option(const char* name, const char* help, const Bounds& bounds,
                               dodona_kind kind) {
  OptionEntry entry;
  dodona_option& out = entry.base;
  out.struct_size = DODONA_SIZE_TO(dodona_option, initial_json);
  out.kind = kind;
  out.name = name;
  out.help = help;
  const auto bound = [kind](double value) {
    return kind == DODONA_INT ? plain(static_cast<std::int64_t>(value)) : plain(value);
  };
  if (std::isfinite(bounds.low)) out.low = bound(bounds.low);
  if (std::isfinite(bounds.high)) out.high = bound(bounds.high);
  entry.choices = bounds.choices;
  return entry;
}

}  // namespace detail

// An option with a default. The type of the default is the kind of the option. The help says the
// effect, a reason to change it, and the cost: the program prints it.
template <class T>
OptionEntry option(const char* name, const T& initial, const char* help,
                   const Bounds& bounds = {}) {
  const dodona_value value = detail::plain_of(initial);
  OptionEntry out = detail::make_option(name, help, bounds, value.kind);
  out.base.initial = value;
  return out;
}

// An option that must be given. A study file without it is refused.
inline OptionEntry required_option(const char* name, dodona_kind kind, const char* help,
                                   const Bounds& bounds = {}) {
  return detail::make_option(name, help, bounds, kind);
}

// A list or an object, with its default as JSON. The kernel checks that it is one, not its members:
// the plugin reads them with Options::get and Options::size.
inline OptionEntry json_option(const char* name, dodona_kind kind, const char* initial_json,
                               const char* help) {
  OptionEntry out = detail::make_option(name, help, {}, kind);
  out.base.initial_json = initial_json;
  return out;
}

// The descriptor of one plugin with its options. A copy needs settle() again.
template <std::size_t kOptions>
struct Descriptor {
  dodona_descriptor base{};
  std::array<OptionEntry, kOptions> options{};
  std::array<const dodona_option*, kOptions> pointers{};

  // Sets the pointers into this object. Called once the object is at its final address.
  void settle() {
    for (std::size_t i = 0; i < kOptions; ++i) {
      const std::span<const dodona_value> list = options[i].choices.list();
      options[i].base.choices = list.empty() ? nullptr : list.data();
      options[i].base.choice_count = list.size();
      pointers[i] = &options[i].base;
    }
    base.options = pointers.data();
    base.option_count = kOptions;
  }
};

namespace detail {

template <class... Option>
Descriptor<sizeof...(Option)> describe(const char* role, const void* table, const About& about,
                                       const Option&... options) {
  Descriptor<sizeof...(Option)> out;
  out.base.struct_size = DODONA_SIZE_TO(dodona_descriptor, reserved);
  out.base.flags = about.flags;
  out.base.role = role;
  out.base.id = about.id;
  out.base.name = about.name;
  out.base.version = about.version;
  out.base.license = about.license;
  out.base.description = about.description;
  out.base.vtable = table;
  out.base.takes_types = about.takes_types;
  out.base.takes_samplings = about.takes_samplings;
  out.base.takes_conditions = about.takes_conditions;
  out.options = {options...};
  return out;
}

}  // namespace detail

// An oracle, hypermodel or sink for DODONA_PLUGIN, made of a class of the form that oracle.hpp,
// hypermodel.hpp or sink.hpp describes. A class of another form does not compile.
template <class T, class... Option>
auto oracle(const About& about, const Option&... options) {
  static_assert(detail::kMakes<T, StudyContext>,
                "an oracle of a plugin is made from a dodona::StudyContext or from nothing");
  return detail::describe(DODONA_ROLE_ORACLE, &OracleAdapter<T>::kTable, about, options...);
}
template <class T, class... Option>
auto hypermodel(const About& about, const Option&... options) {
  static_assert(detail::kMakes<T, StudyContext>,
                "a hypermodel of a plugin is made from a dodona::StudyContext or from nothing");
  return detail::describe(DODONA_ROLE_HYPERMODEL, &HyperModelAdapter<T>::kTable, about, options...);
}
template <class T, class... Option>
auto sink(const About& about, const Option&... options) {
  static_assert(detail::kMakes<T, StudyContext>,
                "a sink of a plugin is made from a dodona::StudyContext or from nothing");
  return detail::describe(DODONA_ROLE_SINK, &SinkAdapter<T>::kTable, about, options...);
}

// The constant table of a plugin. It points into itself, so it neither moves nor is copied.
template <class... D>
class Module {
 public:
  explicit Module(const D&... descriptors) : descriptors_(descriptors...) {
    std::size_t at = 0;
    std::apply([&](D&... each) { ((each.settle(), pointers_[at++] = &each.base), ...); },
               descriptors_);
    module_.struct_size = DODONA_SIZE_TO(dodona_module, get_extension);
    module_.abi_epoch = DODONA_ABI_EPOCH;
    module_.minor_built = DODONA_ABI_MINOR;
    module_.minor_needed = DODONA_ABI_BREAK;
    module_.build = __VERSION__;
    module_.descriptors = pointers_.data();
    module_.count = sizeof...(D);
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  const dodona_module* get() const { return &module_; }

 private:
  std::tuple<D...> descriptors_;
  std::array<const dodona_descriptor*, sizeof...(D)> pointers_{};
  dodona_module module_{};
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona

// Defines the only function that a plugin exports. Stands once in a library, outside of any
// namespace.
#define DODONA_PLUGIN(...)                               \
  const dodona_module* dodona_module_v0(void) noexcept { \
    static const dodona::Module module{__VA_ARGS__};     \
    return module.get();                                 \
  }
