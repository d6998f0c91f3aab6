// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/xgboost/settings.hpp"

#include <dodona/error.hpp>

#include <charconv>
#include <cstdint>
#include <string>

namespace dodona::xgboost {
namespace {

constexpr double kFloatMax = 3.4e38;

// Throws for a value outside of the bounds, which a range in the study file may allow.
void check(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;
  const bool below = value < low;
  throw Error(DODONA_E_INVALID, std::string("hyperparameter \"") + name + "\": " + text_of(value) +
                                    (below ? " is below " : " is above ") +
                                    text_of(below ? low : high) +
                                    (below ? ", the least" : ", the most") + " that XGBoost takes");
}

void check(const BoosterSettings& settings) {
  check("max_depth", static_cast<double>(settings.max_depth), 0, INT32_MAX);
  check("subsample", settings.subsample, 0, 1);
  check("colsample_bytree", settings.colsample_bytree, 0, 1);
  check("eta", settings.eta, 0, kFloatMax);
  check("min_child_weight", settings.min_child_weight, 0, kFloatMax);
  check("lambda", settings.lambda, 0, kFloatMax);
  check("alpha", settings.alpha, 0, kFloatMax);
  check("gamma", settings.gamma, 0, kFloatMax);
}

}  // namespace

BoosterSettings ask_settings(HyperParameters& hp) {
  constexpr Sampling log = Sampling::kLog;
  BoosterSettings out;
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
  check(out);
  return out;
}

std::string text_of(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace dodona::xgboost
