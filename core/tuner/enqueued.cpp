// SPDX-License-Identifier: Apache-2.0
#include "tuner/enqueued.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "space/definition.hpp"
#include "tuner/constraints.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::tuner {
namespace {

constexpr const char* kEnqueued = "enqueue";

[[noreturn]] void refuse_name(const std::string& where, const std::string& name,
                              const std::vector<std::string>& names) {
  const std::string guess = base::did_you_mean(name, names);
  throw Error(DODONA_E_INVALID,
              where + ": there is no hyperparameter " + base::quote(name) + guess +
                  (guess.empty() ? "; there are " + base::alternatives(names) : ""));
}

// The definitions that take the value. A name may have several, of which one at most will be
// active. Throws where it has some and none takes the value.
std::vector<Assignment> fitting(const std::vector<Param>& params, const std::string& name,
                                const Value& value, const std::string& where) {
  std::vector<Assignment> assignments;
  const Param* refused = nullptr;
  for (std::uint32_t i = 0; i < params.size(); ++i) {
    if (params[i].name != name) continue;
    if (const auto cell = cell_of(params[i], value)) {
      assignments.push_back({i, *cell});
    } else {
      refused = &params[i];
    }
  }
  if (assignments.empty() && refused != nullptr) {
    throw Error(DODONA_E_INVALID, where + ": " + space::to_text(value) + " is not a value of " +
                                      space::to_text(*refused));
  }
  return assignments;
}

// A definition takes a whole number for a real one, so the log may have the other type.
bool are_same(const Value& a, const Value& b) {
  const auto number = [](const Value& value) -> std::optional<double> {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
  };
  return number(a) ? number(a) == number(b) : a == b;
}

// True if these values were enqueued as that, however much of the space was known then.
bool are_those(const study::State::EnqueuedValues& enqueued, const NamedValues& values,
               const std::vector<Param>& params) {
  std::set<std::string> names;
  const auto is_given = [&](const std::string& name, const auto& is_value) {
    names.insert(name);
    return std::any_of(values.begin(), values.end(), [&](const auto& each) {
      return each.first == name && is_value(each.second);
    });
  };
  const bool given =
      std::all_of(enqueued.assignments.begin(), enqueued.assignments.end(),
                  [&](const Assignment& each) {
                    const Param& param = params[each.param];
                    return is_given(param.name, [&](const Value& value) {
                      return cell_of(param, value) == each.cell;  // the grid may have moved it
                    });
                  }) &&
      std::all_of(enqueued.later.begin(), enqueued.later.end(), [&](const study::LaterValue& each) {
        return is_given(each.name, [&](const Value& value) { return are_same(value, each.value); });
      });
  return given && std::all_of(values.begin(), values.end(),
                              [&](const auto& each) { return names.contains(each.first); });
}

// In the order of the space, unless they break a constraint.
study::Enqueued finished(study::Enqueued values, const std::string& broken,
                         const std::string& where) {
  if (!broken.empty()) {
    throw Error(DODONA_E_INVALID, where + ": the values break the constraint " + broken);
  }
  std::sort(values.assignments.begin(), values.assignments.end(),
            [](const Assignment& a, const Assignment& b) { return a.param < b.param; });
  return values;
}

std::vector<std::string> names_of(const std::vector<Param>& params) {
  std::vector<std::string> names;
  for (const Param& param : params) {
    if (std::find(names.begin(), names.end(), param.name) == names.end()) {
      names.push_back(param.name);
    }
  }
  return names;
}

}  // namespace

void EnqueuedValues::add(const NamedValues& values) {
  log(checked(values, kEnqueued));
}

void EnqueuedValues::check(Names names) {
  names_ = names;
  began_ = true;
  const std::vector<NamedValues>& initial = study_.settings.initial;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    if (!is_logged(initial[i])) checked(initial[i], base::join_path("initial", i));
  }
}

void EnqueuedValues::begin() {
  const std::vector<NamedValues>& initial = study_.settings.initial;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    if (!is_logged(initial[i])) log(checked(initial[i], base::join_path("initial", i)));
  }
  const bool open = may_grow();
  const std::string lost = unused(open ? Unused::kRefused : Unused::kAll);
  if (!lost.empty()) {
    study_.services.log(study::Level::kWarn, kEnqueued, "these values count in no trial: " + lost);
  }
  const std::string waiting = open ? unused(Unused::kUnknown) : "";
  if (!waiting.empty()) {
    study_.services.log(study::Level::kInfo, kEnqueued,
                        "these values count once a trial asks for them: " + waiting);
  }
}

void EnqueuedValues::end() const {
  const std::string left = unused(Unused::kAll);
  if (left.empty()) return;
  study_.services.log(study::Level::kWarn, kEnqueued,
                      "no trial has asked for these values: " + left);
}

// True if a trial may ask for a name that the space does not have.
bool EnqueuedValues::may_grow() const {
  return names_ == Names::kOpen &&
         study_.space.overrides().new_entries() != space::NewEntries::kRefused;
}

bool EnqueuedValues::is_logged(const NamedValues& values) const {
  return study_.journal.with_state([&](const study::State& now) {
    return std::any_of(now.enqueued().begin(), now.enqueued().end(),
                       [&](const auto& each) { return are_those(each, values, now.params()); });
  });
}

study::Enqueued enqueued_in(const Space& space, const NamedValues& values) {
  const std::string broken = constraint_broken_by(space, values);
  study::Enqueued out;
  for (const auto& [name, value] : values) {
    const std::vector<Assignment> known = fitting(space.params(), name, value, kEnqueued);
    if (known.empty()) refuse_name(kEnqueued, name, names_of(space.params()));
    out.assignments.insert(out.assignments.end(), known.begin(), known.end());
  }
  return finished(std::move(out), broken, kEnqueued);
}

study::Enqueued EnqueuedValues::checked(const NamedValues& values, const std::string& where) const {
  const auto snapshot = study_.space.snapshot();
  const std::vector<Param>& params = snapshot->space.params();
  std::vector<Param> given;  // by the options, and not in the space before a search
  for (const space::Override& entry : study_.space.overrides().entries()) {
    given.push_back(entry.param);
  }
  const bool complete = !may_grow() || (!began_ && !given.empty());
  const std::string broken = constraint_broken_by(known_space(snapshot->space), values);
  study::Enqueued out;
  for (const auto& [name, value] : values) {
    const std::vector<Assignment> known = fitting(params, name, value, where);
    out.assignments.insert(out.assignments.end(), known.begin(), known.end());
    if (!known.empty()) continue;
    if (fitting(given, name, value, where).empty() && complete) {
      std::vector<Param> all = params;
      all.insert(all.end(), given.begin(), given.end());
      refuse_name(where, name, names_of(all));
    }
    out.later.push_back({name, value});
  }
  return finished(std::move(out), broken, where);
}

// The space, and before a search what the options give of it.
Space EnqueuedValues::known_space(const Space& space) const {
  Space known = space;
  if (began_) return known;
  for (const space::Override& entry : study_.space.overrides().entries()) {
    const bool there =
        std::any_of(known.params().begin(), known.params().end(),
                    [&](const Param& each) { return each.name == entry.param.name; });
    // One whose parents are the hypermodel's to define joins later.
    const bool ready = std::all_of(
        entry.param.conditions.begin(), entry.param.conditions.end(), [&](const Condition& each) {
          return std::any_of(known.params().begin(), known.params().end(),
                             [&](const Param& param) { return param.name == each.parent; });
        });
    if (!there && ready && !known.find(entry.param.name, entry.param.conditions)) {
      known.add(entry.param);
    }
  }
  for (const std::string& text : study_.settings.constraints) known.add_constraint(text);
  return known;
}

// The values that are no hyperparameter's by now, each with its name and what may be wrong with it.
std::string EnqueuedValues::unused(Unused which) const {
  return study_.journal.with_state([which](const study::State& now) {
    const std::vector<std::string> names = names_of(now.params());
    std::set<std::string> told;
    std::string text;
    const auto tell = [&](const std::string& one) {
      if (told.insert(one).second) text += (text.empty() ? "" : ", ") + one;
    };
    for (const study::State::EnqueuedValues& values : now.enqueued()) {
      for (const study::LaterValue& each : values.later) {
        const auto named = [&](const Param& param) { return param.name == each.name; };
        const auto takes = [&](const Param& param) {
          return named(param) && cell_of(param, each.value).has_value();
        };
        const auto& params = now.params();
        if (std::any_of(params.begin(), params.end(), takes)) continue;
        const auto refuses = std::find_if(params.begin(), params.end(), named);
        const Unused kind = refuses == params.end() ? Unused::kUnknown : Unused::kRefused;
        if (which != Unused::kAll && which != kind) continue;
        tell(base::quote(each.name) + (refuses == params.end()
                                           ? base::did_you_mean(each.name, names)
                                           : ": " + space::to_text(each.value) +
                                                 " is not a value of " + space::to_text(*refuses)));
      }
    }
    return text;
  });
}

void EnqueuedValues::log(study::Enqueued&& values) {
  study_.journal.wait_durable(study_.journal.append(study::kNoTrial, std::move(values)));
}

}  // namespace dodona::tuner
