// SPDX-License-Identifier: Apache-2.0
//
// The kernel's side of the hypermodel role, as simple as possible: it answers given values and
// records the plugin's calls. Tests drive a plugin's C table with it, without the kernel.
//
//   FakeHost host;
//   FakeOptions options(descriptor, {{"data", std::string("/srv/mnist")}});
//   FakeTrial trial({{"units", std::int64_t{64}}});
//   trial.raw.budget = 3;
//   ... table->create(host.get(), host.study(), options.get(), ...), build(..., trial.get(), ...), fit ...
//   EXPECT_EQ(trial.reports.size(), 3);
//
// Threads: all belong to one thread, except FakeTrial::cancel.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/testing/fake_host.hpp>
#include <dodona/testing/shape.hpp>
#include <dodona/visibility.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// Answers the given values, legal or not, and the default of the definition if none is given.
// Records the definitions in the order of asking, each with the conditions of the scopes around
// it.
class FakeHp {
 public:
  explicit FakeHp(Values given = {}, Shape shape = Shape::kCurrent)
      : shaper_(shape), given_(std::move(given)) {
    raw_.struct_size = sizeof raw_;
    raw_.impl = this;
    raw_.param = [](dodona_hp* hp, const dodona_param* param, dodona_value* out,
                    dodona_error* e) noexcept {
      return self(hp).answer("param", e, [&] { *out = self(hp).ask(*param); });
    };
    raw_.get = [](dodona_hp* hp, dodona_str name, dodona_value* out, dodona_error* e) noexcept {
      return self(hp).answer("get", e,
                             [&] { *out = to_abi(self(hp).value_of(std::string(view(name)))); });
    };
    raw_.enter = [](dodona_hp* hp, const dodona_condition* condition, std::uint32_t* active,
                    dodona_error* e) noexcept {
      return self(hp).answer("enter", e,
                             [&] { *active = self(hp).enter(from_abi(*condition)) ? 1 : 0; });
    };
    raw_.leave = [](dodona_hp* hp, dodona_error* e) noexcept {
      return self(hp).answer("leave", e, [&] {
        if (self(hp).scopes_.empty()) throw Error(DODONA_E_PLUGIN, "no scope is open");
        self(hp).scopes_.pop_back();
      });
    };
    raw_.each = [](dodona_hp* hp, void (*visit)(void*, dodona_str, dodona_value) noexcept,
                   void* ctx, dodona_error* e) noexcept {
      return self(hp).answer("each", e, [&] {
        for (const auto& [name, value] : self(hp).given_) visit(ctx, to_abi(name), to_abi(value));
        for (const std::string& name : self(hp).inactive) visit(ctx, to_abi(name), {});
      });
    };
    raw_.require = [](dodona_hp* hp, dodona_str expression, dodona_error* e) noexcept {
      return self(hp).answer("require", e, [&] { self(hp).require(Constraint(view(expression))); });
    };
  }
  FakeHp(const FakeHp&) = delete;
  FakeHp& operator=(const FakeHp&) = delete;

  dodona_hp* get() {
    if (shaped_ == nullptr) shaped_ = shaper_.of<dodona_hp>(raw_);
    return shaped_;
  }
  void set_discovering() { raw_.discovering = 1; }
  const std::vector<Param>& asked() const { return asked_; }
  const std::vector<std::string>& required() const { return required_; }  // in order, each call
  std::size_t open_scopes() const { return scopes_.size(); }

  std::vector<std::string> inactive;  // names that `each` visits without a value
  // Chooses the values of names that none was given for; without it they are the defaults.
  std::function<Value(const Param&)> choose{};
  // Asked at each call, with the name of the function. Another status than DODONA_OK is answered.
  std::function<dodona_status(const char* function)> refuse{};

  // The definition of a name that was asked for.
  const Param& definition(const std::string& name) const {
    for (const Param& param : asked_) {
      if (param.name == name) return param;
    }
    throw Error(DODONA_E_INVALID, "nobody asked for \"" + name + "\"");
  }

 private:
  static FakeHp& self(dodona_hp* hp) { return *static_cast<FakeHp*>(hp->impl); }

  template <class Body>
  dodona_status answer(const char* function, dodona_error* error, Body&& body) noexcept {
    const dodona_status refused = refuse ? refuse(function) : dodona_status{DODONA_OK};
    if (refused != DODONA_OK) return fill_error(error, refused, "the host refuses the call");
    return guard(error, std::forward<Body>(body));
  }

  bool active() const {
    for (const auto& [condition, holds] : scopes_) {
      if (!holds) return false;
    }
    return true;
  }

  dodona_value ask(const dodona_param& raw) {
    if (!active()) throw Error(DODONA_E_STATE, "asked within a scope that is not active");
    Param param = from_abi(raw);
    for (const auto& [condition, holds] : scopes_) param.conditions.push_back(condition);
    const auto given = given_.find(param.name);
    const Value fallback = choose ? choose(param) : from_abi(to_abi(param, param.initial));
    const Value& value = given == given_.end() ? fallback : given->second;
    asked_.push_back(param);
    return to_abi(values_[param.name] = value);
  }

  const Value& value_of(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw Error(DODONA_E_INVALID, "\"" + name + "\" has no value");
    return found->second;
  }

  bool enter(const Condition& condition) {
    bool holds = false;
    for (const Value& value : condition.any_of) holds |= value_of(condition.parent) == value;
    scopes_.emplace_back(condition, holds);
    return active();
  }

  // A name that was not asked for counts as not active.
  void require(const Constraint& constraint) {
    if (!active()) throw Error(DODONA_E_INVALID, "requires within a scope that is not active");
    required_.push_back(constraint.text());
    const Finding found = constraint.evaluate([&](std::size_t name) -> std::optional<Operand> {
      const auto value = values_.find(constraint.names()[name]);
      if (value == values_.end()) return std::nullopt;
      return operand_of(to_abi(value->second));
    });
    if (found == Finding::kHolds || raw_.discovering != 0) return;
    throw Error(DODONA_E_INFEASIBLE, "the values break the constraint " + constraint.text());
  }

  mutable Shaper shaper_;
  dodona_hp raw_{};
  dodona_hp* shaped_ = nullptr;
  Values given_;
  Values values_;
  std::vector<Param> asked_;
  std::vector<std::string> required_;
  std::vector<std::pair<Condition, bool>> scopes_;
};

// One execution. A test may set members of `raw` before the plugin gets it.
class FakeTrial {
 public:
  // A report as the model made it.
  struct Report {
    std::uint64_t step;
    std::map<std::string, double> metrics;
    friend bool operator==(const Report&, const Report&) = default;
  };

  explicit FakeTrial(Values values = {}, Shape shape = Shape::kCurrent)
      : hp(std::move(values), shape), shaper_(shape) {
    raw.struct_size = sizeof raw;
    raw.threads = 1;
    raw.impl = this;
    raw.hp = hp.get();
    raw.report = [](dodona_trial* trial, std::uint64_t step, dodona_metric_span metrics,
                    dodona_reply* reply, dodona_error* error) noexcept {
      return self(trial).answer("report", error, [&] {
        self(trial).keep_report(step, metrics);
        const bool stops = step >= self(trial).stop_at || self(trial).limit;
        reply->verdict = stops ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
        if (DODONA_KNOWS(reply, dodona_reply, save_now)) reply->save_now = 0;
      });
    };
    raw.finish = [](dodona_trial* trial, dodona_metric_span metrics, dodona_error* error) noexcept {
      return self(trial).answer("finish", error, [&] {
        if (self(trial).has_finished_++) self(trial).faults.emplace_back("calls finish twice");
        self(trial).finished = named(metrics);
      });
    };
    raw.make_directory = [](dodona_trial* trial, dodona_error* error) noexcept {
      return self(trial).answer("make_directory", error, [&] {
        if (trial->directory.size == 0) return;
        std::filesystem::create_directories(std::string(view(trial->directory)));
      });
    };
    raw.note = [](dodona_trial* trial, dodona_str key, dodona_str value,
                  dodona_error* error) noexcept {
      return self(trial).answer("note", error,
                                [&] { self(trial).notes[std::string(view(key))] = view(value); });
    };
    raw.saved = [](dodona_trial* trial, dodona_error* error) noexcept {
      return self(trial).answer("saved", error,
                                [] { throw Error(DODONA_E_STATE, "no save was asked for"); });
    };
    raw.limit_reached = [](dodona_trial* trial, dodona_outcome outcome,
                           dodona_error* error) noexcept {
      return self(trial).answer("limit_reached", error, [&] {
        if (trial->limits == nullptr) throw Error(DODONA_E_STATE, "the trial has no limits");
        self(trial).limit = outcome;
        self(trial).cancel = true;
      });
    };
    raw.cancelled = [](const dodona_trial* trial) noexcept -> std::uint32_t {
      FakeTrial& self = *static_cast<FakeTrial*>(trial->impl);
      if (self.over) ++self.late_calls;
      ++self.cancelled_asked;
      return self.cancel.load() || self.over ? 1 : 0;
    };
  }
  FakeTrial(const FakeTrial&) = delete;
  FakeTrial& operator=(const FakeTrial&) = delete;

  // The handle. `raw` must not change after the first call.
  dodona_trial* get() {
    if (shaped_ == nullptr) shaped_ = shaper_.of<dodona_trial>(raw);
    return shaped_;
  }

  dodona_trial raw{};
  FakeHp hp;
  std::vector<Report> reports;
  std::map<std::string, double> finished;
  std::map<std::string, std::string> notes;
  std::uint64_t stop_at = UINT64_MAX;  // the first step answered by DODONA_STOP_TRIAL
  std::function<void(std::uint64_t step)> on_report;  // called within each report
  std::atomic<bool> cancel{false};
  std::optional<dodona_outcome> limit;  // that the model reached; `raw.limits` has the limits
  std::atomic<std::uint64_t> cancelled_asked{0};
  // Rules of reports and results that the model broke.
  std::vector<std::string> faults;
  // Asked at each call, with the name of the function. Another status than DODONA_OK is answered.
  std::function<dodona_status(const char* function)> refuse{};
  // Set once the handle is no longer valid: later calls are answered DODONA_E_STATE, and counted.
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> late_calls{0};

 private:
  static FakeTrial& self(dodona_trial* trial) { return *static_cast<FakeTrial*>(trial->impl); }

  template <class Body>
  dodona_status answer(const char* function, dodona_error* error, Body&& body) noexcept {
    if (over) {
      ++late_calls;
      return fill_error(error, DODONA_E_STATE, "the trial has ended");
    }
    const dodona_status refused = refuse ? refuse(function) : dodona_status{DODONA_OK};
    if (refused != DODONA_OK) return fill_error(error, refused, "the host refuses the call");
    return guard(error, std::forward<Body>(body));
  }

  void keep_report(std::uint64_t step, dodona_metric_span metrics) {
    const std::string what = "reports step " + std::to_string(step);
    const std::uint64_t last = reports.empty() ? raw.start_step : reports.back().step;
    if (step <= last && (step > 0 || !reports.empty())) {
      faults.push_back(what + " after step " + std::to_string(last));
    }
    if (!reports.empty() && reports.back().step >= stop_at) {
      faults.push_back(what + " although it was told to stop at step " +
                       std::to_string(reports.back().step));
    }
    if (has_finished_ > 0) faults.push_back(what + " after finish");
    reports.push_back({step, named(metrics)});
    if (reports.back().metrics.size() != metrics.size) {
      faults.push_back(what + " with a metric that stands twice");
    }
    if (on_report) on_report(step);
  }

  static std::map<std::string, double> named(dodona_metric_span metrics) {
    std::map<std::string, double> out;
    for (std::uint64_t i = 0; i < metrics.size; ++i)
      out[std::string(view(metrics.data[i].name))] = metrics.data[i].value;
    return out;
  }

  Shaper shaper_;
  dodona_trial* shaped_ = nullptr;
  int has_finished_ = 0;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
