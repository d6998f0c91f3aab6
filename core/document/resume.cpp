// SPDX-License-Identifier: Apache-2.0
#include "document/resume.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "plugin/options.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace dodona::document {
namespace {

// A plugin that a study names under a key of its document.
struct Choice {
  std::string text;  // plugin and options as JSON, complete; "null" where there is none
  std::string id;    // empty where there is none
};

std::string log_in(const std::string& directory) {
  return directory + "/study.db";
}

std::string text_at(const base::JsonDocument& document, std::string_view key) {
  const boost::json::value* found = document.root.as_object().if_contains(key);
  return found != nullptr ? base::to_text(*found) : "null";
}

// The choice in a document of the log. Options that today's table has and the document lacks are
// completed: an upgrade that adds an option changes no study. `recorded` is which plugin it was.
Choice logged_choice(const base::JsonDocument& document, std::string_view key,
                     std::string_view role, const plugin::Catalogue& catalogue,
                     const study::PluginIdentity* recorded) {
  Choice choice{text_at(document, key), recorded != nullptr ? recorded->id : ""};
  if (choice.text == "null") return choice;
  try {
    boost::json::object whole = document.root.as_object().at(key).as_object();
    const std::string name(whole.at("plugin").as_string());
    const plugin::Descriptor& found = catalogue.find(role, choice.id.empty() ? name : choice.id);
    whole["options"] = plugin::check_options(found, whole.at("options").as_object());
    return {base::to_text(whole), found.id};
  } catch (const std::exception&) {
    return choice;  // of a plugin that is not there, or whose options are others today
  }
}

// The nth recorded plugin of a role: of oracles, the stopper comes second.
const study::PluginIdentity* recorded_plugin(const study::State& state, std::string_view role,
                                             int nth) {
  for (const study::PluginIdentity& identity : state.plugins()) {
    if (identity.role == role && nth-- == 0) return &identity;
  }
  return nullptr;
}

// The ways out of a change beside another study.
enum class Remedy : std::uint8_t { kNone = 1, kAccept };

[[noreturn]] void refuse_change(const std::string& directory, std::string_view key,
                                const std::string& before, const std::string& now, Remedy remedy) {
  const char* const accept = "or all the same with --accept-changes (accept_changes), ";
  throw Error(DODONA_E_INVALID, "the study in " + directory + " was made with " + std::string(key) +
                                    " " + before + ", not " + now + "; go on with that one, " +
                                    (remedy == Remedy::kAccept ? accept : "") +
                                    "or begin anew with overwrite");
}

// Without the name: one plugin has a short name and an id.
std::string options_text(const std::string& choice) {
  if (choice == "null") return choice;
  const base::JsonDocument document = base::parse_json(choice, "options");
  return text_at(document, "options");
}

// Throws where a choice that decides scores or proposals changed by accident. The schedule never
// changes, as the meaning of the log's proposals depends on it.
void check_choices(const study::State& state, const StudyOptions& options,
                   const plugin::Catalogue& catalogue, const std::string& directory,
                   bool accept_changes) {
  const base::JsonDocument before = base::parse_json(state.document(), "study document");
  const base::JsonDocument now = base::parse_json(document_text(options), "study document");
  const auto schedule = [](const base::JsonDocument& document) {
    return text_at(document, "schedule");
  };
  const bool proposed = state.enqueued().size() - state.waiting().size() < state.trials().size();
  if (proposed && plain_options_of(state.document(), log_in(directory)).lag != options.lag) {
    refuse_change(directory, "schedule", schedule(before), schedule(now), Remedy::kNone);
  }
  if (accept_changes) return;
  const struct {
    const char* key;
    const char* role;
    int nth;
  } choices[] = {{"oracle", DODONA_ROLE_ORACLE, 0},
                 {"stopper", DODONA_ROLE_ORACLE, 1},
                 {"hypermodel", DODONA_ROLE_HYPERMODEL, 0}};
  for (const auto& [key, role, nth] : choices) {
    const bool model = std::string_view(key) == "hypermodel";
    if (!model && !proposed) continue;  // values that a user gave: no oracle to be faithful to
    const Choice was =
        logged_choice(before, key, role, catalogue, recorded_plugin(state, role, nth));
    const Choice is = logged_choice(now, key, role, catalogue, nullptr);
    if (model && was.text == "null") continue;
    if (was.id != is.id && !was.id.empty() && !is.id.empty()) {
      refuse_change(directory, key, was.text + " (" + was.id + ")", is.text + " (" + is.id + ")",
                    Remedy::kAccept);
    }
    const bool same_plugin = was.text == is.text || !was.id.empty();
    if (same_plugin && options_text(was.text) == options_text(is.text)) continue;
    refuse_change(directory, key, was.text, is.text, Remedy::kAccept);
  }
}

}  // namespace

std::string to_text(const study::Objective& objective) {
  const auto term_text = [](const study::ObjectiveTerm& term) {
    return (term.direction == study::Direction::kMaximize ? "max " : "min ") + term.name;
  };
  std::string text = objective.sum.empty() ? term_text(objective) : "";
  for (const study::ObjectiveTerm& other : objective.others) text += ", " + term_text(other);
  for (const study::ObjectiveTerm& term : objective.sum) {
    text += (text.empty() ? "sum of " : ", ") + term_text(term);
  }
  const char* separator = " within ";
  for (const Limit& limit : objective.limits) {
    text += separator;
    separator = ", ";
    if (std::isfinite(limit.low)) text += base::format_real(limit.low) + " <= ";
    text += limit.metric;
    if (std::isfinite(limit.high)) text += " <= " + base::format_real(limit.high);
  }
  if (objective.stop_on) text += ", steps by " + term_text(*objective.stop_on);
  return text;
}

std::vector<std::string> taken_out(const study::State& state, const StudyOptions& options,
                                   const std::string& directory) {
  std::vector<std::string> names;
  if (state.document().empty()) return names;
  const std::vector<space::Override> now = space_of(options);
  const StudyOptions before = plain_options_of(state.document(), log_in(directory));
  for (const space::Override& entry : space_of(before)) {
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

std::vector<std::string> constraints_taken_out(const study::State& state,
                                               const StudyOptions& options,
                                               const std::string& directory) {
  std::vector<std::string> texts;
  if (state.document().empty()) return texts;
  const auto is_among = [](const std::vector<std::string>& all, const std::string& text) {
    return std::find(all.begin(), all.end(), text) != all.end();
  };
  for (const std::string& text :
       plain_options_of(state.document(), log_in(directory)).constraints) {
    const bool kept = is_among(state.constraints(), text);
    if (kept && !is_among(options.constraints, text)) texts.push_back(text);
  }
  return texts;
}

std::vector<study::PluginIdentity> identities_of(const StudyOptions& options,
                                                 const plugin::Catalogue& catalogue) {
  std::vector<study::PluginIdentity> identities;
  const auto add = [&](const char* role, const PluginUse& choice) {
    const plugin::Descriptor& found = catalogue.find(role, choice.plugin);
    study::PluginIdentity identity{found.role, found.id, found.version, found.build_id};
    const auto known = std::find(identities.begin(), identities.end(), identity);
    if (known == identities.end()) identities.push_back(std::move(identity));
  };
  add(DODONA_ROLE_ORACLE, options.oracle);
  if (options.stopper) add(DODONA_ROLE_ORACLE, *options.stopper);
  if (options.hypermodel) add(DODONA_ROLE_HYPERMODEL, *options.hypermodel);
  for (const PluginUse& sink : options.sinks) add(DODONA_ROLE_SINK, sink);
  return identities;
}

std::string changed_builds(const std::vector<study::PluginIdentity>& before,
                           const std::vector<study::PluginIdentity>& now) {
  std::string text;
  for (const study::PluginIdentity& each : now) {
    const auto known = std::find_if(before.begin(), before.end(), [&](const auto& other) {
      return other.role == each.role && other.id == each.id;
    });
    if (known == before.end() || *known == each) continue;
    text += (text.empty() ? "" : ", ") + each.id + " " + each.version;
    text += known->version == each.version ? " (another build)" : " (was " + known->version + ")";
  }
  return text;
}

StudyOptions with_limits(const StudyOptions& settings, const std::vector<std::string>& sets,
                         const plugin::Catalogue& catalogue) {
  static const std::vector<std::string> kKeys{"max_trials", "max_seconds", "parallel_trials"};
  for (const std::string& set : sets) {
    const std::string key = set.substr(0, set.find('='));
    if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
    throw Error(DODONA_E_INVALID, base::quote(key) + " cannot be set while a search runs" +
                                      base::did_you_mean(key, kKeys) + "; " +
                                      base::alternatives(kKeys) + " can");
  }
  base::JsonDocument document = base::parse_json(document_text(settings), "study document");
  apply_sets(document, sets);
  StudyOptions changed = parse_document(document, catalogue);
  if (changed.lag > 0 && changed.parallel_trials > changed.lag) {
    throw Error(DODONA_E_INVALID, "parallel_trials: " + std::to_string(changed.parallel_trials) +
                                      " is above schedule.lag, " + std::to_string(changed.lag) +
                                      ", and no more trials than that can run at a time");
  }
  return changed;
}

void check_resume(const study::State& state, const StudyOptions& options,
                  const plugin::Catalogue& catalogue, const std::string& directory,
                  bool accept_changes) {
  if (options.seed && state.seed() && *options.seed != *state.seed()) {
    throw Error(DODONA_E_INVALID, "the study in " + directory + " has seed " +
                                      std::to_string(*state.seed()) + ", not " +
                                      std::to_string(*options.seed) +
                                      "; leave seed out to go on, or begin anew with overwrite");
  }
  // Without a trial there is nothing to be faithful to: the first start may have failed.
  if (state.document().empty() || state.trials().empty()) return;
  check_choices(state, options, catalogue, directory, accept_changes);
  const study::Objective before = objective_of(state.document());
  const study::Objective now = objective_of(options);
  if (accept_changes || before == now) return;
  throw Error(DODONA_E_INVALID, "the study in " + directory + " has the objective " +
                                    to_text(before) + ", not " + to_text(now) +
                                    "; go on with that one, or all the same with --accept-changes "
                                    "(accept_changes), which makes the scores anew from what "
                                    "trials reported, or begin anew with overwrite");
}

}  // namespace dodona::document
