// SPDX-License-Identifier: Apache-2.0
#include "journal_lines.hpp"

#include "common/text/json_text.hpp"

#include <dodona/convert.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <variant>

namespace optuna {
namespace {

using dodona::Param;
using dodona::ParamType;
using dodona::view;
using dodona::common::JsonText;
using dodona::common::Objective;

// The constants of Optuna.
enum Operation : std::int64_t {
  kCreateStudy = 0,
  kStudySystemAttribute = 3,
  kCreateTrial = 4,
  kTrialParam = 5,
  kTrialState = 6,
  kIntermediateValue = 7,
  kTrialUserAttribute = 8,
  kTrialSystemAttribute = 9,
};
enum State : std::int64_t { kRunning = 0, kComplete = 1, kPruned = 2, kFail = 3 };

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Local time without a zone, as Optuna writes it.
std::string time_text(std::int64_t unix_nanos) {
  std::int64_t nanos = unix_nanos % kNanosPerSecond;
  std::time_t seconds = unix_nanos / kNanosPerSecond;
  if (nanos < 0) nanos += kNanosPerSecond, --seconds;  // before 1970
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char date[32];
  const std::size_t size = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06d", static_cast<int>(nanos / 1000));
  return std::string(date, size) + fraction;
}

void put_value(JsonText& json, const dodona::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json.text(*text);
  if (const auto* real = std::get_if<double>(&value)) return json.real(*real);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return json.whole(*whole);
  json.boolean(std::get<bool>(value));
}

// The definition as Optuna writes it: JSON within a string.
std::string distribution(const Param& param) {
  std::string text;
  JsonText json(text);
  const bool log = param.sampling == dodona::Sampling::kLog;
  const auto begin = [&](std::string_view name) {
    json.open('{');
    json.key("name");
    json.text(name);
    json.key("attributes");
    json.open('{');
  };
  switch (param.type) {
    case ParamType::kInt:
      begin("IntDistribution");
      json.key("log");
      json.boolean(log);
      json.key("step");  // Optuna's log sampling has none but 1
      json.whole(!log && param.step ? param.step->whole() : 1);
      json.key("low");
      json.whole(param.low.whole());
      json.key("high");
      json.whole(param.high.whole());
      break;
    case ParamType::kFloat:
      begin("FloatDistribution");
      json.key("step");
      if (!log && param.step) {
        json.real(param.step->real());
      } else {
        json.null();
      }
      json.key("low");
      json.real(param.low.real());
      json.key("high");
      json.real(param.high.real());
      json.key("log");
      json.boolean(log);
      break;
    default:
      begin("CategoricalDistribution");
      json.key("choices");
      json.open('[');
      if (param.type == ParamType::kBoolean) {
        json.boolean(false);
        json.boolean(true);
      }
      for (const dodona::Value& choice : param.choices) put_value(json, choice);
      json.close(']');
  }
  json.close('}');
  json.close('}');
  return text;
}

// A number for the value: of a category, its place.
double internal(const Param& param, const dodona_value& value) {
  const dodona::Cell cell = dodona::cell_of(param, value).value_or(param.initial);
  switch (param.type) {
    case ParamType::kFloat:
      return cell.real();
    case ParamType::kFixed:
      return 0.0;
    default:
      return static_cast<double>(cell.whole());
  }
}

class Writer {
 public:
  Writer(const dodona_event& event, const Study& study, const dodona::Space& space)
      : event_(event), study_(study), space_(space) {}

  // The operations, in order.
  std::vector<std::string> lines() {
    if (const auto* created = dodona::body_of<dodona_created_event>(event_)) put(*created);
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event_)) put(*proposed);
    if (const auto* started = dodona::body_of<dodona_started_event>(event_)) put(*started);
    if (const auto* filled = dodona::body_of<dodona_filled_event>(event_)) put(*filled);
    if (const auto* reported = dodona::body_of<dodona_reported_event>(event_)) put(*reported);
    if (const auto* noted = dodona::body_of<dodona_noted_event>(event_)) put(*noted);
    if (const auto* finished = dodona::body_of<dodona_finished_event>(event_)) put(*finished);
    return std::move(lines_);
  }

 private:
  // Members of an operation after its code; write(json) adds the others.
  template <class Write>
  void operation(Operation code, Write&& write) {
    std::string line;
    JsonText json(line);
    json.open('{');
    json.key("op_code");
    json.whole(code);
    write(json);
    json.close('}');
    lines_.push_back(std::move(line));
  }
  template <class Write>
  void of_trial(Operation code, Write&& write) {
    operation(code, [&](JsonText& json) {
      json.key("trial_id");
      json.natural(event_.trial);
      write(json);
    });
  }
  template <class Write>
  void attribute(Operation code, const char* kind, std::string_view key, Write&& write) {
    of_trial(code, [&](JsonText& json) {
      json.key(kind);
      json.open('{');
      json.key(key);
      write(json);
      json.close('}');
    });
  }
  void user_attribute(std::string_view key, std::string_view text) {
    attribute(kTrialUserAttribute, "user_attr", key, [&](JsonText& json) { json.text(text); });
  }

  void put(const dodona_created_event&) {
    operation(kCreateStudy, [&](JsonText& json) {
      json.key("study_name");
      json.text(study_.name);
      json.key("directions");
      json.open('[');
      for (const Objective& each : study_.objectives) json.whole(each.maximizes ? 2 : 1);
      json.close(']');
    });
    operation(kStudySystemAttribute, [&](JsonText& json) {
      json.key("study_id");
      json.whole(0);
      json.key("system_attr");
      json.open('{');
      json.key("study:metric_names");
      json.open('[');
      for (const Objective& each : study_.objectives) json.text(each.name);
      json.close(']');
      json.close('}');
    });
  }

  void put(const dodona_proposed_event& body) {
    const auto assignments = dodona::list(body.assignments);
    const auto& params = space_.params();
    operation(kCreateTrial, [&](JsonText& json) {
      json.key("study_id");
      json.whole(0);
      json.key("state");
      json.whole(kRunning);
      json.key("datetime_start");
      json.text(time_text(event_.unix_nanos));
      json.key("distributions");
      json.open('{');
      for (const dodona_assignment& each : assignments) {
        if (each.param >= params.size()) continue;
        json.key(params[each.param].name);
        json.text(distribution(params[each.param]));
      }
      json.close('}');
      json.key("params");
      json.open('{');
      for (const dodona_assignment& each : assignments) {
        if (each.param >= params.size()) continue;
        json.key(params[each.param].name);
        json.real(internal(params[each.param], each.value));
      }
      json.close('}');
    });
  }

  void put(const dodona_started_event& body) {
    const bool known = DODONA_KNOWS(&body, dodona_started_event, runner);
    if (known && body.runner.size > 0) user_attribute("runner", view(body.runner));
  }

  void put(const dodona_filled_event& body) {
    if (body.assignment.param >= space_.size()) return;
    const Param& param = space_.params()[body.assignment.param];
    of_trial(kTrialParam, [&](JsonText& json) {
      json.key("param_name");
      json.text(param.name);
      json.key("param_value_internal");
      json.real(internal(param, body.assignment.value));
      json.key("distribution");
      json.text(distribution(param));
    });
  }

  // Optuna has intermediate values of a single objective alone.
  void put(const dodona_reported_event& body) {
    const double objective = dodona::first_of(body.objectives);
    if (study_.objectives.size() != 1 || !std::isfinite(objective)) return;
    of_trial(kIntermediateValue, [&](JsonText& json) {
      json.key("step");
      json.natural(body.step);
      json.key("intermediate_value");
      json.real(study_.objectives.front().natural(objective));
    });
  }

  void put(const dodona_noted_event& body) {
    if (event_.trial != DODONA_NO_TRIAL) user_attribute(view(body.key), view(body.value));
  }

  void put(const dodona_finished_event& body) {
    for (const dodona_metric& metric : dodona::list(body.metrics)) {
      attribute(kTrialUserAttribute, "user_attr", view(metric.name),
                [&](JsonText& json) { json.real(metric.value); });
    }
    if (body.message.size > 0) user_attribute("message", view(body.message));
    const bool limited = study_.has_limits && DODONA_KNOWS(&body, dodona_finished_event, excesses);
    if (limited && body.excesses.size > 0) {
      attribute(kTrialSystemAttribute, "system_attr", "constraints", [&](JsonText& json) {
        json.open('[');
        for (const double excess : dodona::list(body.excesses)) json.real(excess);
        json.close(']');
      });
    }
    const auto objectives = dodona::list(body.objectives);
    bool scored = objectives.size() >= study_.objectives.size();
    for (const double each : objectives) scored = scored && std::isfinite(each);
    const State state = !scored                          ? kFail
                        : body.state == DODONA_COMPLETED ? kComplete
                        : body.state == DODONA_STOPPED   ? kPruned
                                                         : kFail;
    of_trial(kTrialState, [&](JsonText& json) {
      json.key("state");
      json.whole(body.state == DODONA_STOPPED ? kPruned : state);
      json.key("values");
      if (state == kFail) {
        json.null();
      } else {
        json.open('[');
        for (std::size_t i = 0; i < study_.objectives.size(); ++i) {
          json.real(study_.objectives[i].natural(objectives[i]));
        }
        json.close(']');
      }
      json.key("datetime_complete");
      json.text(time_text(event_.unix_nanos));
    });
  }

  const dodona_event& event_;
  const Study& study_;
  const dodona::Space& space_;
  std::vector<std::string> lines_;
};

// A number and the character after it.
std::optional<std::uint64_t> number(std::string_view& text, char after) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto read = static_cast<std::size_t>(end - text.data());
  if (code != std::errc() || read >= text.size() || *end != after) return std::nullopt;
  text.remove_prefix(read + 1);
  return value;
}

}  // namespace

std::optional<std::uint64_t> last_of(std::string_view line) {
  constexpr std::size_t id = 32;
  if (!line.starts_with(kLineStart) || !line.ends_with('}')) return std::nullopt;
  line.remove_prefix(kLineStart.size());
  if (line.size() <= id || line[id] != '-') return std::nullopt;
  line.remove_prefix(id + 1);
  const auto sequence = number(line, '-');
  if (!sequence) return std::nullopt;
  const auto left = number(line, '"');
  return left == 0 ? sequence : std::nullopt;
}

void append_lines(const dodona_event& event, const Study& study, const dodona::Space& space,
                  std::string& out) {
  const std::vector<std::string> lines = Writer(event, study, space).lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    out += kLineStart;
    out += study.id + '-' + std::to_string(event.sequence) + '-' +
           std::to_string(lines.size() - i - 1) + "\",";
    out += std::string_view(lines[i]).substr(1);
  }
}

}  // namespace optuna
