// SPDX-License-Identifier: Apache-2.0
#include "document/document.hpp"

#include "base/file.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/keys.hpp"
#include "document/launch.hpp"
#include "document/metric_direction.hpp"
#include "document/space_entries.hpp"
#include "plugin/options.hpp"
#include "plugin/search_path.hpp"
#include "space/constraints.hpp"
#include "space/definition.hpp"

#include <dodona/tuner.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace dodona::document {
namespace {

namespace json = boost::json;

// ---- the value of a key ------------------------------------------------------------------------

std::string null_note(const Key& key) {
  return key.null_says.empty() ? "" : " (null: " + key.null_says + ")";
}

void check_bounds(const Key& key, const base::JsonReader& at, const std::string& shown, bool below,
                  bool above) {
  if (!below && !above) return;
  at.fail(shown + " is " + (below ? "below the smallest value, " : "above the largest value, ") +
          std::to_string(below ? key.low : key.high) + null_note(key));
}

std::uint64_t read_whole(const Key& key, const base::JsonReader& at) {
  const json::value& value = at.value();
  if (!value.is_int64() && !value.is_uint64()) at.fail_kind("an integer" + null_note(key));
  const bool negative = value.is_int64() && value.get_int64() < 0;
  const std::uint64_t number =
      value.is_uint64() ? value.get_uint64() : static_cast<std::uint64_t>(value.get_int64());
  check_bounds(key, at, base::to_text(value), negative || number < key.low,
               !negative && number > key.high);
  return number;
}

double read_real(const Key& key, const base::JsonReader& at) {
  const std::optional<double> number = base::as_real(at.value());
  if (!number) at.fail_kind("a number" + null_note(key));
  const std::string shown = base::format_real(*number);
  if (!(*number > 0.0)) at.fail(shown + " is not above 0" + null_note(key));
  check_bounds(key, at, shown, false, *number > static_cast<double>(key.high));
  return *number;
}

std::string read_text(const Key& key, const base::JsonReader& at) {
  if (!key.choices.empty()) return key.choices[at.word(key.choices)];
  std::string text(at.string());
  if (text.empty()) at.fail("is empty");
  if (text.find('\0') != std::string::npos) at.fail("has a character of code 0");
  const bool directory = key.path == "directory" || key.path == "warm_start";
  if (const auto meant = base::home_expanded(text); directory && meant) {
    at.fail(base::quote(text) + " begins with ~, which only a shell expands; give " +
            base::quote(*meant));
  }
  const std::string problem = key.form == Form::kFileName ? file_name_problem(text) : "";
  if (!problem.empty()) at.fail(problem);
  return text;
}

Direction read_direction(const base::JsonReader& at) {
  static const std::vector<std::string> kWords = {"min", "max"};
  return at.word(kWords) == 0 ? Direction::kMin : Direction::kMax;
}

Objective read_term(const base::JsonReader& at) {
  static const std::vector<std::string> kKeys = {"name", "direction"};
  const json::value& value = at.value();
  if (!value.is_string() && !value.is_object()) {
    at.fail_kind("the name of a metric or an object of name and direction");
  }
  if (value.is_object()) {
    if (value.get_object().contains("sum")) at.fail("is a sum within a sum; give all its terms");
    at.allow(kKeys);
  }
  const base::JsonReader name = value.is_object() ? at.required("name") : at;
  const std::string metric(name.string());
  if (metric.empty()) name.fail("is empty; it should be the name of a metric");
  if (value.is_object() && value.get_object().contains("direction")) {
    return {metric, read_direction(at.required("direction"))};
  }
  const auto known = metric_direction(metric);
  if (known) return {metric, *known};
  const std::string quoted = base::quote(metric);
  at.fail("it is not known whether less or more of " + quoted + R"( is better; give {"name": )" +
          quoted + R"(, "direction": "min"}, or "max")");
}

// Different metrics, one at least.
std::vector<Objective> read_terms(const base::JsonReader& list, const char* meant) {
  std::vector<Objective> terms;
  for (std::size_t i = 0; i < list.array().size(); ++i) {
    Objective term = read_term(list.element(i));
    for (const Objective& other : terms) {
      if (other.name == term.name) list.element(i).fail(base::quote(term.name) + " stands twice");
    }
    terms.push_back(std::move(term));
  }
  if (terms.empty()) list.fail(std::string("is empty; it should be ") + meant);
  return terms;
}

Objective read_objective(const base::JsonReader& at) {
  static const std::vector<std::string> kKeys = {"sum"};
  if (!at.value().is_object() || !at.value().get_object().contains("sum")) return read_term(at);
  at.allow(kKeys);
  return Objective::sum_of(read_terms(at.required("sum"), "metrics whose sum decides"));
}

// One objective, or a list of several. The first one of a list stands in `objective` too.
void read_objectives(const base::JsonReader& at, StudyOptions& options) {
  options.objectives.clear();
  if (at.value().is_array()) {
    std::vector<Objective> all = read_terms(at, "the metrics that decide, or one of them alone");
    options.objective = all.front();
    if (all.size() > 1) options.objectives = std::move(all);
  } else {
    options.objective = read_objective(at);
  }
}

// The direction of a metric that is an objective too is that of the objective.
Objective read_stop_on(const base::JsonReader& at, const StudyOptions& options) {
  const bool named = at.value().is_string();
  for (const Objective& each : all_objectives(options)) {
    if (named && each.sum.empty() && each.name == at.string()) return each;
  }
  return read_term(at);
}

double read_bound(const base::JsonReader& at) {
  const double bound = at.real();
  if (!std::isfinite(bound)) at.fail("is not a finite number");
  return bound;
}

MetricLimit read_limit(const base::JsonReader& at) {
  static const std::vector<std::string> kKeys = {"metric", "min", "max"};
  at.allow(kKeys);
  MetricLimit limit;
  const base::JsonReader metric = at.required("metric");
  limit.metric = metric.string();
  if (limit.metric.empty()) metric.fail("is empty; it should be the name of a metric");
  if (const auto low = at.member("min")) limit.min = read_bound(*low);
  if (const auto high = at.member("max")) limit.max = read_bound(*high);
  if (!limit.min && !limit.max) {
    at.fail("has no bound; give min or max, for example {\"metric\": " + base::quote(limit.metric) +
            ", \"max\": 5}");
  }
  if (limit.min && limit.max && *limit.min > *limit.max) {
    at.required("min").fail(base::format_real(*limit.min) + " is above max, " +
                            base::format_real(*limit.max) + "; no trial could keep it");
  }
  return limit;
}

std::vector<MetricLimit> read_limits(const base::JsonReader& list) {
  std::vector<MetricLimit> limits;
  for (std::size_t i = 0; i < list.array().size(); ++i) {
    MetricLimit limit = read_limit(list.element(i));
    for (const MetricLimit& other : limits) {
      if (other.metric != limit.metric) continue;
      list.element(i).fail("the metric " + base::quote(limit.metric) +
                           " has two limits; give min and max in one");
    }
    limits.push_back(std::move(limit));
  }
  return limits;
}

Checkpoint read_checkpoint(const Key& key, const base::JsonReader& at) {
  static const std::vector<std::string> kKeys = {"steps", "seconds"};
  at.allow(kKeys);
  if (at.object().size() != 1) {
    at.fail(std::string(at.object().empty() ? "says neither steps nor seconds"
                                            : "says both steps and seconds") +
            "; give one of them, for example {\"seconds\": 60}");
  }
  Checkpoint checkpoint;
  Key of_steps = key;
  of_steps.low = 1;
  if (const auto steps = at.member("steps")) checkpoint.steps = read_whole(of_steps, *steps);
  if (const auto seconds = at.member("seconds")) checkpoint.seconds = read_real(key, *seconds);
  return checkpoint;
}

// The choice of a plugin that is there, its options checked and completed. Both stand at `path`, or
// would stand there; the name at `name_path`.
PluginUse checked_choice(const Key& key, const base::JsonDocument& document,
                         const std::string& path, const std::string& name_path,
                         const std::string& name, const json::object& options,
                         const plugin::Catalogue& catalogue) {
  const plugin::Descriptor* found = nullptr;
  try {
    found = &catalogue.find(key.role, name);
  } catch (const Error& error) {
    // The same, and where.
    throw Error(error.code(), document.error_at(name_path, error.what()).what());
  }
  const json::value given(options);
  const base::JsonReader at(document, given, base::join_path(path, "options"));
  return {name, base::to_text(plugin::check_options(*found, at))};
}

PluginUse read_plugin(const Key& key, const base::JsonReader& at,
                      const plugin::Catalogue& catalogue) {
  static const std::vector<std::string> kKeys = {"plugin", "options"};
  const bool object = at.value().is_object();
  if (!object && !at.value().is_string()) {
    at.fail_kind("the name of a plugin or an object of plugin and options");
  }
  if (object) at.allow(kKeys);
  const base::JsonReader name = object ? at.required("plugin") : at;
  const auto options = object ? at.member("options") : std::nullopt;
  return checked_choice(key, at.document(), at.path(), name.path(), std::string(name.string()),
                        options ? options->object() : json::object(), catalogue);
}

NamedValues read_values(const base::JsonReader& at) {
  NamedValues values;
  for (const json::key_value_pair& member : at.object()) {
    const base::JsonReader value = at.required(member.key());
    values.emplace_back(std::string(member.key()), read_scalar(value));
  }
  return values;
}

// Writes the value at hand into the options: one function for each alternative of KeyPlace.
struct KeyReader {
  const Key& key;
  const base::JsonReader& at;
  const plugin::Catalogue& catalogue;
  StudyOptions& options;

  bool null() const { return at.value().is_null() && !key.null_says.empty(); }

  void operator()(bool& out) const { out = at.boolean(); }
  void operator()(std::string& out) const {
    if (key.form == Form::kSpace) {
      out = base::to_text(space_to_json(parse_space(at)));
    } else {
      out = null() ? "" : read_text(key, at);
    }
  }
  void operator()(std::uint64_t& out) const {
    const bool all = at.value().is_string() && at.value().get_string() == "all";
    if (key.form == Form::kOrAll && !all && !at.value().is_number()) {
      at.fail_kind("a whole number or \"all\"");
    }
    if (null()) {
      out = 0;
    } else {
      out = key.form == Form::kOrAll && all ? StudyOptions::kKeepAll : read_whole(key, at);
    }
  }
  void operator()(std::uint32_t& out) const {
    out = null() ? 0 : static_cast<std::uint32_t>(read_whole(key, at));
  }
  void operator()(std::optional<std::uint64_t>& out) const {
    out = null() ? std::nullopt : std::optional(read_whole(key, at));
  }
  void operator()(double& out) const { out = null() ? 0.0 : read_real(key, at); }
  void operator()(std::vector<std::string>& out) const {
    out.clear();
    for (std::size_t i = 0; i < at.array().size(); ++i) {
      out.push_back(read_text(key, at.element(i)));
    }
  }
  void operator()(Objective&) const { read_objectives(at, options); }
  void operator()(std::optional<Objective>& out) const {
    out = null() ? std::nullopt : std::optional(read_stop_on(at, options));
  }
  void operator()(std::vector<MetricLimit>& out) const { out = read_limits(at); }
  void operator()(std::optional<Checkpoint>& out) const {
    out = null() ? std::nullopt : std::optional(read_checkpoint(key, at));
  }
  void operator()(PluginUse& out) const { out = read_plugin(key, at, catalogue); }
  void operator()(std::optional<PluginUse>& out) const {
    out = null() ? std::nullopt : std::optional(read_plugin(key, at, catalogue));
  }
  void operator()(std::vector<PluginUse>& out) const {
    out.clear();
    for (std::size_t i = 0; i < at.array().size(); ++i) {
      out.push_back(read_plugin(key, at.element(i), catalogue));
    }
  }
  void operator()(std::vector<NamedValues>& out) const {
    out.clear();
    for (std::size_t i = 0; i < at.array().size(); ++i) out.push_back(read_values(at.element(i)));
  }
};

// ---- the document ------------------------------------------------------------------------------

// Editors find a file's schema by it; the study does not.
constexpr const char* kSchemaKey = "$schema";

// The names that stand in a group, or, for the empty group, at the top: groups too.
std::vector<std::string> names_in(std::string_view group) {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    const std::string_view name = key.group() == group                    ? key.name()
                                  : group.empty() && !key.group().empty() ? key.group()
                                                                          : "";
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.emplace_back(name);
  }
  return names;
}

void check_names(const base::JsonReader& root) {
  if (!root.value().is_object()) root.fail_kind("an object: {\"max_trials\": 10, ...}");
  for (const json::key_value_pair& member : root.object()) {
    for (const Key& key : keys()) {
      if (key.group().empty() || key.name() != std::string_view(member.key())) continue;
      root.fail_key(member.key(), "there is no key " + base::quote(member.key()) +
                                      " here (did you mean " + base::quote(key.path) + "?)");
    }
  }
  std::vector<std::string> names = names_in("");
  names.emplace_back(kSchemaKey);
  root.allow(names);
  if (const auto schema = root.member(kSchemaKey)) schema->string();
  for (const Key& key : keys()) {
    const auto group = key.group().empty() ? std::nullopt : root.member(key.group());
    if (group) group->allow(names_in(key.group()));
  }
}

std::optional<base::JsonReader> find(const base::JsonReader& root, const Key& key) {
  if (key.group().empty()) return root.member(key.path);
  const auto group = root.member(key.group());
  return group ? group->member(key.name()) : std::nullopt;
}

json::object to_json(const StudyOptions& options) {
  json::value root = json::object();
  for (const Key& key : keys()) base::set_at(root, key.path, key_value(key, options));
  return root.get_object();
}

// ---- keys that must fit each other -------------------------------------------------------------

// Two sinks of one plugin would write the same files.
void check_sinks(const base::JsonReader& root, const StudyOptions& options,
                 const plugin::Catalogue& catalogue) {
  const auto id_of = [&](const PluginUse& use) {
    return catalogue.find(DODONA_ROLE_SINK, use.plugin).id;
  };
  for (std::size_t i = 0; i < options.sinks.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const PluginUse& sink = options.sinks[i];
      const PluginUse& before = options.sinks[k];
      if (sink.options != before.options || id_of(sink) != id_of(before)) continue;
      root.required("sinks").element(i).fail(
          "is the same as " + base::join_path("sinks", k) +
          ": the same plugin with the same options; remove one, or give it other options");
    }
  }
}

// Names that `space` does not have may be the hypermodel's: they are checked once it is asked.
void check_initial(const base::JsonReader& root, const StudyOptions& options) {
  if (options.initial.empty()) return;
  const std::vector<space::Override> entries = space_of(options);
  const base::JsonReader list = root.required("initial");
  for (std::size_t i = 0; i < options.initial.size(); ++i) {
    for (const auto& [name, value] : options.initial[i]) {
      const Param* given = nullptr;
      bool legal = false;
      for (const space::Override& entry : entries) {
        if (entry.param.name != name) continue;
        given = &entry.param;
        legal = legal || cell_of(entry.param, value).has_value();
      }
      if (legal || given == nullptr) continue;
      const base::JsonReader at = list.element(i).required(name);
      at.fail(base::to_text(at.value()) + " is not a value of " + space::to_text(*given));
    }
  }
}

void check_runner(const base::JsonReader& runner, const StudyOptions& options) {
  if (const auto launch = runner.member("launch"); launch && !options.launch.empty()) {
    const std::string fault = fault_of(options.launch, !options.slots.empty());
    if (!fault.empty()) launch->fail(fault);
    if (options.isolation == "inline") {
      launch->fail("starts runners, and \"isolation\" is \"inline\"; leave one of them out");
    }
    if (options.store == "memory") {
      launch->fail("needs the store sqlite, as trials elsewhere need a directory");
    }
  }
  if (const auto slots = runner.member("slots");
      slots && !options.slots.empty() && options.launch.empty()) {
    slots->fail("is for a command that starts runners; give \"launch\", too");
  }
  if (options.silence_seconds > options.beat_seconds) return;
  const auto given = runner.member("silence_seconds");
  (given ? *given : runner.required("beat_seconds"))
      .fail("leaves no time: silence_seconds is " + base::to_text(options.silence_seconds) +
            " and beat_seconds " + base::to_text(options.beat_seconds) +
            ", which must be less, or every runner is taken for lost");
}

// A process of its own has the study's files in common with this one, and nothing else.
void check_isolation(const base::JsonReader& root, const StudyOptions& options) {
  if (const auto runner = root.member("runner")) check_runner(*runner, options);
  if (options.isolation != "process" || options.store != "memory") return;
  root.required("isolation")
      .fail(
          "\"process\" needs the store sqlite, as the trials of other processes need a directory; "
          "give \"inline\", or another store than memory");
}

// Names that `space` does not have may be the hypermodel's, as in check_initial().
void check_constraints(const base::JsonReader& root, const StudyOptions& options) {
  if (options.constraints.empty()) return;
  std::vector<Param> given;
  for (const space::Override& entry : space_of(options)) given.push_back(entry.param);
  const base::JsonReader list = root.required("constraints");
  for (std::size_t i = 0; i < options.constraints.size(); ++i) {
    try {
      space::check_constraint(Constraint(options.constraints[i]), given, space::Names::kOpen);
    } catch (const Error& error) {
      list.element(i).fail(error.what());
    }
  }
}

// Without a key there is none where nothing is written.
void check_checkpoint(const base::JsonReader& root, StudyOptions& options) {
  if (options.store != "memory") return;
  const auto given = root.member("checkpoint");
  if (given && options.checkpoint) {
    given->fail(
        "the store is memory, which writes nothing, so no state of a trial can be saved; "
        "leave checkpoint out, or give store \"sqlite\"");
  }
  options.checkpoint = std::nullopt;
}

// ---- --set -------------------------------------------------------------------------------------

// The first = that is not within a quoted key.
std::size_t find_equals(std::string_view set) {
  bool quoted = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set[i] == '=' && !quoted) return i;
    if (set[i] == '"') quoted = !quoted;
    if (set[i] == '\\' && quoted) ++i;
  }
  return std::string_view::npos;
}

// The value of --set for a key whose values are texts: 2024 is a fine project_name.
json::value set_value(std::string_view path, std::string_view text) {
  json::value value = base::parse_scalar_or_json(text);
  for (const Key& key : keys()) {
    const bool is_text = std::holds_alternative<std::string StudyOptions::*>(key.place) &&
                         key.form != Form::kSpace && (key.null_says.empty() || !value.is_null());
    if (is_text && key.path == path && !value.is_string()) return json::value(text);
  }
  return value;
}

// Makes room below a plugin that is given by its name alone, or not at all where it has a default.
void expand_plugin(base::JsonDocument& document, std::string_view path) {
  const auto expand = [](json::value& given) {
    if (given.is_string()) given = json::object{{"plugin", given}};
  };
  for (const Key& key : keys()) {
    if (key.role.empty() || !document.root.is_object()) continue;
    json::object& root = document.root.get_object();
    json::value* given = root.if_contains(key.path);
    if (path.starts_with(key.path + ".")) {
      const auto* single = std::get_if<PluginUse StudyOptions::*>(&key.place);
      if (given == nullptr && single != nullptr)
        given = &(root[key.path] = (StudyOptions().**single).plugin);
      if (given != nullptr) expand(*given);
    } else if (path.starts_with(key.path + "[") && given != nullptr && given->is_array()) {
      for (json::value& each : given->get_array()) expand(each);
    }
  }
}

std::vector<std::string> oracles_of_objectives(const plugin::Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const plugin::Descriptor* each : catalogue.list()) {
    const bool takes = (each->flags & DODONA_FLAG_OBJECTIVES) != 0;
    if (takes && each->role == DODONA_ROLE_ORACLE) names.push_back(each->name);
  }
  return names;
}

}  // namespace

StudyOptions parse_document(const base::JsonDocument& document, const plugin::Catalogue& catalogue,
                            Plugins plugins) {
  const base::JsonReader root(document);
  check_names(root);
  StudyOptions options;
  for (const Key& key : keys()) {
    const auto at = find(root, key);
    const auto* plugin = std::get_if<PluginUse StudyOptions::*>(&key.place);
    if (!at && plugin != nullptr && plugins == Plugins::kAll) {
      PluginUse& choice = options.**plugin;  // the default must be there too
      choice = checked_choice(key, document, key.path, key.path, choice.plugin, {}, catalogue);
    }
    if (!at) continue;
    std::visit(
        [&](auto member) {
          KeyReader{key, *at, catalogue, options}(options.*member);
        },
        key.place);
  }
  check_sinks(root, options, catalogue);
  check_initial(root, options);
  check_constraints(root, options);
  check_checkpoint(root, options);
  check_isolation(root, options);
  if (options.confirm > 0 && !options.objectives.empty()) {
    root.required("confirm").fail("is for one objective, and there are " +
                                  std::to_string(options.objectives.size()) +
                                  ": of a front no trial is the best");
  }
  if (!options.devices.empty() && options.parallel_trials > options.devices.size()) {
    const std::size_t count = options.devices.size();
    root.required("devices").fail(
        "names " + std::to_string(count) + (count == 1 ? " device" : " devices") +
        ", and each of the " + std::to_string(options.parallel_trials) +
        " parallel_trials needs one; a device that two may share is named twice");
  }
  for (const char* name : {"allow_new_entries", "tune_new_entries"}) {
    const auto at = root.member(name);
    if (!at || at->boolean() || !space_of(options).empty()) continue;
    at->fail("false leaves nothing to tune without `space`; give the hyperparameters there");
  }
  if (plugins == Plugins::kNamed && !root.member("oracle")) return options;
  const auto flags = catalogue.find(DODONA_ROLE_ORACLE, options.oracle.plugin).flags;
  if (!options.objectives.empty() && (flags & DODONA_FLAG_OBJECTIVES) == 0) {
    root.required("objective")
        .fail("the oracle " + base::quote(options.oracle.plugin) +
              " takes one objective; several are taken by " +
              base::alternatives(oracles_of_objectives(catalogue)));
  }
  if ((flags & DODONA_FLAG_ENDS) != 0 && !root.member("max_trials")) options.max_trials = 0;
  return options;
}

std::string document_text(const StudyOptions& options) {
  return base::to_pretty_text(to_json(options));
}

study::Objective objective_of(std::string_view document) {
  const base::JsonDocument parsed = base::parse_json(document, "study document");
  StudyOptions options;
  const base::JsonReader root(parsed);
  read_objectives(root.required("objective"), options);
  // Logs of before have neither.
  if (const auto limits = root.member("limits")) options.limits = read_limits(*limits);
  const auto stop_on = root.member("stop_on");
  if (stop_on && !stop_on->value().is_null()) options.stop_on = read_stop_on(*stop_on, options);
  return objective_of(options);
}

StudyOptions plain_options_of(std::string_view document, const std::string& log) {
  StudyOptions options;
  read_logged(document, log, [&](const base::JsonDocument& parsed) {
    const base::JsonReader root(parsed);
    const plugin::Catalogue none;
    for (const Key& key : keys()) {
      const auto at = key.role.empty() ? find(root, key) : std::nullopt;
      if (!at) continue;
      std::visit(
          [&](auto member) {
            KeyReader{key, *at, none, options}(options.*member);
          },
          key.place);
    }
  });
  return options;
}

void read_logged(std::string_view document, const std::string& log,
                 const std::function<void(base::JsonDocument&)>& function) {
  try {
    base::JsonDocument parsed = base::parse_json(document, "study document");
    function(parsed);
  } catch (const Error& error) {
    if (error.code() != DODONA_E_INVALID) throw;
    throw Error(DODONA_E_IO, "cannot use the " + std::string(error.what()) + "; it lies in " +
                                 base::quote(log) +
                                 ", which is damaged or of another version of dodona or its "
                                 "plugins; restore the file from a copy, or use that version");
  }
}

StudyOptions checked(const StudyOptions& options, const plugin::Catalogue& catalogue) {
  // As if it had come from a file: one set of checks.
  base::JsonDocument document;
  document.root = to_json(options);
  document.file = "StudyOptions";
  return parse_document(document, catalogue);
}

void apply_sets(base::JsonDocument& document, const std::vector<std::string>& sets) {
  for (const std::string& set : sets) {
    const std::size_t equals = find_equals(set);
    if (equals == std::string::npos || equals == 0) {
      throw Error(DODONA_E_INVALID,
                  "--set " + set + ": should be path=value, for example max_trials=5");
    }
    if (!base::is_utf8(set)) {
      throw Error(DODONA_E_INVALID, "--set " + base::quote(set) + ": should be UTF-8");
    }
    const std::string path = set.substr(0, equals);
    try {
      expand_plugin(document, path);
      document.set(path, set_value(path, std::string_view(set).substr(equals + 1)), "--set " + set);
    } catch (const Error& error) {
      throw Error(error.code(), "--set " + set + ": " + error.what());
    }
  }
}

Objective to_facade(const study::Objective& objective) {
  Objective result(objective.name, static_cast<Direction>(objective.direction));
  for (const study::ObjectiveTerm& term : objective.sum) result.sum.push_back(to_facade(term));
  return result;
}

std::vector<Objective> all_to_facade(const study::Objective& objective) {
  std::vector<Objective> all{to_facade(objective)};
  for (const study::ObjectiveTerm& other : objective.others) all.push_back(to_facade(other));
  return all;
}

study::Objective to_study(const Objective& objective) {
  const auto term_of = [](const Objective& from) {
    const auto direction = from.direction ? from.direction : metric_direction(from.name);
    return study::ObjectiveTerm{from.name,
                                static_cast<study::Direction>(direction.value_or(Direction::kMin))};
  };
  study::Objective result(term_of(objective));
  for (const Objective& term : objective.sum) result.sum.push_back(term_of(term));
  return result;
}

study::Objective objective_of(const StudyOptions& options) {
  study::Objective objective = to_study(options.objective);
  for (std::size_t i = 1; i < options.objectives.size(); ++i) {
    objective.others.push_back(to_study(options.objectives[i]));
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const MetricLimit& limit : options.limits) {
    objective.limits.push_back(
        {limit.metric, limit.min.value_or(-infinity), limit.max.value_or(infinity)});
  }
  if (options.stop_on) objective.stop_on = to_study(*options.stop_on);
  return objective;
}

std::vector<Objective> all_objectives(const StudyOptions& options) {
  return options.objectives.empty() ? std::vector{options.objective} : options.objectives;
}

std::vector<space::Override> space_of(const StudyOptions& options) {
  const base::JsonDocument document = base::parse_json(options.space, "StudyOptions.space");
  return parse_space(base::JsonReader(document));
}

plugin::Catalogue catalogue_of(const PluginSources& sources) {
  plugin::Catalogue catalogue(plugin::search_directories(sources.directories, sources.defaults,
                                                         plugin::Environment::current()));
  for (const dodona_module* module : sources.modules) catalogue.add(module);
  for (const ApplicationObject& object : sources.objects) {
    catalogue.add(object.module.get(), object.create);
  }
  return catalogue;
}

}  // namespace dodona::document

namespace dodona {

namespace {

base::JsonDocument read_document(const std::string& path, const std::vector<std::string>& sets) {
  std::string text;
  try {
    text = base::read_file(path);
  } catch (const Error& error) {
    throw Error(DODONA_E_INVALID, error.what());  // a wrong name, not a broken disk
  }
  base::JsonDocument document = base::parse_json(text, path);
  document::apply_sets(document, sets);
  return document;
}

TunerOptions options_from(const base::JsonDocument& document, const PluginSources& plugins) {
  TunerOptions options;
  options.study = document::parse_document(document, document::catalogue_of(plugins));
  options.plugins = plugins;
  return options;
}

}  // namespace

TunerOptions read_study_file(const std::string& path, const std::vector<std::string>& sets,
                             const PluginSources& plugins, boundary::SameBuild) {
  return options_from(read_document(path, sets), plugins);
}

TunerOptions read_ask_tell_file(const std::string& path, const std::vector<std::string>& sets,
                                const PluginSources& plugins, boundary::SameBuild) {
  base::JsonDocument document = read_document(path, sets);
  if (document.root.is_object()) document.root.as_object().erase("hypermodel");
  TunerOptions options = options_from(document, plugins);
  if (options.study.space != "[]") return options;
  throw document.error_at("",
                          "space is missing: which hyperparameters are there? for example "
                          "\"space\": [{\"name\": \"x\", \"type\": \"float\", "
                          "\"min_value\": 0, \"max_value\": 1}]");
}

}  // namespace dodona
