// SPDX-License-Identifier: Apache-2.0
#include "import/optuna_space.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "import/python_json.hpp"
#include "space/definition.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace dodona::import {
namespace {

namespace json = boost::json;
using Kind = OptunaDistribution::Kind;

// An int whose values a condition may list.
constexpr std::uint64_t kParentValuesMax = 64;

const char* word_of(Kind kind) {
  switch (kind) {
    case Kind::kFloat:
      return "a float";
    case Kind::kInt:
      return "an int";
    case Kind::kCategorical:
      break;
  }
  return "categorical";
}

// A number as a whole one where all of a list are.
Value number_value(double number, bool whole) {
  if (whole) return static_cast<std::int64_t>(number);
  return number;
}

bool is_whole(const json::value& value) {
  return value.is_int64();
}

}  // namespace

OptunaSpace::OptunaSpace(const OptunaFile& file, const OptunaStudy& study,
                         std::vector<std::string>& notes)
    : file_(file) {
  for (const OptunaTrial& trial : study.trials) {
    for (const OptunaParam& param : trial.params) {
      const OptunaDistribution& distribution = file.distributions[param.distribution];
      const auto [place, is_new] = places_.try_emplace(param.name, sources_.size());
      if (is_new) {
        sources_.push_back({trial.where, distribution, {param.distribution}});
        continue;
      }
      Source& source = sources_[place->second];
      auto& known = source.distributions;
      if (std::find(known.begin(), known.end(), param.distribution) != known.end()) continue;
      known.push_back(param.distribution);
      join(source, param.name, distribution, trial.where, notes);
    }
  }
  std::vector<const std::string*> names(sources_.size());
  for (const auto& [name, place] : places_) names[place] = &name;
  choice_texts_.resize(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) define(*names[i], sources_[i], notes);
  find_conditions(study, notes);
}

std::optional<std::size_t> OptunaSpace::find(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

// Makes the source hold the other distribution, too.
void OptunaSpace::join(Source& source, const std::string& name, const OptunaDistribution& other,
                       const std::string& where, std::vector<std::string>& notes) {
  OptunaDistribution& all = source.all;
  if (other.kind != all.kind || other.log != all.log) {
    const auto told = [](const OptunaDistribution& each) {
      return std::string(word_of(each.kind)) + (each.log ? " with log" : "");
    };
    throw Error(DODONA_E_INVALID, where + ": " + base::quote(name) + " is " + told(other) +
                                      ", and in " + source.where + " it is " + told(all) +
                                      "; a study has one definition of a hyperparameter");
  }
  if (all.kind == Kind::kCategorical) {
    for (const json::value& choice : other.choices) {
      const auto& known = all.choices;
      if (std::find(known.begin(), known.end(), choice) == known.end()) {
        all.choices.push_back(choice);
      }
    }
  } else {
    const double shift = other.low - all.low;
    const double step = all.step;
    const double off = step > 0 ? shift / step - std::round(shift / step) : 0.0;
    if (all.step != other.step || std::abs(off) > 1e-9) all.step = all.kind == Kind::kInt ? 1 : 0;
    all.low = std::min(all.low, other.low);
    all.high = std::max(all.high, other.high);
  }
  const std::string note = base::quote(name) + " has different ranges; it has all of them now";
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
}

void OptunaSpace::define(const std::string& name, const Source& source,
                         std::vector<std::string>& notes) {
  const OptunaDistribution& all = source.all;
  Param param;
  param.name = name;
  if (all.kind == Kind::kCategorical) {
    define_choices(param, source, notes);
  } else {
    const bool is_int = all.kind == Kind::kInt;
    const auto cell = [&](double number) {
      return is_int ? Cell::whole(static_cast<std::int64_t>(number)) : Cell::real(number);
    };
    param.type = is_int ? ParamType::kInt : ParamType::kFloat;
    param.low = param.initial = cell(all.low);
    param.high = cell(all.high);
    if (all.log) param.sampling = Sampling::kLog;
    // A log distribution of Optuna has no other step than 1.
    if (all.step > 0 && !all.log && !(is_int && all.step == 1)) param.step = cell(all.step);
  }
  try {
    space::check(param);
  } catch (const Error& error) {
    throw Error(error.code(), source.where + ": " + error.what());
  }
  params_.push_back(std::move(param));
}

void OptunaSpace::define_choices(Param& param, const Source& source,
                                 std::vector<std::string>& notes) {
  const std::vector<json::value>& choices = source.all.choices;
  const auto all = [&](auto&& test) { return std::all_of(choices.begin(), choices.end(), test); };
  const auto is_bool = [](const json::value& value) { return value.is_bool(); };
  const auto is_text = [](const json::value& value) {
    return value.is_string() && !python_number(value);
  };
  const auto is_number = [](const json::value& value) {
    const auto known = python_number(value);
    return known && std::isfinite(*known);
  };
  param.type = choices.size() == 1 ? ParamType::kFixed : ParamType::kChoice;
  std::vector<std::string>& texts = choice_texts_[params_.size()];
  for (const json::value& choice : choices) texts.push_back(base::to_text(choice));
  if (choices.size() == 2 && all(is_bool) && choices[0] != choices[1]) {
    param.type = ParamType::kBoolean;
    texts = {"false", "true"};
    return;
  }
  const bool whole = all(is_whole);
  std::set<std::string> plain;
  for (const json::value& choice : choices) plain.insert(plain_text(choice));
  for (const json::value& choice : choices) {
    Value value;
    if (all(is_number)) {
      value = number_value(*python_number(choice), whole);
      param.ordered = true;
    } else if (all(is_bool)) {
      value = choice.get_bool();
    } else {
      // With the quotes of JSON where "1" and 1 are both there.
      value = plain.size() == choices.size() ? plain_text(choice) : base::to_text(choice);
    }
    param.choices.push_back(std::move(value));
  }
  if (all(is_number) || all(is_bool) || all(is_text)) return;
  std::string list;
  for (const Value& value : param.choices)
    list += (list.empty() ? "" : ", ") + space::to_text(value);
  notes.push_back("the choices of " + base::quote(param.name) +
                  " are of several types; they are texts now: " + list);
}

std::optional<Cell> OptunaSpace::cell(std::size_t index, const OptunaParam& param) const {
  const Param& definition = params_[index];
  const OptunaDistribution& own = file_.distributions[param.distribution];
  if (own.kind == Kind::kCategorical) {
    const double count = static_cast<double>(own.choices.size());
    if (!(param.value >= 0 && param.value < count)) return std::nullopt;
    return cell(index, own.choices[static_cast<std::size_t>(param.value)]);
  }
  if (own.kind == Kind::kFloat) return cell_of(definition, param.value);
  const double rounded = std::round(param.value);
  if (!(std::abs(rounded) <= 0x1p53)) return std::nullopt;
  return cell_of(definition, static_cast<std::int64_t>(rounded));
}

std::optional<Cell> OptunaSpace::cell(std::size_t index, const json::value& value) const {
  const Param& definition = params_[index];
  if (sources_[index].all.kind == Kind::kCategorical) {
    const std::vector<std::string>& texts = choice_texts_[index];
    const auto found = std::find(texts.begin(), texts.end(), base::to_text(value));
    if (found == texts.end()) return std::nullopt;
    return Cell::whole(found - texts.begin());
  }
  const auto number = python_number(value);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  if (definition.type == ParamType::kFloat) return cell_of(definition, *number);
  if (std::abs(*number) > 0x1p53) return std::nullopt;
  return cell_of(definition, static_cast<std::int64_t>(*number));
}

void OptunaSpace::find_conditions(const OptunaStudy& study, std::vector<std::string>& notes) {
  const std::size_t count = study.trials.size();
  cells_.assign(params_.size(), std::vector<std::optional<Cell>>(count));
  for (std::size_t t = 0; t < count; ++t) {
    for (const OptunaParam& param : study.trials[t].params) {
      const std::size_t place = places_.find(param.name)->second;
      cells_[place][t] = cell(place, param);
    }
  }
  for (std::size_t child = 0; child < params_.size(); ++child) {
    std::vector<bool> has(count);
    std::vector<bool> lacks(count);  // a trial that did not complete may not have come so far
    for (std::size_t t = 0; t < count; ++t) {
      has[t] = cells_[child][t].has_value();
      lacks[t] = !has[t] && study.trials[t].state == OptunaState::kComplete;
    }
    if (std::find(lacks.begin(), lacks.end(), true) == lacks.end()) continue;
    // A choice is the likelier reason; else a count, such as that of layers.
    for (const bool counts : {false, true}) {
      for (std::size_t parent = 0; parent < child && params_[child].conditions.empty(); ++parent) {
        if ((params_[parent].type == ParamType::kInt) != counts) continue;
        if (auto condition = condition_of(parent, has, lacks)) {
          params_[child].conditions = {*std::move(condition)};
        }
      }
    }
    if (params_[child].conditions.empty()) continue;
    notes.push_back(base::quote(params_[child].name) + " is taken to exist " +
                    space::to_text(params_[child].conditions));
  }
}

// Nothing where the values of `parent` do not tell which trials have another hyperparameter.
std::optional<Condition> OptunaSpace::condition_of(std::size_t parent, const std::vector<bool>& has,
                                                   const std::vector<bool>& lacks) const {
  const Param& param = params_[parent];
  const std::uint64_t domain = cardinality(param);
  if (domain == 0 || domain > kParentValuesMax || param.type == ParamType::kFloat) {
    return std::nullopt;
  }
  std::set<std::int64_t> with;
  std::set<std::int64_t> without;
  for (std::size_t t = 0; t < has.size(); ++t) {
    const auto& cell = cells_[parent][t];
    if (has[t] && !cell) return std::nullopt;
    if (has[t]) with.insert(cell->whole());
    if (lacks[t] && cell) without.insert(cell->whole());
  }
  if (with.empty() || without.empty()) return std::nullopt;
  Condition condition{param.name, {}};
  if (param.type == ParamType::kInt) {  // the least one that has it, and all above
    if (*with.begin() <= *without.rbegin()) return std::nullopt;
    for (std::uint64_t i = 0; i < domain; ++i) {
      const Cell value = value_at(param, i);
      if (value.whole() >= *with.begin()) condition.any_of.push_back(value_of(param, value));
    }
    return condition;
  }
  for (const std::int64_t each : with) {
    if (without.contains(each)) return std::nullopt;
    condition.any_of.push_back(value_of(param, Cell::whole(each)));
  }
  return condition;
}

}  // namespace dodona::import
