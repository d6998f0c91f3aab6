// SPDX-License-Identifier: Apache-2.0
#include "document/keys.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/metric_direction.hpp"
#include "document/space_entries.hpp"

#include <dodona/abi.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace dodona::document {
namespace {

namespace json = boost::json;

// Executions and attempts share the 32 bits that tell the random streams of a trial apart.
constexpr std::uint64_t kRepeatsMax = 10000;
// Each slot is a thread with an arena of its own.
constexpr std::uint64_t kThreadsMax = 1024;
constexpr std::uint64_t kSecondsMax = 1000000000;
constexpr std::uint64_t kBeatMax = 3600;
constexpr std::uint64_t kMegabytesMax = 1000000000;
constexpr std::size_t kShownMax = 32;

std::vector<Key> table() {  // NOLINT(readability-function-size): one entry a key
  return {
      {.path = "project_name",
       .place = &StudyOptions::project_name,
       .help = "The directory of the study, within `directory`. The same name goes on with the "
               "study that is there.",
       .form = Form::kFileName},
      {.path = "directory",
       .place = &StudyOptions::directory,
       .help = "Where projects lie. Nothing is written outside of it."},
      {.path = "seed",
       .place = &StudyOptions::seed,
       .help = "Where all random numbers begin. The same seed gives the same proposals to the same "
               "results.",
       .high = UINT64_MAX,
       .null_says = "a random one, which the study keeps"},
      {.path = "store",
       .place = &StudyOptions::store,
       .help = "Where the log lives: sqlite keeps everything in the project's directory, memory "
               "writes nothing and forgets all at the end.",
       .choices = {"sqlite", "memory"}},
      {.path = "objective",
       .place = &StudyOptions::objective,
       .help = "The metric that decides: the name of a known one, or a name with the direction in "
               "which it is better, or the sum of several, those to maximise subtracted. Left "
               "out, a number that the model returns is minimised. Several metrics in a list "
               "(`objectives`) are a search for those trials that no other one beats in all of "
               "them, a Pareto front."},
      {.path = "limits",
       .place = &StudyOptions::limits,
       .help =
           "Bounds of what is measured, such as {\"metric\": \"model_mb\", \"max\": 5}. A trial "
           "that keeps them all ranks before every one that does not, and so does a step of a "
           "trial."},
      {.path = "stop_on",
       .place = &StudyOptions::stop_on,
       .help = "The metric by which a stopper and the best step of a trial go. It is reported at "
               "steps.",
       .null_says = "the first objective"},
      {.path = "max_trials",
       .place = &StudyOptions::max_trials,
       .help = "The most trials that the study has, failed ones and those of earlier searches "
               "included. Left out of a study file, an oracle that ends by itself (grid, "
               "hyperband) has no limit.",
       .low = 1,
       .null_says = "no limit"},
      {.path = "max_seconds",
       .place = &StudyOptions::max_seconds,
       .help =
           "The longest time that one search takes. Trials that run then are stopped at their next "
           "report.",
       .high = kSecondsMax,
       .null_says = "no limit"},
      {.path = "max_steps",
       .place = &StudyOptions::max_steps,
       .help = "The step, such as an epoch, at which a trial ends. The cost of a trial is "
               "proportional. A promoted trial that has done so many already keeps its score.",
       .low = 1,
       .null_says = "the model's own choice"},
      {.path = "executions_per_trial",
       .place = &StudyOptions::executions_per_trial,
       .help = "Runs of each trial, each with another seed; the score is the mean. "
               "More make a noisy objective more reliable and cost as much more.",
       .low = 1,
       .high = kRepeatsMax},
      {.path = "parallel_trials",
       .place = &StudyOptions::parallel_trials,
       .help = "Trials that run at the same time. Each needs memory of its own, and proposals "
               "are made without the results of those that run.",
       .low = 1,
       .high = kThreadsMax},
      {.path = "threads_per_trial",
       .place = &StudyOptions::threads_per_trial,
       .help = "Threads that a trial may use.",
       .low = 1,
       .high = kThreadsMax,
       .null_says = "the cores, divided by parallel_trials"},
      {.path = "devices",
       .place = &StudyOptions::devices,
       .help = "Names such as \"cuda:0\", dealt out among the trials that run at the same time. A "
               "trial holds its own while it runs, and the model is told them. A device "
               "that is named twice is shared by two."},
      {.path = "oracle",
       .place = &StudyOptions::oracle,
       .help = "The plugin that proposes hyperparameters.",
       .role = DODONA_ROLE_ORACLE},
      {.path = "stopper",
       .place = &StudyOptions::stopper,
       .help = "A plugin that stops trials which do not promise much. It needs a model that "
               "reports steps.",
       .null_says = "no trial is stopped early",
       .role = DODONA_ROLE_ORACLE},
      {.path = "hypermodel",
       .place = &StudyOptions::hypermodel,
       .help = "The plugin that builds, trains and scores a model for given hyperparameters.",
       .null_says = "the application's own",
       .role = DODONA_ROLE_HYPERMODEL},
      {.path = "isolation",
       .place = &StudyOptions::isolation,
       .help = "Where trials run: inline, in the process that searches, or process, each worker's "
               "in a process of its own. A model that crashes or exits there costs its trial, not "
               "the search, and so does one that hangs, with `trial_limits`. Takes a third of a "
               "millisecond a trial. Needs a plugin's hypermodel and the store sqlite.",
       .null_says = "as the plugin asks for",
       .choices = {"inline", "process"}},
      {.path = "runner.launch",
       .place = &StudyOptions::launch,
       .help =
           "The command that starts a runner, a program and its arguments, where trials run on "
           "other machines: such as [\"ssh\", \"-T\", \"{slot}\", \"exec {runner}\"] or "
           "[\"srun\", \"-n1\", \"{runner}\"]. It carries the runner's standard input and "
           "output. {runner} is the path of dodona-runner, which must be the same there, {slot} "
           "one of `runner.slots`, {study} the study's id. Implies \"isolation\": \"process\". "
           "Without it, runners are started on this machine."},
      {.path = "runner.slots",
       .place = &StudyOptions::slots,
       .help = "Places for runners, such as hosts or partitions, that fill {slot}. Each is used as "
               "often as it is listed, and again from the first one where there are more parallel "
               "trials."},
      {.path = "runner.idle_seconds",
       .place = &StudyOptions::idle_seconds,
       .help = "A runner for which the study has nothing to do is ended after so many seconds, so "
               "that others get its place.",
       .high = kSecondsMax,
       .null_says = "never"},
      {.path = "runner.beat_seconds",
       .place = &StudyOptions::beat_seconds,
       .help = "The time in seconds between two signs of life, both ways.",
       .low = 1,
       .high = kBeatMax},
      {.path = "runner.silence_seconds",
       .place = &StudyOptions::silence_seconds,
       .help =
           "A runner that gives no sign of life for so many seconds is lost, and its trial goes "
           "on in another one. It ends itself when it hears nothing of its owner for as long.",
       .high = kSecondsMax},
      {.path = "trial_limits.seconds",
       .place = &StudyOptions::max_trial_seconds,
       .help =
           "The longest time in seconds that one execution of a trial takes, over all its "
           "starts. At its next report it is told to stop, and the trial keeps its score. If it "
           "goes on all the same, its process is killed and the trial fails. Limits need "
           "isolation, but for `command`.",
       .high = kSecondsMax,
       .null_says = "no limit"},
      {.path = "trial_limits.step_seconds",
       .place = &StudyOptions::max_step_seconds,
       .help = "The longest time in seconds between two reports of a trial, or before its first "
               "one.",
       .high = kSecondsMax,
       .null_says = "no limit"},
      {.path = "trial_limits.memory_mb",
       .place = &StudyOptions::max_trial_memory_mb,
       .help = "The most memory that the processes of a trial take together. They are measured "
               "four times a second, so they may have taken more in between, but for a hard stop "
               "of a process at a quarter above.",
       .low = 1,
       .high = kMegabytesMax,
       .null_says = "no limit"},
      {.path = "trial_limits.output_mb",
       .place = &StudyOptions::max_trial_output_mb,
       .help = "The most that a trial writes on standard output and standard error together.",
       .low = 1,
       .high = kMegabytesMax,
       .null_says = "no limit"},
      {.path = "sinks",
       .place = &StudyOptions::sinks,
       .help = "Plugins that are told all that happens. No trial waits for them.",
       .role = DODONA_ROLE_SINK},
      {.path = "space",
       .place = &StudyOptions::space,
       .help = "Hyperparameters, a list in JSON. Where the hypermodel describes its own, an entry "
               "replaces the one of its name.",
       .form = Form::kSpace},
      {.path = "constraints",
       .place = &StudyOptions::constraints,
       .help = "Constraints that the values of every trial keep, such as \"units_0 >= units_1\" or "
               "\"optimizer == 'sgd' or momentum == 0\". A constraint holds where a hyperparameter "
               "that it names is not active. A name that is not a word stands in back quotes."},
      {.path = "allow_new_entries",
       .place = &StudyOptions::allow_new_entries,
       .help = "True if the hypermodel may have hyperparameters that `space` does not name. If it "
               "may not, the search fails and names them."},
      {.path = "tune_new_entries",
       .place = &StudyOptions::tune_new_entries,
       .help = "True if hyperparameters that `space` does not name are tuned. If not, they keep "
               "their defaults."},
      {.path = "warm_start",
       .place = &StudyOptions::warm_start,
       .help = "The project directory of another study, whose results the oracle is given at the "
               "start. They are no trials of this study.",
       .null_says = "none"},
      {.path = "initial",
       .place = &StudyOptions::initial,
       .help = "Values of trials that run first, each an object of names. A value that one leaves "
               "out is "
               "drawn."},
      {.path = "confirm",
       .place = &StudyOptions::confirm,
       .help =
           "The five best trials run so many times more before the study ends, with other seeds "
           "and beyond max_trials, until the best of them is told from the rest. The score of "
           "values that ran several times is the mean. For one noisy objective; it costs at "
           "most five times as many runs.",
       .high = kRepeatsMax,
       .null_says = "none"},
      {.path = "keep",
       .place = &StudyOptions::keep,
       .help = "Of how many of the best trials the trained model stays in the project's "
               "directory, or \"all\". 0 saves none, and a trial then takes no time to save its "
               "best step.",
       .form = Form::kOrAll},
      {.path = "checkpoint",
       .place = &StudyOptions::checkpoint,
       .help =
           "The whole state of a running trial is saved every so many seconds or steps, such as "
           "{\"seconds\": 60} or {\"steps\": 5}. A trial that was interrupted, or lost its "
           "process, goes on from there. Each time costs a save of the model. It takes the store "
           "sqlite, and a model that can be saved and loaded.",
       .high = kSecondsMax,
       .null_says = "never"},
      {.path = "schedule.lag",
       .place = &StudyOptions::lag,
       .help = "Proposal k is made from the results of exactly the trials 0 to k - lag. So any "
               "number of parallel trials up to the lag gives the same study. It costs waiting "
               "for slow trials.",
       .low = 1,
       .high = kThreadsMax,
       .null_says = "results count as they come"},
      {.path = "retry.max_retries_per_trial",
       .place = &StudyOptions::max_retries_per_trial,
       .help = "New attempts for a trial that fails, with the same values and another "
               "seed. A trial is not tried again where the model says that the values are invalid.",
       .high = kRepeatsMax},
      {.path = "retry.max_losses",
       .place = &StudyOptions::max_losses,
       .help =
           "So often a trial may lose the process that runs it, through no fault of its own, and "
           "go on in another one. Beyond that it fails.",
       .high = kRepeatsMax},
      {.path = "retry.max_consecutive_failed_trials",
       .place = &StudyOptions::max_consecutive_failed_trials,
       .help = "The search ends after so many failed trials in a row. Invalid trials do not count.",
       .low = 1,
       .high = kRepeatsMax,
       .null_says = "it never does"},
  };
}

// Options and space come as text, which an application may have got wrong.
json::value parsed(const std::string& text, const std::string& member) {
  return base::parse_json(text, "StudyOptions." + member).root;
}

json::value to_json(const PluginUse& use, const std::string& member) {
  return json::object{{"plugin", use.plugin},
                      {"options", parsed(use.options, member + ".options")}};
}

// Without a direction where none is given and the name does not say it.
json::object to_json(const Objective& objective) {
  json::object out;
  if (!objective.sum.empty()) {
    json::array& terms = out["sum"].emplace_array();
    for (const Objective& term : objective.sum) terms.push_back(to_json(term));
    return out;
  }
  out["name"] = objective.name;
  const auto direction =
      objective.direction ? objective.direction : metric_direction(objective.name);
  if (direction) out["direction"] = *direction == Direction::kMax ? "max" : "min";
  return out;
}

// One function for each alternative of KeyPlace. A number of 0 and an empty text are null where
// null has a meaning.
struct Writer {
  const Key& key;
  const StudyOptions& options;

  json::value operator()(bool flag) const { return json::value(flag); }
  json::value operator()(const std::string& text) const {
    if (key.form == Form::kSpace) {
      const base::JsonDocument list = base::parse_json(text, "StudyOptions." + key.path);
      return space_to_json(parse_space(base::JsonReader(list)));
    }
    return text.empty() && !key.null_says.empty() ? json::value() : json::value(text);
  }
  json::value operator()(std::uint64_t number) const {
    if (key.form == Form::kOrAll && number == StudyOptions::kKeepAll) return json::value("all");
    return number == 0 && !key.null_says.empty() ? json::value() : json::value(number);
  }
  json::value operator()(std::uint32_t number) const { return (*this)(std::uint64_t{number}); }
  json::value operator()(const std::optional<std::uint64_t>& number) const {
    return number ? json::value(*number) : json::value();
  }
  json::value operator()(double number) const {
    return number == 0.0 ? json::value() : json::value(number);
  }
  json::value operator()(const std::vector<std::string>& texts) const {
    return json::array(texts.begin(), texts.end());
  }
  json::value operator()(const Objective& objective) const {
    if (options.objectives.empty()) return to_json(objective);
    json::array list;
    for (const Objective& each : options.objectives) list.push_back(to_json(each));
    return list;
  }
  json::value operator()(const PluginUse& use) const { return to_json(use, key.path); }
  json::value operator()(const std::optional<PluginUse>& use) const {
    return use ? to_json(*use, key.path) : json::value();
  }
  json::value operator()(const std::vector<PluginUse>& uses) const {
    json::array list;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      list.push_back(to_json(uses[i], base::join_path(key.path, i)));
    }
    return list;
  }
  json::value operator()(const std::optional<Objective>& metric) const {
    return metric ? json::value(to_json(*metric)) : json::value();
  }
  json::value operator()(const std::optional<Checkpoint>& every) const {
    const bool unwritten = options.store == "memory" && every == StudyOptions().checkpoint;
    if (!every || unwritten) return nullptr;
    if (every->steps > 0) return json::object{{"steps", every->steps}};
    return json::object{{"seconds", every->seconds}};
  }
  json::value operator()(const std::vector<MetricLimit>& limits) const {
    json::array list;
    for (const MetricLimit& limit : limits) {
      json::object& object = list.emplace_back(json::object()).get_object();
      object["metric"] = limit.metric;
      if (limit.min) object["min"] = *limit.min;
      if (limit.max) object["max"] = *limit.max;
    }
    return list;
  }
  json::value operator()(const std::vector<NamedValues>& trials) const {
    json::array list;
    for (const NamedValues& values : trials) {
      json::object& object = list.emplace_back(json::object()).get_object();
      for (const auto& [name, value] : values) object[name] = document::to_json(value);
    }
    return list;
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
  if (group == "runner") return "where trials run that have processes of their own";
  if (group == "trial_limits") return "what a trial may take of the machine";
  if (group == "retry") return "what happens after trials that fail";
  return group == "schedule" ? "in which order results count" : "";
}

json::value key_value(const Key& key, const StudyOptions& options) {
  return std::visit([&](auto member) { return Writer{key, options}(options.*member); }, key.place);
}

std::string file_name_problem(std::string_view text) {
  if (text.empty()) return "is empty; it should be a name";
  if (text == "." || text == "..") return "is " + base::quote(text) + "; it should be a name";
  if (text.find('/') != std::string_view::npos) {
    return base::quote(text) + " has a slash; `directory` says where the project lies";
  }
  if (text.size() > kFileNameMax) {
    return base::quote(std::string(text.substr(0, kShownMax)) + "...") + " has " +
           std::to_string(text.size()) + " bytes; a name has at most " +
           std::to_string(kFileNameMax);
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return control ? base::quote(text) + " has a control character" : "";
}

}  // namespace dodona::document
