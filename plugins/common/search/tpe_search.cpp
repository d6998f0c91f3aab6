// SPDX-License-Identifier: Apache-2.0
#include "common/search/tpe_search.hpp"

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/search/assert.hpp"
#include "common/search/front_choice.hpp"
#include "common/search/opening.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

constexpr std::size_t kGoodMax = 25;
constexpr double kGoodShare = 0.1;
constexpr double kGoodShareOfFronts = 0.1;
constexpr std::size_t kPool = 128;  // more than may ever be good
constexpr std::size_t kKept = 512;
constexpr double kPriorWeight = 1;
constexpr double kLeastWidthOfGood = 0.25;  // by the root of their number
constexpr int kTries = 8;
constexpr int kTriesOfConstraints = 64;
constexpr std::int64_t kDraws = 24;
constexpr std::int64_t kDrawsOfFronts = 64;

// One width a feature: a share of the observations' own spread, so that it narrows as they gather.
template <class Results>
VectorXd widths_of(const std::vector<Axis>& axes, const Results& results, double least) {
  const auto n = static_cast<double>(results.size());
  const auto d = static_cast<double>(axes.size());
  const double shrink = std::pow(std::max(n, 1.0), -1 / (d + 4));
  VectorXd widths(static_cast<Index>(axes.size()));
  for (Index i = 0; i < widths.size(); ++i) {
    const Axis& axis = axes[static_cast<std::size_t>(i)];
    if (axis.categorical) {
      widths[i] = static_cast<double>(axis.values) / (static_cast<double>(axis.values) + n);
      continue;
    }
    double sum = 0, squares = 0;
    for (const auto& result : results) sum += result.row[i];
    const double mean = sum / std::max(n, 1.0);
    for (const auto& result : results) squares += (result.row[i] - mean) * (result.row[i] - mean);
    const double spread = n < 2 ? 0.3 : std::sqrt(squares / n);
    const double cell = axis.values == 0 ? 0 : 0.5 / static_cast<double>(axis.values);
    widths[i] = std::clamp(spread * shrink, std::max(least, cell), 1.0);
  }
  return widths;
}

// True if one number does not order the results.
bool is_ranked(const Past& past) {
  return past.objectives > 1 || past.limits > 0;
}

double least_width(std::size_t kernels) {
  return 1 / std::min(100.0, 1 + static_cast<double>(kernels));
}

// Of good results, which are few at first: so wide a kernel would be almost uniform. Chosen on
// tests/bench/quality (README.md there); of several objectives it was not measured.
double least_width_of_good(std::size_t kernels, bool ranked) {
  const double usual = least_width(kernels);
  const double count = std::max(1.0, static_cast<double>(kernels));
  return ranked ? usual : std::min(usual, kLeastWidthOfGood / std::sqrt(count));
}

}  // namespace

// ---- densities ---------------------------------------------------------------------------------

// The number of results so far that are good.
std::size_t TpeSearch::Group::allowed(double share) const {
  return std::min<std::size_t>(
      kGoodMax, static_cast<std::size_t>(std::ceil(share * static_cast<double>(count))));
}

void TpeSearch::Group::add(VectorXd row, double objective) {
  if (std::isnan(objective)) objective = std::numeric_limits<double>::infinity();
  Result result{objective, count++, std::move(row)};
  const std::size_t allowed = this->allowed(kGoodShare);
  if (allowed > good.size() && !bad.empty()) {
    const auto best = std::min_element(bad.begin(), bad.end());
    good.insert(std::upper_bound(good.begin(), good.end(), *best), *best);
    bad.erase(best);
    build_above();  // one left it
    below_is_stale = true;
  }
  if (good.size() < allowed || result < good.back()) {
    good.insert(std::upper_bound(good.begin(), good.end(), result), result);
    below_is_stale = true;
    if (good.size() <= allowed) return;
    result = std::move(good.back());
    good.pop_back();
  }
  push_bad(std::move(result));
}

namespace {

template <class Pool>
std::vector<std::size_t> best_in(const Pool& pool, std::size_t count) {
  std::vector<const Standing*> standings;
  for (const auto& each : pool) standings.push_back(&each.standing);
  return best_of(standings, count);
}

}  // namespace

void TpeSearch::Group::add_ranked(VectorXd row, Standing standing) {
  const std::uint64_t order = count++;
  below_is_stale = true;
  push_bad({0, order, row});
  if (!std::isfinite(standing.violation)) return;  // it failed
  pool.push_back({std::move(standing), order, std::move(row)});
  if (pool.size() < 2 * kPool) return;
  std::vector<Ranked> kept;
  std::vector<std::size_t> best = best_in(pool, kPool);
  std::sort(best.begin(), best.end());
  for (const std::size_t i : best) kept.push_back(std::move(pool[i]));
  pool = std::move(kept);
}

void TpeSearch::Group::choose_good() {
  good.clear();
  chosen.clear();
  for (const std::size_t i : best_in(pool, allowed(kGoodShareOfFronts))) {
    good.push_back({0, pool[i].order, pool[i].row});
    chosen.push_back(pool[i].order);
  }
  std::sort(chosen.begin(), chosen.end());
}

// Of the kernels of bad results, those of the good ones. They have the orders of `bad`.
void TpeSearch::Group::leave_out_chosen(bool out) {
  auto from = bad.begin();
  for (const std::uint64_t order : chosen) {
    from = std::lower_bound(from, bad.end(), order,
                            [](const Result& each, std::uint64_t at) { return each.order < at; });
    if (from == bad.end()) return;
    if (from->order == order) above.leave_out(from - bad.begin(), out);
  }
}

void TpeSearch::Group::push_bad(Result result) {
  if (result.order % stride != 0) return;
  bad.push_back(std::move(result));
  if (bad.size() >= kKept) {
    stride *= 2;
    std::erase_if(bad, [this](const Result& each) { return each.order % stride != 0; });
    above_built = 0;
  }
  if (above_built == 0 || bad.size() * 4 > above_built * 5) {
    build_above();
  } else {
    above.add(bad.back().row);
  }
}

void TpeSearch::Group::build_above() {
  DODONA_ASSERT(bad.size() <= kKept && params.size() == axes.size());
  above = Parzen(axes, widths_of(axes, bad, least_width(bad.size())), kPriorWeight);
  for (const Result& result : bad) above.add(result.row);
  above_built = bad.size();
}

void TpeSearch::Group::build_below(bool ranked) {
  DODONA_ASSERT(good.size() <= kGoodMax);
  below =
      Parzen(axes, widths_of(axes, good, least_width_of_good(good.size(), ranked)), kPriorWeight);
  for (const Result& result : good) below.add(result.row);
  below_is_stale = false;
}

// ---- the past ----------------------------------------------------------------------------------

VectorXd TpeSearch::row_of(const Past& past, const Group& group, const Point& point) const {
  VectorXd row(static_cast<Index>(group.params.size()));
  for (std::size_t k = 0; k < group.params.size(); ++k) {
    const std::size_t i = group.params[k];
    const Param& param = past.space().params()[i];
    double& out = row[static_cast<Index>(k)];
    if (!point.active(i)) {
      out = group.axes[k].categorical ? 0 : 0.5;  // met after this trial had begun
    } else if (group.axes[k].categorical) {
      out = static_cast<double>(point[i].whole());
    } else {
      out = to_unit(param, point[i]);
    }
  }
  return row;
}

void TpeSearch::catch_up(const Past& past) {
  const Space& space = past.space();
  const History& history = past.history();
  if (space.size() != space_size_ || history.revision() != revision_) {
    const Options options = options_;
    *this = TpeSearch(options);
    space_size_ = space.size();
    revision_ = history.revision();
    std::vector<const std::vector<Condition>*> conditions;
    for (std::size_t i = 0; i < space.size(); ++i) {
      const Param& param = space.params()[i];
      std::size_t g = 0;
      while (g < conditions.size() && *conditions[g] != param.conditions) ++g;
      if (g == conditions.size()) {
        conditions.push_back(&param.conditions);
        groups_.emplace_back();
      }
      group_of_.push_back(g);
      const std::uint64_t values = cardinality(param);
      if (values == 1) continue;
      const bool category = is_category(param);
      groups_[g].params.push_back(i);
      groups_[g].axes.push_back({category || values <= kFewValues ? values : 0, category});
    }
  }
  const auto add = [&](const auto& trial) {
    for (Group& group : groups_) {
      const bool active = std::any_of(group.params.begin(), group.params.end(),
                                      [&](std::size_t i) { return trial.point.active(i); });
      if (!active) continue;
      VectorXd row = row_of(past, group, trial.point);
      if (is_ranked(past)) {
        group.add_ranked(std::move(row), standing_of(trial, past.limits, past.objectives));
      } else {
        group.add(std::move(row), trial.objective);
      }
    }
  };
  for (; imported_ < history.imported().size(); ++imported_) add(history.imported()[imported_]);
  for (; ended_ < history.ended().size(); ++ended_) add(history.trials()[history.ended()[ended_]]);
}

// ---- proposals ---------------------------------------------------------------------------------

Point TpeSearch::draw(const Past& past, RandomStream& random, std::int64_t draws,
                      LogDensities& logs) {
  const Space& space = past.space();
  Point point(space.size());
  std::vector<VectorXd> rows(groups_.size());
  std::vector<std::size_t> next(groups_.size(), 0);
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    const std::size_t g = group_of_[i];
    Group& group = groups_[g];
    const Param& param = space.params()[i];
    if (next[g] >= group.params.size() || group.params[next[g]] != i) {
      const bool number = param.type == ParamType::kInt || param.type == ParamType::kFloat;
      point.set(i, number ? param.low : Cell::whole(0));  // it has one value
      continue;
    }
    if (next[g] == 0) {
      if (group.below_is_stale) group.build_below(is_ranked(past));
      LogDensities best;
      for (std::int64_t k = 0; k < draws; ++k) {
        VectorXd row = group.below.sample(random);
        const LogDensities here{group.below.log_density(row), group.above.log_density(row)};
        if (k > 0 && !(here.good - here.bad > best.good - best.bad)) continue;
        best = here;
        rows[g] = std::move(row);
      }
      logs.good += best.good;
      logs.bad += best.bad;
    }
    const double value = rows[g][static_cast<Index>(next[g])];
    const bool category = group.axes[next[g]].categorical;
    point.set(i,
              category ? Cell::whole(static_cast<std::int64_t>(value)) : from_unit(param, value));
    ++next[g];
  }
  return point;
}

void TpeSearch::propose(const Past& past, std::uint64_t trial, Proposals& out) {
  try {
    choose(past, trial, out);
  } catch (...) {
    const Options options = options_;
    *this = TpeSearch(options);  // parts of it may be half done
    throw;
  }
}

void TpeSearch::choose(const Past& past, std::uint64_t trial, Proposals& out) {
  catch_up(past);
  RandomStream random(past.seed, trial, Purpose::kProposal);
  const auto is_fresh = [&](const Point& each) {
    return past.space().is_feasible(each) && !past.seen().contains(each);
  };
  Point point;
  Note note("initial design");
  Origin origin = Origin::kInitial;
  // Results of another study are as good as those of an initial design.
  const auto& imported = past.history().imported();
  const auto given = static_cast<std::uint64_t>(
      std::count_if(imported.begin(), imported.end(),
                    [](const ImportedTrial& each) { return std::isfinite(each.objective); }));
  if (trial + given < static_cast<std::uint64_t>(options_.initial_points)) {
    point = spread_point(past, Features(past.space()), trial);
  } else {
    origin = Origin::kModel;
    std::vector<Index> sizes;
    for (Group& group : groups_) {
      if (is_ranked(past) && group.below_is_stale) group.choose_good();
      if (group.above.size() == 0) group.build_above();
      group.leave_out_chosen(true);
      sizes.push_back(group.above.size());
      for (const std::uint64_t id : past.history().running()) {
        const Point& other = past.history().trials()[id].point;
        const bool active = !group.params.empty() && other.active(group.params.front());
        if (active) group.above.add(row_of(past, group, other));
      }
    }
    // The best of many draws may lie beyond a constraint every time; a single draw lies near good
    // points, which keep them all.
    const bool constrained = past.space().constraint_count() > 0;
    const int tries = constrained ? kTriesOfConstraints : kTries;
    const std::int64_t usual = is_ranked(past) ? kDrawsOfFronts : kDraws;
    std::int64_t draws = options_.draws != 0 ? options_.draws : usual;
    for (int attempt = 0; attempt < tries; ++attempt) {
      LogDensities logs;
      point = draw(past, random, draws, logs);
      if (constrained) draws = std::max<std::int64_t>(1, draws / 2);
      note = Note("Parzen estimator");
      note.number("log_density_of_good", logs.good).number("log_density_of_bad", logs.bad);
      if (is_fresh(point)) break;
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      groups_[g].above.truncate(sizes[g]);
      groups_[g].leave_out_chosen(false);
    }
  }
  if (!is_fresh(point)) {
    note = Note("random");
    origin = Origin::kRandom;
    if (!draw_fresh(past.space(), past.seen(), random, point)) return nothing_left(past, out);
  }
  const std::string json = past.explain(std::move(note));
  out.push(point, {.tag = static_cast<std::uint64_t>(origin), .note = json});
}

}  // namespace dodona::common
