// SPDX-License-Identifier: Apache-2.0
#include "common/search/nsga2_search.hpp"

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/search/assert.hpp"
#include "common/search/features.hpp"

#include <dodona/pareto.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace dodona::common {

namespace {

constexpr double kCrossing = 0.9;  // probability that a child has two parents
constexpr double kCrossed = 15;    // the larger, the nearer a child is to its parents
constexpr double kMutated = 20;
constexpr int kBroods = 8;
constexpr int kBroodsOfConstraints = 64;

// A value of one child of u and v: near the one or the other, with equal probability.
double crossed(double u, double v, RandomStream& random) {
  const double low = std::min(u, v), high = std::max(u, v);
  const double draw = random.uniform();
  const bool lower = random.below(2) == 0;
  const double gap = high - low;
  if (gap < 1e-14) return u;
  // The spread is cut so that the child stays in [0, 1].
  const double beta = 1 + 2 * (lower ? low : 1 - high) / gap;
  const double alpha = 2 - std::pow(beta, -(kCrossed + 1));
  const double inner = draw * alpha;
  const double spread = std::pow(inner <= 1 ? inner : 1 / (2 - inner), 1 / (kCrossed + 1));
  const double middle = 0.5 * (low + high);
  return std::clamp(middle + (lower ? -0.5 : 0.5) * spread * gap, 0.0, 1.0);
}

double mutated(double u, RandomStream& random) {
  const double draw = random.uniform();
  const bool down = draw < 0.5;
  const double room = down ? u : 1 - u;
  const double share = down ? 2 * draw : 2 * (1 - draw);
  const double base = share + (1 - share) * std::pow(1 - room, kMutated + 1);
  const double change = 1 - std::pow(base, 1 / (kMutated + 1));
  return std::clamp(down ? u - change : u + change, 0.0, 1.0);
}

struct Chances {
  bool crosses = false;
  double mutation = 0.0;
};

// The child's value of a hyperparameter of which the parents have `one` and `other`.
Cell bred(const Param& param, Cell one, Cell other, const Chances& chances, RandomStream& random) {
  const bool crosses = chances.crosses && !(one == other) && random.below(2) == 0;
  const bool mutates = random.uniform() < chances.mutation;
  const std::uint64_t values = cardinality(param);
  const bool is_few = values != 0 && values <= kFewValues;
  if (mutates && (is_category(param) || is_few)) {
    return value_at(param, random.below(values));
  }
  if (is_category(param)) return crosses ? other : one;
  if (!crosses && !mutates) return one;
  double u = to_unit(param, one);
  if (crosses) u = crossed(u, to_unit(param, other), random);
  if (mutates) u = mutated(u, random);
  return from_unit(param, u);
}

}  // namespace

// ---- the population ------------------------------------------------------------------------------

// Finds the first front that has no member which precedes the new one. Members of that front that
// it precedes move to the next one, and so on.
void Nsga2Search::join(Member member) {
  member.order = joined_++;
  const auto is_beaten_in = [&](std::size_t rank) {
    return std::any_of(members_.begin(), members_.end(), [&](const Member& each) {
      return each.rank == rank && precedes(each.standing, member.standing);
    });
  };
  while (is_beaten_in(member.rank)) ++member.rank;
  std::size_t rank = member.rank;
  members_.push_back(std::move(member));
  std::vector<std::size_t> moved{members_.size() - 1};
  std::vector<std::size_t> pushed;
  for (; !moved.empty(); ++rank) {
    pushed.clear();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].rank != rank) continue;
      members_[i].room = -1.0;
      if (std::find(moved.begin(), moved.end(), i) != moved.end()) continue;
      const bool beaten = std::any_of(moved.begin(), moved.end(), [&](std::size_t other) {
        return precedes(members_[other].standing, members_[i].standing);
      });
      if (beaten) pushed.push_back(i);
    }
    for (const std::size_t i : pushed) members_[i].rank = rank + 1;
    moved.swap(pushed);
  }
}

void Nsga2Search::measure(std::size_t rank) {
  std::vector<std::size_t> at;
  std::vector<double> rows;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].rank != rank) continue;
    at.push_back(i);
    const std::vector<double>& row = members_[i].standing.objectives;
    rows.insert(rows.end(), row.begin(), row.end());
  }
  std::vector<std::size_t> front(at.size());
  for (std::size_t i = 0; i < front.size(); ++i) front[i] = i;
  const std::vector<double> rooms =
      crowding_distances({rows, members_[at.front()].standing.objectives.size()}, front);
  for (std::size_t i = 0; i < at.size(); ++i) members_[at[i]].room = rooms[i];
}

bool Nsga2Search::is_better(std::size_t a, std::size_t b) {
  if (members_[a].rank != members_[b].rank) return members_[a].rank < members_[b].rank;
  if (members_[a].room < 0) measure(members_[a].rank);
  if (members_[a].room != members_[b].room) return members_[a].room > members_[b].room;
  return members_[a].order < members_[b].order;
}

void Nsga2Search::drop_worst() {
  std::size_t worst = 0;
  for (std::size_t i = 1; i < members_.size(); ++i) {
    if (is_better(worst, i)) worst = i;
  }
  const std::size_t rank = members_[worst].rank;
  members_[worst] = std::move(members_.back());
  members_.pop_back();
  for (Member& member : members_) {
    if (member.rank == rank) member.room = -1.0;
  }
}

void Nsga2Search::catch_up(const Past& past) {
  const History& history = past.history();
  if (past.space().size() != space_size_ || history.revision() != revision_) {
    const Options options = options_;
    *this = Nsga2Search(options);
    space_size_ = past.space().size();
    revision_ = history.revision();
    sequence_ = Sobol(space_size_, past.seed);
    const std::uint64_t sixth = past.max_trials == 0 ? 50 : past.max_trials / 6;
    population_ = options.population != 0 ? static_cast<std::size_t>(options.population)
                                          : std::clamp<std::uint64_t>(sixth, 10, 50);
  }
  const auto add = [&](const auto& trial) {
    join({standing_of(trial, past.limits, past.objectives), trial.point});
    if (members_.size() > population_) drop_worst();
  };
  for (; imported_ < history.imported().size(); ++imported_) add(history.imported()[imported_]);
  for (; ended_ < history.ended().size(); ++ended_) {
    add(history.trials()[history.ended()[ended_]]);
  }
  DODONA_ASSERT(members_.size() <= population_);
}

// ---- proposals ---------------------------------------------------------------------------------

// The better one of two members.
std::size_t Nsga2Search::pick(RandomStream& random) {
  const auto a = static_cast<std::size_t>(random.below(members_.size()));
  const auto b = static_cast<std::size_t>(random.below(members_.size()));
  return is_better(a, b) ? a : b;
}

Point Nsga2Search::child(const Space& space, RandomStream& random) {
  const Point& one = members_[pick(random)].point;
  const Point& other = members_[pick(random)].point;
  const Chances chances{random.uniform() < kCrossing,
                        1 / static_cast<double>(std::max<std::size_t>(1, space.size()))};
  Point out(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, out)) continue;
    const Param& param = space.params()[i];
    const bool in_one = one.active(i), in_other = other.active(i);
    if (in_one || in_other) {
      out.set(i, bred(param, in_one ? one[i] : other[i], in_other ? other[i] : one[i], chances,
                      random));
    } else {
      out.set(i, from_unit(param, random.uniform()));
    }
  }
  return out;
}

void Nsga2Search::propose(const Past& past, std::uint64_t trial, Proposals& out) {
  try {
    choose(past, trial, out);
  } catch (...) {
    const Options options = options_;
    *this = Nsga2Search(options);  // parts of it may be half done
    throw;
  }
}

void Nsga2Search::choose(const Past& past, std::uint64_t trial, Proposals& out) {
  catch_up(past);
  const Space& space = past.space();
  RandomStream random(past.seed, trial, Purpose::kProposal);
  const auto is_fresh = [&](const Point& point) {
    return space.is_feasible(point) && !past.seen().contains(point);
  };
  Point point;
  const bool is_initial = trial + imported_ < population_ || members_.empty();
  Origin origin = is_initial ? Origin::kInitial : Origin::kModel;
  if (is_initial) {
    point = sobol_point(space, sequence_, trial);
  } else {
    point = child(space, random);
    const int broods = space.constraint_count() > 0 ? kBroodsOfConstraints : kBroods;
    for (int attempt = 1; attempt < broods && !is_fresh(point); ++attempt) {
      point = child(space, random);
    }
  }
  if (!is_fresh(point)) {
    origin = Origin::kRandom;
    if (!draw_fresh(space, past.seen(), random, point)) return nothing_left(past, out);
  }
  const char* const model = origin == Origin::kInitial ? "initial design"
                            : origin == Origin::kModel ? "NSGA-II"
                                                       : "random";
  const std::string note = past.explain(Note(model));
  out.push(point, {.tag = static_cast<std::uint64_t>(origin), .note = note});
}

}  // namespace dodona::common
