// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/xgboost/settings.hpp"

#include <dodona/error.hpp>

#include <cstdint>
#include <string>

namespace dodona::xgboost {

Settings ask_settings(HyperParameters& hp) {
  constexpr Sampling log = Sampling::kLog;
  Settings out;
  out.eta = hp.real("eta", {.min = 0.01, .max = 0.5, .sampling = log, .initial = 0.3});
  out.max_depth = hp.integer("max_depth", {.min = 2, .max = 10, .initial = 6});
  out.min_child_weight =
      hp.real("min_child_weight", {.min = 0.5, .max = 20, .sampling = log, .initial = 1.0});
  out.subsample = hp.real("subsample", {.min = 0.5, .max = 1, .initial = 1.0});
  out.colsample_bytree = hp.real("colsample_bytree", {.min = 0.3, .max = 1, .initial = 1.0});
  out.lambda = hp.real("lambda", {.min = 1e-3, .max = 10, .sampling = log, .initial = 1.0});
  out.alpha = hp.real("alpha", {.min = 1e-8, .max = 10, .sampling = log, .initial = 1e-8});
  out.gamma = hp.real("gamma", {.min = 1e-8, .max = 10, .sampling = log, .initial = 1e-8});
  const std::int64_t rounds =
      hp.integer("rounds", {.min = 50, .max = 500, .step = 50, .initial = 100});
  if (rounds < 1)
    throw Error(DODONA_E_INVALID,
                "hyperparameter \"rounds\": " + std::to_string(rounds) + " is below 1");
  out.rounds = static_cast<std::uint64_t>(rounds);
  return out;
}

}  // namespace dodona::xgboost
