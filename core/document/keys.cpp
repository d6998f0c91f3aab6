// SPDX-License-Identifier: Apache-2.0
#include "document/keys.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "document/space_entries.hpp"

#include <dodona/abi.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace dodona::document {
namespace {

namespace json = boost::json;
using study::Settings;

// Executions and attempts share the 32 bits that tell the random streams of a trial apart.
constexpr std::uint64_t kRepeatsMax = 10000;
// Each slot is a thread with an arena of its own.
constexpr std::uint64_t kThreadsMax = 1024;
constexpr std::uint64_t kSecondsMax = 1000000000;

std::vector<Key> table() {  // NOLINT(readability-function-size): one entry a key
  return {
      {.path = "project_name",
       .place = &Settings::project_name,
       .help = "directory of the study below `directory`; the same name goes on with the study "
               "that is there",
       .file_name = true},
      {.path = "directory",
       .place = &Settings::directory,
       .help = "where projects lie; nothing is written outside of it"},
      {.path = "seed",
       .place = &Settings::seed,
       .help = "of all random numbers: the same seed gives the same proposals to the same results",
       .high = UINT64_MAX,
       .null_says = "a random one, which the study keeps"},
      {.path = "store",
       .place = &Settings::store,
       .help = "sqlite keeps everything in the project's directory; memory writes nothing and "
               "forgets all at the end",
       .choices = {"sqlite", "memory"}},
      {.path = "objective",
       .place = &Settings::objective,
       .help = "the metric that decides: the name of a known one, or a name with the direction in "
               "which it is better, or the sum of several, those to maximise subtracted; left out, "
               "a number that the model returns is minimised"},
      {.path = "max_trials",
       .place = &Settings::max_trials,
       .help = "how many trials the study has at most, failed ones and those of earlier searches "
               "included; left out, an oracle that ends by itself (grid, hyperband) has no limit",
       .low = 1,
       .null_says = "no limit"},
      {.path = "max_seconds",
       .place = &Settings::max_seconds,
       .help = "how long one search takes at most; trials that run then are stopped at their next "
               "report",
       .high = kSecondsMax,
       .null_says = "no limit"},
      {.path = "max_steps",
       .place = &Settings::max_steps,
       .help = "the step, such as an epoch, at which a trial ends; the cost of a trial is "
               "proportional",
       .low = 1,
       .null_says = "the model's own choice"},
      {.path = "executions_per_trial",
       .place = &Settings::executions_per_trial,
       .help = "how often a trial is run, each time with another seed; the score is the mean. More "
               "make a noisy objective more reliable and cost as much more",
       .low = 1,
       .high = kRepeatsMax},
      {.path = "parallel_trials",
       .place = &Settings::parallel_trials,
       .help = "how many trials run at the same time; each needs memory of its own, and proposals "
               "are made without the results of those that run",
       .low = 1,
       .high = kThreadsMax},
      {.path = "threads_per_trial",
       .place = &Settings::threads_per_trial,
       .help = "how many threads a trial may use",
       .low = 1,
       .high = kThreadsMax,
       .null_says = "cores / parallel_trials"},
      {.path = "devices",
       .place = &Settings::devices,
       .help =
           "slots such as \"cuda:0\", dealt out among the trials that run at the same time: a "
           "trial holds its own while it runs, and the model is told them; a slot that is named "
           "twice is shared by two"},
      {.path = "oracle",
       .place = &Settings::oracle,
       .help = "the plugin that proposes hyperparameters",
       .role = DODONA_ROLE_ORACLE},
      {.path = "stopper",
       .place = &Settings::stopper,
       .help = "a plugin that stops trials which do not promise much; needs a model that reports "
               "steps",
       .null_says = "none",
       .role = DODONA_ROLE_ORACLE},
      {.path = "hypermodel",
       .place = &Settings::hypermodel,
       .help = "the plugin that builds, trains and scores a model for given hyperparameters",
       .null_says = "the application's own",
       .role = DODONA_ROLE_HYPERMODEL},
      {.path = "sinks",
       .place = &Settings::sinks,
       .help = "plugins that are told all that happens; no trial waits for them",
       .role = DODONA_ROLE_SINK},
      {.path = "space",
       .place = &Settings::space,
       .help = "hyperparameters; where the hypermodel describes its own, an entry replaces the one "
               "of its name"},
      {.path = "allow_new_entries",
       .place = &Settings::allow_new_entries,
       .help = "whether the hypermodel may have hyperparameters that `space` does not name; false: "
               "the search fails and names them"},
      {.path = "tune_new_entries",
       .place = &Settings::tune_new_entries,
       .help = "whether hyperparameters that `space` does not name are tuned; false: they keep "
               "their defaults"},
      {.path = "warm_start",
       .place = &Settings::warm_start,
       .help = "the project directory of another study, whose results the oracle is given at the "
               "start; they are no trials of this study",
       .null_says = "none"},
      {.path = "initial",
       .place = &Settings::initial,
       .help = "values of trials that run first, each an object of names; what one leaves out is "
               "drawn"},
      {.path = "keep",
       .place = &Settings::keep,
       .help = "of how many of the best trials the trained model stays in the project's directory, "
               "or \"all\"; 0 saves none, and a trial then takes no time to save its best step"},
      {.path = "schedule.lag",
       .place = &Settings::lag,
       .help =
           "proposal k is made from the results of exactly the trials 0 to k - lag, so that any "
           "number of parallel trials up to the lag gives the same study; costs waiting for "
           "slow trials",
       .low = 1,
       .high = kThreadsMax,
       .null_says = "results count as they come"},
      {.path = "retry.max_retries_per_trial",
       .place = &Settings::max_retries_per_trial,
       .help = "how often a trial that fails is tried again, with the same values and another "
               "seed; never "
               "where the model says that the values are invalid",
       .high = kRepeatsMax},
      {.path = "retry.max_consecutive_failed_trials",
       .place = &Settings::max_consecutive_failed_trials,
       .help = "the search ends after so many failed trials in a row",
       .low = 1,
       .high = kRepeatsMax,
       .null_says = "never"},
  };
}

json::value to_json(const study::PluginChoice& choice) {
  return json::object{
      {"plugin", choice.plugin},
      {"options", base::parse_json(choice.options, "options of " + choice.plugin).root}};
}

json::value to_json(const study::ObjectiveTerm& term) {
  const bool max = term.direction == study::Direction::kMaximize;
  return json::object{{"name", term.name}, {"direction", max ? "max" : "min"}};
}

// One function for each alternative of KeyPlace. A number of 0 is null where null has a meaning.
struct Writer {
  const Key& key;

  json::value operator()(bool flag) const { return json::value(flag); }
  json::value operator()(const std::string& text) const { return json::value(text); }
  json::value operator()(const std::optional<std::string>& text) const {
    return text ? json::value(*text) : json::value();
  }
  json::value operator()(std::uint64_t number) const {
    return number == 0 && !key.null_says.empty() ? json::value() : json::value(number);
  }
  json::value operator()(std::uint32_t number) const { return (*this)(std::uint64_t{number}); }
  json::value operator()(const std::optional<std::uint64_t>& number) const {
    return number ? json::value(*number) : json::value();
  }
  json::value operator()(study::Keep keep) const {
    return keep.trials == study::Keep::kAll ? json::value("all") : json::value(keep.trials);
  }
  json::value operator()(double number) const {
    return number == 0.0 ? json::value() : json::value(number);
  }
  json::value operator()(const std::vector<std::string>& texts) const {
    return json::array(texts.begin(), texts.end());
  }
  json::value operator()(const study::Objective& objective) const {
    if (objective.sum.empty()) return to_json(objective);
    json::array terms;
    for (const study::ObjectiveTerm& term : objective.sum) terms.push_back(to_json(term));
    return json::object{{"sum", std::move(terms)}};
  }
  json::value operator()(const study::PluginChoice& choice) const { return to_json(choice); }
  json::value operator()(const std::optional<study::PluginChoice>& choice) const {
    return choice ? to_json(*choice) : json::value();
  }
  json::value operator()(const std::vector<study::PluginChoice>& choices) const {
    json::array list;
    for (const study::PluginChoice& choice : choices) list.push_back(to_json(choice));
    return list;
  }
  json::value operator()(const std::vector<study::NamedValues>& trials) const {
    json::array list;
    for (const study::NamedValues& values : trials) {
      json::object& object = list.emplace_back(json::object()).get_object();
      for (const auto& [name, value] : values)
        object[name] = document::to_json(HyperParameterValue(value));
    }
    return list;
  }
  json::value operator()(const std::vector<space::Override>& entries) const {
    return space_to_json(entries);
  }
};

}  // namespace

std::string_view Key::group() const {
  const std::size_t dot = path.find('.');
  return dot == std::string::npos ? std::string_view() : std::string_view(path).substr(0, dot);
}

std::string_view Key::name() const {
  return std::string_view(path).substr(path.find('.') + 1);  // npos + 1 is 0
}

std::span<const Key> keys() {
  static const std::vector<Key> kAll = table();
  return kAll;
}

std::string_view group_help(std::string_view group) {
  if (group == "retry") return "what happens after trials that fail";
  return group == "schedule" ? "in which order results count" : "";
}

json::value key_value(const Key& key, const Settings& settings) {
  return std::visit([&](auto member) { return Writer{key}(settings.*member); }, key.place);
}

std::string file_name_problem(std::string_view text) {
  if (text.empty()) return "is empty; it should be a name";
  if (text == "." || text == "..") return "is " + base::quote(text) + "; it should be a name";
  if (text.find('/') != std::string_view::npos) {
    return base::quote(text) + " has a slash; `directory` says where the project lies";
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return control ? base::quote(text) + " has a control character" : "";
}

}  // namespace dodona::document
