// SPDX-License-Identifier: Apache-2.0
#include "host/rows.hpp"

#include "base/text.hpp"
#include "host/table.hpp"
#include "host/text.hpp"

#include <dodona/constraint.hpp>

#include <algorithm>
#include <utility>

namespace dodona::host {
namespace {

using Given = std::optional<HyperParameterValue>;

constexpr const char* kFacts[] = {"trial",     "state",   "outcome", "score",    "rank",
                                  "best_step", "spread",  "runs",    "expected", "deviation",
                                  "budget",    "attempt", "losses",  "seconds",  "message"};

bool is_fact(std::string_view name) {
  return std::find(std::begin(kFacts), std::end(kFacts), name) != std::end(kFacts);
}

Given of(std::uint64_t number) {
  return HyperParameterValue(static_cast<std::int64_t>(number));
}

Given of(const std::optional<double>& number) {
  return number ? Given(*number) : std::nullopt;
}

Given of(const std::string& text) {
  return text.empty() ? std::nullopt : Given(text);
}

Given fact(const Result& trial, std::string_view name) {
  if (name == "trial") return of(trial.trial);
  if (name == "state") return of(std::string(to_text(trial.state)));
  if (name == "outcome") return of(trial.outcome);
  if (name == "score") return of(trial.score);
  if (name == "rank") return trial.rank ? of(*trial.rank) : std::nullopt;
  if (name == "best_step") return trial.best_step > 0 ? of(trial.best_step) : std::nullopt;
  if (name == "spread") return of(trial.spread);
  if (name == "runs") return of(std::uint64_t{trial.runs});
  if (name == "expected") return of(trial.expected);
  if (name == "deviation") return of(trial.deviation);
  if (name == "budget") return of(trial.budget);
  if (name == "attempt") return of(std::uint64_t{trial.attempt});
  if (name == "losses") return of(std::uint64_t{trial.losses});
  if (name == "message") return of(headline(trial.message));
  const bool timed = trial.started_unix_nanos > 0 && trial.finished_unix_nanos > 0;
  if (!timed) return std::nullopt;
  return 1e-9 * static_cast<double>(trial.finished_unix_nanos - trial.started_unix_nanos);
}

template <class T>
const T* find(const std::vector<std::pair<std::string, T>>& entries, std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == entries.end() ? nullptr : &found->second;
}

Given value(const Result& trial, std::string_view name) {
  const HyperParameterValue* found = trial.values.find(name);
  return found == nullptr ? std::nullopt : Given(*found);
}
Given metric(const Result& trial, std::string_view name) {
  const double* found = find(trial.metrics, name);
  return found == nullptr ? std::nullopt : Given(*found);
}
Given note(const Result& trial, std::string_view name) {
  const std::string* found = find(trial.notes, name);
  return found == nullptr ? std::nullopt : Given(*found);
}

// All names that some trial has.
std::vector<std::string> names_of(const std::vector<Result>& trials) {
  std::vector<std::string> names(std::begin(kFacts), std::end(kFacts));
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Result& trial : trials) {
    for (const auto& entry : trial.values.entries()) add(entry.first);
    for (const auto& score : trial.scores) add(score.first);
    for (const auto& each : trial.metrics) add(each.first);
    for (const auto& each : trial.notes) add(each.first);
  }
  return names;
}

void check_name(const std::vector<Result>& trials, const std::string& name, const char* option) {
  if (is_fact(name)) return;
  const auto has = [&](const Result& trial) { return named(trial, name).has_value(); };
  if (trials.empty() || std::any_of(trials.begin(), trials.end(), has)) return;
  throw Error(DODONA_E_INVALID, std::string(option) + ": no trial has " + base::quote(name) +
                                    base::did_you_mean(name, names_of(trials)));
}

Operand operand_of(const HyperParameterValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return {static_cast<double>(*whole), {}};
  }
  if (const auto* real = std::get_if<double>(&value)) return {*real, {}};
  if (const auto* truth = std::get_if<bool>(&value)) return {*truth ? 1.0 : 0.0, {}};
  return {0.0, std::get<std::string>(value)};
}

OperandKind kind_of(const HyperParameterValue& value) {
  if (std::holds_alternative<std::string>(value)) return OperandKind::kText;
  return std::holds_alternative<bool>(value) ? OperandKind::kTruth : OperandKind::kNumber;
}

void keep_where(std::vector<Result>& trials, const std::string& expression) {
  if (trials.empty()) return;
  try {
    const Constraint where(expression);
    std::vector<std::optional<OperandKind>> kinds;
    for (const std::string& name : where.names()) {
      check_name(trials, name, "--where");
      kinds.emplace_back();
      for (const Result& trial : trials) {
        if (const Given given = named(trial, name)) kinds.back() = kind_of(*given);
        if (kinds.back()) break;
      }
    }
    where.check(kinds);
    std::erase_if(trials, [&](const Result& trial) {
      std::vector<HyperParameterValue> values;
      for (std::size_t i = 0; i < where.names().size(); ++i) {
        Given given = named(trial, where.names()[i]);
        if (!given || (kinds[i] && kind_of(*given) != *kinds[i])) return true;
        values.push_back(std::move(*given));
      }
      return where.evaluate([&](std::size_t i) -> std::optional<Operand> {
        return operand_of(values[i]);
      }) != Finding::kHolds;
    });
  } catch (const Error& error) {
    const std::string text = error.what();
    throw Error(error.code(), text.starts_with("--where") ? text : "--where: " + text);
  }
}

bool less(const HyperParameterValue& a, const HyperParameterValue& b) {
  const Operand left = operand_of(a);
  const Operand right = operand_of(b);
  return left.number != right.number ? left.number < right.number : left.text < right.text;
}

void sort_by(std::vector<Result>& trials, std::string name) {
  const bool greatest_first = name.starts_with('-');
  if (greatest_first) name.erase(0, 1);
  check_name(trials, name, "--sort");
  std::stable_sort(trials.begin(), trials.end(), [&](const Result& a, const Result& b) {
    const Given left = named(a, name);
    const Given right = named(b, name);
    if (!left || !right) return left.has_value() && !right.has_value();
    return greatest_first ? less(*right, *left) : less(*left, *right);
  });
}

std::string state_mistake(const std::string& text) {
  const std::vector<std::string> states = {"waiting", "running", "completed",
                                           "stopped", "failed",  "invalid"};
  if (std::find(states.begin(), states.end(), text) != states.end()) return "";
  return base::quote(text) + " is no state" + base::did_you_mean(text, states) +
         "; there are waiting, running, completed, stopped, failed and invalid";
}

}  // namespace

void add_choice(CLI::App& command, RowChoice& choice) {
  command
      .add_option("--state", choice.states,
                  "Only trials in one of these states, such as completed,stopped")
      ->type_name("STATE,...")
      ->option_text("STATE,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(state_mistake, ""));
  command
      .add_option("--where", choice.where,
                  "Only trials for which an expression holds, such as \"lr < 0.01 and "
                  "state == 'completed'\"; written as the constraints of a study file are")
      ->type_name("EXPR")
      ->option_text("EXPR");
  command
      .add_option("--sort", choice.sort,
                  "In the order of a value, a metric, score, seconds or another column; -NAME: the "
                  "greatest first")
      ->type_name("NAME")
      ->option_text("NAME");
  command
      .add_option("--columns", choice.columns,
                  "These columns alone, such as trial,score,lr; values.NAME, metrics.NAME and "
                  "notes.NAME where one name has several meanings")
      ->type_name("NAME,...")
      ->option_text("NAME,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->excludes("--json");
}

Given named(const Result& trial, std::string_view name) {
  const auto after = [&](std::string_view group) {
    return name.starts_with(group) ? std::optional(name.substr(group.size())) : std::nullopt;
  };
  if (is_fact(name)) return fact(trial, name);
  if (Given found = value(trial, name)) return found;
  if (const auto* score = find(trial.scores, name)) return of(*score);
  if (Given found = metric(trial, name)) return found;
  if (Given found = note(trial, name)) return found;
  if (const auto rest = after("values.")) return value(trial, *rest);
  if (const auto rest = after("metrics.")) return metric(trial, *rest);
  if (const auto rest = after("notes.")) return note(trial, *rest);
  return std::nullopt;
}

std::vector<Result> chosen(std::vector<Result> trials, const RowChoice& choice) {
  for (const std::string& name : choice.columns) check_name(trials, name, "--columns");
  if (!choice.where.empty()) keep_where(trials, choice.where);
  if (!choice.states.empty()) {
    std::erase_if(trials, [&](const Result& trial) {
      return std::find(choice.states.begin(), choice.states.end(), to_text(trial.state)) ==
             choice.states.end();
    });
  }
  if (!choice.sort.empty()) sort_by(trials, choice.sort);
  const std::uint64_t count = choice.count.empty() ? 0 : std::stoull(choice.count);
  if (count == 0 || count >= trials.size()) return trials;
  // Without an order of their own, the newest.
  const auto end = trials.end() - static_cast<std::ptrdiff_t>(count);
  if (choice.sort.empty()) trials.erase(trials.begin(), end);
  trials.resize(count);
  return trials;
}

std::string columns_text(const std::vector<Result>& trials, const std::vector<std::string>& names,
                         std::size_t width_max) {
  std::vector<Table::Column> columns;
  for (const std::string& name : names) {
    const bool words = std::any_of(trials.begin(), trials.end(), [&](const Result& trial) {
      const Given given = named(trial, name);
      return given && kind_of(*given) != OperandKind::kNumber;
    });
    columns.push_back(
        {one_line(name), words ? Table::Align::kLeft : Table::Align::kRight, Table::Role::kKey});
  }
  Table table(std::move(columns));
  for (const Result& trial : trials) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      const Given given = named(trial, name);
      cells.push_back(given ? shown(*given) : "");
    }
    table.add(std::move(cells));
  }
  return table.fitted(width_max);
}

}  // namespace dodona::host
