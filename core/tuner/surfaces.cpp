// SPDX-License-Identifier: Apache-2.0
#include "tuner/surfaces.hpp"

#include "base/assert.hpp"
#include "insight/observations.hpp"
#include "tuner/expectations.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace dodona::tuner {
namespace {

// The definition of a name that holds at a point, if no other hyperparameter depends on it: with
// another value of such a one, others would be there.
std::optional<std::size_t> free_definition(const Space& space, const Point& point,
                                           const std::string& name) {
  const auto& params = space.params();
  for (const Param& param : params) {
    const bool depends = std::any_of(param.conditions.begin(), param.conditions.end(),
                                     [&](const Condition& each) { return each.parent == name; });
    if (depends) return std::nullopt;
  }
  const auto found = space.find_active(name, point);
  return found && point.active(*found) && cardinality(params[*found]) != 1 ? found : std::nullopt;
}

// All values of a list up to `cells`, or those in the middle of `cells` equal parts of a range.
std::vector<Cell> spread(const Param& param, std::uint32_t cells) {
  const bool listed = param.type != ParamType::kInt && param.type != ParamType::kFloat;
  const std::uint64_t count = listed ? std::min<std::uint64_t>(cardinality(param), cells) : cells;
  std::vector<Cell> values;
  for (std::uint64_t k = 0; k < count; ++k) {
    const double middle = (static_cast<double>(k) + 0.5) / static_cast<double>(count);
    values.push_back(listed ? value_at(param, k) : from_unit(param, middle));
  }
  return values;
}

Surface grid(const Space& space, const Point& from, std::size_t x, std::size_t y,
             std::uint32_t cells, std::vector<Point>& points) {
  const Param& across = space.params()[x];
  const Param& up = space.params()[y];
  Surface surface{across.name, up.name, {}, {}, {}, {}};
  const std::vector<Cell> xs = spread(across, cells);
  const std::vector<Cell> ys = spread(up, cells);
  for (const Cell cell : xs) surface.x_values.push_back(value_of(across, cell));
  for (const Cell cell : ys) surface.y_values.push_back(value_of(up, cell));
  for (const Cell row : ys) {
    for (const Cell column : xs) {
      Point point = from;
      point.set(x, column);
      point.set(y, row);
      points.push_back(std::move(point));
    }
  }
  return surface;
}

}  // namespace

std::vector<Surface> surfaces_of(const View& view, study::Store& log, const study::State& state,
                                 const std::string& directory, const PluginSources& plugins,
                                 std::uint64_t trial,
                                 const std::vector<std::pair<std::string, std::string>>& pairs,
                                 std::uint32_t cells) {
  if (trial >= state.trials().size()) {
    throw Error(DODONA_E_INVALID, "there is no trial " + std::to_string(trial));
  }
  if (cells < 2) {
    throw Error(DODONA_E_INVALID, "a surface of " + std::to_string(cells) +
                                      " cells a side is none; at least 2 are needed");
  }
  std::vector<Surface> surfaces;
  if (view.has_several()) return surfaces;
  const Space space = insight::space_of(state);
  const Point from = insight::complete_point(space, state.trials()[trial]);
  Expectations expectations(log, state, directory, plugins);
  for (const auto& [first, second] : pairs) {
    const auto x = free_definition(space, from, first);
    const auto y = free_definition(space, from, second);
    if (!x || !y || *x == *y) continue;
    std::vector<Point> points;
    Surface surface = grid(space, from, *x, *y, cells, points);
    const auto told = expectations.at(points);
    if (!told) return {};
    DODONA_ASSERT(told->size() == points.size());
    for (const study::Estimate& each : *told) {
      surface.expected.push_back(view.score(each.mean).value_or(each.mean));
      surface.deviation.push_back(each.deviation);
    }
    surfaces.push_back(std::move(surface));
  }
  return surfaces;
}

}  // namespace dodona::tuner
