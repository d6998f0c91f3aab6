// SPDX-License-Identifier: Apache-2.0
//
// Boosted trees under cross-validation: a model for each fold, which never saw that fold's rows,
// all grown round by round side by side.
//
// The trees of a round depend on data, settings, seed and round alone, with the tree method `exact`
// also where a model goes on from a checkpoint; it then goes on with the seed of the checkpoint.
//
// Threads: one ensemble, one thread; it uses as many as it is told.
// Cost:    each row is held once for each fold, in XGBoost's own form.
#pragma once

#include "hypermodels/xgboost/booster.hpp"
#include "hypermodels/xgboost/data.hpp"
#include "hypermodels/xgboost/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::xgboost {

// How XGBoost names a metric, and how it is reported.
struct MetricKind {
  const char* eval;  // for the parameter eval_metric
  std::string name;
  bool complement;  // reported as 1 - what XGBoost says
  bool maximize;    // what is reported
};

// The metrics of a task. The first one decides when training stops early.
std::vector<MetricKind> kinds_of(Task task);

class Ensemble {
 public:
  Ensemble(std::shared_ptr<const Data> data, const BoosterSettings& settings,
           std::string tree_method, std::uint64_t seed, std::uint32_t threads);

  std::uint64_t rounds_done() const { return rounds_; }
  std::uint64_t rounds_wanted() const { return settings_.rounds; }
  // Rounds since the first validation metric was best.
  std::uint64_t rounds_since_best() const { return rounds_ - best_.front().round; }

  // One more round; the means over folds, training metrics first, and those alone where nothing is
  // held out. Asks `stop` before each model,
  // and throws Cancelled where that says yes: the ensemble is then of no use.
  std::vector<std::pair<std::string, double>> run_round(const std::function<bool()>& stop);

  // The means over the models of their metrics, each on the rows that were held out of it, or each on
  // all given rows; under the names of the reports.
  std::vector<std::pair<std::string, double>> evaluate(const std::function<bool()>& stop);
  std::vector<std::pair<std::string, double>> evaluate(const Data& data,
                                                       const std::function<bool()>& stop);
  // The mean over the models of the probability of each class, or of the number, for each row.
  //
  // Shapes: [rows][classes], or [rows]
  std::vector<double> predict(const Data& data, const std::function<bool()>& stop);

  bool holds_out() const { return folds_.front()->validation.has_value(); }

  // For each validation metric the round in which its mean was best, and the scores of the folds
  // then, as JSON: {"val_loss":{"round":7,"scores":[0.5,0.625]}}
  std::string fold_scores() const;

  // The models as fold_0.ubj and so on, which XGBoost loads anywhere, how far they are, and where
  // columns hold words the categories of each model, in model.json. One model
  // that learned from every row is loaded alone, whatever the number of folds.
  void save(const std::string& directory);
  void load(const std::string& directory);

 private:
  struct Fold {
    Fold(const Data& data, std::uint32_t index, common::TableEncoding columns);
    common::TableEncoding encoding;  // of the columns of words
    Matrix train;
    std::optional<Matrix> validation;  // none where all rows are learned from
    Booster booster;
    std::uint64_t seed = 0;
  };
  struct Best {
    std::uint64_t round = 0;
    std::vector<double> scores;  // of each fold
  };

  std::vector<std::pair<std::string, double>> evaluate_each(
      const std::function<const Matrix&(const Fold&)>& on, const std::function<bool()>& stop);
  // Makes the model of a fold, which has no tree yet.
  std::unique_ptr<Fold> make_fold(std::uint32_t index, common::TableEncoding encoding) const;
  void configure(Fold& fold, std::uint32_t index) const;
  void load_encodings(const std::string& directory);
  void note_best(const std::vector<std::vector<double>>& scores);

  std::shared_ptr<const Data> data_;
  BoosterSettings settings_;
  std::string tree_method_;
  std::uint64_t seed_;
  std::uint32_t threads_;
  std::vector<MetricKind> kinds_;
  std::vector<std::unique_ptr<Fold>> folds_;
  std::uint64_t rounds_ = 0;
  std::vector<Best> best_;  // of each metric, in validation
};

}  // namespace dodona::xgboost
