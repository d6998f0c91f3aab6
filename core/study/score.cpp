// SPDX-License-Identifier: Apache-2.0
#include "study/score.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace dodona::study {
namespace {

// Mean by name over lists of metrics; a name counts where it occurs.
std::vector<Metric> mean_of(std::span<const std::vector<Metric>* const> lists) {
  std::vector<Metric> sums;
  std::vector<std::size_t> counts;
  for (const std::vector<Metric>* list : lists) {
    for (const Metric& metric : *list) {
      const auto found = std::find_if(sums.begin(), sums.end(),
                                      [&](const Metric& sum) { return sum.name == metric.name; });
      if (found == sums.end()) {
        sums.push_back(metric);
        counts.push_back(1);
      } else {
        found->value += metric.value;
        ++counts[static_cast<std::size_t>(found - sums.begin())];
      }
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].value /= static_cast<double>(counts[i]);
  return sums;
}

}  // namespace

std::optional<double> ScoreRule::of(const std::vector<Metric>& metrics) const {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return sign * metric.value;
  }
  return std::nullopt;
}

void TrialScore::report(std::uint64_t step, const std::vector<Metric>& metrics) {
  last_step_ = step;
  records_.push_back({step, metrics});
}

void TrialScore::end_execution(const std::vector<Metric>& final_metrics) {
  finals_.push_back({last_step_, final_metrics});
  last_step_ = 0;
}

Finished TrialScore::outcome(const Names& names) const {
  const auto has_objective = [&](const Record& record) {
    return rule_.of(record.metrics).has_value();
  };
  Finished result;
  if (!finals_.empty() && std::all_of(finals_.begin(), finals_.end(), has_objective)) {
    result = from_final();
  } else if (std::any_of(records_.begin(), records_.end(), has_objective)) {
    result = from_steps();
  } else {
    result.state = TrialState::kFailed;
    result.message = missing(names);
    return result;
  }
  if (!std::isfinite(result.objective)) {
    result.state = TrialState::kInvalid;
    result.objective = kNoScore;
    result.message = "the objective \"" + names[rule_.name] + "\" was never finite";
  }
  return result;
}

Finished TrialScore::from_final() const {
  std::vector<const std::vector<Metric>*> lists;
  for (const Record& record : finals_) lists.push_back(&record.metrics);
  Finished result;
  result.metrics = mean_of(lists);
  result.objective = *rule_.of(result.metrics);
  result.best_step = finals_.back().step;
  return result;
}

Finished TrialScore::from_steps() const {
  std::vector<const Record*> order;
  for (const Record& record : records_) order.push_back(&record);
  std::stable_sort(order.begin(), order.end(),
                   [](const Record* a, const Record* b) { return a->step < b->step; });
  Finished best;
  std::vector<const std::vector<Metric>*> lists;
  for (std::size_t i = 0; i < order.size(); ++i) {
    lists.push_back(&order[i]->metrics);
    if (i + 1 < order.size() && order[i + 1]->step == order[i]->step) continue;
    std::vector<Metric> metrics = mean_of(lists);
    lists.clear();
    const double objective = rule_.of(metrics).value_or(kNoScore);
    const bool better =
        std::isfinite(objective) && (!std::isfinite(best.objective) || objective < best.objective);
    if (!better && !best.metrics.empty()) continue;
    best.metrics = std::move(metrics);
    best.objective = objective;
    best.best_step = order[i]->step;
  }
  return best;
}

std::string TrialScore::missing(const Names& names) const {
  std::string seen;
  const auto list = [&](const std::vector<Record>& records) {
    for (const Record& record : records) {
      for (const Metric& metric : record.metrics) {
        const std::string& name = names[metric.name];
        if (seen.find("\"" + name + "\"") == std::string::npos) {
          seen += (seen.empty() ? "\"" : ", \"") + name + "\"";
        }
      }
    }
  };
  list(records_);
  list(finals_);
  return "the model never said the objective \"" + names[rule_.name] + "\"; " +
         (seen.empty() ? "it reported nothing" : "it said " + seen);
}

}  // namespace dodona::study
