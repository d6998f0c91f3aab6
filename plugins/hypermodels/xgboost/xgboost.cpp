// SPDX-License-Identifier: Apache-2.0
//
// Hypermodel `xgboost`: boosted trees on tables, under cross-validation.
//
// A step is a round of boosting. Reports the means over folds of loss, accuracy and, for two
// classes, auc, or of rmse and mae for a regression, on the rows that were learned from and, with
// val_ before the name, on those that were held out. The note `folds` of a trial keeps the scores
// of each fold.
#include "hypermodels/xgboost/data.hpp"
#include "hypermodels/xgboost/ensemble.hpp"
#include "hypermodels/xgboost/settings.hpp"

#include <dodona/data/table_options.hpp>
#include <dodona/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::xgboost {
namespace {

DataOptions data_options(const Options& options) {
  return {.path = options.get<std::string>("data"),
          .format = options.get<std::string>("format"),
          .label = options.get<std::string>("label"),
          .classify = options.get<std::string>("task") == "classification",
          .folds = static_cast<std::uint32_t>(options.get<std::int64_t>("folds")),
          .ignore = common::read_names(options, "ignore"),
          .categories = common::read_names(options, "categories"),
          .group = options.get<std::string>("group"),
          .class_weights = common::read_class_weights(options.json())};
}

}  // namespace

class XGBoost {
 public:
  using Model = Ensemble;

  // Reads the data here, so that a wrong file is known before the first trial.
  explicit XGBoost(const StudyContext& context)
      : options_(data_options(context.options)),
        data_(std::make_shared<const Data>(load_data(options_))),
        tree_method_(context.options.get<std::string>("tree_method")),
        patience_(static_cast<std::uint64_t>(
            context.options.get<std::int64_t>("early_stopping_rounds"))) {
    const std::string what = data_->classes.empty()
                                 ? "a number to predict"
                                 : std::to_string(data_->classes.size()) + " classes";
    context.host.log(DODONA_INFO, "xgboost: " + std::to_string(data_->rows) + " rows of " +
                                      std::to_string(data_->columns) + " columns, " + what);
  }

  void declare(HyperParameters& hp) { ask_settings(hp); }

  std::vector<ReportedMetric> metrics() const {
    std::vector<ReportedMetric> told;
    for (const char* prefix : {"", "val_"}) {
      for (const MetricKind& kind : kinds_of(data_->task)) {
        told.push_back({prefix + kind.name, kind.maximize ? Better::kMore : Better::kLess});
      }
    }
    return told;
  }

  Model build(HyperParameters& hp, Trial& trial) {
    const auto data = trial.all_data() ? std::make_shared<const Data>(undivided(*data_)) : data_;
    return Ensemble(data, ask_settings(hp), tree_method_, trial.seed(), trial.threads());
  }

  // A budget ends a trial early and never makes it longer than its hyperparameter `rounds`, except
  // where nothing is held out: then it is what somebody asked for. A model that went on from a
  // checkpoint and has nothing more to do reports nothing: the kernel keeps its parent's score.
  void fit(Model& model, Trial& trial) {
    const auto out_of_patience = [&] {
      return patience_ != 0 && model.holds_out() && model.rounds_since_best() >= patience_;
    };
    const bool done = model.rounds_done() > 0 && model.rounds_done() < trial.start_step() &&
                      (out_of_patience() || model.rounds_done() >= model.rounds_wanted());
    if (done) return note(model, trial);
    if (model.rounds_done() != trial.start_step()) {
      throw Error(DODONA_E_STATE, "the trial goes on from round " +
                                      std::to_string(trial.start_step()) + ", its model has done " +
                                      std::to_string(model.rounds_done()));
    }
    std::uint64_t last = model.rounds_wanted();
    if (trial.budget() != 0) {
      last = model.holds_out() ? std::min(last, trial.budget()) : trial.budget();
    }
    const auto stop = [&trial] { return trial.cancelled(); };
    while (model.rounds_done() < last && !out_of_patience()) {
      const auto means = model.run_round(stop);
      std::vector<Metric> metrics;
      for (const auto& [name, value] : means) metrics.push_back({name, value});
      try {
        trial.report(model.rounds_done(), metrics);
      } catch (const Cancelled&) {
        note(model, trial);
        throw;
      }
    }
    note(model, trial);
  }

  // On the rows that were held out of each model, or on a file of the same form as the data.
  void evaluate_on(Model& model, Trial& trial, std::string_view data, Evaluation& out) {
    const auto stop = [&trial] { return trial.cancelled(); };
    const auto metrics =
        data.empty() ? model.evaluate(stop)
                     : model.evaluate(
                           load_samples(options_, *data_, std::string(data), Targets::kRead), stop);
    for (const auto& [name, value] : metrics) out.metric(name, value);
  }

  void predict(Model& model, Trial& trial, std::string_view input, Rows& out) {
    const Data rows = load_samples(options_, *data_, std::string(input), Targets::kIgnored);
    const std::vector<double> said = model.predict(rows, [&trial] { return trial.cancelled(); });
    std::vector<std::string> columns{rows.classes.empty() ? "value" : "class"};
    for (const std::string& name : rows.classes) columns.push_back("p_" + name);
    out.columns(columns);
    const std::size_t width = rows.classes.empty() ? 1 : rows.classes.size();
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const auto begin = said.begin() + static_cast<std::ptrdiff_t>(row * width);
      const auto end = begin + static_cast<std::ptrdiff_t>(width);
      std::vector<std::optional<Value>> cells;
      if (!rows.classes.empty()) {
        const auto best = std::max_element(begin, end) - begin;
        cells.emplace_back(rows.classes[static_cast<std::size_t>(best)]);
      }
      cells.insert(cells.end(), begin, end);
      out.row(cells);
    }
  }

  void save(Model& model, std::string_view directory) { model.save(std::string(directory)); }
  void load(Model& model, std::string_view directory) { model.load(std::string(directory)); }

 private:
  static void note(const Model& model, Trial& trial) {
    if (!model.holds_out()) return;
    const std::string key =
        trial.execution() == 0 ? "folds" : "folds_" + std::to_string(trial.execution());
    trial.note(key, model.fold_scores());
  }

  DataOptions options_;
  std::shared_ptr<const Data> data_;
  std::string tree_method_;
  std::uint64_t patience_;
};

}  // namespace dodona::xgboost

DODONA_PLUGIN(dodona::hypermodel<dodona::xgboost::XGBoost>(
    {.id = "org.dodona.xgboost",
     .name = "xgboost",
     .description = "Boosted trees of XGBoost on tables, under cross-validation"},
    dodona::required_option("data", DODONA_STRING,
                            "a file of CSV, whose first line names the columns, or of "
                            "LIBSVM, a line of which is \"label index:value ...\""),
    dodona::option("format", "auto", "of the file; auto takes it from the name, .csv or not",
                   {.choices = dodona::choices("auto", "csv", "libsvm")}),
    dodona::option("label", "label", "the column of a CSV file that is to be predicted"),
    dodona::option("task", "classification",
                   "whether the label is a class, of two or more, or a number",
                   {.choices = dodona::choices("classification", "regression")}),
    dodona::common::ignore_option(), dodona::common::categories_option(),
    dodona::common::group_option(), dodona::common::balance_classes_option(),
    dodona::common::class_weights_option(),
    dodona::option(
        "folds", 5,
        "models that are trained in a trial, each with another part of the rows held out; "
        "1 holds out a fifth once, at a fifth of the cost and with more noise",
        {.low = 1, .high = 100}),
    dodona::option("early_stopping_rounds", 20,
                   "ends a trial when val_loss, or val_rmse, was not better for so many rounds; 0 "
                   "never does",
                   {.low = 0}),
    dodona::option("tree_method", "exact",
                   "how splits are found; hist is faster on many rows, but a trial that goes on "
                   "from a checkpoint then draws other rows and columns than one that was never "
                   "interrupted. A table with columns of words always has hist",
                   {.choices = dodona::choices("exact", "hist")})))
