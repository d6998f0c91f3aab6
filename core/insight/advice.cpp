// SPDX-License-Identifier: Apache-2.0
#include "insight/advice.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace dodona::insight {
namespace {

constexpr double kNear = 0.01;   // of the range
constexpr double kMargin = 0.1;  // the same

bool is_range(const Param& param) {
  return param.type == ParamType::kInt || param.type == ParamType::kFloat;
}

Cell cell_at(const Param& param, double number) {
  return param.type == ParamType::kFloat ? Cell::real(number) : Cell::whole(std::llround(number));
}

// `range` with its default within.
Param settled(Param range) {
  if (!is_legal(range, range.initial)) range.initial = from_unit(range, 0.5);
  return range;
}

}  // namespace

std::optional<End> edge_of(const Param& param, Cell cell) {
  const bool ordered = param.type == ParamType::kChoice && param.ordered;
  const std::uint64_t count = cardinality(param);
  if ((!is_range(param) && !ordered) || (count > 0 && count < 3)) return std::nullopt;
  if (count > 0) {
    const std::uint64_t near = (count - 1) / 100;
    const std::uint64_t index = index_of(param, cell);
    if (index <= near) return End::kLow;
    if (index >= count - 1 - near) return End::kHigh;
    return std::nullopt;
  }
  const double unit = to_unit(param, cell);
  if (unit <= kNear) return End::kLow;
  if (unit >= 1.0 - kNear) return End::kHigh;
  return std::nullopt;
}

std::optional<Param> widened(const Param& param, End end) {
  if (!is_range(param) || param.sampling == Sampling::kReverseLog) return std::nullopt;
  const double low = detail::number(param, param.low);
  const double high = detail::number(param, param.high);
  const double limit = end == End::kLow ? low : high;
  if (limit == 0.0 || limit == 1.0) return std::nullopt;
  const bool is_log = param.sampling == Sampling::kLog;
  static constexpr double kFurther = 10.0;
  const double step = param.step ? detail::number(param, *param.step) : 0.0;
  Param wide = param;
  if (is_log) {
    // A whole number of steps, so that the values at hand stay values.
    const double steps = step > 1.0 ? std::ceil(std::log(kFurther) / std::log(step)) : 0.0;
    const double factor = step > 1.0 ? std::pow(step, steps) : kFurther;
    if (end == End::kLow) wide.low = cell_at(param, low / factor);
    if (end == End::kHigh) wide.high = cell_at(param, high * factor);
    if (param.type == ParamType::kInt && wide.low.whole() < 1) wide.low = Cell::whole(1);
  } else {
    double length = 0.5 * (high - low);
    if (step > 0.0) length = std::ceil(length / step) * step;
    // A quantity that is never negative stays so.
    const double further = low - length;
    if (end == End::kLow) wide.low = cell_at(param, low > 0.0 && further < 0.0 ? 0.0 : further);
    if (end == End::kHigh) wide.high = cell_at(param, high + length);
    if (end == End::kLow && low > 0.0 && further < 0.0 && step > 0.0) return std::nullopt;
  }
  if (wide == param) return std::nullopt;
  return settled(std::move(wide));
}

std::optional<Param> narrowed(const Param& param, std::span<const Cell> cells) {
  if (!is_range(param) || cells.empty()) return std::nullopt;
  double low = 1.0;
  double high = 0.0;
  for (const Cell cell : cells) {
    low = std::min(low, to_unit(param, cell));
    high = std::max(high, to_unit(param, cell));
  }
  low = std::max(low - kMargin, 0.0);
  high = std::min(high + kMargin, 1.0);
  if (high - low > 0.5) return std::nullopt;
  Param narrow = param;
  narrow.low = from_unit(param, low);
  narrow.high = from_unit(param, high);
  const std::uint64_t count = cardinality(narrow);
  if (count > 0 && count < 3) return std::nullopt;
  return settled(std::move(narrow));
}

Health health_of(const study::State& state) {
  Health health;
  std::map<std::string, std::uint64_t> messages;
  std::optional<double> first;
  std::uint64_t scores = 0;
  bool same = true;
  for (const study::TrialRecord& trial : state.trials()) {
    if (!study::is_final(trial.state)) continue;
    ++health.ended;
    if (study::is_failure(trial.state)) {
      ++health.failed;
      if (!trial.message.empty()) ++messages[trial.message];
    } else if (std::isfinite(trial.score)) {
      ++scores;
      if (!first) first = trial.score;
      same = same && trial.score == *first;
    }
  }
  static constexpr std::uint64_t kScoresMin = 3;
  health.constant = scores >= kScoresMin && same;
  for (const auto& [message, count] : messages) {
    if (count <= health.message_count) continue;
    health.message = message;
    health.message_count = count;
  }
  return health;
}

}  // namespace dodona::insight
