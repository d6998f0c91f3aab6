// SPDX-License-Identifier: Apache-2.0
//
// Asks for values of hyperparameters. The questions describe the space (define by run).
//
//   std::int64_t units = hp.integer("units", {.min = 32, .max = 512, .step = 32});
//   std::string optimizer = hp.choice("optimizer", {"adam", "sgd"});
//   if (auto sgd = hp.when("optimizer", {"sgd"})) {
//     double momentum = hp.real("momentum", {.min = 0, .max = 0.99});
//   }
//   auto encoder = hp.name_scope("encoder");
//   std::int64_t width = hp.integer("width", {.min = 8, .max = 64});  // "encoder/width"
//
// A second question with the same definition gives the same value. Another definition of the same
// name under the same conditions is an error that shows both.
//
// The study file may put another definition in the place of the model's, with other bounds or as a
// constant. The answer is then a value of that definition. It has the type that the model asks for.
//
// A name that is new in a running trial joins the space for good. The oracle chooses its value, or
// the kernel draws it from the study's seed, the trial and the name. The trial's record keeps the
// values that were asked for or read, and no others.
//
// require() adds a constraint between hyperparameters, which the values of every trial keep from then
// on: `hp.require("units_0 >= units_1")`. constraint.hpp tells what can be written.
//
// Errors:  Error{DODONA_E_INFEASIBLE} where the trial's own values break a constraint; the model lets
//          it pass, and the trial fails with it. Error{DODONA_E_SPACE_CONFLICT} for a second definition. Error{DODONA_E_INVALID} for an
//          impossible one, for a question inside a scope that is not active, and for a new name
//          where the study allows none. The space is then as it was. Error{DODONA_E_STATE} after
//          the trial's end.
// Threads: one call at a time for a trial; most models ask on the trial's own thread.
// Lifetime: answers are copies. An object is valid as long as its trial, or until declare returns.
// Cost:    an indirect call and a comparison for each value, if the questions come in the order of
//          the space. A new name copies the space.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Both ends are included. `step` is the difference between neighbouring values, or for a log
// sampling their ratio. `initial` is the default: `min` if it is left out. A log sampling needs a
// `min` above 0.
struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::optional<std::int64_t> step{};
  Sampling sampling = Sampling::kLinear;
  std::optional<std::int64_t> initial{};
};

// The same for real numbers, which must be finite. Without a step every value between is legal.
struct RealRange {
  double min = 0;
  double max = 0;
  std::optional<double> step{};
  Sampling sampling = Sampling::kLinear;
  std::optional<double> initial{};
};

// The default of a boolean.
struct BooleanRange {
  bool initial = false;
};

namespace detail {

template <class T>
using Stored = std::conditional_t<
    std::is_same_v<T, bool>, bool,
    std::conditional_t<std::is_integral_v<T>, std::int64_t,
                       std::conditional_t<std::is_floating_point_v<T>, double, std::string>>>;

inline dodona_value plain(std::int64_t value) {
  dodona_value out{};
  out.kind = DODONA_INT;
  out.as.i = value;
  return out;
}
inline dodona_value plain(double value) {
  dodona_value out{};
  out.kind = DODONA_DOUBLE;
  out.as.d = value;
  return out;
}
inline dodona_value plain(bool value) {
  dodona_value out{};
  out.kind = DODONA_BOOL;
  out.as.i = value ? 1 : 0;
  return out;
}
inline dodona_value plain(std::string_view value) {
  dodona_value out{};
  out.kind = DODONA_STRING;
  out.as.s = to_abi(value);
  return out;
}
template <class T>
dodona_value plain_of(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return plain(value);
  } else if constexpr (std::is_integral_v<T>) {
    return plain(static_cast<std::int64_t>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    return plain(static_cast<double>(value));
  } else {
    return plain(std::string_view(value));
  }
}

template <class T>
T unwrap(const dodona_value& value, std::string_view name) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    if (value.kind == DODONA_INT) return value.as.i;
  } else if constexpr (std::is_same_v<T, double>) {
    if (value.kind == DODONA_DOUBLE) return value.as.d;
    if (value.kind == DODONA_INT) return static_cast<double>(value.as.i);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (value.kind == DODONA_BOOL) return value.as.i != 0;
  } else {
    if (value.kind == DODONA_STRING) return std::string(view(value.as.s));
  }
  throw Error(DODONA_E_INVALID,
              "\"" + std::string(name) + "\" has a value of another type than the one asked for");
}

}  // namespace detail

// The questions of a model. A copy asks the same trial: open scopes are common to all copies, open
// name scopes are each copy's own.
class HyperParameters {
 public:
  // An open condition: true if it holds. While one is open that does not hold, no question is
  // allowed. Scopes close in the reverse order of opening, as local variables do. A scope must not
  // outlive its trial.
  class [[nodiscard]] Scope {
   public:
    Scope(dodona_hp* hp, bool active) : hp_(hp), active_(active) {}
    Scope(Scope&& other) noexcept
        : hp_(std::exchange(other.hp_, nullptr)), active_(other.active_) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Scope& operator=(Scope&&) = delete;
    ~Scope() {
      // The kernel keeps an error, and fails the trial with it.
      if (hp_ != nullptr) static_cast<void>(hp_->leave(hp_, nullptr));
    }
    explicit operator bool() const { return active_; }

   private:
    dodona_hp* hp_;
    bool active_;
  };

  // As long as it lives, names begin with `NAME/`: in definitions, in get and contains, and the
  // parent's name in when. An inner name scope adds its name to that of the outer one. A copy of
  // hp made meanwhile keeps the names.
  class [[nodiscard]] NameScope {
   public:
    NameScope(HyperParameters& hp, std::string_view name)
        : prefix_(hp.prefix_), size_(prefix_.size()) {
      if (name.empty()) throw Error(DODONA_E_INVALID, "a name scope needs a name");
      prefix_.append(name).push_back('/');
    }
    NameScope(const NameScope&) = delete;
    NameScope& operator=(const NameScope&) = delete;
    ~NameScope() { prefix_.erase(std::min(size_, prefix_.size())); }

   private:
    std::string& prefix_;
    std::size_t size_;
  };

  explicit HyperParameters(dodona_hp* hp) : hp_(hp) {}

  // True if the values are examples and no training follows. The model may return after its last
  // question.
  bool discovering() const { return hp_->discovering != 0; }

  // A whole number within the range.
  std::int64_t integer(std::string_view name, const IntegerRange& range) {
    return ranged<std::int64_t>(DODONA_PARAM_INT, name, range);
  }

  // A real number within the range.
  double real(std::string_view name, const RealRange& range) {
    return ranged<double>(DODONA_PARAM_FLOAT, name, range);
  }

  // True or false.
  bool boolean(std::string_view name, BooleanRange range = {}) {
    const Named full(prefix_, name);
    dodona_param param = blank(DODONA_PARAM_BOOLEAN, full);
    param.initial = detail::plain(range.initial);
    return ask<bool>(param);
  }

  // One of the values, which are all of one type. Numbers count as ordered: oracles may expect that
  // neighbours score alike. The default is `initial`, which must be one of them, else the first
  // value. Texts are borrowed until the call returns; the answer is a std::string.
  template <class T>
  detail::Stored<T> choice(std::string_view name, std::initializer_list<T> values,
                           std::optional<detail::Stored<T>> initial = {}) {
    return choice(name, std::span<const T>(values.begin(), values.size()), std::move(initial));
  }

  template <class T>
  detail::Stored<T> choice(std::string_view name, std::span<const T> values,
                           std::optional<detail::Stored<T>> initial = {}) {
    std::vector<dodona_value> list;
    list.reserve(values.size());
    for (const T& value : values) list.push_back(detail::plain_of(value));
    const Named full(prefix_, name);
    dodona_param param = blank(DODONA_PARAM_CHOICE, full);
    param.choices = list.data();
    param.choice_count = list.size();
    param.ordered = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> ? 1 : 0;
    if (initial) param.initial = detail::plain_of(*initial);
    return ask<detail::Stored<T>>(param);
  }

  // A constant. It is recorded with the trial, and a study file may replace it.
  template <class T>
  detail::Stored<T> fixed(std::string_view name, const T& value) {
    const dodona_value only = detail::plain_of(value);
    const Named full(prefix_, name);
    dodona_param param = blank(DODONA_PARAM_FIXED, full);
    param.choices = &only;
    param.choice_count = 1;
    return ask<detail::Stored<T>>(param);
  }

  // The value of a hyperparameter that was defined before: get<double>, <std::int64_t>, <bool> or
  // <std::string>. A whole number can be read as a double. Open scopes do not matter: the active
  // definition of the name is read. Throws Error{DODONA_E_INVALID} if it does not exist, is not
  // active or has another type. The text tells which.
  template <class T>
  T get(std::string_view name) {
    const Named full(prefix_, name);
    dodona_value out{};
    call([&](dodona_error* error) { return hp_->get(hp_, to_abi(full.text), &out, error); });
    return detail::unwrap<T>(out, full.text);
  }

  // True if the hyperparameter is defined and active, so that get has a value. Such a value counts
  // as read.
  bool contains(std::string_view name) {
    const Named full(prefix_, name);
    bool there = true;
    call([&](dodona_error* error) {
      dodona_value out{};
      const dodona_status status = hp_->get(hp_, to_abi(full.text), &out, error);
      there = status != DODONA_E_INVALID;
      return there ? status : DODONA_OK;
    });
    return there;
  }

  // Adds a constraint, unless the space has it. Names in it are whole, whatever name scopes are open;
  // one that is not a word stands in back quotes: "`encoder/width` <= 64". It may name what is asked
  // for later. Throws Error{DODONA_E_INVALID} for an expression that cannot be read or does not fit
  // the hyperparameters, and Error{DODONA_E_INFEASIBLE} if the trial's own values break it. A host
  // that has no constraints learns nothing of it: the trial's values are judged here then.
  void require(std::string_view expression) {
    if (!DODONA_HAS(hp_, dodona_hp, require)) return judge(Constraint(expression));
    call([&](dodona_error* error) { return hp_->require(hp_, to_abi(expression), error); });
  }

  // Needs an hp with a name, which outlives the scope: `auto hp = trial.hp()`.
  NameScope name_scope(std::string_view name) & { return NameScope(*this, name); }
  NameScope name_scope(std::string_view name) && = delete;

  // Calls visit(name, value) for every hyperparameter of the space, in its order. A model that
  // takes any space needs it. The value is an optional, empty for a hyperparameter that is not
  // active in this trial. Names are whole, whatever name scopes are open; a name is valid until
  // visit returns. While discovering: the hyperparameters of the study file, with their defaults.
  // After an exception of visit no further call follows, and the exception is thrown from here.
  template <class Visit>
  void each(Visit visit) {
    struct Walk {
      Visit& visit;
      std::exception_ptr error{};
    } walk{visit};
    const auto step = [](void* ctx, dodona_str name, dodona_value value) noexcept {
      Walk& self = *static_cast<Walk*>(ctx);
      if (self.error) return;
      try {
        self.visit(view(name), value.kind == 0 ? std::nullopt : std::optional(from_abi(value)));
      } catch (...) {
        self.error = std::current_exception();
      }
    };
    call([&](dodona_error* error) { return hp_->each(hp_, step, &walk, error); });
    if (walk.error) std::rethrow_exception(walk.error);
  }

  // Opens a scope for the questions that are asked only if `parent` has one of the values. The
  // parent was asked for before. The scope closes when the returned object dies. Throws
  // Error{DODONA_E_INVALID} for an unknown parent, and for a value that the parent cannot have; no
  // scope is open then. Inside a scope that is not active neither is checked.
  template <class T>
  Scope when(std::string_view parent, std::initializer_list<T> values) {
    return when(parent, std::span<const T>(values.begin(), values.size()));
  }
  template <class T>
  Scope when(std::string_view parent, std::span<const T> values) {
    std::vector<dodona_value> list;
    for (const T& value : values) list.push_back(detail::plain_of(value));
    const Named full(prefix_, parent);
    const dodona_condition condition = any_of(to_abi(full.text), list);
    std::uint32_t active = 0;
    call([&](dodona_error* error) { return hp_->enter(hp_, &condition, &active, error); });
    return Scope(hp_, active != 0);
  }
  template <class T>
  requires(!requires(const T& t) { t.begin(); } || std::is_convertible_v<T, std::string_view>) Scope
      when(std::string_view parent, const T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      return when(parent, {std::string_view(value)});
    } else {
      return when(parent, {value});
    }
  }

 private:
  // A name with the prefix before it. Without a prefix the name is not copied.
  struct Named {
    Named(const std::string& prefix, std::string_view name)
        : joined(prefix.empty() ? std::string() : prefix + std::string(name)),
          text(prefix.empty() ? name : std::string_view(joined)) {}
    Named(const Named&) = delete;
    Named& operator=(const Named&) = delete;
    const std::string joined;
    const std::string_view text;
  };

  static dodona_param blank(dodona_param_type type, const Named& name) {
    dodona_param param{};
    param.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
    param.type = type;
    param.name = to_abi(name.text);
    param.sampling = DODONA_LINEAR;
    return param;
  }

  template <class T, class Range>
  T ranged(dodona_param_type type, std::string_view name, const Range& range) {
    const Named full(prefix_, name);
    dodona_param param = blank(type, full);
    param.low = detail::plain(range.min);
    param.high = detail::plain(range.max);
    if (range.step) param.step = detail::plain(*range.step);
    if (range.initial) param.initial = detail::plain(*range.initial);
    param.sampling = static_cast<dodona_sampling>(range.sampling);
    return ask<T>(param);
  }

  template <class T>
  T ask(const dodona_param& param) {
    dodona_value out{};
    call([&](dodona_error* error) { return hp_->param(hp_, &param, &out, error); });
    return detail::unwrap<T>(out, view(param.name));
  }

  void judge(const Constraint& constraint) {
    const Finding found = constraint.evaluate([&](std::size_t name) -> std::optional<Operand> {
      dodona_value out{};
      const dodona_status status = hp_->get(hp_, to_abi(constraint.names()[name]), &out, nullptr);
      return status == DODONA_OK ? std::optional(operand_of(out)) : std::nullopt;
    });
    if (found == Finding::kHolds || discovering()) return;
    throw Error(DODONA_E_INFEASIBLE,
                "the trial's values break the constraint \"" + constraint.text() + "\"");
  }

  dodona_hp* hp_;
  std::string prefix_;  // of the open name scopes
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
