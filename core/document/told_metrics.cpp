// SPDX-License-Identifier: Apache-2.0
#include "document/told_metrics.hpp"

#include "base/text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <string>

namespace dodona::document {
namespace {

// `val_loss (min), val_accuracy (max)`.
std::string listed(const std::vector<study::ToldMetric>& told) {
  std::string text;
  for (const study::ToldMetric& metric : told) {
    text += (text.empty() ? "" : ", ") + metric.name;
    if (metric.better) {
      text += *metric.better == study::Direction::kMaximize ? " (max)" : " (min)";
    }
  }
  return text;
}

}  // namespace

void check_told(const StudyOptions& options, const std::vector<study::ToldMetric>& told) {
  const Objective& objective = options.objective;
  if (told.empty()) return;
  std::vector<std::string> names;
  for (const study::ToldMetric& metric : told) names.push_back(metric.name);
  const auto is_told = [&](const Objective& term) {
    return std::find(names.begin(), names.end(), term.name) != names.end();
  };
  const std::vector<Objective> terms = !options.objectives.empty() ? options.objectives
                                       : objective.sum.empty()     ? std::vector{objective}
                                                                   : objective.sum;
  const auto wrong = std::find_if_not(terms.begin(), terms.end(), is_told);
  if (wrong == terms.end()) return;
  if (objective == Objective() || wrong->name == Objective().name) {
    throw Error(DODONA_E_INVALID,
                "objective is missing: which metric decides? the hypermodel reports " +
                    listed(told) + "; for example \"objective\": " + base::quote(names.back()));
  }
  throw Error(DODONA_E_INVALID,
              "objective: the hypermodel does not report " + base::quote(wrong->name) +
                  base::did_you_mean(wrong->name, names) + "; it reports " + listed(told));
}

}  // namespace dodona::document
