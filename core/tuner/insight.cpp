// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <dodona/insight.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <utility>

namespace dodona {
namespace {

namespace json = boost::json;

json::object to_json(const Share& share) {
  return {{"value", share.value}, {"low", share.low}, {"high", share.high}};
}

json::object to_json(const ObjectiveImportance& of) {
  json::array list;
  for (const Importance& each : of.hyperparameters) {
    list.push_back({{"name", each.name},
                    {"everywhere", to_json(each.everywhere)},
                    {"among_best", to_json(each.among_best)}});
  }
  return {{"objective", of.objective},
          {"trials", of.trials},
          {"explained", of.explained},
          {"together", of.together},
          {"hyperparameters", std::move(list)}};
}

json::object to_json(const StudyWarning& warning) {
  return {{"remark", to_text(warning.remark)},
          {"hyperparameter",
           warning.hyperparameter.empty() ? json::value() : json::value(warning.hyperparameter)},
          {"text", warning.text}};
}

json::object to_json(const StopperReview& review) {
  return {{"stopper", review.stopper},
          {"stopped", review.stopped},
          {"steps_saved", review.steps_saved},
          {"steps", review.steps},
          {"best_score", review.best_score ? json::value(*review.best_score) : json::value()},
          {"keeps_best", review.keeps_best}};
}

template <class T>
json::array list_of(const std::vector<T>& all) {
  json::array list;
  for (const T& each : all) list.push_back(to_json(each));
  return list;
}

}  // namespace

const char* to_text(Remark remark) {
  switch (remark) {
    case Remark::kFewTrials:
      return "few_trials";
    case Remark::kFailures:
      return "failures";
    case Remark::kConstant:
      return "constant";
    case Remark::kUnexplained:
      return "unexplained";
    case Remark::kEdge:
      return "edge";
    case Remark::kNoEffect:
      break;
  }
  return "no_effect";
}

std::string to_json(const Insight& insight) {
  json::object root = {{"importance", list_of(insight.objectives)},
                       {"warnings", list_of(insight.warnings)},
                       {"best", nullptr},
                       {"next", nullptr},
                       {"stoppers", list_of(insight.stoppers)},
                       {"notes", json::array(insight.notes.begin(), insight.notes.end())},
                       {"changes", json::array(insight.changes.begin(), insight.changes.end())},
                       {"next_study", nullptr}};
  if (const auto& best = insight.best) {
    root["best"] = {{"trial", best->trial},
                    {"expected", best->expected},
                    {"deviation", best->deviation},
                    {"source", best->source}};
  }
  if (const auto& next = insight.next) {
    root["next"] = {
        {"trials", next->trials}, {"probability", next->probability}, {"gain", next->gain}};
  }
  if (!insight.next_study.empty()) {
    root["next_study"] = base::parse_json(insight.next_study, "next study").root;
  }
  return base::to_pretty_text(root);
}

}  // namespace dodona
