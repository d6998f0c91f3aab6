// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "base/text.hpp"
#include "pages/axes.hpp"
#include "pages/columns.hpp"
#include "pages/exact.hpp"
#include "pages/timeline.hpp"

#include <dodona/pages.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
namespace pages {
namespace {

namespace json = boost::json;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
// Numbers of all columns together, three bytes each, beyond which metrics are left out.
constexpr std::size_t kNumbersMax = 2'100'000;

// A column of what `read` tells of each trial.
template <class Read>
json::object reals(std::span<const Result> trials, const Read& read) {
  std::vector<double> values;
  values.reserve(trials.size());
  for (const Result& trial : trials) values.push_back(read(trial));
  return real_column(values);
}

template <class Read>
json::object indices(std::span<const Result> trials, const Read& read) {
  std::vector<std::optional<std::uint32_t>> values;
  values.reserve(trials.size());
  for (const Result& trial : trials) values.push_back(read(trial));
  return index_column(values);
}

std::optional<std::uint32_t> count_of(std::uint64_t count) {
  static constexpr std::uint64_t kMost = UINT32_MAX;
  return static_cast<std::uint32_t>(std::min(count, kMost));
}

json::array texts_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::string formula_of(const Objective& objective) {
  if (objective.sum.empty()) return objective.name;
  std::string text;
  for (const Objective& term : objective.sum) {
    const bool less = term.direction == Direction::kMax;
    text += std::string(text.empty() ? (less ? "-" : "") : (less ? " - " : " + ")) + term.name;
  }
  return text;
}

// The data of one study. Each part is a member of the document.
class Document {
 public:
  Document(const Study& study, const PluginSources& plugins)
      : study_(study),
        plugins_(plugins),
        trials_(study.trials()),
        best_(study.best()),
        axes_(axes_of(study.space())),
        objectives_(study.objectives()),
        explanations_(study.explanations()) {}

  json::object run(const std::string& name, PageParts parts) {
    document_["name"] = name;
    document_["dodona"] = version();
    document_["written"] =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    document_["events"] = study_.events();
    document_["trials"] = trials_.size();
    add_origin();
    add_axes();
    add_scores();
    add_metrics();
    add_states();
    add_proposals();
    document_["timeline"] = timeline(study_.runs());
    add_exact();
    document_["surfaces"] = json::array();
    document_["insight"] = nullptr;
    if (parts == PageParts::kAll) add_insight();
    document_["left_out"] = texts_of(left_out_);
    return std::move(document_);
  }

 private:
  void add_origin() {
    const StudyOrigin origin = study_.origin();
    json::array plugins, notes;
    for (const StudyPlugin& plugin : origin.plugins) {
      plugins.push_back({{"role", plugin.role},
                         {"id", plugin.id},
                         {"version", plugin.version},
                         {"build_id", plugin.build_id}});
    }
    for (const auto& [key, value] : origin.notes) notes.push_back({{"key", key}, {"value", value}});
    document_["id"] = origin.id;
    document_["seed"] = std::to_string(study_.seed());
    document_["made_by"] = origin.version;
    document_["created"] = 1e-9 * static_cast<double>(origin.created_unix_nanos);
    document_["plugins"] = std::move(plugins);
    document_["notes"] = std::move(notes);
    document_["damage"] = study_.damage();
    document_["document"] = pretty(study_.document());
    document_["space"] = pretty(to_json(study_.space(), study_.constraints()));
  }

  static std::string pretty(const std::string& text) {
    if (text.empty()) return text;
    return base::to_pretty_text(base::parse_json(text, "study document").root);
  }

  void add_axes() {
    json::array axes;
    for (const Axis& axis : axes_) axes.push_back(axis_column(axis, trials_));
    numbers_ += axes_.size() * trials_.size();
    document_["axes"] = std::move(axes);
  }

  void add_scores() {
    json::array all;
    for (std::size_t i = 0; i < objectives_.size(); ++i) {
      json::object column = reals(trials_, [&](const Result& trial) {
        return objectives_.size() == 1 ? trial.score.value_or(kNothing)
                                       : trial.scores[i].second.value_or(kNothing);
      });
      column["name"] = formula_of(objectives_[i]);
      column["maximize"] = objectives_[i].direction == Direction::kMax;
      all.push_back(std::move(column));
    }
    numbers_ += objectives_.size() * trials_.size();
    document_["objectives"] = std::move(all);
    json::array order;
    for (std::size_t i = 0; i < std::min(best_.size(), kExactMax); ++i) {
      order.emplace_back(best_[i].trial);
    }
    document_["best"] = std::move(order);
    if (objectives_.size() > 1) {
      document_["rank"] = indices(trials_, [](const Result& trial) {
        return trial.rank ? count_of(*trial.rank) : std::nullopt;
      });
    }
    const bool limited = !trials_.empty() && !trials_.front().excesses.empty();
    if (!limited) return;
    document_["kept"] = indices(trials_, [](const Result& trial) {
      const bool kept =
          std::all_of(trial.excesses.begin(), trial.excesses.end(),
                      [](const auto& each) { return each.second && *each.second <= 0.0; });
      return std::optional<std::uint32_t>(kept ? 1 : 0);
    });
  }

  void add_metrics() {
    std::set<std::string> names;
    for (const Result& trial : trials_) {
      for (const auto& [name, value] : trial.metrics) names.insert(name);
    }
    for (const Objective& objective : objectives_) names.erase(objective.name);
    json::array metrics;
    std::vector<std::string> dropped;
    for (const std::string& name : names) {
      if (numbers_ + trials_.size() > kNumbersMax) {
        dropped.push_back(name);
        continue;
      }
      json::object column = reals(trials_, [&](const Result& trial) {
        for (const auto& [known, value] : trial.metrics) {
          if (known == name) return value;
        }
        return kNothing;
      });
      column["name"] = name;
      numbers_ += trials_.size();
      metrics.push_back(std::move(column));
    }
    document_["metrics"] = std::move(metrics);
    if (dropped.empty()) return;
    left_out_.push_back(std::to_string(dropped.size()) +
                        " metrics are told of the best, the last and failed trials alone: " +
                        dropped.front() + (dropped.size() > 1 ? " and others" : ""));
  }

  void add_states() {
    std::int64_t first = 0;
    for (const Result& trial : trials_) {
      const std::int64_t start = trial.started_unix_nanos;
      if (start != 0 && (first == 0 || start < first)) first = start;
    }
    document_["first_start"] = 1e-9 * static_cast<double>(first);
    document_["state"] = indices(trials_, [](const Result& trial) {
      return std::optional<std::uint32_t>(static_cast<std::uint32_t>(trial.state));
    });
    document_["started"] = reals(trials_, [&](const Result& trial) {
      return trial.started_unix_nanos == 0
                 ? kNothing
                 : 1e-9 * static_cast<double>(trial.started_unix_nanos - first);
    });
    document_["seconds"] = reals(trials_, [](const Result& trial) {
      return trial.finished_unix_nanos == 0 || trial.started_unix_nanos == 0
                 ? kNothing
                 : 1e-9 * static_cast<double>(trial.finished_unix_nanos - trial.started_unix_nanos);
    });
    document_["best_step"] =
        indices(trials_, [](const Result& trial) { return count_of(trial.best_step); });
    document_["budget"] =
        indices(trials_, [](const Result& trial) { return count_of(trial.budget); });
    json::array parents;
    for (const Result& trial : trials_) {
      if (trial.resume_of) parents.push_back(json::array{trial.trial, *trial.resume_of});
    }
    document_["parents"] = std::move(parents);
  }

  // The expectation of the oracle's model, and the brackets of Hyperband, from its notes.
  void add_proposals() {
    static constexpr const char* kNames[] = {"iteration", "bracket", "round"};
    std::vector<double> expected(trials_.size(), kNothing), deviation(trials_.size(), kNothing);
    std::vector<std::optional<std::uint32_t>> places[3];
    for (auto& each : places) each.resize(trials_.size());
    bool expects = false, has_brackets = false;
    const double sign = objectives_.front().direction == Direction::kMax ? -1.0 : 1.0;
    for (const Explanation& each : explanations_) {
      const bool has_bracket = each.note.find("\"bracket\"") != std::string::npos;
      const bool has_mean = each.note.find("\"expected\"") != std::string::npos;
      if ((!has_bracket && !has_mean) || each.trial >= trials_.size()) continue;
      const auto number_at = [note = note_of(each.note)](const char* key) -> std::optional<double> {
        const json::value* value = note.if_contains(key);
        return value != nullptr ? base::as_real(*value) : std::nullopt;
      };
      if (const auto mean = number_at("expected")) {
        expected[each.trial] = sign * *mean;
        deviation[each.trial] = number_at("deviation").value_or(kNothing);
        expects = true;
      }
      for (std::size_t i = 0; i < 3; ++i) {
        const auto place = number_at(kNames[i]);
        if (!place || *place < 0 || *place > UINT32_MAX) continue;
        places[i][each.trial] = static_cast<std::uint32_t>(*place);
        has_brackets = true;
      }
    }
    if (expects) {
      document_["expected"] = real_column(expected);
      document_["deviation"] = real_column(deviation);
    }
    for (std::size_t i = 0; has_brackets && i < 3; ++i) {
      document_[kNames[i]] = index_column(places[i]);
    }
  }

  static json::object note_of(const std::string& text) {
    try {
      json::value note = base::parse_json(text, "note").root;
      return note.is_object() ? std::move(note.as_object()) : json::object();
    } catch (const Error&) {
      return {};  // another oracle's own words
    }
  }

  void add_exact() {
    const std::set<std::uint64_t> chosen = exact_trials(trials_, best_);
    if (chosen.size() < trials_.size()) {
      left_out_.push_back(
          "values of four significant digits, and no notes, messages and curves, for " +
          std::to_string(trials_.size() - chosen.size()) + " of " + std::to_string(trials_.size()) +
          " trials: all but the best 500, the last 500, and the last 500 that failed");
    }
    document_["exact"] = exact_rows(chosen, trials_, explanations_, axes_, left_out_);
    document_["curves"] = exact_curves(chosen, study_.reports(), left_out_);
  }

  void add_insight() {
    try {
      const Insight insight = study_.explain(plugins_);
      document_["insight"] = base::parse_json(to_json(insight), "insight").root;
      add_surfaces(insight);
    } catch (const Error& error) {
      left_out_.push_back(std::string("what mattered cannot be told: ") + error.what());
    }
  }

  const Axis* axis_of(const std::string& name) const {
    const auto axis = std::find_if(axes_.begin(), axes_.end(),
                                   [&](const Axis& each) { return each.name == name; });
    return axis != axes_.end() ? &*axis : nullptr;
  }

  // Of the pairs of the most important hyperparameters, around the best trial.
  void add_surfaces(const Insight& insight) {
    static constexpr std::size_t kImportant = 5;
    static constexpr std::uint32_t kCells = 16;
    if (insight.objectives.empty() || best_.empty()) return;
    const std::vector<Importance>& all = insight.objectives.front().hyperparameters;
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t j = 1; j < std::min(all.size(), kImportant); ++j) {
      for (std::size_t i = 0; i < j; ++i) pairs.emplace_back(all[i].name, all[j].name);
    }
    json::array surfaces;
    for (const Surface& each : study_.surfaces(best_.front().trial, pairs, kCells, plugins_)) {
      const auto values = [](const Axis* axis, const std::vector<HyperParameterValue>& from) {
        json::array array;
        for (const HyperParameterValue& value : from) array.push_back(axis_value(*axis, &value));
        return array;
      };
      surfaces.push_back({{"x", each.x},
                          {"y", each.y},
                          {"x_values", values(axis_of(each.x), each.x_values)},
                          {"y_values", values(axis_of(each.y), each.y_values)},
                          {"expected", json::value_from(each.expected)},
                          {"deviation", json::value_from(each.deviation)}});
    }
    document_["surfaces"] = std::move(surfaces);
  }

  const Study& study_;
  const PluginSources& plugins_;
  const std::vector<Result> trials_;
  const std::vector<Result> best_;
  const std::vector<Axis> axes_;
  const std::vector<Objective> objectives_;
  const std::vector<Explanation> explanations_;
  LeftOut left_out_;
  std::size_t numbers_ = 0;
  json::object document_;
};

}  // namespace
}  // namespace pages

std::string page_data(const Study& study, const std::string& name, const PluginSources& plugins,
                      PageParts parts) {
  return base::to_text(pages::Document(study, plugins).run(name, parts));
}

}  // namespace dodona
