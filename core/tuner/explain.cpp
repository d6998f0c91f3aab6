// SPDX-License-Identifier: Apache-2.0
#include "tuner/explain.hpp"

#include "document/document.hpp"
#include "insight/advice.hpp"
#include "insight/functional_anova.hpp"
#include "insight/observations.hpp"
#include "insight/ped_anova.hpp"
#include "insight/prospect.hpp"
#include "insight/stopping.hpp"
#include "plugin/oracle.hpp"
#include "project/project.hpp"
#include "tuner/expectations.hpp"
#include "tuner/next_study.hpp"
#include "tuner/stop_metric.hpp"
#include "tuner/words.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dodona::tuner {
namespace {

// A share that is less than the first, and surely less than the second, is no visible effect. Nor does
// a hyperparameter have one that, with any luck, tells less of the best trials than the third.
constexpr double kShareMin = 0.02;
constexpr double kShareSurely = 0.1;
constexpr double kBestMin = 0.05;
// The share that hyperparameters must explain before any can be said to have no effect.
constexpr double kExplainedMin = 0.1;

void add(Share& to, const insight::Estimated& from) {
  to.value += from.value;
  to.low += from.low;
  to.high = std::min(to.high + from.high, 1.0);
}

bool has_effect(const insight::Estimated& everywhere, const insight::Estimated& best) {
  return everywhere.value >= kShareMin || everywhere.high >= kShareSurely || best.low >= kBestMin;
}

class Explaining {
 public:
  Explaining(const View& view, study::Store& log, const study::State& state,
             const study::Objective& objective, const std::string& directory,
             const PluginSources& plugins)
      : view_(view),
        log_(log),
        state_(state),
        objective_(objective),
        directory_(directory),
        plugins_(plugins),
        space_(insight::space_of(state)),
        health_(insight::health_of(state)),
        without_effect_(space_.size(), 0) {}

  Insight run() {
    weigh_hyperparameters();
    look_for_trouble();
    look_at_edges();
    expect();
    review_stoppers();
    if (const auto best = state_.best()) {
      const std::vector<Change> changes =
          changes_of(state_, space_, *best, leaders(), without_effect_);
      for (const Change& change : changes) insight_.changes.push_back(change.text);
      if (!state_.document().empty()) {
        insight_.next_study = next_study(state_, space_, *best, changes, directory_);
      }
    }
    return std::move(insight_);
  }

 private:
  const study::ObjectiveTerm& term(std::size_t i) const {
    return i == 0 ? static_cast<const study::ObjectiveTerm&>(objective_) : objective_.others[i - 1];
  }

  void weigh_hyperparameters() {
    if (health_.constant && !view_.has_several()) return;
    std::vector<unsigned char> idle(space_.size(), 1);
    bool told = false;
    for (std::size_t i = 0; i <= objective_.others.size(); ++i) {
      const insight::Observations all = insight::observe(state_, space_, i);
      if (all.size() < insight::kSharesMin) {
        warn(Remark::kFewTrials, "",
             "only " + std::to_string(all.size()) + " trials have a score; from " +
                 std::to_string(insight::kSharesMin) + " on it can be told what mattered");
        return;
      }
      const insight::Shares shares = insight::functional_anova(space_, all);
      told = told || shares.explained >= kExplainedMin;
      const std::vector<insight::Estimated> best = insight::ped_anova(space_, all);
      insight_.objectives.push_back(importance(i, all, shares, best));
      for (std::size_t k = 0; k < space_.size(); ++k) {
        if (has_effect(shares.definitions[k], best[k])) idle[k] = 0;
      }
      if (all.clipped > 0) {
        insight_.notes.push_back(std::to_string(all.clipped) + " values of " + term(i).name +
                                 " lie far out and count as less bad than they are");
      }
    }
    if (told) note_idle(idle);
  }

  ObjectiveImportance importance(std::size_t i, const insight::Observations& all,
                                 const insight::Shares& shares,
                                 const std::vector<insight::Estimated>& best) {
    ObjectiveImportance answer{term(i).name, all.size(), shares.explained, {}, 1.0};
    std::vector<Importance>& list = answer.hyperparameters;
    for (std::size_t k = 0; k < space_.size(); ++k) {
      const Param& param = space_.params()[k];
      if (cardinality(param) == 1) continue;
      auto entry = std::find_if(list.begin(), list.end(),
                                [&](const Importance& each) { return each.name == param.name; });
      if (entry == list.end()) entry = list.insert(entry, {param.name, {}, {}});
      add(entry->everywhere, shares.definitions[k]);
      add(entry->among_best, best[k]);
      answer.together -= shares.definitions[k].value;
    }
    answer.together = std::clamp(answer.together, 0.0, 1.0);
    std::stable_sort(list.begin(), list.end(), [](const Importance& a, const Importance& b) {
      return a.everywhere.value > b.everywhere.value;
    });
    if (shares.explained < 0.5 * kExplainedMin) {
      warn(Remark::kUnexplained, "",
           term(i).name +
               " does not follow the hyperparameters visibly: noise hides what they do, "
               "or more trials are needed");
    }
    return answer;
  }

  void note_idle(const std::vector<unsigned char>& idle) {
    without_effect_ = idle;
    for (std::size_t k = 0; k < space_.size(); ++k) {
      const Param& param = space_.params()[k];
      const bool others = std::any_of(
          space_.params().begin(), space_.params().end(),
          [&](const Param& other) { return other.name == param.name && &other != &param; });
      if (cardinality(param) == 1 || others) without_effect_[k] = 0;
      if (without_effect_[k] == 0) continue;
      warn(Remark::kNoEffect, param.name,
           param.name + " has no visible effect; fix it, and the search has one axis less");
    }
  }

  void look_for_trouble() {
    const insight::Health& health = health_;
    if (2 * health.failed > health.ended) {
      std::string text =
          std::to_string(health.failed) + " of " + std::to_string(health.ended) + " trials failed";
      if (health.message_count > 0) {
        text += ", " + std::to_string(health.message_count) + " of them with: " + health.message;
      }
      warn(Remark::kFailures, "", text);
    }
    if (health.constant) {
      warn(Remark::kConstant, "",
           "all scores are the same: " + objective_.name +
               " may not depend on the hyperparameters, or is not what the model measures");
    }
  }

  // The trials that are best, one or a front.
  std::vector<std::uint64_t> best_trials() const {
    std::vector<std::uint64_t> best;
    if (view_.has_several()) {
      for (const Result& each : view_.front()) best.push_back(each.trial);
    } else if (const auto one = state_.best()) {
      best.push_back(*one);
    }
    return best;
  }

  // The trials around which the next search may look: the front, or the best tenth of many.
  std::vector<std::uint64_t> leaders() const {
    static constexpr std::size_t kLeadersMin = 4;
    std::vector<std::uint64_t> leaders = best_trials();
    if (!view_.has_several()) {
      const Ranked ranked = view_.ranked();
      const auto& order = ranked.ranking.order;
      leaders.clear();
      for (std::size_t i = 0; i < order.size() / 10; ++i)
        leaders.push_back(ranked.trials[order[i]]);
    }
    if (leaders.size() < kLeadersMin) leaders.clear();
    return leaders;
  }

  void look_at_edges() {
    const std::vector<std::uint64_t> best = best_trials();
    if (best.empty() || health_.constant) return;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const Param& param = space_.params()[i];
      if (without_effect_[i] != 0) continue;
      for (const insight::End end : {insight::End::kLow, insight::End::kHigh}) {
        const auto count = std::count_if(best.begin(), best.end(), [&](std::uint64_t trial) {
          const Point point = insight::complete_point(space_, state_.trials()[trial]);
          return point.active(i) && insight::edge_of(param, point[i]) == end;
        });
        if (count == 0 || 2 * static_cast<std::size_t>(count) < best.size()) continue;
        warn(Remark::kEdge, param.name, edge_text(param, end, best));
      }
    }
  }

  std::string edge_text(const Param& param, insight::End end,
                        const std::vector<std::uint64_t>& best) const {
    const bool low = end == insight::End::kLow;
    const bool choice = param.type == ParamType::kChoice;
    const Point point = insight::complete_point(space_, state_.trials()[best.front()]);
    std::string text = best.size() == 1 ? "the best trial" : "half of the front or more";
    text += " has " + param.name;
    if (best.size() == 1) {
      for (std::size_t i = 0; i < space_.size(); ++i) {
        if (&space_.params()[i] != &param) continue;
        text += " " + short_text(value_of(param, point[i]));
      }
    }
    if (choice) return text + std::string(low ? ", the first" : ", the last") + " of its values";
    const Value bound = value_of(param, low ? param.low : param.high);
    text += std::string(", at the ") + (low ? "lower" : "upper") + " end of its range, " +
            short_text(bound);
    if (!insight::widened(param, end)) return text;
    return text + "; " + (low ? "smaller" : "greater") + " values may be better";
  }

  void expect() {
    if (view_.has_several()) {
      insight_.notes.emplace_back(
          "what is expected of further trials is told of one objective, and this study has "
          "several");
      return;
    }
    std::vector<std::uint64_t> trials = view_.ranked().trials;
    if (trials.empty()) return;
    try {
      expect_by_model(trials);
    } catch (const Error& error) {
      insight_.notes.push_back(std::string("what further trials may bring is not known: ") +
                               error.what());
    }
    if (!insight_.best) expect_by_runs();
  }

  void expect_by_model(const std::vector<std::uint64_t>& trials) {
    Expectations expectations(log_, state_, directory_, plugins_);
    std::vector<Point> points;
    std::vector<double> scores;
    for (const std::uint64_t trial : trials) {
      points.push_back(insight::complete_point(space_, state_.trials()[trial]));
      scores.push_back(state_.trials()[trial].mean);
    }
    const auto prospect = insight::prospect(space_, points, scores,
                                            [&](auto asked) { return expectations.at(asked); });
    if (!prospect) {
      insight_.notes.emplace_back(
          "the oracle has no model, or too few trials for one: what further trials may bring is "
          "not "
          "known");
      return;
    }
    insight_.best =
        ExpectedBest{trials[prospect->best], view_.score(prospect->now.mean).value_or(0),
                     prospect->now.deviation, "model"};
    insight_.next = NextTrials{insight::kNextTrials, prospect->probability, prospect->gain};
  }

  // By executions or repeats of the best trial, at least two of them.
  void expect_by_runs() {
    const auto best = state_.best();
    if (!best) return;
    std::vector<double> runs;
    const auto add_run = [&](double score) {
      if (std::isfinite(score)) runs.push_back(score);
    };
    const study::TrialRecord& trial = state_.trials()[*best];
    for (const double score : trial.executions) add_run(score);
    if (runs.empty()) add_run(trial.score);
    for (const study::TrialRecord& other : state_.trials()) {
      if (other.repeat_of != *best) continue;
      if (other.executions.empty()) add_run(other.score);
      for (const double score : other.executions) add_run(score);
    }
    if (runs.size() < 2) return;
    const auto n = static_cast<double>(runs.size());
    double mean = 0.0, squares = 0.0;
    for (const double run : runs) mean += run / n;
    for (const double run : runs) squares += (run - mean) * (run - mean) / (n - 1);
    insight_.best =
        ExpectedBest{*best, view_.score(mean).value_or(0), std::sqrt(squares / n), "runs"};
  }

  void review_stoppers() {
    KernelServices services({});
    const plugin::Catalogue catalogue = document::catalogue_of(plugins_);
    const StudyOptions options = document::plain_options_of(state_.document(), log_.path());
    plugin::StudyInfo info =
        project::study_info(options, state_, place_of(directory_), log_.names());
    if (objective_.stop_on) info.objective = study::Objective(*objective_.stop_on);
    for (const plugin::Descriptor* each : catalogue.list()) {
      if (each->role != DODONA_ROLE_ORACLE || each->proposes || !each->judges) continue;
      const auto& used = state_.plugins();
      const bool own = std::any_of(used.begin(), used.end(),
                                   [&](const auto& plugin) { return plugin.id == each->id; });
      if (own) continue;
      try {
        auto stopper = plugin::make_oracle(*each, info, {}, services);
        if (objective_.stop_on) {
          stopper = going_by(*objective_.stop_on, log_.names(), std::move(stopper));
        }
        stopper->set_space(space_);
        const insight::Saved saved = insight::replay_stopper(*stopper, log_, state_);
        if (saved.reports == 0) return;
        insight_.stoppers.push_back(review(each->name, saved));
      } catch (const Error& error) {
        insight_.notes.push_back("stopper " + each->name + " was not tried: " + error.what());
      }
    }
  }

  StopperReview review(const std::string& name, const insight::Saved& saved) const {
    StopperReview review{name, saved.trials, saved.saved, saved.steps, {}, true};
    if (saved.with_it) review.best_score = view_.score(*saved.with_it);
    review.keeps_best = saved.best == saved.with_it;
    return review;
  }

  void warn(Remark remark, const std::string& name, std::string text) {
    insight_.warnings.push_back({remark, name, std::move(text)});
  }

  const View& view_;
  study::Store& log_;
  const study::State& state_;
  const study::Objective& objective_;
  const std::string& directory_;
  const PluginSources& plugins_;
  const Space space_;
  const insight::Health health_;
  std::vector<unsigned char> without_effect_;  // by definition
  Insight insight_;
};

}  // namespace

Insight explain(const View& view, study::Store& log, const study::State& state,
                const study::Objective& objective, const std::string& directory,
                const PluginSources& plugins) {
  return Explaining(view, log, state, objective, directory, plugins).run();
}

}  // namespace dodona::tuner
