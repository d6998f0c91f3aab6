// SPDX-License-Identifier: Apache-2.0
#include "document/metric_direction.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace dodona::document {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

// Both sorted, in lower case and without underscores.
constexpr std::array kMax = {"acc"sv,
                             "accuracy"sv,
                             "auc"sv,
                             "aucpr"sv,
                             "averageprecision"sv,
                             "balancedaccuracy"sv,
                             "binaryaccuracy"sv,
                             "binaryiou"sv,
                             "categoricalaccuracy"sv,
                             "concordancecorrelation"sv,
                             "explainedvariance"sv,
                             "f1"sv,
                             "f1score"sv,
                             "fbetascore"sv,
                             "iou"sv,
                             "jaccard"sv,
                             "meaniou"sv,
                             "ndcg"sv,
                             "onehotiou"sv,
                             "onehotmeaniou"sv,
                             "pearsoncorrelation"sv,
                             "prauc"sv,
                             "precision"sv,
                             "precisionatrecall"sv,
                             "r2"sv,
                             "r2score"sv,
                             "recall"sv,
                             "recallatprecision"sv,
                             "rocauc"sv,
                             "sensitivity"sv,
                             "sensitivityatspecificity"sv,
                             "sparsecategoricalaccuracy"sv,
                             "sparsetopkcategoricalaccuracy"sv,
                             "specificity"sv,
                             "specificityatsensitivity"sv,
                             "topkaccuracy"sv,
                             "topkcategoricalaccuracy"sv,
                             "truenegatives"sv,
                             "truepositives"sv};

constexpr std::array kMin = {"binarycrossentropy"sv,
                             "binaryfocalcrossentropy"sv,
                             "categoricalcrossentropy"sv,
                             "categoricalfocalcrossentropy"sv,
                             "categoricalhinge"sv,
                             "ce"sv,
                             "circle"sv,
                             "crossentropy"sv,
                             "ctc"sv,
                             "defaultobjective"sv,
                             "error"sv,
                             "falsenegatives"sv,
                             "falsepositives"sv,
                             "hinge"sv,
                             "huber"sv,
                             "kldivergence"sv,
                             "kullbackleiblerdivergence"sv,
                             "logcosh"sv,
                             "logcosherror"sv,
                             "logloss"sv,
                             "loss"sv,
                             "mae"sv,
                             "mape"sv,
                             "meanabsoluteerror"sv,
                             "meanabsolutepercentageerror"sv,
                             "meanrelativeerror"sv,
                             "meansquarederror"sv,
                             "meansquaredlogarithmicerror"sv,
                             "modelmb"sv,
                             "mse"sv,
                             "msle"sv,
                             "nll"sv,
                             "parameters"sv,
                             "perplexity"sv,
                             "poisson"sv,
                             "rmse"sv,
                             "rootmeansquarederror"sv,
                             "sparsecategoricalcrossentropy"sv,
                             "squaredhinge"sv};

static_assert(std::is_sorted(kMax.begin(), kMax.end()));
static_assert(std::is_sorted(kMin.begin(), kMin.end()));

std::string squashed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '_') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::optional<Direction> metric_direction(std::string_view name) {
  for (const std::string_view prefix : {"val_"sv, "weighted_"sv}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  const std::string known = squashed(name);
  if (std::binary_search(kMax.begin(), kMax.end(), std::string_view(known))) {
    return Direction::kMax;
  }
  if (std::binary_search(kMin.begin(), kMin.end(), std::string_view(known))) {
    return Direction::kMin;
  }
  return std::nullopt;
}

}  // namespace dodona::document
