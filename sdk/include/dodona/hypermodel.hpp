// SPDX-License-Identifier: Apache-2.0
//
// Writing a hypermodel: the model to tune. A class has one of two forms; its members tell which.
//
//   struct Anything {                              // the one-function form
//     void run(dodona::Trial& trial);              // or: double run(dodona::HyperParameters&)
//   };
//   struct Net {                                   // build and fit
//     struct Model { ... };
//     Model build(dodona::HyperParameters& hp, dodona::Trial& trial);
//     void fit(Model& model, dodona::Trial& trial);
//     // optional:
//     void declare(dodona::HyperParameters& hp);   // asks for every hyperparameter, at little cost
//     void evaluate(Model&, dodona::Trial&);       // final metrics through trial.finish
//     void save(Model&, std::string_view directory);
//     void load(Model&, std::string_view directory);
//   };
//
// A class of either form may say what it reports, so that a wrong objective is refused before the
// first trial: std::vector<dodona::ReportedMetric> metrics();
//
// The kernel learns the space before the first trial from `declare`, or from a `build` that takes
// `hp` alone: it calls them until it has seen every condition. Any other class shows its space in
// its first trial. A constructor that takes a const HyperModelContext& gets the options.
//
// Errors:  an exception fails its trial alone. Error{DODONA_E_INVALID} says that the values are
//          wrong; such a trial is not retried.
// Threads: one object serves all trials. Its members run concurrently, each trial on one thread.
#pragma once

#include <dodona/abi.h>
#include <dodona/host.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/visibility.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
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

enum class Better : std::uint8_t { kLess = DODONA_MINIMIZE, kMore = DODONA_MAXIMIZE };

// A metric that a model reports, and the direction in which it is better.
struct ReportedMetric {
  std::string name;
  Better better;
};

// One execution of a trial. The handle may be copied. It is valid until the model is released.
class Trial {
 public:
  explicit Trial(dodona_trial* trial) : trial_(trial) {}

  std::uint64_t id() const { return trial_->id; }
  // The seed of this attempt at this execution. A rerun after an interruption has the same one.
  std::uint64_t seed() const { return trial_->seed; }
  std::uint32_t execution() const { return trial_->execution; }  // from 0
  std::uint32_t attempt() const { return trial_->attempt; }      // from 0; each retry is the next
  // Number of threads that the model may use.
  std::uint32_t threads() const { return trial_->threads; }
  // Number of steps that were done before this run; the first report is of the next one.
  std::uint64_t start_step() const { return trial_->start_step; }
  // Step at which the trial must end; 0: the model's own choice.
  std::uint64_t budget() const { return trial_->budget; }
  // The trial's own directory, which this call makes. Empty if the study writes nothing.
  std::string_view directory() const {
    call([&](dodona_error* error) { return trial_->make_directory(trial_, error); });
    return view(trial_->directory);
  }
  // The directory of a saved state to go on from, or empty. A class with `load` need not ask: the
  // kernel calls load before fit.
  std::string_view resume_directory() const { return view(trial_->resume_directory); }
  // True for a last training outside a search. It need not hold back data for validation, nor
  // report metrics of such data.
  bool all_data() const { return trial_->all_data != 0; }
  // The slots of this trial while it runs, by the names of the study file's `devices`.
  std::vector<std::string_view> devices() const {
    std::vector<std::string_view> names;
    for (std::uint64_t i = 0; i < trial_->device_count; ++i) {
      names.push_back(view(trial_->devices[i]));
    }
    return names;
  }
  // True once the trial must stop. Long work between two reports should then throw Cancelled.
  // Any thread may ask.
  bool cancelled() const { return trial_->cancelled(trial_) != 0; }
  HyperParameters hp() const { return HyperParameters(trial_->hp); }

  // Reports metrics at a step. Steps begin at start_step() + 1 and increase. The kernel may call
  // the class's `save` from within. Throws Cancelled when the trial must stop.
  void report(std::uint64_t step, std::initializer_list<Metric> metrics) {
    report(step, std::span<const Metric>(metrics.begin(), metrics.size()));
  }
  void report(std::uint64_t step, std::span<const Metric> metrics) {
    // A reply that ends at the verdict says that this caller cannot save.
    obey(send(step, metrics, DODONA_SIZE_TO(dodona_reply, verdict)));
  }
  // The same for a `run` function that can save. `save(directory)` is called when the trial is
  // better than before, or when another trial may go on from it. It writes the function's whole
  // state there. The other trial finds that state in resume_directory().
  template <class Save>
  void report(std::uint64_t step, std::span<const Metric> metrics, Save&& save) {
    const dodona_reply reply = send(step, metrics, DODONA_SIZE_TO(dodona_reply, directory));
    if (reply.save_now != 0) {
      save(view(reply.directory));
      saved();
    }
    obey(reply);
  }

  // The answer to a report in halves.
  struct Wish {
    std::string_view directory;  // where the state is wanted; empty: nowhere
    bool stop = false;           // the trial must stop
  };
  // Reports like the function above, for a state that may still change until the next report. Call
  // `saved` before the next report, once the state is complete; otherwise the state is dropped.
  // Throws nothing where the trial must stop: the answer says so.
  Wish report_in_halves(std::uint64_t step, std::span<const Metric> metrics) {
    const dodona_reply reply = send(step, metrics, DODONA_SIZE_TO(dodona_reply, directory));
    return {reply.save_now != 0 ? view(reply.directory) : std::string_view(),
            reply.verdict != DODONA_CONTINUE};
  }
  void saved() {
    call([&](dodona_error* error) { return trial_->saved(trial_, error); });
  }

  // Keeps a remark, which is shown with the trial. A later remark of the same key replaces it.
  void note(std::string_view key, std::string_view value) {
    call([&](dodona_error* error) {
      return trial_->note(trial_, to_abi(key), to_abi(value), error);
    });
  }

  // Gives the final metrics. An empty name stands for the objective. If the objective is among
  // them it is the trial's score; else the best step decides.
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

// Calls a run function in its own form. It takes the trial or the hyperparameters, and returns
// nothing, one number (the objective) or a list of metrics.
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
  static constexpr bool kTellsMetrics = requires(M & m) {
    { m.metrics() } -> std::convertible_to<std::vector<ReportedMetric>>;
  };

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
    } else {  // only its application can make such an object
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

  static dodona_status metrics(void* self,
                               void (*push)(void* ctx, dodona_str name, dodona_direction direction),
                               void* ctx, dodona_error* error) noexcept {
    return guard(error, [&] {
      if constexpr (kTellsMetrics) {
        const std::vector<ReportedMetric> all = static_cast<M*>(self)->metrics();
        for (const ReportedMetric& each : all) {
          push(ctx, to_abi(each.name), static_cast<dodona_direction>(each.better));
        }
      }
    });
  }

  static constexpr dodona_hypermodel_vtable make_table() {
    static_assert(
        kRuns || requires { typename M::Model; },
        "a hypermodel needs: run(dodona::Trial&), or a type Model with build and fit");
    dodona_hypermodel_vtable slots{};
    slots.struct_size = DODONA_SIZE_TO(dodona_hypermodel_vtable, metrics);
    slots.create = create;
    slots.destroy = destroy;
    if constexpr (kDeclares || (kBuildsAlone && !kRuns)) slots.declare = declare;
    if constexpr (kTellsMetrics) slots.metrics = metrics;
    if constexpr (kRuns) {
      slots.run = run;
    } else {
      using Model = typename M::Model;
      slots.build = [](void* self, dodona_hp* raw, dodona_trial* raw_trial, void** model,
                       dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&] {
          HyperParameters hp(raw);
          Trial trial(raw_trial);
          // Made in place, as a model need not be movable. guard catches an exception of `new`.
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
