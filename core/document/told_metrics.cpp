// SPDX-License-Identifier: Apache-2.0
#include "document/told_metrics.hpp"

#include "base/text.hpp"
#include "document/document.hpp"

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

// A key names a metric that the hypermodel does not report.
[[noreturn]] void refuse(const char* key, const std::string& metric,
                         const std::vector<study::ToldMetric>& told) {
  std::vector<std::string> names;
  for (const study::ToldMetric& each : told) names.push_back(each.name);
  throw Error(DODONA_E_INVALID, std::string(key) + ": the hypermodel does not report " +
                                    base::quote(metric) + base::did_you_mean(metric, names) +
                                    "; it reports " + listed(told));
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
  const std::vector<Objective> terms =
      objective.sum.empty() ? all_objectives(options) : objective.sum;
  const auto wrong = std::find_if_not(terms.begin(), terms.end(), is_told);
  if (wrong == terms.end()) {
    for (const MetricLimit& limit : options.limits) {
      if (!is_told(Objective(limit.metric))) refuse("limits", limit.metric, told);
    }
    if (options.stop_on && !is_told(*options.stop_on)) {
      refuse("stop_on", options.stop_on->name, told);
    }
    return;
  }
  if (objective == Objective() || wrong->name == Objective().name) {
    throw Error(DODONA_E_INVALID,
                "objective is missing: which metric decides? the hypermodel reports " +
                    listed(told) + "; for example \"objective\": " + base::quote(names.back()));
  }
  refuse("objective", wrong->name, told);
}

}  // namespace dodona::document
