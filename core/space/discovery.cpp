// SPDX-License-Identifier: Apache-2.0
#include "space/discovery.hpp"

#include "space/definition.hpp"
#include "space/scopes.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::space {
namespace {

using Stack = std::vector<Condition>;
using Forced = std::map<std::string, std::vector<Value>>;  // values of parents, by name

// A value that the study file gives to a hyperparameter, and that the hypermodel did not ask for.
struct Beyond {
  std::size_t entry;  // index of the study file's entry
  std::string name;
  Stack conditions;
  Value value;
};

// True if a value lies within what the hypermodel asks for, whatever the step.
bool within(const Param& asked, const Value& value) {
  if (asked.type != ParamType::kInt && asked.type != ParamType::kFloat) {
    return cell_of(asked, value).has_value();
  }
  const auto* whole = std::get_if<std::int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  if (whole == nullptr && real == nullptr) return true;  // of another kind: Overrides checks it
  const double number = whole != nullptr ? static_cast<double>(*whole) : *real;
  return number >= detail::number(asked, asked.low) && number <= detail::number(asked, asked.high);
}

// The ends of a range, or the values of a choice, that lie beyond what the hypermodel asks for.
std::vector<Value> values_beyond(const Param& asked, const Param& given) {
  std::vector<Value> values = given.choices;
  if (given.type == ParamType::kBoolean) values = {false, true};
  if (given.type == ParamType::kInt || given.type == ParamType::kFloat) {
    for (const double end : {0.0, 1.0}) values.push_back(value_of(given, from_unit(given, end)));
  }
  std::erase_if(values, [&](const Value& value) { return within(asked, value); });
  if (values.size() > kMaxPasses) values.resize(kMaxPasses);
  return values;
}

// The findings of all passes together.
struct Findings {
  std::vector<Definition> definitions;       // in order of definition
  std::set<std::string, std::less<>> given;  // names that were read as given and not asked for
  std::deque<Stack> closed;                  // scopes that no pass was inside of yet
  std::vector<Stack> opened;
  std::deque<Beyond> beyond;             // values that no pass has tried yet
  std::vector<std::string> constraints;  // each once

  // True if the hypermodel itself asks for a hyperparameter of this name.
  bool asks(std::string_view name) const {
    return !given.contains(name) &&
           std::any_of(definitions.begin(), definitions.end(),
                       [&](const Definition& known) { return known.param.name == name; });
  }

  bool has(std::string_view name, const Stack& conditions) const {
    return std::any_of(definitions.begin(), definitions.end(), [&](const Definition& known) {
      return known.param.name == name && known.param.conditions == conditions;
    });
  }

  void note(const Stack& stack, bool active) {
    if (std::find(opened.begin(), opened.end(), stack) != opened.end()) return;
    const auto waiting = std::find(closed.begin(), closed.end(), stack);
    if (active) {
      opened.push_back(stack);
      if (waiting != closed.end()) closed.erase(waiting);
    } else if (waiting == closed.end()) {
      closed.push_back(stack);
    }
  }
};

class Pass : public Asker {
 public:
  Pass(Findings& findings, const Overrides& overrides, Forced forced)
      : findings_(findings), overrides_(overrides), forced_(std::move(forced)) {}

  bool discovering() const override { return true; }
  std::optional<Known> known(std::string_view name) override {
    scopes_.require_active(name);
    return std::nullopt;
  }

  Known define(Param asked) override {
    scopes_.require_active(asked.name);
    asked.conditions = scopes_.open();
    Definition definition = overrides_.apply(asked);
    const auto entry = overrides_.find(asked);
    const bool met = findings_.has(asked.name, asked.conditions);
    if (entry && (!met || findings_.given.contains(asked.name))) {
      for (Value& value : values_beyond(asked, definition.param)) {
        findings_.beyond.push_back({*entry, asked.name, asked.conditions, std::move(value)});
      }
    }
    if (findings_.given.erase(definition.param.name) > 0) forget(definition.param);
    const Known known = answer(find_or_insert(std::move(definition)));
    if (Value value = value_of(*known.param, known.cell); entry && !within(asked, value)) {
      beyond_.push_back({*entry, asked.name, asked.conditions, std::move(value)});
    }
    return known;
  }

  // The values beyond what the hypermodel asks for that this pass has answered.
  const std::vector<Beyond>& beyond() const { return beyond_; }

  Known get(std::string_view name) override {
    read_given(name);
    if (const auto index = met_.find_active(name, point_)) {
      return {nullptr, &met_.params()[*index], point_[*index]};
    }
    for (const Definition& known : findings_.definitions) {
      if (known.param.name == name) throw not_active(known.param);
    }
    throw not_there(name);
  }

  bool enter(Condition condition) override {
    const bool outer = scopes_.active();
    if (outer) read_given(condition.parent);
    const bool active = scopes_.enter(met_, asked_, point_, std::move(condition));
    if (outer) findings_.note(scopes_.open(), active);
    if (!active) pass_over(scopes_.open());
    return active;
  }
  void leave() override { scopes_.leave(); }
  // The values are examples, which may break it.
  void require(std::string_view expression) override {
    const Constraint read(expression);  // throws for one that cannot be read
    auto& all = findings_.constraints;
    if (std::find(all.begin(), all.end(), expression) == all.end()) all.push_back(read.text());
  }
  void each(const Visit& visit) override {
    for (const Override& entry : overrides_.entries()) visit(entry.param, &entry.param.initial);
  }

 private:
  const Definition& find_or_insert(Definition definition) {
    const auto same = [&](const Definition& known) {
      return known.param.name == definition.param.name &&
             known.param.conditions == definition.param.conditions;
    };
    auto& all = findings_.definitions;
    auto found = std::find_if(all.begin(), all.end(), same);
    if (found == all.end()) {
      const auto place = all.begin() + static_cast<std::ptrdiff_t>(std::min(after_, all.size()));
      found = all.insert(place, std::move(definition));
    } else if (found->asked != definition.asked) {
      throw Error(DODONA_E_SPACE_CONFLICT,
                  "hyperparameter \"" + definition.param.name +
                      "\" is asked for with two definitions: " + to_text(*found->asked) + "; and " +
                      to_text(*definition.asked));
    }
    after_ = static_cast<std::size_t>(found - all.begin()) + 1;
    return *found;
  }

  // A given hyperparameter that is read without being asked for joins as it was given, after the
  // given parents of its conditions. It does not if the model asks for it under other conditions.
  void read_given(std::string_view name) {
    if (!read_.emplace(name).second) return;
    const bool asked = findings_.asks(name);
    for (const Override& entry : overrides_.entries()) {
      const Stack& conditions = entry.param.conditions;
      if (entry.param.name != name || (asked && !findings_.has(name, conditions))) continue;
      for (const Condition& condition : conditions) read_given(condition.parent);
      if (!asked) findings_.given.emplace(name);
      const std::size_t place = after_;
      const Definition& definition = find_or_insert({std::nullopt, entry.param});
      after_ = std::max(place, after_);  // it may be read again after what depends on it
      const bool active =
          std::all_of(conditions.begin(), conditions.end(),
                      [&](const Condition& condition) { return holds(met_, point_, condition); });
      if (!conditions.empty()) findings_.note(conditions, active);
      if (active) answer(definition);
    }
  }

  // Drops a definition that was read as given: it is asked for after all, perhaps under other
  // conditions.
  void forget(const Param& asked) {
    auto& all = findings_.definitions;
    for (std::size_t i = all.size(); i-- > 0;) {
      const Param& param = all[i].param;
      if (param.name != asked.name || param.conditions == asked.conditions) continue;
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < after_) --after_;
    }
  }

  // Keeps its own list of what this pass met: `definitions` moves when it grows.
  Known answer(const Definition& definition) {
    const Definition& kept = answers_.emplace_back(definition);
    const Param& param = kept.param;
    auto index = met_.find(param.name, param.conditions);
    if (!index) {
      index = met_.add(param);
      asked_.push_back(kept.asked ? &*kept.asked : nullptr);
      point_.set(*index, first_cell(param));
    }
    return {nullptr, &param, point_[*index]};
  }

  // Findings of other passes inside of a scope stand before all that comes after the scope.
  void pass_over(const Stack& scope) {
    const auto& all = findings_.definitions;
    const auto inside = [&](const Definition& definition) {
      const Stack& stack = definition.param.conditions;
      return stack.size() >= scope.size() && std::equal(scope.begin(), scope.end(), stack.begin());
    };
    while (after_ < all.size() && inside(all[after_])) ++after_;
  }

  // The first forced value that the definition can take, else its default.
  Cell first_cell(const Param& param) const {
    if (const auto force = forced_.find(param.name); force != forced_.end()) {
      for (const Value& value : force->second) {
        if (const auto legal = cell_of(param, value)) return *legal;
      }
    }
    return param.initial;
  }

  Findings& findings_;
  const Overrides& overrides_;
  Forced forced_;
  Scopes scopes_;
  Space met_;
  std::vector<const Param*> asked_;  // by the index of met_
  Point point_;
  std::vector<Beyond> beyond_;
  std::deque<Definition> answers_;           // a deque does not move what it holds
  std::set<std::string, std::less<>> read_;  // given names that this pass read
  std::size_t after_ = 0;
};

// The value of each parent that opens the scope: one that all its conditions allow.
Forced opening(const Stack& stack) {
  Forced forced;
  for (const Condition& condition : stack) {
    const auto [entry, first] = forced.emplace(condition.parent, condition.any_of);
    if (first) continue;
    std::erase_if(entry->second, [&](const Value& value) {
      return std::find(condition.any_of.begin(), condition.any_of.end(), value) ==
             condition.any_of.end();
    });
  }
  return forced;
}

// Runs one pass. The error of a hypermodel that refuses a value beyond what it asks for names the
// value: the one that is `tried`, if it was answered, or the only one.
void run_pass(const std::function<void(Asker&)>& declare, Pass& pass,
              const std::optional<Beyond>& tried) {
  try {
    declare(pass);
  } catch (const Error& error) {
    const std::vector<Beyond>& answered = pass.beyond();
    const bool known = !tried
                           ? answered.size() == 1
                           : std::any_of(answered.begin(), answered.end(), [&](const Beyond& each) {
                               return each.entry == tried->entry && each.value == tried->value;
                             });
    if (error.code() != DODONA_E_INVALID || !known) throw;
    const Beyond& refused = tried ? *tried : answered.front();
    throw Error(error.code(), "space[" + std::to_string(refused.entry) + "]: \"" + refused.name +
                                  "\" may be " + to_text(refused.value) +
                                  ", which is refused: " + error.what());
  }
}

}  // namespace

Discovered discover(const std::function<void(Asker&)>& declare, const Overrides& overrides,
                    BeyondAsked beyond_asked) {
  Findings findings;
  Forced forced;
  std::vector<Stack> tried;
  std::optional<Beyond> beyond;  // what this pass tries
  for (int scopes = 0; scopes < kMaxPasses;) {
    Pass asker(findings, overrides, std::move(forced));
    run_pass(declare, asker, beyond);
    beyond.reset();
    const auto next =
        std::find_if(findings.closed.begin(), findings.closed.end(), [&](const Stack& stack) {
          return std::find(tried.begin(), tried.end(), stack) == tried.end();
        });
    if (next != findings.closed.end()) {
      ++scopes;
      tried.push_back(*next);
      forced = opening(*next);
    } else if (beyond_asked == BeyondAsked::kTried && !findings.beyond.empty()) {
      beyond = std::move(findings.beyond.front());
      findings.beyond.pop_front();
      forced = opening(beyond->conditions);
      forced[beyond->name] = {beyond->value};
    } else {
      // All scopes left were tried and stay shut: an override took away the values that open them.
      return {std::move(findings.definitions), std::move(findings.constraints)};
    }
  }
  throw Error(DODONA_E_INVALID, "the hypermodel still opens new scopes after " +
                                    std::to_string(kMaxPasses) + " passes of discovery");
}

}  // namespace dodona::space
