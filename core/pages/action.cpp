// SPDX-License-Identifier: Apache-2.0
#include "pages/action.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

#include <dodona/error.hpp>
#include <dodona/status.hpp>

#include <boost/json/object.hpp>

#include <array>
#include <set>

namespace dodona::pages {
namespace {

namespace json = boost::json;

struct Form {
  std::string_view word;
  Action::Kind kind;
  std::set<std::string_view> keys;  // those that it needs, without "action" and "trial" of a note
};

const std::array<Form, 5>& forms() {
  static const std::array<Form, 5> kAll{{{"stop_trial", Action::Kind::kStopTrial, {"trial"}},
                                         {"stop", Action::Kind::kStop, {}},
                                         {"enqueue", Action::Kind::kEnqueue, {"values"}},
                                         {"note", Action::Kind::kNote, {"text"}},
                                         {"max_trials", Action::Kind::kMaxTrials, {"max_trials"}}}};
  return kAll;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(DODONA_E_INVALID, "an action " + what);
}

std::uint64_t count_at(const json::object& object, std::string_view key) {
  const json::value& value = object.at(json::string_view(key.data(), key.size()));
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  refuse("has " + base::quote(key) + ": " + base::to_text(value) +
         ", and it should be a whole number");
}

const Form& form_of(const json::object& object) {
  const json::value* word = object.if_contains("action");
  for (const Form& form : forms()) {
    if (word == nullptr || !word->is_string() || word->get_string() != form.word) continue;
    for (const auto& member : object) {
      const std::string_view key(member.key().data(), member.key().size());
      const bool is_trial = form.kind == Action::Kind::kNote && key == "trial";
      if (key != "action" && !is_trial && !form.keys.contains(key)) {
        refuse("has no key " + base::quote(key));
      }
    }
    for (const std::string_view key : form.keys) {
      if (!object.contains(json::string_view(key.data(), key.size()))) {
        refuse("lacks the key " + base::quote(key));
      }
    }
    return form;
  }
  refuse("is stop_trial, stop, enqueue, note or max_trials");
}

[[noreturn]] void refuse_as_nobody_searches(const char* way) {
  throw Error(DODONA_E_STATE, std::string("nobody searches this study; ") + way);
}

}  // namespace

Action parse_action(std::string_view text) {
  const json::value root = base::parse_json(std::string(text), "action").root;
  if (!root.is_object()) refuse("is an object");
  const json::object& object = root.get_object();
  Action action;
  action.kind = form_of(object).kind;
  if (object.contains("trial")) action.trial = count_at(object, "trial");
  if (object.contains("max_trials")) {
    action.max_trials = count_at(object, "max_trials");
    if (action.max_trials == 0) refuse("has \"max_trials\": 0, and it should be 1 or more");
  }
  if (const json::value* values = object.if_contains("values")) {
    if (!values->is_object()) refuse("has values that are no object, such as {\"lr\": 0.01}");
    action.text = base::to_text(*values);
  }
  if (const json::value* note = object.if_contains("text")) {
    if (!note->is_string()) refuse("has a text that is none");
    action.text = std::string(note->get_string());
  }
  return action;
}

std::string perform(const Action& action, const std::string& directory) {
  switch (action.kind) {
    case Action::Kind::kStopTrial:
      if (!stop_trial(directory, *action.trial)) refuse_as_nobody_searches("no trial runs");
      return "Trial " + std::to_string(*action.trial) + " stops at its next report.";
    case Action::Kind::kStop:
      if (!stop_study(directory)) refuse_as_nobody_searches("there is nothing to stop");
      return "The search stops: running trials end at their next report.";
    case Action::Kind::kEnqueue:
      enqueue_values(directory, action.text);
      return "These values become the next trial.";
    case Action::Kind::kNote:
      keep_note(directory, action.trial, action.text);
      return "The note is kept.";
    case Action::Kind::kMaxTrials:
      break;
  }
  const std::string set = "max_trials=" + std::to_string(action.max_trials);
  if (!set_study(directory, {set})) {
    refuse_as_nobody_searches("give the next search more trials, as in --set max_trials=50");
  }
  return "The search has " + set + " now.";
}

bool is_same_secret(std::string_view given, std::string_view secret) {
  unsigned different = given.size() == secret.size() ? 0U : 1U;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char right = secret.empty() ? '\0' : secret[i % secret.size()];
    different |= static_cast<unsigned>(static_cast<unsigned char>(given[i] ^ right));
  }
  return different == 0 && !secret.empty();
}

}  // namespace dodona::pages
