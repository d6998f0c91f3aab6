// SPDX-License-Identifier: Apache-2.0
//
// Writing a hypermodel: what is tuned. One of two forms, found by the members that a class has.
//
//   struct Anything {                              // the one-function form
//     void run(dodona::Trial& trial);              // or: double run(dodona::HyperParameters&)
//   };
//   struct Net {                                   // build and fit
//     struct Model { ... };
//     Model build(dodona::HyperParameters& hp, dodona::Trial& trial);
//     void fit(Model& model, dodona::Trial& trial);
//     // optional:
//     void declare(dodona::HyperParameters& hp);   // asks for every hyperparameter, cheaply
//     void evaluate(Model&, dodona::Trial&);       // final metrics through trial.finish
//     void save(Model&, std::string_view directory);
//     void load(Model&, std::string_view directory);
//   };
//
// A class without `declare` whose build takes `hp` alone is explored by building it; any other
// shows its space in its first trial. A constructor from HyperModelContext gets the options.
//
// Threads: one object serves all trials: its members run concurrently, one trial a thread.
#pragma once

#include <dodona/abi.h>
#include <dodona/host.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

struct Metric {
  std::string_view name;
  double value;
};

// One execution of a trial; the handle may be copied and is valid until the model is released.
class Trial {
 public:
  explicit Trial(dodona_trial* trial) : trial_(trial) {}

  std::uint64_t id() const { return trial_->id; }
  std::uint64_t seed() const { return trial_->seed; }
  std::uint32_t execution() const { return trial_->execution; }
  std::uint32_t attempt() const { return trial_->attempt; }
  std::uint32_t threads() const { return trial_->threads; }
  std::uint64_t start_step() const { return trial_->start_step; }  // steps done before this run
  std::uint64_t budget() const { return trial_->budget; }          // step at which to end; 0: free
  // The trial's own, made by this call; empty where nothing is written.
  std::string_view directory() const {
    call([&](dodona_error* error) { return trial_->make_directory(trial_, error); });
    return view(trial_->directory);
  }
  std::string_view resume_directory() const { return view(trial_->resume_directory); }
  // The last training of a model, not a trial of a search: no part of the data need be held back
  // for validation, and no metric of such a part reported.
  bool all_data() const { return trial_->all_data != 0; }
  // The slots that are this trial's while it runs, by the names of the study file's `devices`.
  std::vector<std::string_view> devices() const {
    std::vector<std::string_view> names;
    for (std::uint64_t i = 0; i < trial_->device_count; ++i) {
      names.push_back(view(trial_->devices[i]));
    }
    return names;
  }
  bool cancelled() const { return trial_->cancelled(trial_) != 0; }
  HyperParameters hp() const { return HyperParameters(trial_->hp); }

  // Metrics at a step; steps count from start_step() + 1 and increase. Throws Cancelled when the
  // trial must stop.
  void report(std::uint64_t step, std::initializer_list<Metric> metrics) {
    report(step, std::span<const Metric>(metrics.begin(), metrics.size()));
  }
  void report(std::uint64_t step, std::span<const Metric> metrics) {
    obey(send(step, metrics, DODONA_SIZE_TO(dodona_reply, verdict)));  // has nothing to save with
  }
  // The same for a `run` function that can be saved: `save(directory)` writes its whole state there
  // when the trial is better than before, or when another trial may want to go on from it, which
  // then finds it in resume_directory().
  template <class Save>
  void report(std::uint64_t step, std::span<const Metric> metrics, Save&& save) {
    const dodona_reply reply = send(step, metrics, DODONA_SIZE_TO(dodona_reply, directory));
    if (reply.save_now != 0) {
      save(view(reply.directory));
      call([&](dodona_error* error) { return trial_->saved(trial_, error); });
    }
    obey(reply);
  }

  // A remark that is kept and shown with the trial; the last one of a key counts.
  void note(std::string_view key, std::string_view value) {
    call([&](dodona_error* error) {
      return trial_->note(trial_, to_abi(key), to_abi(value), error);
    });
  }

  // The final metrics. An empty name stands for the objective.
  void finish(std::initializer_list<Metric> metrics) {
    finish(std::span<const Metric>(metrics.begin(), metrics.size()));
  }
  void finish(std::span<const Metric> metrics) {
    const Metrics list(metrics);
    call([&](dodona_error* error) { return trial_->finish(trial_, list.span(), error); });
  }

 private:
  class Metrics {
   public:
    explicit Metrics(std::span<const Metric> metrics) : size_(metrics.size()) {
      if (size_ > kInline) more_.resize(size_);
      dodona_metric* out = size_ > kInline ? more_.data() : few_;
      for (const Metric& metric : metrics) *out++ = {to_abi(metric.name), metric.value};
    }
    dodona_metric_span span() const { return {size_ > kInline ? more_.data() : few_, size_}; }

   private:
    static constexpr std::size_t kInline = 8;
    std::size_t size_;
    dodona_metric few_[kInline];
    std::vector<dodona_metric> more_;
  };

  dodona_reply send(std::uint64_t step, std::span<const Metric> metrics, std::uint32_t understood) {
    dodona_reply reply{};
    reply.struct_size = understood;
    const Metrics list(metrics);
    call([&](dodona_error* error) {
      return trial_->report(trial_, step, list.span(), &reply, error);
    });
    return reply;
  }
  static void obey(const dodona_reply& reply) {
    if (reply.verdict != DODONA_CONTINUE) throw Cancelled();
  }

  dodona_trial* trial_;
};

namespace detail {

// Calls a run function in the form that it has: with the trial or with its hyperparameters,
// answering nothing, one number (the objective) or metrics.
template <class F>
void run_function(F& function, dodona_trial* raw) {
  Trial trial(raw);
  const auto deliver = [&](auto&& invoke) {
    using Result = decltype(invoke());
    if constexpr (std::is_void_v<Result>) {
      invoke();
    } else if constexpr (std::is_convertible_v<Result, double>) {
      trial.finish({{"", static_cast<double>(invoke())}});
    } else {
      const auto result = invoke();
      std::vector<Metric> metrics;
      for (const auto& [name, value] : result) metrics.push_back({name, value});
      trial.finish(metrics);
    }
  };
  if constexpr (std::is_invocable_v<F&, Trial&>) {
    deliver([&] { return function(trial); });
  } else {
    HyperParameters hp = trial.hp();
    deliver([&] { return function(hp); });
  }
}

}  // namespace detail

// The C table of a class of the forms above.
template <class M>
struct HyperModelAdapter {
  static constexpr bool kRuns = requires(M & m, Trial& t) { m.run(t); }
  || requires(M& m, HyperParameters& hp) { m.run(hp); };
  static constexpr bool kDeclares = requires(M & m, HyperParameters& hp) { m.declare(hp); };
  static constexpr bool kBuildsAlone = requires(M & m, HyperParameters& hp) { m.build(hp); };

  template <class T>
  static auto built(T& m, HyperParameters& hp, Trial& t) {
    if constexpr (requires { m.build(hp, t); }) {
      return m.build(hp, t);
    } else {
      return m.build(hp);
    }
  }

  static dodona_status create(const dodona_host* host, const dodona_options* options, void** self,
                              dodona_error* error) noexcept {
    if constexpr (std::is_constructible_v<M, const HyperModelContext&> ||
                  std::is_default_constructible_v<M>) {
      return guard(error, [&] {
        *self = detail::make<M>(HyperModelContext{Host(host), Options(options)});
      });
    } else {  // an embedded object, which its application made
      return fill_error(error, DODONA_E_UNSUPPORTED, "this hypermodel is made by its application");
    }
  }
  static void destroy(void* self) noexcept { delete static_cast<M*>(self); }

  static dodona_status declare(void* self, dodona_hp* raw, dodona_error* error) noexcept {
    return guard(error, [&] {
      HyperParameters hp(raw);
      if constexpr (kDeclares) {
        static_cast<M*>(self)->declare(hp);
      } else if constexpr (kBuildsAlone) {
        static_cast<void>(static_cast<M*>(self)->build(hp));
      }
    });
  }

  static dodona_status run(void* self, dodona_trial* raw, dodona_error* error) noexcept {
    return guard(error, [&] {
      if constexpr (kRuns) {
        auto invoke = [&]<class A>(A& argument) -> decltype(static_cast<M*>(self)->run(argument)) {
          return static_cast<M*>(self)->run(argument);
        };
        detail::run_function(invoke, raw);
      }
    });
  }

  static constexpr dodona_hypermodel_vtable make_table() {
    static_assert(
        kRuns || requires { typename M::Model; },
        "a hypermodel needs: run(dodona::Trial&), or a type Model with build and fit");
    dodona_hypermodel_vtable slots{};
    slots.struct_size = DODONA_SIZE_TO(dodona_hypermodel_vtable, release);
    slots.create = create;
    slots.destroy = destroy;
    if constexpr (kDeclares || (kBuildsAlone && !kRuns)) slots.declare = declare;
    if constexpr (kRuns) {
      slots.run = run;
    } else {
      using Model = typename M::Model;
      slots.build = [](void* self, dodona_hp* raw, dodona_trial* raw_trial, void** model,
                       dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&] {
          HyperParameters hp(raw);
          Trial trial(raw_trial);
          // Made in place, as a model need not be movable; guard catches what `new` throws.
          *model = new Model(  // NOLINT(bugprone-unhandled-exception-at-new)
              built(*static_cast<M*>(self), hp, trial));
        });
      };
      slots.fit = [](void* self, void* model, dodona_trial* raw,
                     dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&] {
          Trial trial(raw);
          static_cast<M*>(self)->fit(*static_cast<Model*>(model), trial);
        });
      };
      if constexpr (requires(M & m, Model & x, Trial & t) { m.evaluate(x, t); }) {
        slots.evaluate = [](void* self, void* model, dodona_trial* raw,
                            dodona_error* error) noexcept -> dodona_status {
          return guard(error, [&] {
            Trial trial(raw);
            static_cast<M*>(self)->evaluate(*static_cast<Model*>(model), trial);
          });
        };
      }
      constexpr bool saves = requires(M & m, Model & x) {
        m.save(x, std::string_view{});
      };
      constexpr bool loads = requires(M & m, Model & x) {
        m.load(x, std::string_view{});
      };
      static_assert(saves == loads, "a hypermodel has both save and load, or neither");
      if constexpr (saves) {
        slots.save = [](void* self, void* model, dodona_str directory,
                        dodona_error* error) noexcept -> dodona_status {
          return guard(error, [&] {
            static_cast<M*>(self)->save(*static_cast<Model*>(model), view(directory));
          });
        };
        slots.load = [](void* self, void* model, dodona_str directory,
                        dodona_error* error) noexcept -> dodona_status {
          return guard(error, [&] {
            static_cast<M*>(self)->load(*static_cast<Model*>(model), view(directory));
          });
        };
      }
      slots.release = [](void*, void* model) noexcept { delete static_cast<Model*>(model); };
    }
    return slots;
  }

  static constexpr dodona_hypermodel_vtable kTable = make_table();
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
