// SPDX-License-Identifier: Apache-2.0
//
// Trained models: the one that was kept of a trial, and one that is trained anew with its values.
//
//   auto net = tuner.best_model<Net>();            // as it was at its best report
//   auto layers = tuner.summary_of(net_maker).layers;
//   auto all = tuner.retrain(net_maker).model<Net>();
//   dodona::open("runs/fashion").export_model("fashion-model");
//
// A study keeps the models of its best trials (StudyOptions::keep) where the hypermodel has save
// and load, and the store is not memory.
//
// Errors:  Error{kState} where no trial has a score, or nothing was kept of the one asked for;
//          Error{kInvalid} for a trial that is not there; what the model throws is
//          Error{kException}.
// Threads: the calling one builds, loads and trains; a model that comes back is the caller's.
#pragma once

#include <dodona/asked_trial.hpp>
#include <dodona/export.hpp>
#include <dodona/hypermodel.hpp>
#include <dodona/kernel.hpp>
#include <dodona/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dodona {

// The trial whose values are taken, and the training with them.
struct RetrainOptions {
  std::optional<std::uint64_t> trial{};  // none: the best one
  // The step to train to; 0: that of the trial's best report.
  std::uint64_t steps = 0;
  // No part of the data is held back for validation, if the model heeds Trial::all_data.
  bool all_data = true;
  // Where the model is saved; empty: nowhere. Its trial.json has the trial of the search and, under
  // "retrained", steps, score and metrics of this training. An earlier export there is replaced,
  // anything else refused.
  std::string path{};
  // Called at each report; false stops the training, and the model stays as it is.
  std::function<bool(std::uint64_t step, const Metrics& metrics)> on_report{};
};

// The result of a training with the values of a trial.
struct Retrained {
  std::uint64_t trial = 0;
  std::uint64_t steps = 0;  // that were reported
  Metrics metrics;          // final ones, else those of the last report; the objective has its name
  std::shared_ptr<void> object;  // the model; none where a function was tuned

  // The model as the class that made it; `M` is the one that was given to retrain().
  template <class M>
  std::shared_ptr<typename M::Model> model() const {
    return std::static_pointer_cast<typename M::Model>(object);
  }
};

// The model that is asked. The hypermodel is the study's plugin.
struct ModelChoice {
  std::optional<std::uint64_t> trial{};  // none: the best one, or that of `path`
  // The directory of a model that was exported or trained anew; empty: what was kept of the trial.
  std::string path{};
  // Changes of the study's document, as --set has them, such as "hypermodel.options.data=new.csv".
  std::vector<std::string> sets{};
  PluginSources plugins{};
};

// A layer of a network, or any other part of a model.
struct ModelLayer {
  std::string name;
  std::string kind;                 // in a word, such as dense; may be empty
  std::vector<std::int64_t> shape;  // of its output for one sample; empty: not told
  std::uint64_t parameters = 0;     // numbers that it holds
  std::uint64_t trainable = 0;      // of them, those that training changes
};

// The layers of a model, in order, and the numbers that they hold.
struct ModelSummary {
  std::string hypermodel;              // the name of its plugin; empty: of the application
  std::optional<std::uint64_t> trial;  // none: of a study file, or of default values
  std::vector<ModelLayer> layers;      // each after its inputs

  // Of all layers together.
  std::uint64_t parameters() const {
    std::uint64_t sum = 0;
    for (const ModelLayer& layer : layers) sum += layer.parameters;
    return sum;
  }
  // Of those, the numbers that training changes.
  std::uint64_t trainable() const {
    std::uint64_t sum = 0;
    for (const ModelLayer& layer : layers) sum += layer.trainable;
    return sum;
  }
};
// {"hypermodel", "trial", "layers": [{"name", "kind", "shape", "parameters", "trainable"}],
// "parameters", "trainable"}
DODONA_API std::string to_json(const ModelSummary& summary);

using Row = std::vector<std::optional<HyperParameterValue>>;

// Details of an evaluation, such as a confusion matrix. A row has a cell for each column.
struct DetailTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

// The metrics of a trial's model on some data.
struct ModelEvaluation {
  std::uint64_t trial = 0;
  Metrics metrics;  // under the names of the reports
  std::vector<DetailTable> tables;
};
// {"trial", "metrics": {...}, "tables": {NAME: [{COLUMN: CELL}]}}
DODONA_API std::string to_json(const ModelEvaluation& evaluation);

// Takes predictions, a row for each sample. An exception ends the prediction, and is thrown from
// there.
struct RowWriter {
  std::function<void(const std::vector<std::string>& names)> columns;  // once, first
  std::function<void(const Row& cells)> row;
};

namespace detail {

// A function as a hypermodel: of a trial or of hyperparameters.
template <class F>
struct FunctionModel {
  F& function;
  auto run(Trial& trial) requires std::is_invocable_v<F&, Trial&> { return function(trial); }
  auto run(HyperParameters& hp) requires(!std::is_invocable_v<F&, Trial&> &&
                                         std::is_invocable_v<F&, HyperParameters&>) {
    return function(hp);
  }
};

// Calls back with the C table of a function or of a hypermodel, and the object for it.
template <class M, class Use>
auto with_table(M& model, Use&& use) {
  if constexpr (std::is_invocable_v<M&, Trial&> || std::is_invocable_v<M&, HyperParameters&>) {
    FunctionModel<M> function{model};
    return use(&HyperModelAdapter<FunctionModel<M>>::kTable, static_cast<void*>(&function));
  } else {
    return use(&HyperModelAdapter<M>::kTable, static_cast<void*>(&model));
  }
}

}  // namespace detail

// The common part of Tuner and Study; `Owner` gives best(), load_table(), summary_table() and
// retrain_table().
template <class Owner>
class Models {
 public:
  // Builds the models of the best trials and loads what was kept of them, best first; fewer where
  // fewer trials have a score. `maker` outlives them.
  template <class M>
  std::vector<std::shared_ptr<typename M::Model>> best_models(M& maker, std::uint64_t count) const {
    std::vector<std::shared_ptr<typename M::Model>> models;
    for (const Result& result : owner().best(count)) {
      const auto object = owner().load_table(result.trial, &HyperModelAdapter<M>::kTable,
                                             static_cast<void*>(&maker));
      models.push_back(std::static_pointer_cast<typename M::Model>(object));
    }
    return models;
  }
  // The same by a maker of their own.
  template <class M>
  std::vector<std::shared_ptr<typename M::Model>> best_models(std::uint64_t count) const {
    const auto maker = std::make_shared<M>();
    std::vector<std::shared_ptr<typename M::Model>> models;
    for (auto& model : best_models(*maker, count)) {
      typename M::Model* const object = model.get();
      models.emplace_back(object, [maker, kept = std::move(model)](auto*) {});
    }
    return models;
  }
  // The first of best_models(), or null.
  template <class M>
  std::shared_ptr<typename M::Model> best_model() const {
    auto models = best_models<M>(1);
    if (models.empty()) throw Error(DODONA_E_STATE, "no trial of the study has a score yet");
    return std::move(models.front());
  }

  // The layers of a trial's model, which is built anew from its values, as the member `summary` of
  // its class tells them (model_output.hpp). Nothing need have been kept. No trial is the best one,
  // or the default values where none has a score yet.
  // Errors: Error{kUnsupported} for a class without `summary`.
  template <class M>
  ModelSummary summary_of(M& maker, std::optional<std::uint64_t> trial = {}) const {
    return owner().summary_table(trial, &HyperModelAdapter<M>::kTable, static_cast<void*>(&maker));
  }

  // Trains a model anew with the values of a trial, or calls a function with them. `maker` outlives
  // what comes back. The study's log does not change.
  template <class M>
  Retrained retrain(M&& maker, const RetrainOptions& options = {}) const {
    return detail::with_table(maker, [&](const dodona_hypermodel_vtable* table, void* self) {
      return owner().retrain_table(table, self, options);
    });
  }

 private:
  const Owner& owner() const { return static_cast<const Owner&>(*this); }
};

}  // namespace dodona
