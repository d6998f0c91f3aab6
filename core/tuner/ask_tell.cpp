// SPDX-License-Identifier: Apache-2.0
//
// The ask-tell protocol: requests and answers as lines of JSON.
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/space_entries.hpp"

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

// The mistake in a request, and its place.
struct Refusal {
  std::string key;
  std::string message;
};

json::object refused(const std::string& key, const std::string& message) {
  return {{"error", message}, {"key", key}};
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

class Request {
 public:
  explicit Request(const json::object& members) : members_(members) {}

  void allow(std::span<const std::string> keys) const {
    for (const auto& member : members_) {
      const std::string key(member.key());
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      throw Refusal{key, "there is no key " + base::quote(key) + " in this request" +
                             base::did_you_mean(key, keys)};
    }
  }

  std::uint64_t whole(const std::string& key, std::uint64_t low, std::uint64_t high) const {
    const json::value& value = member(key);
    const bool small = value.is_int64() && value.get_int64() >= 0;
    const std::uint64_t number = small ? static_cast<std::uint64_t>(value.get_int64()) : 0;
    if (small && number >= low && number <= high) return number;
    throw Refusal{key, base::quote(key) + " is " + base::to_text(value) +
                           "; it should be a whole number from " + std::to_string(low) +
                           (high < kAny ? " to " + std::to_string(high) : " up")};
  }
  static constexpr std::uint64_t kAny = std::numeric_limits<std::int64_t>::max();

  // Empty where it is missing.
  std::string text(const std::string& key) const {
    const json::value* value = members_.if_contains(key);
    if (value == nullptr) return "";
    if (value->is_string()) return std::string(value->get_string());
    throw Refusal{key, base::quote(key) + " is " + std::string(base::kind_of(*value)) +
                           "; it should be a string"};
  }

  Metrics metrics() const {
    const json::value& list = member("metrics");
    if (!list.is_object()) {
      throw Refusal{"metrics", "\"metrics\" is " + std::string(base::kind_of(list)) +
                                   R"(; it should be an object such as {"loss": 0.3})"};
    }
    Metrics metrics;
    for (const auto& entry : list.get_object()) {
      const std::string name(entry.key());
      const std::optional<double> number = number_of(entry.value());
      if (name.empty() || !number) {
        throw Refusal{base::join_path("metrics", name),
                      name.empty() ? "a metric has no name"
                                   : "metric " + base::quote(name) + " is " +
                                         std::string(base::kind_of(entry.value())) +
                                         "; it should be a number"};
      }
      metrics.emplace_back(name, *number);
    }
    return metrics;
  }
  bool has(const std::string& key) const { return members_.contains(key); }

 private:
  const json::value& member(const std::string& key) const {
    if (const json::value* value = members_.if_contains(key)) return *value;
    throw Refusal{key, base::quote(key) + " is missing"};
  }

  // Spellings of a number that is not finite, as languages write it, count as one.
  static std::optional<double> number_of(const json::value& value) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (value.is_null() || value == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (value == "Infinity") return infinity;
    if (value == "-Infinity") return -infinity;
    return base::as_real(value);
  }

  const json::object& members_;
};

// Throws what function() throws, as the fault of a key.
template <class Function>
auto blamed_on(const std::string& key, Function&& function) {
  try {
    return function();
  } catch (const Error& error) {
    if (error.code() != DODONA_E_INVALID && error.code() != DODONA_E_STATE) throw;
    throw Refusal{key, error.what()};
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

json::object answer_ask(Tuner& tuner, const Request& request) {
  static const std::vector<std::string> kKeys = {"ask"};
  request.allow(kKeys);
  const std::uint64_t count = request.whole("ask", 1, kAskMax);
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

AskedTrial trial_of(Tuner& tuner, const Request& request, const std::string& key) {
  const std::uint64_t id = request.whole(key, 0, Request::kAny);
  return blamed_on(key, [&] {
    AskedTrial trial = tuner.asked(id);
    trial.detach();
    return trial;
  });
}

json::object answer_report(Tuner& tuner, const Request& request) {
  static const std::vector<std::string> kKeys = {"report", "step", "metrics"};
  request.allow(kKeys);
  const std::uint64_t step = request.whole("step", 0, Request::kAny);
  const Metrics metrics = request.metrics();
  AskedTrial trial = trial_of(tuner, request, "report");
  return {{"continue", blamed_on("step", [&] { return trial.report(step, metrics); })}};
}

json::object answer_tell(Tuner& tuner, const Request& request) {
  static const std::vector<std::string> kKeys = {"tell", "state", "metrics", "message"};
  static const std::vector<std::string> kStates = {"completed", "stopped", "failed"};
  static constexpr TrialState kStateOf[] = {TrialState::kCompleted, TrialState::kStopped,
                                            TrialState::kFailed};
  request.allow(kKeys);
  TrialState state = TrialState::kCompleted;
  if (request.has("state")) {
    const std::string word = request.text("state");
    const auto found = std::find(kStates.begin(), kStates.end(), word);
    if (found == kStates.end()) {
      throw Refusal{"state", "\"state\" is " + base::quote(word) + "; it should be " +
                                 base::alternatives(kStates) + base::did_you_mean(word, kStates)};
    }
    state = kStateOf[found - kStates.begin()];
  }
  const std::string message = request.text("message");
  if (!message.empty() && state == TrialState::kCompleted) {
    throw Refusal{"message", "a completed trial has no message"};
  }
  const Metrics metrics = request.has("metrics") ? request.metrics() : Metrics();
  const AskedTrial trial = trial_of(tuner, request, "tell");
  blamed_on("metrics", [&] { tuner.tell(trial, state, metrics, message); });
  return {{"ok", true}};
}

json::object answer_best(const Tuner& tuner, const Request& request) {
  static const std::vector<std::string> kKeys = {"best"};
  request.allow(kKeys);
  json::array trials;
  for (const Result& trial : tuner.best(request.whole("best", 1, Request::kAny))) {
    trials.push_back(
        {{"trial", trial.trial}, {"values", to_json(trial.values)}, {"score", *trial.score}});
  }
  return {{"trials", std::move(trials)}};
}

json::object answer_to(Tuner& tuner, std::string_view line) {
  static const std::vector<std::string> kVerbs = {"ask", "report", "tell", "best"};
  const base::JsonDocument document = base::parse_json(quoted_non_finite(line), "request");
  if (!document.root.is_object()) {
    throw Refusal{"", "the request is " + std::string(base::kind_of(document.root)) +
                          R"(; it should be an object such as {"ask": 1})"};
  }
  const json::object& members = document.root.get_object();
  const Request request(members);
  std::string verb;
  for (const std::string& each : kVerbs) {
    if (!request.has(each)) continue;
    if (!verb.empty()) {
      throw Refusal{each, "a request is one of " + base::alternatives(kVerbs) + ", not " +
                              base::quote(verb) + " and " + base::quote(each)};
    }
    verb = each;
  }
  if (verb == "ask") return answer_ask(tuner, request);
  if (verb == "report") return answer_report(tuner, request);
  if (verb == "tell") return answer_tell(tuner, request);
  if (verb == "best") return answer_best(tuner, request);
  const std::string first = members.empty() ? "" : std::string(members.begin()->key());
  throw Refusal{first, "a request has one of the keys " + base::alternatives(kVerbs) +
                           base::did_you_mean(first, kVerbs)};
}

}  // namespace

std::string answer(Tuner& tuner, std::string_view request) {
  json::object reply;
  try {
    reply = answer_to(tuner, request);
  } catch (const Refusal& refusal) {
    reply = refused(refusal.key, refusal.message);
  } catch (const std::exception& error) {
    reply = refused("", error.what());
  }
  return base::to_text(reply);
}

}  // namespace dodona
