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
// A class with build and fit may also tell of its models outside of a search, for the commands
// summary, evaluate and predict; model_output.hpp has the types:
//
//   std::vector<dodona::Layer> summary(Model&);
//   void evaluate_on(Model&, dodona::Trial&, std::string_view data, dodona::Evaluation& out);
//   void predict(Model&, dodona::Trial&, std::string_view input, dodona::Rows& out);
//
// They are called after build, and after load where a model was kept. `data` and `input` are words
// of the command line; empty data are those on which trials are scored. Only cancelled() of the
// trial, its values and its threads are of use then.
//
// A class of either form may say what it reports, so that a wrong objective is refused before the
// first trial: std::vector<dodona::ReportedMetric> metrics();
//
// A class with optional features of its own has `const void* extension(std::string_view id)`, which
// answers the table of a feature or nullptr; any thread may call it. abi/extensions.h lists the ids.
//
// The kernel learns the space before the first trial from `declare`, or from a `build` that takes
// `hp` alone. It calls them until it has seen every condition, at most 64 times. Without them, and
// without hyperparameters in the study file, the first trial shows the space. It runs alone and on
// default values. A constructor that takes a const StudyContext& gets the options.
//
// For each execution of a trial the kernel calls, in this order:
//
//   build      makes the Model. If it throws, nothing else is called.
//   load       only if the trial goes on from a saved state
//   fit        trains, and reports after each step
//   evaluate   not after an error or a cancellation of fit
//   save       from within report, on the same thread; also once after fit and evaluate, if the
//              kernel still wants a state
//
// The Model is destroyed at the end, also after an exception of load, fit or evaluate. A plugin's
// object is made before the first trial of a search and destroyed after the last one. An object
// that an application hands over stays the application's.
//
// Errors:  an exception fails its trial alone. Error{DODONA_E_INVALID} says that the values are
//          wrong; such a trial is not retried. An exception of save is thrown from report. An
//          exception of a constructor, of declare or of metrics ends the search before it begins.
// Threads: one object serves all trials. Its members run concurrently, each trial on one thread.
//          The constructor, declare, metrics and the destructor run alone.
// Lifetime: the Trial, its hp and all views that they gave are valid until the Model is destroyed,
//          or until run returns.
#pragma once

#include <dodona/abi.h>
#include <dodona/host.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/members.hpp>
#include <dodona/model_output.hpp>
#include <dodona/trial_limits.hpp>
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

// A measured value, as the model has it: a metric to maximise keeps its sign. An empty name stands
// for the study's objective, if that is one metric. The value may be infinite or NaN; such an
// objective does not count. The name is borrowed until the call returns.
struct Metric {
  std::string_view name;
  double value;
};

// The direction in which a metric is better.
enum class Better : std::uint8_t { kLess = DODONA_MINIMIZE, kMore = DODONA_MAXIMIZE };

// A metric that a model reports, and the direction in which it is better. If `metrics` names any,
// an objective that is not among them is refused before the first trial.
struct ReportedMetric {
  std::string name;
  Better better;
};

// One execution of a trial. The handle may be copied; all copies are the same trial. It is valid
// until the model is released, or until a `run` function returns. A call of report, note, finish or
// saved after that throws Error{DODONA_E_STATE} and changes nothing; cancelled() then answers true.
//
// Threads: directory() and cancelled() from any thread. All other members that are not const, and
//          those of hp(), one call at a time; most models call them on the trial's own thread.
// Cost:    a report takes a few microseconds, and longer where a stopper judges it or the
//          application shows progress. It does not wait for the disk: a crash may lose the last
//          100 ms.
class Trial {
 public:
  explicit Trial(dodona_trial* trial) : trial_(trial) {}

  // Number of the trial in its study, from 0 without gaps.
  std::uint64_t id() const { return trial_->id; }
  // The seed of this attempt at this execution. A rerun after an interruption has the same one; a
  // retry and another execution have others. A model that draws from it alone can be repeated.
  std::uint64_t seed() const { return trial_->seed; }
  std::uint32_t execution() const { return trial_->execution; }  // from 0
  std::uint32_t attempt() const { return trial_->attempt; }      // from 0; each retry is the next
  // Number of threads that the model may use, at least 1. In a search the kernel limits oneTBB to
  // it on the trial's thread. The model must tell every other library.
  std::uint32_t threads() const { return trial_->threads; }
  // Number of steps that were done before this run; the first report is of the next one.
  std::uint64_t start_step() const { return trial_->start_step; }
  // Step at which the trial must end; 0: the model's own choice. The kernel does not stop a model
  // that goes on beyond it.
  std::uint64_t budget() const { return trial_->budget; }
  // The trial's own directory, which this call makes. Empty if the study writes nothing. All
  // executions and attempts share it. Throws Error{DODONA_E_IO} if it cannot be made.
  std::string_view directory() const {
    call([&](dodona_error* error) { return trial_->make_directory(trial_, error); });
    return view(trial_->directory);
  }
  // The directory of a saved state to go on from, or empty. A class with `load` need not ask: the
  // kernel calls load before fit.
  std::string_view resume_directory() const { return view(trial_->resume_directory); }
  // True for a last training outside a search. It need not hold back data for validation, nor
  // report metrics of such data.
  bool all_data() const { return DODONA_HAS(trial_, dodona_trial, all_data); }
  // The slots of this trial while it runs, by the names of the study file's `devices`. No other
  // running trial of the study has them. Empty if the study names no devices.
  std::vector<std::string_view> devices() const {
    std::vector<std::string_view> names;
    for (std::uint64_t i = 0; i < trial_->device_count; ++i) {
      names.push_back(view(trial_->devices[i]));
    }
    return names;
  }
  // The limits that a plugin with DODONA_FLAG_LIMITS keeps, with the clock started; 0: there is none.
  LimitWatch limit_watch() const {
    const auto now = LimitWatch::Clock::now();
    // NOLINTNEXTLINE(bugprone-sizeof-expression): the size of a pointer is meant
    if (!DODONA_HAS(trial_, dodona_trial, limits)) return {{}, LimitWatch::Seconds(0), now};
    const dodona_trial_limits& given = *trial_->limits;
    return {{given.seconds, given.step_seconds, given.memory_mb, given.output_mb},
            LimitWatch::Seconds(given.spent_seconds),
            now};
  }
  // Says which limit is reached. From then on cancelled() is true, and the next report stops the
  // trial. If the trial then ends by Cancelled, it keeps its result. A trial that had to be killed ends
  // by an Error with the text of tell_end: the trial fails with that outcome. Throws
  // Error{DODONA_E_STATE} without limits.
  void limit_reached(dodona_outcome outcome) {
    call([&](dodona_error* error) { return trial_->limit_reached(trial_, outcome, error); });
  }
  // True once the trial must stop. Long work between two reports should then throw Cancelled.
  // Any thread may ask.
  bool cancelled() const { return trial_->cancelled(trial_) != 0; }
  // Asks for the trial's values, in `fit` too. Open scopes are the trial's: all objects that this
  // call returns share them.
  HyperParameters hp() const { return HyperParameters(trial_->hp); }

  // Reports metrics at a step. Steps begin at start_step() + 1 and increase. A trial that starts at
  // 0 may begin with step 0. The kernel may call the class's `save` from within.
  //
  // Throws Cancelled when the trial must stop. The report is logged then, unless the whole search
  // is interrupted: such a trial runs again later. The model lets Cancelled pass.
  //
  // Errors: Error{DODONA_E_INVALID} for a step that does not increase and for a name that stands
  //         twice, Error{DODONA_E_STATE} after finish(). Nothing was logged then. An Error of
  //         `save` leaves the trial's former saved state, and the report in the log.
  void report(std::uint64_t step, std::initializer_list<Metric> metrics) {
    report(step, std::span<const Metric>(metrics.begin(), metrics.size()));
  }
  void report(std::uint64_t step, std::span<const Metric> metrics) {
    // A reply that ends at the verdict says that this caller cannot save.
    obey(send(step, metrics, DODONA_SIZE_TO(dodona_reply, verdict)));
  }
  // The same for a `run` function that can save. `save(directory)` is called when the trial is
  // better than before, when another trial may go on from it, and now and then, so that the trial
  // itself can after an interruption. It writes the function's whole state into that directory,
  // which exists and is empty. resume_directory() has it where a trial goes on. The state takes the
  // place of the former one once it is on the disk. An exception of `save` is thrown from here.
  template <class Save>
  void report(std::uint64_t step, std::span<const Metric> metrics, Save&& save) {
    const dodona_reply reply = send(step, metrics, DODONA_SIZE_TO(dodona_reply, directory));
    if (reply.save_now != 0) {
      save(view(reply.directory));
      saved();
    }
    obey(reply);
  }

  // The answer to a report in halves. The directory exists and is empty; its name is valid until
  // the next report.
  struct Wish {
    std::string_view directory;  // where the state is wanted; empty: nowhere
    bool stop = false;           // the trial must stop
  };
  // Reports like the function above, for a state that is written before the next report. Call
  // `saved` before the next report, once the state is complete; otherwise the state is dropped.
  // Throws nothing where the trial must stop: the answer says so.
  Wish report_in_halves(std::uint64_t step, std::span<const Metric> metrics) {
    const dodona_reply reply = send(step, metrics, DODONA_SIZE_TO(dodona_reply, directory));
    return {reply.save_now != 0 ? view(reply.directory) : std::string_view(),
            reply.verdict != DODONA_CONTINUE};
  }
  // Says that the state of the last report in halves is complete. Waits until it is on the disk,
  // and puts it in the place of the former one. Throws Error{DODONA_E_STATE} if no state was
  // wanted. Where the disk refuses, the former state stays, and people are warned.
  void saved() {
    call([&](dodona_error* error) { return trial_->saved(trial_, error); });
  }

  // Keeps a remark, which is shown with the trial. A later remark of the same key replaces it. A
  // remark outlasts a failure and a retry of the trial, and is allowed after finish().
  void note(std::string_view key, std::string_view value) {
    call([&](dodona_error* error) {
      return trial_->note(trial_, to_abi(key), to_abi(value), error);
    });
  }

  // Gives the final metrics, once an execution and after its last report. If the objective is among
  // them it is the execution's score; else the best step decides. The score of a trial of several
  // executions is their mean. The model need not call it.
  //
  // Errors: Error{DODONA_E_STATE} for a second call, Error{DODONA_E_INVALID} for a name that stands
  //         twice.
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
      for (const Metric& metric : metrics) *out++ = {to_abi(metric.name), metric.value, 0};
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

// The C table of a class of the forms above. Every slot is noexcept: an exception of the class
// becomes a status with its text. The table is constant and lives as long as the library.
template <class M>
struct HyperModelAdapter {
  static constexpr bool kRuns = requires(M & m, Trial& t) { m.run(t); }
  || requires(M& m, HyperParameters& hp) { m.run(hp); };
  static constexpr bool kDeclares = requires(M & m, HyperParameters& hp) {
    { m.declare(hp) } -> std::same_as<void>;
  };
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

  static dodona_status create(const dodona_host* host, const dodona_study* study,
                              const dodona_options* options, void** self,
                              dodona_error* error) noexcept {
    if constexpr (std::is_constructible_v<M, const StudyContext&> ||
                  std::is_default_constructible_v<M>) {
      return guard(error, [&] {
        *self = detail::make<M>(StudyContext{Host(host), Options(options), *study});
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
                               void (*push)(void* ctx, dodona_str name,
                                            dodona_direction direction) noexcept,
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

  // Refuses a class that lacks what a hypermodel has, or whose members would be passed over. A class
  // with run is executed by it alone, so its other functions are its own affair.
  static constexpr void check_members() {
    static_assert(
        kRuns || requires { typename M::Model; },
        "a hypermodel needs: run(dodona::Trial&), or a type Model with build and fit");
    static_assert(kDeclares || !detail::names_declare<M>(),
                  "declare of a hypermodel is: void declare(dodona::HyperParameters&)");
    static_assert(kTellsMetrics || !detail::names_metrics<M>(),
                  "metrics of a hypermodel is: std::vector<dodona::ReportedMetric> metrics()");
    static_assert(detail::kExtends<M> || !detail::names_extension<M>(),
                  "extension of a plugin's class is: const void* extension(std::string_view id)");
    if constexpr (!kDeclares) detail::spelt_declare<M, HyperParameters&>();
    if constexpr (!kRuns && requires { typename M::Model; }) check_model<typename M::Model>();
  }

  // The results of these functions are not used, so there are none.
  template <class Model>
  static constexpr bool kEvaluates = requires(M& m, Model& x, Trial& t) {
    { m.evaluate(x, t) } -> std::same_as<void>;
  };
  template <class Model>
  static constexpr bool kSaves = requires(M& m, Model& x, std::string_view d) {
    { m.save(x, d) } -> std::same_as<void>;
  };
  template <class Model>
  static constexpr bool kLoads = requires(M& m, Model& x, std::string_view d) {
    { m.load(x, d) } -> std::same_as<void>;
  };

  template <class Model>
  static constexpr bool kEvaluatesOn = requires(M& m, Model& x, Trial& t, std::string_view d,
                                                Evaluation& out) {
    { m.evaluate_on(x, t, d, out) } -> std::same_as<void>;
  };
  template <class Model>
  static constexpr bool kPredicts = requires(M& m, Model& x, Trial& t, std::string_view d,
                                             Rows& out) {
    { m.predict(x, t, d, out) } -> std::same_as<void>;
  };
  template <class Model>
  static constexpr bool kSummarizes = requires(M& m, Model& x) {
    { m.summary(x) } -> std::convertible_to<std::vector<Layer>>;
  };

  // The tables of the optional features that the class has.
  template <class Model>
  struct Features {
    static dodona_status evaluate(void* self, void* model, dodona_trial* raw, dodona_str data,
                                  dodona_evaluation* to, dodona_error* error) noexcept {
      return guard(error, [&] {
        Trial trial(raw);
        Evaluation out(to);
        static_cast<M*>(self)->evaluate_on(*static_cast<Model*>(model), trial, view(data), out);
      });
    }
    static dodona_status predict(void* self, void* model, dodona_trial* raw, dodona_str input,
                                 dodona_table* to, dodona_error* error) noexcept {
      return guard(error, [&] {
        Trial trial(raw);
        Rows out(to);
        static_cast<M*>(self)->predict(*static_cast<Model*>(model), trial, view(input), out);
      });
    }
    static dodona_status layers(void* self, void* model,
                                void (*push)(void* ctx, const dodona_layer*) noexcept, void* ctx,
                                dodona_error* error) noexcept {
      return guard(error, [&] {
        const std::vector<Layer> all = static_cast<M*>(self)->summary(*static_cast<Model*>(model));
        for (const Layer& each : all) {
          const dodona_layer layer{sizeof(dodona_layer), 0,
                                   to_abi(each.name),    to_abi(each.kind),
                                   each.shape.data(),    each.shape.size(),
                                   each.parameters,      each.trainable};
          push(ctx, &layer);
        }
      });
    }
    static const void* find(std::string_view id) {
      if constexpr (kEvaluatesOn<Model>) {
        static constexpr dodona_evaluate_extension kEvaluate{sizeof(dodona_evaluate_extension), 0,
                                                             evaluate};
        if (id == DODONA_EXTENSION_EVALUATE) return &kEvaluate;
      }
      if constexpr (kPredicts<Model>) {
        static constexpr dodona_predict_extension kPredict{sizeof(dodona_predict_extension), 0,
                                                           predict};
        if (id == DODONA_EXTENSION_PREDICT) return &kPredict;
      }
      if constexpr (kSummarizes<Model>) {
        static constexpr dodona_summary_extension kSummary{sizeof(dodona_summary_extension), 0,
                                                           layers};
        if (id == DODONA_EXTENSION_SUMMARY) return &kSummary;
      }
      return nullptr;
    }
  };

  static const void* feature(std::string_view id) {
    if constexpr (!kRuns) {
      return Features<typename M::Model>::find(id);
    } else {
      return nullptr;
    }
  }

  template <class Model>
  static constexpr void check_model() {
    static_assert(
        kBuildsAlone || requires(M & m, HyperParameters & hp, Trial & t) { m.build(hp, t); },
        "a hypermodel with a type Model needs: Model build(dodona::HyperParameters&, "
        "dodona::Trial&)");
    static_assert(
        requires(M & m, Model & x, Trial & t) {
          { m.fit(x, t) } -> std::same_as<void>;
        },
        "a hypermodel with a type Model needs: void fit(Model&, dodona::Trial&); metrics go to "
        "trial.report and trial.finish");
    static_assert(kEvaluates<Model> || !detail::names_evaluate<M>(),
                  "evaluate of a hypermodel is: void evaluate(Model&, dodona::Trial&); metrics go "
                  "to trial.finish");
    static_assert(kSaves<Model> || !detail::names_save<M>(),
                  "save of a hypermodel is: void save(Model&, std::string_view directory)");
    static_assert(kLoads<Model> || !detail::names_load<M>(),
                  "load of a hypermodel is: void load(Model&, std::string_view directory)");
    static_assert(detail::names_save<M>() == detail::names_load<M>(),
                  "a hypermodel has both save and load, or neither");
    static_assert(kEvaluatesOn<Model> || !detail::names_evaluate_on<M>(),
                  "evaluate_on of a hypermodel is: void evaluate_on(Model&, dodona::Trial&, "
                  "std::string_view data, dodona::Evaluation&)");
    static_assert(kPredicts<Model> || !detail::names_predict<M>(),
                  "predict of a hypermodel is: void predict(Model&, dodona::Trial&, "
                  "std::string_view input, dodona::Rows&)");
    static_assert(kSummarizes<Model> || !detail::names_summary<M>(),
                  "summary of a hypermodel is: std::vector<dodona::Layer> summary(Model&)");
    if constexpr (!kEvaluates<Model>) detail::spelt_evaluate<M, Model&, Trial&>();
    if constexpr (!kSaves<Model>) detail::spelt_save<M, Model&, std::string_view>();
    if constexpr (!kLoads<Model>) detail::spelt_load<M, Model&, std::string_view>();
  }

  static constexpr dodona_hypermodel_vtable make_table() {
    check_members();
    dodona_hypermodel_vtable slots{};
    slots.struct_size = DODONA_SIZE_TO(dodona_hypermodel_vtable, get_extension);
    slots.create = create;
    slots.destroy = destroy;
    if constexpr (kDeclares || (kBuildsAlone && !kRuns)) slots.declare = declare;
    if constexpr (kTellsMetrics) slots.metrics = metrics;
    if constexpr (!kRuns || detail::kExtends<M>) {
      slots.get_extension = [](void* self, const char* id) noexcept -> const void* {
        if (const void* table = feature(id)) return table;
        if constexpr (detail::kExtends<M>) {
          return detail::extension_of(*static_cast<M*>(self), id);
        } else {
          return nullptr;
        }
      };
    }
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
      if constexpr (kEvaluates<Model>) {
        slots.evaluate = [](void* self, void* model, dodona_trial* raw,
                            dodona_error* error) noexcept -> dodona_status {
          return guard(error, [&] {
            Trial trial(raw);
            static_cast<M*>(self)->evaluate(*static_cast<Model*>(model), trial);
          });
        };
      }
      if constexpr (kSaves<Model> && kLoads<Model>) {
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
