// SPDX-License-Identifier: Apache-2.0
//
// The ask-tell protocol: requests and answers as lines of JSON.
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/space_entries.hpp"
#include "tuner/results.hpp"

#include <dodona/tuner.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kAskMax = 1000;  // trials in one answer

using base::JsonError;
using base::JsonReader;

// A mistake in a request, at one of its keys.
JsonError fault(const std::string& key, const std::string& message) {
  return JsonError("request", key, message);
}

// ---- reading a request -------------------------------------------------------------------------

// Python writes NaN, Infinity and -Infinity bare, which is not JSON: they become strings.
std::string quoted_non_finite(std::string_view line) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t length = 1;
    if (in_string) {
      if (line[at] == '\\' && at + 1 < line.size()) length = 2;
      in_string = line[at] != '"';
    } else if (line[at] == '"') {
      in_string = true;
    } else {
      for (const std::string_view token : {"NaN", "Infinity", "-Infinity"}) {
        if (line.substr(at).starts_with(token)) length = token.size();
      }
    }
    const std::string_view piece = line.substr(at, length);
    out += length > 2 ? '"' + std::string(piece) + '"' : std::string(piece);
    at += length;
  }
  return out;
}

JsonReader given(const JsonReader& request, const std::string& key) {
  const std::optional<JsonReader> at = request.member(key);
  if (!at) throw fault(key, "is missing");
  return *at;
}

constexpr std::uint64_t kAny = std::numeric_limits<std::int64_t>::max();

std::uint64_t whole(const JsonReader& request, const std::string& key, std::uint64_t low,
                    std::uint64_t high) {
  const JsonReader at = given(request, key);
  const std::int64_t number = at.whole();
  const auto count = static_cast<std::uint64_t>(number);
  if (number >= 0 && count >= low && count <= high) return count;
  at.fail("is " + std::to_string(number) + "; it should be a whole number from " +
          std::to_string(low) + (high < kAny ? " to " + std::to_string(high) : " up"));
}

// Spellings of a number that is not finite, as languages write it, count as one.
std::optional<double> number_of(const json::value& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_null() || value == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (value == "Infinity") return infinity;
  if (value == "-Infinity") return -infinity;
  return base::as_real(value);
}

Metrics metrics_of(const JsonReader& request) {
  const JsonReader at = given(request, "metrics");
  if (!at.value().is_object()) at.fail_kind(R"(an object such as {"loss": 0.3})");
  Metrics metrics;
  for (const json::key_value_pair& entry : at.object()) {
    const std::string name(entry.key());
    if (name.empty()) at.fail_key(name, "a metric has no name");
    const std::optional<double> number = number_of(entry.value());
    if (!number) at.member(name)->fail_kind("a number");
    metrics.emplace_back(name, *number);
  }
  return metrics;
}

// Throws what function() throws, as the fault of a key.
template <class Function>
auto blamed_on(const std::string& key, Function&& function) {
  try {
    return function();
  } catch (const Error& error) {
    if (error.code() != DODONA_E_INVALID && error.code() != DODONA_E_STATE) throw;
    throw fault(key, error.what());
  }
}

// ---- answers -----------------------------------------------------------------------------------

json::object to_json(const Values& values) {
  json::object out;
  for (const auto& [name, value] : values.entries()) out[name] = document::to_json(value);
  return out;
}

json::object to_json(const AskedTrial& trial) {
  const auto resume_of = trial.resume_of();
  const std::string directory = trial.directory();
  return {{"trial", trial.id()},
          {"values", to_json(trial.values())},
          {"seed", trial.seed()},
          {"start_step", trial.start_step()},
          {"budget", trial.budget()},
          {"resume_of", resume_of ? json::value(*resume_of) : json::value()},
          {"directory", directory.empty() ? json::value() : json::value(directory)}};
}

json::object answer_ask(Tuner& tuner, const JsonReader& request) {
  static const std::vector<std::string> kKeys = {"ask"};
  request.allow(kKeys);
  const std::uint64_t count = whole(request, "ask", 1, kAskMax);
  json::array trials;
  while (trials.size() < count) {
    std::optional<AskedTrial> trial;
    try {
      trial = tuner.ask();
    } catch (const std::exception&) {
      if (trials.empty()) throw;
      break;  // what was given must not get lost; the next request meets the error again
    }
    if (*trial) {
      trial->detach();  // a client knows it by its number
      trials.push_back(to_json(*trial));
      continue;
    }
    if (trials.empty()) return {{trial->exhausted() ? "exhausted" : "wait", true}};
    break;
  }
  return {{"trials", std::move(trials)}};
}

AskedTrial trial_of(Tuner& tuner, const JsonReader& request, const std::string& key) {
  const std::uint64_t id = whole(request, key, 0, kAny);
  return blamed_on(key, [&] {
    AskedTrial trial = tuner.asked(id);
    trial.detach();
    return trial;
  });
}

json::object answer_report(Tuner& tuner, const JsonReader& request) {
  static const std::vector<std::string> kKeys = {"report", "step", "metrics"};
  request.allow(kKeys);
  const std::uint64_t step = whole(request, "step", 0, kAny);
  const Metrics metrics = metrics_of(request);
  AskedTrial trial = trial_of(tuner, request, "report");
  return {{"continue", blamed_on("step", [&] { return trial.report(step, metrics); })}};
}

json::object answer_tell(Tuner& tuner, const JsonReader& request) {
  static const std::vector<std::string> kKeys = {"tell", "state", "metrics", "message"};
  static const std::vector<std::string> kStates = {"completed", "stopped", "failed"};
  static constexpr TrialState kStateOf[] = {TrialState::kCompleted, TrialState::kStopped,
                                            TrialState::kFailed};
  request.allow(kKeys);
  TrialState state = TrialState::kCompleted;
  if (const auto given_state = request.member("state"))
    state = kStateOf[given_state->word(kStates)];
  const std::optional<JsonReader> text = request.member("message");
  const std::string message = text ? std::string(text->string()) : "";
  if (!message.empty() && state == TrialState::kCompleted) {
    text->fail("a completed trial has no message");
  }
  const Metrics metrics = request.member("metrics") ? metrics_of(request) : Metrics();
  const AskedTrial trial = trial_of(tuner, request, "tell");
  blamed_on("metrics", [&] { tuner.tell(trial, state, metrics, message); });
  return {{"ok", true}};
}

json::object answer_best(const Tuner& tuner, const JsonReader& request) {
  static const std::vector<std::string> kKeys = {"best"};
  request.allow(kKeys);
  json::array trials;
  for (const Result& trial : tuner.best(whole(request, "best", 1, kAny))) {
    json::object& shown =
        trials
            .emplace_back(json::object{
                {"trial", trial.trial}, {"values", to_json(trial.values)}, {"score", *trial.score}})
            .get_object();
    if (!trial.excesses.empty()) shown["excess"] = tuner::to_json(trial.excesses);
    if (trial.scores.empty()) continue;
    shown["scores"] = tuner::to_json(trial.scores);
    shown["front"] = trial.rank == 0U;
  }
  return {{"trials", std::move(trials)}};
}

json::object answer_to(Tuner& tuner, std::string_view line) {
  static const std::vector<std::string> kVerbs = {"ask", "report", "tell", "best"};
  const base::JsonDocument document = base::parse_json(quoted_non_finite(line), "request");
  if (!document.root.is_object()) {
    throw fault("", "the request is " + std::string(base::kind_of(document.root)) +
                        R"(; it should be an object such as {"ask": 1})");
  }
  const json::object& members = document.root.get_object();
  const JsonReader request(document);
  std::string verb;
  for (const std::string& each : kVerbs) {
    if (!members.contains(each)) continue;
    if (!verb.empty()) {
      throw fault(each, "a request is one of " + base::alternatives(kVerbs) + ", not " +
                            base::quote(verb) + " and " + base::quote(each));
    }
    verb = each;
  }
  if (verb == "ask") return answer_ask(tuner, request);
  if (verb == "report") return answer_report(tuner, request);
  if (verb == "tell") return answer_tell(tuner, request);
  if (verb == "best") return answer_best(tuner, request);
  const std::string first = members.empty() ? "" : std::string(members.begin()->key());
  throw fault(first, "a request has one of the keys " + base::alternatives(kVerbs) +
                         base::did_you_mean(first, kVerbs));
}

}  // namespace

std::string answer(Tuner& tuner, std::string_view request) {
  json::object reply;
  try {
    reply = answer_to(tuner, request);
  } catch (const JsonError& error) {
    const std::string& key = error.path();
    reply = {{"error", (key.empty() ? "" : key + ": ") + error.message()}, {"key", key}};
  } catch (const std::exception& error) {
    reply = {{"error", error.what()}, {"key", ""}};
  }
  return base::to_text(reply);
}

}  // namespace dodona
