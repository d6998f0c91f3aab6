// SPDX-License-Identifier: Apache-2.0
//
// The hyperparameters of boosted trees, by the names that XGBoost has for them.
#pragma once

#include <dodona/hyperparameters.hpp>

#include <cstdint>
#include <string>

namespace dodona::xgboost {

struct BoosterSettings {
  double eta = 0;
  std::int64_t max_depth = 0;
  double min_child_weight = 0;
  double subsample = 0;
  double colsample_bytree = 0;
  double lambda = 0;
  double alpha = 0;
  double gamma = 0;
  std::uint64_t rounds = 0;
};

// Asks for all of them; the asking is the definition of the space. Defaults are XGBoost's, or next
// to them where a scale has no zero.
//
// Errors: Error{DODONA_E_INVALID} with the bound for a value that XGBoost does not take.
BoosterSettings ask_settings(HyperParameters& hp);

// A number as XGBoost reads it.
std::string text_of(double number);

}  // namespace dodona::xgboost
