// SPDX-License-Identifier: Apache-2.0
#include "document/resume.hpp"

#include "base/json.hpp"
#include "document/document.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <string_view>

namespace dodona::document {
namespace {

// What decides about scores and proposals does not change by accident; and the schedule, on which the
// meaning of the log's proposals depends, not at all.
void check_choices(const study::State& state, const StudyOptions& options,
                   const std::string& directory, bool accept_changes) {
  const base::JsonDocument before = base::parse_json(state.document(), "study document");
  const base::JsonDocument now = base::parse_json(document_text(options), "study document");
  const bool proposed = state.enqueued_taken() < state.trials().size();
  for (const std::string_view key : {"schedule", "oracle", "stopper", "hypermodel"}) {
    const bool schedule = key == "schedule";
    const bool model = key == "hypermodel";
    if (!schedule && accept_changes) continue;
    if (!model && !proposed) continue;  // values that a user gave: no oracle to be faithful to
    const auto value = [&](const base::JsonDocument& document) {
      const boost::json::value* found = document.root.as_object().if_contains(key);
      return found != nullptr ? base::to_text(*found, false) : "null";
    };
    if (value(before) == value(now) || (model && value(before) == "null")) continue;
    const char* const accept = "or all the same with --accept-changes (accept_changes), ";
    throw Error(DODONA_E_INVALID, "the study in " + directory + " was made with " +
                                      std::string(key) + " " + value(before) + ", not " +
                                      value(now) + "; go on with that one, " +
                                      (schedule ? "" : accept) + "or begin anew with overwrite");
  }
}

}  // namespace

std::string to_text(const study::Objective& objective) {
  const auto term_text = [](const study::ObjectiveTerm& term) {
    return (term.direction == study::Direction::kMaximize ? "max " : "min ") + term.name;
  };
  if (objective.sum.empty()) return term_text(objective);
  std::string text;
  for (const study::ObjectiveTerm& term : objective.sum) {
    text += (text.empty() ? "sum of " : ", ") + term_text(term);
  }
  return text;
}

std::vector<std::string> taken_out(const study::State& state, const StudyOptions& options) {
  std::vector<std::string> names;
  if (state.document().empty()) return names;
  const std::vector<space::Override> now = space_of(options);
  for (const space::Override& entry : space_of(plain_options_of(state.document()))) {
    const std::string& name = entry.param.name;
    const bool given = std::any_of(now.begin(), now.end(), [&](const space::Override& each) {
      return each.param.name == name;
    });
    const bool kept = std::any_of(state.params().begin(), state.params().end(),
                                  [&](const Param& param) { return param.name == name; });
    const bool named = std::find(names.begin(), names.end(), name) != names.end();
    if (kept && !given && !named) names.push_back(name);
  }
  return names;
}

void check_resume(const study::State& state, const StudyOptions& options,
                  const std::string& directory, bool accept_changes) {
  if (options.seed && state.seed() && *options.seed != *state.seed()) {
    throw Error(DODONA_E_INVALID, "the study in " + directory + " has seed " +
                                      std::to_string(*state.seed()) + ", not " +
                                      std::to_string(*options.seed) +
                                      "; leave seed out to go on, or begin anew with overwrite");
  }
  if (state.document().empty()) return;
  if (!state.trials().empty()) check_choices(state, options, directory, accept_changes);
  const study::Objective before = objective_of(state.document());
  const study::Objective now = to_study(options.objective);
  if (accept_changes || before == now) return;
  throw Error(DODONA_E_INVALID, "the study in " + directory + " has the objective " +
                                    to_text(before) + ", not " + to_text(now) +
                                    "; go on with that one, or all the same with --accept-changes "
                                    "(accept_changes), which makes the scores anew from what "
                                    "trials reported, or begin anew with overwrite");
}

}  // namespace dodona::document
