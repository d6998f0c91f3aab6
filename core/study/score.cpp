// SPDX-License-Identifier: Apache-2.0
#include "study/score.hpp"

#include <algorithm>
#include <cmath>

namespace dodona::study {
namespace {

// Adding to it changes nothing, not even -0.0, which is 0.0 in the user's sign.
constexpr double kNothing = -0.0;

// Means of values that come by and by, by name; a name counts where it occurs.
class Means {
 public:
  void add(const std::vector<MetricValue>& metrics) {
    for (const MetricValue& metric : metrics) {
      const auto found = std::find_if(sums_.begin(), sums_.end(), [&](const MetricValue& sum) {
        return sum.name == metric.name;
      });
      if (found == sums_.end()) {
        sums_.push_back(metric);
        counts_.push_back(1);
      } else {
        found->value += metric.value;
        ++counts_[static_cast<std::size_t>(found - sums_.begin())];
      }
    }
  }
  std::vector<MetricValue> take() {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      sums_[i].value /= static_cast<double>(counts_[i]);
    }
    return std::move(sums_);
  }

 private:
  std::vector<MetricValue> sums_;
  std::vector<std::size_t> counts_;
};

std::optional<double> value_of(std::uint32_t name, const std::vector<MetricValue>& metrics) {
  for (const MetricValue& metric : metrics) {
    if (metric.name == name) return metric.value;
  }
  return std::nullopt;
}

// False for no objective.
bool is_finite(const Numbers& objectives) {
  return objectives.size() > 0 && std::all_of(objectives.begin(), objectives.end(),
                                              [](double each) { return std::isfinite(each); });
}

double sign_of(Direction direction) {
  return direction == Direction::kMaximize ? -1.0 : 1.0;
}

}  // namespace

std::optional<double> ScoreRule::of(const std::vector<MetricValue>& metrics) const {
  for (const Term& other : others) {
    if (!value_of(other.name, metrics)) return std::nullopt;
  }
  for (const Bound& bound : limits) {
    if (!value_of(bound.name, metrics)) return std::nullopt;
  }
  return first_of(metrics);
}

std::optional<double> ScoreRule::first_of(const std::vector<MetricValue>& metrics) const {
  if (sum.empty()) {
    const auto value = value_of(name, metrics);
    return value ? std::optional(sign * *value) : std::nullopt;
  }
  double total = kNothing;
  for (const Term& term : sum) {
    const auto value = value_of(term.name, metrics);
    if (!value) return std::nullopt;
    total += term.sign * *value;
  }
  return total;
}

Numbers ScoreRule::all_of(const std::vector<MetricValue>& metrics) const {
  Numbers all;
  all.resize(1 + others.size());
  all.data()[0] = first_of(metrics).value_or(kNoScore);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const auto value = value_of(others[i].name, metrics);
    all.data()[1 + i] = value ? others[i].sign * *value : kNoScore;
  }
  return all;
}

Numbers ScoreRule::excesses_of(const std::vector<MetricValue>& metrics) const {
  Numbers all;
  all.resize(limits.size());
  for (std::size_t i = 0; i < limits.size(); ++i) {
    all.data()[i] =
        excess_of(limits[i].limit, value_of(limits[i].name, metrics).value_or(kNoScore));
  }
  return all;
}

Standing ScoreRule::standing_of(const std::vector<MetricValue>& metrics) const {
  const Numbers excesses = excesses_of(metrics);
  Standing out;
  out.violation = violation({excesses.data(), excesses.size()}, limits.size());
  std::optional<double> value = first_of(metrics);
  if (stop_on) {
    value = value_of(stop_on->name, metrics);
    if (value) *value *= stop_on->sign;
  }
  if (value && std::isfinite(*value)) out.value = *value;
  return out;
}

Numbers ScoreRule::none() const {
  return Numbers(std::span<const double>(std::vector<double>(1 + others.size(), kNoScore)));
}

ScoreRule rule_of(const Objective& objective,
                  const std::function<std::uint32_t(const std::string& name)>& index) {
  ScoreRule rule{index(objective.name), sign_of(objective.direction)};
  for (const ObjectiveTerm& term : objective.sum) {
    rule.sum.push_back({index(term.name), sign_of(term.direction)});
  }
  for (const ObjectiveTerm& other : objective.others) {
    rule.others.push_back({index(other.name), sign_of(other.direction)});
  }
  for (const Limit& limit : objective.limits) rule.limits.push_back({index(limit.metric), limit});
  if (objective.stop_on) {
    rule.stop_on = {index(objective.stop_on->name), sign_of(objective.stop_on->direction)};
  }
  return rule;
}

ScoreRule rule_of(const Objective& objective, Names& names) {
  return rule_of(objective, [&](const std::string& name) { return names.intern(name); });
}

void TrialScore::start(const Started& started, std::uint64_t proposed) {
  std::erase_if(records_, [&](const Record& record) {
    const auto execution = static_cast<std::uint32_t>(record.execution);
    return !stands(execution, record.step, started, proposed);
  });
  while (finals_.size() < started.execution) end_execution({});
  while (finals_.size() > started.execution) finals_.pop_back();
  const bool goes_on = !records_.empty() && records_.back().execution == finals_.size();
  last_step_ = goes_on ? records_.back().step : 0;
}

void TrialScore::report(std::uint64_t step, const std::vector<MetricValue>& metrics) {
  last_step_ = step;
  records_.push_back({step, finals_.size(), metrics});
}

void TrialScore::end_execution(const std::vector<MetricValue>& final_metrics) {
  finals_.push_back({last_step_, finals_.size(), final_metrics});
  last_step_ = 0;
}

bool TrialScore::is_empty() const {
  return records_.empty() && std::all_of(finals_.begin(), finals_.end(), [](const Record& record) {
           return record.metrics.empty();
         });
}

// The metrics of a record and, of what the rule asks for beside the metric that decides, those that
// only the end of its execution has.
std::vector<MetricValue> TrialScore::known_at(const Record& record) const {
  std::vector<MetricValue> metrics = record.metrics;
  if (record.execution >= finals_.size() || !rule_.first_of(metrics)) return metrics;
  const auto take = [&](std::uint32_t name) {
    if (value_of(name, metrics)) return;
    const auto value = value_of(name, finals_[record.execution].metrics);
    if (value) metrics.push_back({name, *value});
  };
  for (const ScoreRule::Term& other : rule_.others) take(other.name);
  for (const ScoreRule::Bound& bound : rule_.limits) take(bound.name);
  return metrics;
}

bool TrialScore::is_scored(const Record& record) const {
  return rule_.of(known_at(record)).has_value();
}

// The mean of the executions at one point of the trial. Those without the objectives have no part
// in it.
Finished TrialScore::mean_of(std::span<const Record* const> records) const {
  Means means;
  std::vector<double> sums(1 + rule_.others.size(), kNothing);
  double count = 0.0;
  Finished result;
  if (finals_.size() > 1) result.executions.assign(finals_.size(), kNoScore);
  for (const Record* record : records) {
    const std::vector<MetricValue> metrics = known_at(*record);
    means.add(metrics);
    if (!rule_.of(metrics)) continue;
    const Numbers objectives = rule_.all_of(metrics);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += objectives[i];
    count += 1.0;
    if (finals_.size() > 1) result.executions[record->execution] = objectives.first();
  }
  for (double& sum : sums) sum = count > 0 ? sum / count : kNoScore;
  result.metrics = means.take();
  result.objectives = Numbers(std::span<const double>(sums));
  result.excesses = rule_.excesses_of(result.metrics);
  result.best_step = records.back()->step;
  return result;
}

Finished TrialScore::outcome(const Names& names) const {
  Finished result = outcome();
  if (result.state == TrialState::kFailed) result.message = missing(names);
  if (result.state == TrialState::kInvalid) {
    result.message =
        objective_text(names) + (rule_.others.empty() ? " was" : " were") + " never finite";
  }
  return result;
}

Finished TrialScore::outcome() const {
  const auto has_objective = [&](const Record& record) { return is_scored(record); };
  Finished result;
  if (lacks_stop_on()) {
    result.state = TrialState::kFailed;
    result.outcome = Outcome::kModelError;
    return result;
  }
  if (!finals_.empty() && std::all_of(finals_.begin(), finals_.end(), has_objective)) {
    result = from_final();
  } else if (std::any_of(records_.begin(), records_.end(), has_objective)) {
    result = from_steps();
  } else {
    result.state = TrialState::kFailed;
    result.outcome = Outcome::kModelError;
    return result;
  }
  if (!is_finite(result.objectives)) {
    result.state = TrialState::kInvalid;
    result.objectives = rule_.none();
  }
  return result;
}

// True if the study names a metric for the steps, and no step has it.
bool TrialScore::lacks_stop_on() const {
  return rule_.stop_on && !records_.empty() &&
         std::none_of(records_.begin(), records_.end(), [&](const Record& record) {
           return value_of(rule_.stop_on->name, record.metrics).has_value();
         });
}

Finished TrialScore::from_final() const {
  std::vector<const Record*> records;
  for (const Record& record : finals_) records.push_back(&record);
  return mean_of(records);
}

Finished TrialScore::from_steps() const {
  std::vector<const Record*> order;
  for (const Record& record : records_) order.push_back(&record);
  std::stable_sort(order.begin(), order.end(),
                   [](const Record* a, const Record* b) { return a->step < b->step; });
  Finished best;
  Standing best_standing;
  std::size_t first = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i + 1 < order.size() && order[i + 1]->step == order[i]->step) continue;
    Finished at_step = mean_of(std::span(order).subspan(first, i + 1 - first));
    first = i + 1;
    Standing standing = rule_.standing_of(at_step.metrics);
    if (!rule_.stop_on) standing.value = at_step.objectives.first();
    const bool better =
        is_finite(at_step.objectives) && (!is_finite(best.objectives) || standing < best_standing);
    if (!better && !best.metrics.empty()) continue;
    best = std::move(at_step);
    best_standing = standing;
  }
  return best;
}

// the objective "loss", the objective "loss" - "accuracy", or the objectives "loss" and "size".
std::string TrialScore::objective_text(const Names& names) const {
  if (!rule_.others.empty()) {
    std::string text = "the objectives \"" + names[rule_.name] + "\"";
    for (std::size_t i = 0; i < rule_.others.size(); ++i) {
      text += i + 1 < rule_.others.size() ? ", \"" : " and \"";
      text += names[rule_.others[i].name] + "\"";
    }
    return text;
  }
  if (rule_.sum.empty()) return "the objective \"" + names[rule_.name] + "\"";
  std::string text;
  for (const ScoreRule::Term& term : rule_.sum) {
    const bool less = term.sign < 0;
    text += text.empty() ? (less ? "-" : "") : (less ? " - " : " + ");
    text += "\"" + names[term.name] + "\"";
  }
  return "the objective " + text;
}

std::string TrialScore::missing(const Names& names) const {
  std::string seen;
  const auto list = [&](const std::vector<Record>& records) {
    for (const Record& record : records) {
      for (const MetricValue& metric : record.metrics) {
        const std::string& name = names[metric.name];
        if (seen.find("\"" + name + "\"") == std::string::npos) {
          seen += (seen.empty() ? "\"" : ", \"") + name + "\"";
        }
      }
    }
  };
  list(records_);
  list(finals_);
  const std::string told = seen.empty() ? "it reported nothing" : "it said " + seen;
  const auto is_seen = [&](std::uint32_t name) {
    return seen.find("\"" + names[name] + "\"") != std::string::npos;
  };
  if (lacks_stop_on()) {
    return "no report of the model has \"" + names[rule_.stop_on->name] +
           "\", which stop_on names; " + told;
  }
  for (const ScoreRule::Bound& bound : rule_.limits) {
    if (is_seen(bound.name) || seen.empty()) continue;
    return "the model never said \"" + names[bound.name] + "\", which has a limit; " + told;
  }
  const bool one = rule_.sum.empty() && rule_.others.empty();
  return "the model never said " + objective_text(names) + (one ? "; " : " as a whole; ") + told +
         "; the key objective names the metric that decides, and without the key that is "
         "default_objective, a number without a name";
}

}  // namespace dodona::study
