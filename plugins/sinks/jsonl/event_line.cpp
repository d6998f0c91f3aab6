// SPDX-License-Identifier: Apache-2.0
#include "event_line.hpp"

#include "common/text/json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <system_error>

namespace jsonl {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

using dodona::view;

class LineWriter {
 public:
  LineWriter(const Context& context, std::string& out) : context_(context), json_(out) {}

  void write(const dodona_event& event) {
    json_.open('{');
    json_.key("sequence");
    json_.natural(event.sequence);
    json_.key("time");
    json_.text(time_text(event.unix_nanos));
    if (event.trial != DODONA_NO_TRIAL) natural("trial", event.trial);
    json_.key("type");
    body(event);
    json_.close('}');
  }

 private:
  void body(const dodona_event& event) {
    if (const auto* created = dodona::body_of<dodona_created_event>(event)) return put(*created);
    if (const auto* configured = dodona::body_of<dodona_configured_event>(event)) {
      return put(*configured);
    }
    if (const auto* grown = dodona::body_of<dodona_space_grown_event>(event)) return put(*grown);
    if (const auto* enqueued = dodona::body_of<dodona_enqueued_event>(event)) return put(*enqueued);
    if (const auto* imported = dodona::body_of<dodona_imported_event>(event)) return put(*imported);
    if (const auto* noted = dodona::body_of<dodona_noted_event>(event)) return put(*noted);
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event)) return put(*proposed);
    if (const auto* started = dodona::body_of<dodona_started_event>(event)) return put(*started);
    if (const auto* filled = dodona::body_of<dodona_filled_event>(event)) return put(*filled);
    if (const auto* reported = dodona::body_of<dodona_reported_event>(event)) return put(*reported);
    if (const auto* finished = dodona::body_of<dodona_finished_event>(event)) return put(*finished);
    if (const auto* stopped = dodona::body_of<dodona_stopped_event>(event)) return put(*stopped);
    if (const auto* lost = dodona::body_of<dodona_lost_event>(event)) return put(*lost);
    json_.text("type " + std::to_string(event.type));
  }

  void put(const dodona_created_event& body) {
    json_.text("created");
    natural("seed", body.seed);
    text("version", body.version);
    if (!DODONA_KNOWS(&body, dodona_created_event, study_id)) return;
    word("study", dodona::common::to_hex(body.study_id));
  }
  void put(const dodona_configured_event& body) {
    json_.text("configured");
    json_.key("document");
    json_.json(view(body.document));
    if (!DODONA_KNOWS(&body, dodona_configured_event, plugin_count)) return;
    json_.key("plugins");
    json_.open('[');
    for (std::uint64_t i = 0; i < body.plugin_count; ++i) identity(*body.plugins[i]);
    json_.close(']');
  }
  void put(const dodona_space_grown_event& body) {
    json_.text("space_grown");
    json_.key("hyperparameters");
    json_.open('[');
    for (std::uint64_t i = 0; i < body.count; ++i) definition(*body.params[i]);
    json_.close(']');
    if (!DODONA_KNOWS(&body, dodona_space_grown_event, constraints)) return;
    if (body.constraints.size == 0) return;
    json_.key("constraints");
    json_.open('[');
    for (std::uint64_t i = 0; i < body.constraints.size; ++i) {
      json_.text(dodona::view(body.constraints.data[i]));
    }
    json_.close(']');
  }
  void put(const dodona_enqueued_event& body) {
    json_.text("enqueued");
    values(body.assignments);
  }
  void put(const dodona_imported_event& body) {
    json_.text("imported");
    word("state", state_word(body.state));
    values(body.assignments);
    metrics(body.metrics);
    score(body.objectives);
    if (DODONA_KNOWS(&body, dodona_imported_event, excesses)) excess(body.excesses);
    text("source", body.source);
    if (body.source_trial != DODONA_NO_TRIAL) natural("source_trial", body.source_trial);
  }
  void put(const dodona_noted_event& body) {
    json_.text("noted");
    text("key", body.key);
    text("value", body.value);
  }
  void put(const dodona_proposed_event& body) {
    json_.text("proposed");
    values(body.assignments);
    if (body.budget != 0) natural("budget", body.budget);
    if (body.resume_of != DODONA_NO_TRIAL) natural("resume_of", body.resume_of);
    const bool repeats =
        DODONA_KNOWS(&body, dodona_proposed_event, repeat_of) && body.repeat_of != DODONA_NO_TRIAL;
    if (repeats) natural("repeat_of", body.repeat_of);
    if (body.tag != 0) natural("tag", body.tag);
    natural("seen", body.seen);
    if (body.enqueued != UINT64_MAX) natural("enqueued", body.enqueued);
    if (body.note.size == 0) return;
    json_.key("note");
    json_.json(view(body.note));
  }
  void put(const dodona_started_event& body) {
    json_.text("started");
    natural("execution", body.execution);
    natural("attempt", body.attempt);
    if (!DODONA_KNOWS(&body, dodona_started_event, runner)) return;
    if (body.start_step != UINT64_MAX) natural("start_step", body.start_step);
    if (body.runner.size > 0) text("runner", body.runner);
  }
  void put(const dodona_filled_event& body) {
    json_.text("filled");
    values({&body.assignment, 1});
  }
  void put(const dodona_reported_event& body) {
    json_.text("reported");
    natural("execution", body.execution);
    natural("step", body.step);
    metrics(body.metrics);
    score(body.objectives);
    if (DODONA_KNOWS(&body, dodona_reported_event, excesses)) excess(body.excesses);
    word("verdict", verdict_word(body.verdict));
  }
  void put(const dodona_finished_event& body) {
    json_.text("finished");
    word("state", state_word(body.state));
    values(body.assignments);
    metrics(body.metrics);
    score(body.objectives);
    if (DODONA_KNOWS(&body, dodona_finished_event, excesses)) excess(body.excesses);
    natural("best_step", body.best_step);
    if (body.message.size > 0) text("message", body.message);
    if (!DODONA_KNOWS(&body, dodona_finished_event, executions)) return;
    word("outcome", outcome_word(body.outcome));
    if (std::isnan(body.seconds)) return;
    json_.key("seconds");
    json_.real(body.seconds);
  }
  void put(const dodona_stopped_event& body) {
    json_.text("stopped");
    text("reason", body.reason);
  }
  void put(const dodona_lost_event& body) {
    json_.text("lost");
    natural("execution", body.execution);
    text("why", body.why);
  }

  // ---- parts of bodies -------------------------------------------------------------------------

  void identity(const dodona_plugin_identity& plugin) {
    json_.open('{');
    text("role", plugin.role);
    text("id", plugin.id);
    text("version", plugin.version);
    if (plugin.build_id.size > 0) text("build_id", plugin.build_id);
    json_.close('}');
  }
  void natural(std::string_view key, std::uint64_t number) {
    json_.key(key);
    json_.natural(number);
  }
  void text(std::string_view key, dodona_str value) { word(key, view(value)); }
  void word(std::string_view key, std::string_view value) {
    json_.key(key);
    json_.text(value);
  }

  void value(const dodona_value& value) {
    switch (value.kind) {
      case DODONA_INT:
        json_.whole(value.as.i);
        break;
      case DODONA_DOUBLE:
        json_.real(value.as.d);
        break;
      case DODONA_BOOL:
        json_.boolean(value.as.i != 0);
        break;
      case DODONA_STRING:
        json_.text(view(value.as.s));
        break;
      default:
        json_.null();
    }
  }
  void member(std::string_view key, const dodona_value& what) {
    if (what.kind == 0) return;
    json_.key(key);
    value(what);
  }
  void list(const dodona_value* items, std::uint64_t count) {
    json_.open('[');
    for (std::uint64_t i = 0; i < count; ++i) value(items[i]);
    json_.close(']');
  }

  void values(dodona_assignment_span assignments) {
    json_.key("values");
    json_.open('{');
    const auto& params = context_.space.params();
    for (const dodona_assignment& each : dodona::list(assignments)) {
      if (each.param >= params.size()) continue;
      json_.key(params[each.param].name);
      value(each.value);
    }
    json_.close('}');
  }

  void metrics(dodona_metric_span metrics) {
    json_.key("metrics");
    json_.open('{');
    for (const dodona_metric& metric : dodona::list(metrics)) {
      json_.key(view(metric.name));
      json_.real(metric.value);
    }
    json_.close('}');
  }

  void score(dodona_number_span objectives) {
    const std::vector<dodona::common::Objective>& known = context_.objectives;
    json_.key("score");
    number(dodona::first_of(objectives), !known.empty() && known.front().maximizes);
    if (known.size() < 2 || objectives.size < known.size()) return;
    json_.key("scores");
    json_.open('{');
    for (std::size_t i = 0; i < known.size(); ++i) {
      json_.key(known[i].name);
      number(objectives.data[i], known[i].maximizes);
    }
    json_.close('}');
  }
  // Of each limit, by its metric.
  void excess(dodona_number_span excesses) {
    const std::vector<dodona::Limit>& known = context_.limits;
    if (known.empty() || excesses.size < known.size()) return;
    json_.key("excess");
    json_.open('{');
    for (std::size_t i = 0; i < known.size(); ++i) {
      json_.key(known[i].metric);
      number(excesses.data[i], false);
    }
    json_.close('}');
  }
  void number(double objective, bool maximizes) {
    if (std::isnan(objective)) return json_.null();
    json_.real(maximizes ? -objective : objective);
  }

  // A definition, with the keys that a study file has for it.
  void definition(const dodona_param& param) {
    json_.open('{');
    text("name", param.name);
    word("type", type_word(param.type));
    member("min_value", param.low);
    member("max_value", param.high);
    member("step", param.step);
    if (param.sampling == DODONA_LOG) word("sampling", "log");
    if (param.sampling == DODONA_REVERSE_LOG) word("sampling", "reverse_log");
    if (param.type == DODONA_PARAM_FIXED && param.choice_count == 1) {
      member("value", param.choices[0]);
    } else {
      if (param.type == DODONA_PARAM_CHOICE) {
        json_.key("values");
        list(param.choices, param.choice_count);
      }
      member("default", param.initial);
    }
    conditions(param);
    json_.close('}');
  }

  void conditions(const dodona_param& param) {
    if (param.condition_count == 0) return;
    json_.key("when");
    json_.open('{');
    for (std::uint64_t i = 0; i < param.condition_count; ++i) {
      json_.key(view(param.conditions[i].parent));
      list(param.conditions[i].values, param.conditions[i].count);
    }
    json_.close('}');
  }

  static std::string_view type_word(dodona_param_type type) {
    switch (type) {
      case DODONA_PARAM_INT:
        return "int";
      case DODONA_PARAM_FLOAT:
        return "float";
      case DODONA_PARAM_CHOICE:
        return "choice";
      case DODONA_PARAM_BOOLEAN:
        return "boolean";
      case DODONA_PARAM_FIXED:
        return "fixed";
      default:
        return "unknown";
    }
  }
  static std::string_view state_word(dodona_trial_state state) {
    switch (state) {
      case DODONA_WAITING:
        return "waiting";
      case DODONA_RUNNING:
        return "running";
      case DODONA_COMPLETED:
        return "completed";
      case DODONA_STOPPED:
        return "stopped";
      case DODONA_FAILED:
        return "failed";
      case DODONA_INVALID:
        return "invalid";
      default:
        return "unknown";
    }
  }
  static std::string_view outcome_word(dodona_outcome outcome) {
    static constexpr std::string_view kWords[] = {"ok",   "model_error", "crash",  "exit",
                                                  "time", "silence",     "memory", "output",
                                                  "lost", "infeasible"};
    const bool known = outcome >= DODONA_OUTCOME_OK && outcome <= DODONA_OUTCOME_INFEASIBLE;
    return known ? kWords[outcome - DODONA_OUTCOME_OK] : "model_error";
  }
  static std::string_view verdict_word(dodona_verdict verdict) {
    switch (verdict) {
      case DODONA_CONTINUE:
        return "continue";
      case DODONA_STOP_TRIAL:
        return "stop_trial";
      case DODONA_STOP_STUDY:
        return "stop_study";
      default:
        return "unknown";
    }
  }

  static std::string time_text(std::int64_t unix_nanos) {
    std::int64_t nanos = unix_nanos % kNanosPerSecond;
    std::time_t seconds = unix_nanos / kNanosPerSecond;
    if (nanos < 0) nanos += kNanosPerSecond, --seconds;  // before 1970
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32];
    const std::size_t size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    char fraction[16];
    std::snprintf(fraction, sizeof fraction, ".%09dZ", static_cast<int>(nanos));
    return std::string(date, size) + fraction;
  }

  const Context& context_;
  dodona::common::JsonText json_;
};

}  // namespace

std::optional<std::uint64_t> sequence_of(std::string_view line) {
  if (line.substr(0, kLineStart.size()) != kLineStart || line.back() != '}') return std::nullopt;
  std::uint64_t sequence = 0;
  const char* begin = line.data() + kLineStart.size();
  const auto [end, code] = std::from_chars(begin, line.data() + line.size(), sequence);
  if (code != std::errc() || *end != ',') return std::nullopt;
  return sequence;
}

void append_line(const dodona_event& event, const Context& context, std::string& out) {
  LineWriter(context, out).write(event);
}

}  // namespace jsonl
