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
// Threads: call FakeHost from any thread. The others belong to one thread, except
//          FakeTrial::cancel.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/visibility.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

using Values = std::map<std::string, Value>;

// Records log lines; parallel_for runs its chunks in order on the caller's thread.
class FakeHost {
 public:
  FakeHost() {
    raw_.struct_size = sizeof raw_;
    raw_.abi_minor = DODONA_ABI_MINOR;
    raw_.impl = this;
    raw_.name = to_abi(std::string_view("fake"));
    raw_.version = to_abi(std::string_view("0"));
    raw_.log = [](const dodona_host* host, dodona_level level, dodona_str message) noexcept {
      auto& self = *static_cast<FakeHost*>(host->impl);
      const std::lock_guard lock(self.mutex_);
      self.lines_.emplace_back(level, view(message));
    };
    raw_.get_extension = [](const dodona_host*, const char*) noexcept -> const void* {
      return nullptr;
    };
    raw_.cancelled = [](const dodona_host*) noexcept -> std::uint32_t { return 0; };
    raw_.parallel_for = [](const dodona_host*, std::uint64_t count, std::uint64_t grain,
                           dodona_status (*body)(void*, std::uint64_t, std::uint64_t) noexcept,
                           void* ctx, dodona_error*) noexcept {
      dodona_status status = DODONA_OK;
      for (std::uint64_t at = 0; at < count && status == DODONA_OK; at += grain) {
        status = body(ctx, at, std::min(count, at + grain));
      }
      return status;
    };
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const dodona_host* get() const { return &raw_; }
  // A study of one objective to minimise, without limits.
  const dodona_study* study() const { return &study_; }
  std::vector<std::pair<dodona_level, std::string>> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  static dodona_study one_objective(const dodona_objective* const* objectives) {
    dodona_study study{};
    study.struct_size = sizeof study;
    study.parallel_trials = 1;
    study.objectives = objectives;
    study.objective_count = 1;
    return study;
  }

  dodona_host raw_{};
  dodona_objective objective_{sizeof objective_, DODONA_MINIMIZE, to_abi("loss")};
  const dodona_objective* objectives_[1] = {&objective_};
  dodona_study study_ = one_objective(objectives_);
  mutable std::mutex mutex_;
  std::vector<std::pair<dodona_level, std::string>> lines_;
};

// The given options, completed by the scalar defaults of the descriptor's table. Elements of a list
// are given one by one, as "name[0]", and an empty list not at all. Nothing is checked.
class FakeOptions {
 public:
  FakeOptions(const dodona_descriptor& descriptor, Values given) : values_(std::move(given)) {
    for (std::uint64_t i = 0; i < descriptor.option_count; ++i) {
      const dodona_option& option = *descriptor.options[i];
      if (option.initial.kind != 0) values_.emplace(option.name, from_abi(option.initial));
    }
    raw_.struct_size = sizeof raw_;
    raw_.impl = this;
    raw_.json = to_abi(std::string_view("{}"));
    raw_.get = [](const dodona_options* options, dodona_str path, dodona_value* out,
                  dodona_error* error) noexcept {
      const Values& values = static_cast<const FakeOptions*>(options->impl)->values_;
      const auto found = values.find(std::string(view(path)));
      if (found == values.end()) return fill_error(error, DODONA_E_INVALID, "no such option");
      *out = to_abi(found->second);
      return dodona_status{DODONA_OK};
    };
    raw_.size = [](const dodona_options* options, dodona_str path, std::uint64_t* out,
                   dodona_error*) noexcept -> dodona_status {
      const Values& values = static_cast<const FakeOptions*>(options->impl)->values_;
      for (*out = 0; values.contains(std::string(view(path)) + "[" + std::to_string(*out) + "]");)
        ++*out;
      return DODONA_OK;
    };
  }
  FakeOptions(const FakeOptions&) = delete;
  FakeOptions& operator=(const FakeOptions&) = delete;

  const dodona_options* get() const { return &raw_; }

 private:
  dodona_options raw_{};
  Values values_;
};

// Answers the given values, legal or not, and the default of the definition if none is given.
// Records the definitions in the order of asking, each with the conditions of the scopes around
// it.
class FakeHp {
 public:
  explicit FakeHp(Values given = {}) : given_(std::move(given)) {
    raw_.struct_size = sizeof raw_;
    raw_.impl = this;
    raw_.param = [](dodona_hp* hp, const dodona_param* param, dodona_value* out,
                    dodona_error* e) noexcept {
      return guard(e, [&] { *out = self(hp).ask(*param); });
    };
    raw_.get = [](dodona_hp* hp, dodona_str name, dodona_value* out, dodona_error* e) noexcept {
      return guard(e, [&] { *out = to_abi(self(hp).value_of(std::string(view(name)))); });
    };
    raw_.enter = [](dodona_hp* hp, const dodona_condition* condition, std::uint32_t* active,
                    dodona_error* e) noexcept {
      return guard(e, [&] { *active = self(hp).enter(from_abi(*condition)) ? 1 : 0; });
    };
    raw_.leave = [](dodona_hp* hp, dodona_error* e) noexcept {
      return guard(e, [&] { self(hp).scopes_.pop_back(); });
    };
    raw_.each = [](dodona_hp* hp, void (*visit)(void*, dodona_str, dodona_value) noexcept,
                   void* ctx, dodona_error*) noexcept {
      for (const auto& [name, value] : self(hp).given_) visit(ctx, to_abi(name), to_abi(value));
      for (const std::string& name : self(hp).inactive) visit(ctx, to_abi(name), {});
      return dodona_status{DODONA_OK};
    };
  }
  FakeHp(const FakeHp&) = delete;
  FakeHp& operator=(const FakeHp&) = delete;

  dodona_hp* get() { return &raw_; }
  const std::vector<Param>& asked() const { return asked_; }
  std::size_t open_scopes() const { return scopes_.size(); }

  std::vector<std::string> inactive;  // names that `each` visits without a value

  // The definition of a name that was asked for.
  const Param& definition(const std::string& name) const {
    for (const Param& param : asked_) {
      if (param.name == name) return param;
    }
    throw Error(DODONA_E_INVALID, "nobody asked for \"" + name + "\"");
  }

 private:
  static FakeHp& self(dodona_hp* hp) { return *static_cast<FakeHp*>(hp->impl); }

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
    const Value fallback = from_abi(to_abi(param, param.initial));
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

  dodona_hp raw_{};
  Values given_;
  Values values_;
  std::vector<Param> asked_;
  std::vector<std::pair<Condition, bool>> scopes_;
};

// One execution. A test may set members of `raw` before the plugin gets it.
class FakeTrial {
 public:
  struct Report {
    std::uint64_t step;
    std::map<std::string, double> metrics;
    friend bool operator==(const Report&, const Report&) = default;
  };

  explicit FakeTrial(Values values = {}) : hp(std::move(values)) {
    raw.struct_size = sizeof raw;
    raw.threads = 1;
    raw.impl = this;
    raw.hp = hp.get();
    raw.report = [](dodona_trial* trial, std::uint64_t step, dodona_metric_span metrics,
                    dodona_reply* reply, dodona_error* error) noexcept {
      return guard(error, [&] {
        FakeTrial& self = *static_cast<FakeTrial*>(trial->impl);
        self.reports.push_back({step, named(metrics)});
        if (self.on_report) self.on_report(step);
        reply->verdict = step >= self.stop_at ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
        reply->save_now = 0;
      });
    };
    raw.finish = [](dodona_trial* trial, dodona_metric_span metrics, dodona_error* error) noexcept {
      return guard(error, [&] { static_cast<FakeTrial*>(trial->impl)->finished = named(metrics); });
    };
    raw.make_directory = [](dodona_trial*, dodona_error*) noexcept -> dodona_status {
      return DODONA_OK;
    };
    raw.note = [](dodona_trial* trial, dodona_str key, dodona_str value,
                  dodona_error* error) noexcept {
      return guard(error, [&] {
        static_cast<FakeTrial*>(trial->impl)->notes[std::string(view(key))] = view(value);
      });
    };
    raw.cancelled = [](const dodona_trial* trial) noexcept -> std::uint32_t {
      FakeTrial& self = *static_cast<FakeTrial*>(trial->impl);
      ++self.cancelled_asked;
      return self.cancel.load() ? 1 : 0;
    };
  }
  FakeTrial(const FakeTrial&) = delete;
  FakeTrial& operator=(const FakeTrial&) = delete;

  dodona_trial* get() { return &raw; }

  dodona_trial raw{};
  FakeHp hp;
  std::vector<Report> reports;
  std::map<std::string, double> finished;
  std::map<std::string, std::string> notes;
  std::uint64_t stop_at = UINT64_MAX;  // the first step answered by DODONA_STOP_TRIAL
  std::function<void(std::uint64_t step)> on_report;  // called within each report
  std::atomic<bool> cancel{false};
  std::atomic<std::uint64_t> cancelled_asked{0};

 private:
  static std::map<std::string, double> named(dodona_metric_span metrics) {
    std::map<std::string, double> out;
    for (std::uint64_t i = 0; i < metrics.size; ++i)
      out[std::string(view(metrics.data[i].name))] = metrics.data[i].value;
    return out;
  }
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
