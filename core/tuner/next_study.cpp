// SPDX-License-Identifier: Apache-2.0
#include "tuner/next_study.hpp"

#include "base/json.hpp"
#include "document/space_entries.hpp"
#include "insight/advice.hpp"
#include "insight/contexts.hpp"
#include "insight/observations.hpp"
#include "space/definition.hpp"
#include "tuner/words.hpp"

#include <dodona/result.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <utility>

namespace dodona::tuner {
namespace {

namespace json = boost::json;

constexpr std::size_t kCellsMin = 4;  // of which a narrower range is made

std::vector<Cell> cells_of(const study::State& state, const Space& space,
                           const std::vector<std::uint64_t>& trials, std::size_t definition) {
  std::vector<Cell> cells;
  for (const std::uint64_t trial : trials) {
    const Point point = insight::complete_point(space, state.trials()[trial]);
    if (point.active(definition)) cells.push_back(point[definition]);
  }
  return cells.size() < kCellsMin ? std::vector<Cell>{} : cells;
}

std::string range_text(const Param& param) {
  return short_text(value_of(param, param.low)) + " .. " + short_text(value_of(param, param.high));
}

std::optional<Change> change_of(const Space& space, const Point& best,
                                const std::vector<Cell>& leading, std::size_t i,
                                bool without_effect) {
  const Param& param = space.params()[i];
  if (without_effect) {
    Param fixed;
    fixed.type = ParamType::kFixed;
    fixed.name = param.name;
    fixed.conditions = param.conditions;
    const Value value = value_of(param, best.active(i) ? best[i] : param.initial);
    fixed.choices = {value};
    fixed.initial = Cell::whole(0);
    return Change{i, std::move(fixed), true,
                  param.name + " is fixed at " + short_text(value) + ", as it has no effect"};
  }
  const auto end = best.active(i) ? insight::edge_of(param, best[i]) : std::nullopt;
  if (end) {
    auto wide = insight::widened(param, *end);
    if (!wide) return std::nullopt;
    std::string text = param.name + " has " + range_text(*wide) + " instead of " +
                       range_text(param) + ", as the best trial lies on the edge";
    return Change{i, std::move(*wide), false, std::move(text)};
  }
  auto narrow = insight::narrowed(param, leading);
  if (!narrow) return std::nullopt;
  std::string text = param.name + " has " + range_text(*narrow) + " instead of " +
                     range_text(param) + ", where the best trials lie";
  return Change{i, std::move(*narrow), true, std::move(text)};
}

void put_entry(json::array& entries, const Param& param) {
  const std::string text = dodona::to_json(document::to_facade({param}));
  const base::JsonDocument read = base::parse_json(text, "entry");
  json::object entry = read.root.at("space").as_array().at(0).as_object();
  for (json::value& each : entries) {
    if (each.at("name").as_string() != param.name) continue;
    if (const json::value* when = each.as_object().if_contains("when")) {
      entry["when"] = *when;
    } else {
      entry.erase("when");
    }
    each = std::move(entry);
    return;
  }
  entry.erase("when");  // the hypermodel's conditions stay
  entries.push_back(std::move(entry));
}

}  // namespace

std::vector<Change> changes_of(const study::State& state, const Space& space, std::uint64_t best,
                               const std::vector<std::uint64_t>& leaders,
                               const std::vector<unsigned char>& without_effect) {
  const Point point = insight::complete_point(space, state.trials()[best]);
  const std::vector<unsigned char> parents = insight::parents_of(space);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Param& param = space.params()[i];
    const auto same_name = [&](const Param& other) { return other.name == param.name; };
    const auto& all = space.params();
    if (cardinality(param) == 1 || std::count_if(all.begin(), all.end(), same_name) > 1) continue;
    if (parents[i] != 0) continue;
    auto change =
        change_of(space, point, cells_of(state, space, leaders, i), i, without_effect[i] != 0);
    if (change) changes.push_back(std::move(*change));
  }
  return changes;
}

std::string next_study(const study::State& state, const Space& space, std::uint64_t best,
                       const std::vector<Change>& changes, const std::string& directory) {
  base::JsonDocument document = base::parse_json(state.document(), "study document");
  json::object& root = document.root.as_object();
  const json::value* name = root.if_contains("project_name");
  root["project_name"] = (name != nullptr ? std::string(name->as_string()) : "study") + "_next";
  root.erase("seed");
  if (!root.contains("space") || !root["space"].is_array()) root["space"] = json::array();
  for (const Change& change : changes) put_entry(root["space"].as_array(), change.param);
  json::object values;
  const Point point = insight::complete_point(space, state.trials()[best]);
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Param& param = space.params()[i];
    if (!point.active(i) || param.type == ParamType::kFixed) continue;
    values[param.name] = document::to_json(value_of(param, point[i]));
  }
  root["initial"] = json::array{std::move(values)};
  const bool fits = std::none_of(changes.begin(), changes.end(),
                                 [](const Change& change) { return change.loses; });
  if (fits && !directory.empty()) {
    root["warm_start"] = directory;
  } else {
    root.erase("warm_start");
  }
  return base::to_pretty_text(document.root);
}

}  // namespace dodona::tuner
