// SPDX-License-Identifier: Apache-2.0
#include "runner/remote_asker.hpp"

#include "runner/wire.hpp"

#include <string>
#include <utility>

namespace dodona::runner {
namespace {

namespace json = boost::json;
using base::JsonReader;
using space::Asker;

Param without_conditions(Param param) {
  param.conditions.clear();
  return param;
}

json::object known_to_json(const Asker::Known& known, const Param* asked) {
  json::object out{{"cell", cell_to_json(*known.param, known.cell)}};
  if (asked == nullptr || without_conditions(*known.param) != *asked) {
    out["param"] = to_json(*known.param);
  }
  return out;
}

json::object define(Asker& asker, Param asked) {
  asked.conditions.clear();  // the open scopes alone say them
  if (const auto known = asker.known(asked.name)) {
    const bool same = known->asked == nullptr || without_conditions(*known->asked) == asked;
    if (same) return known_to_json(*known, &asked);
  }
  const Param copy = asked;
  return known_to_json(asker.define(std::move(asked)), &copy);
}

json::array all_of(Asker& asker) {
  json::array out;
  asker.each([&](const Param& param, const Cell* cell) {
    json::object& each = out.emplace_back(json::object{{"param", to_json(param)}}).get_object();
    if (cell != nullptr) each["cell"] = cell_to_json(param, *cell);
  });
  return out;
}

}  // namespace

// ---- the runner's side -------------------------------------------------------------------------

Asker::Known RemoteAsker::read_known(const JsonReader& answer, const Param* asked) {
  const auto given = answer.member("param");
  if (!given && asked == nullptr) answer.fail("has no definition");
  const Param& param = params_.emplace_back(given ? read_param(*given) : *asked);
  return {nullptr, &param, read_cell(answer.required("cell"), param)};
}

Asker::Known RemoteAsker::define(Param asked) {
  Known known{};
  ask_({{"define", to_json(asked)}},
       [&](const JsonReader& answer) { known = read_known(answer, &asked); });
  return known;
}

Asker::Known RemoteAsker::get(std::string_view name) {
  Known known{};
  ask_({{"get", name}}, [&](const JsonReader& answer) { known = read_known(answer, nullptr); });
  return known;
}

bool RemoteAsker::enter(Condition condition) {
  bool active = false;
  ask_({{"enter", to_json(condition)}},
       [&](const JsonReader& answer) { active = answer.boolean(); });
  return active;
}

void RemoteAsker::leave() {
  ask_({{"leave", true}}, [](const JsonReader&) {});
}

void RemoteAsker::require(std::string_view expression) {
  ask_({{"require", expression}}, [](const JsonReader&) {});
}

void RemoteAsker::each(const Visit& visit) {
  ask_({{"each", true}}, [&](const JsonReader& answer) {
    const std::size_t size = answer.array().size();
    for (std::size_t i = 0; i < size; ++i) {
      const JsonReader entry = answer.element(i);
      const Param& param = params_.emplace_back(read_param(entry.required("param")));
      const auto given = entry.member("cell");
      const Cell cell = given ? read_cell(*given, param) : Cell();
      visit(param, given ? &cell : nullptr);
    }
  });
}

// ---- the owner's side --------------------------------------------------------------------------

std::optional<json::value> answer_of(const JsonReader& message, Asker& asker) {
  if (const auto param = message.member("define")) return define(asker, read_param(*param));
  if (const auto name = message.member("get")) {
    return known_to_json(asker.get(read_text(*name)), nullptr);
  }
  if (const auto condition = message.member("enter")) {
    return asker.enter(read_condition(*condition));
  }
  if (message.member("leave")) {
    asker.leave();
    return true;
  }
  if (message.member("each")) return all_of(asker);
  if (const auto expression = message.member("require")) {
    asker.require(read_text(*expression));
    return true;
  }
  return std::nullopt;
}

}  // namespace dodona::runner
