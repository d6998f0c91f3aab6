// SPDX-License-Identifier: Apache-2.0
//
// Oracle `evolution`: differential evolution over mixed spaces with conditions.
//
// The first trials are spread over the space and become the population. Each later trial is the
// child of one member, its target: it moves towards one of the best members and along the
// difference of two others. A child that is no worse takes its target's place. No generation waits
// for its last trial: the next child is made of the members that there are.
//
// Numbers move in the unit cube. A category has no distances: it is taken from a good member, or
// drawn anew where the two others differ. A member takes part where its hyperparameter is active.
//
// The state is a fold over the log: `observe` alone changes it. The random numbers of a proposal
// come from the study's seed and the trial's id.
//
// Source: Storn & Price (1997), J. Glob. Optim. 11:341-359; Zhang & Sanderson (2009), IEEE Trans.
//         Evol. Comput. 13:945-958, current-to-pbest/1 and its rule for bounds.
// Cost:   some microseconds for a proposal; about 300 bytes for each trial.
#include <dodona/history.hpp>
#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

class Evolution {
 public:
  explicit Evolution(const dodona::StudyContext& context)
      : seed_(context.study.seed),
        population_(static_cast<std::size_t>(context.options.get<std::int64_t>("population"))) {}

  void set_space(const dodona::Space& space) {
    space_ = &space;
    history_.set_space(space);
  }

  void observe(const dodona_event& event) {
    const std::size_t imported = history_.imported().size();
    history_.observe(event);
    if (history_.imported().size() > imported) {
      const dodona::ImportedTrial& trial = history_.imported().back();
      if (trial.state == DODONA_COMPLETED) select(trial.point, trial.objective, 0);
    }
    if (event.trial >= history_.trials().size()) return;
    const dodona::PastTrial& trial = history_.trials()[event.trial];
    if (event.type == DODONA_EVENT_PROPOSED) {
      seen_.insert(key_of(trial.point));
      if (!trial.enqueued) ++(trial.tag == 0 ? spread_ : children_);
    }
    if (event.type == DODONA_EVENT_FINISHED) {
      seen_.insert(key_of(trial.point));  // with the values that it was given while it ran
      if (trial.succeeded()) select(trial.point, trial.objective, trial.tag);
    }
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    const bool filling = members_.size() + history_.running().size() < population_;
    const bool evolves = members_.size() >= kParents && !filling;
    const std::size_t target = evolves ? children_ % members_.size() : 0;
    bool feasible = false;
    for (int draw = 0, attempt = 0; draw < kDrawsMax && attempt < kDraws; ++draw) {
      // Its children are all known, or break constraints.
      const bool guesses = attempt >= kChildren || draw >= kDraws;
      const dodona::Point point = guesses   ? spread(population_, random)
                                  : evolves ? child(target, random)
                                            : spread(spread_, random);
      if (!space_->is_feasible(point)) continue;
      feasible = true;
      ++attempt;
      if (seen_.contains(key_of(point))) continue;
      // The tag comes back in the event, and says whose place the trial may take.
      out.push(point, {.tag = evolves ? target + 1 : 0});
      return;
    }
    if (!feasible) {
      throw dodona::Error(DODONA_E_INFEASIBLE,
                          "none of " + std::to_string(kDrawsMax) + " draws keeps all constraints");
    }
    if (history_.running().empty()) {
      out.exhausted();
    } else {
      out.wait();  // a running trial may yet meet a new hyperparameter
    }
  }

 private:
  struct Member {
    dodona::Point point;
    double objective;  // smaller is better
  };
  struct Parents {
    const dodona::Point &target, &best, &plus, &minus;
    double factor;  // of differences
  };

  static constexpr std::size_t kParents = 4;
  static constexpr int kChildren = 32;      // draws of a child that no trial has had
  static constexpr int kDraws = 1000;       // after so many known points the space is exhausted
  static constexpr int kDrawsMax = 200000;  // of points that keep the constraints

  // Two points with one key are equal.
  static std::string key_of(const dodona::Point& point) {
    std::string key;
    for (const dodona::Assignment& each : point.assignments()) {
      key += std::to_string(each.param) + '=' + std::to_string(each.cell.whole()) + ' ';
    }
    return key;
  }

  // A result enters the population: in the place of its target, or of the worst member.
  void select(const dodona::Point& point, double objective, std::uint64_t tag) {
    if (!std::isfinite(objective)) return;
    const bool has_target = tag > 0 && tag <= members_.size();
    if (!has_target && members_.size() < population_) {
      members_.push_back({point, objective});
      return;
    }
    Member& rival =
        has_target ? members_[tag - 1] : *std::max_element(members_.begin(), members_.end(), worse);
    if (objective <= rival.objective) rival = {point, objective};
  }
  static bool worse(const Member& a, const Member& b) { return a.objective < b.objective; }

  // The point with this number of a Latin hypercube: along each axis the first `population_` points
  // lie in shares of their own. Later numbers give independent points.
  dodona::Point spread(std::uint64_t number, dodona::RandomStream& random) const {
    dodona::Point point(space_->size());
    for (std::size_t i = 0; i < space_->size(); ++i) {
      double u = random.uniform();  // drawn for inactive ones too, so that the others keep theirs
      if (number < population_) {
        u = (static_cast<double>(share(i, number)) + u) / static_cast<double>(population_);
      }
      if (space_->is_active(i, point)) point.set(i, from_unit(space_->params()[i], u));
    }
    return point;
  }

  // The share of an axis that belongs to a number: a permutation for each axis.
  std::size_t share(std::size_t axis, std::uint64_t number) const {
    dodona::RandomStream random(seed_, axis, dodona::Purpose::kProposal, 1);
    std::vector<std::size_t> shares(population_);
    std::iota(shares.begin(), shares.end(), std::size_t{0});
    for (std::size_t i = 0; i <= number; ++i) {
      std::swap(shares[i], shares[i + random.below(shares.size() - i)]);
    }
    return shares[number];
  }

  dodona::Point child(std::size_t target, dodona::RandomStream& random) const {
    std::vector<std::size_t> order(members_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return members_[a].objective < members_[b].objective;
    });
    const std::size_t best = order[random.below(std::max<std::size_t>(2, order.size() / 5))];
    std::erase(order, target);
    const std::size_t plus = random.below(order.size());
    std::swap(order[plus], order.back());
    const std::size_t minus = random.below(order.size() - 1);
    const Parents parents{members_[target].point, members_[best].point,
                          members_[order.back()].point, members_[order[minus]].point,
                          0.4 + 0.5 * random.uniform()};

    const double crossover = 0.5 + 0.5 * random.uniform();
    const std::size_t forced = random.below(std::max<std::size_t>(1, space_->size()));
    dodona::Point point(space_->size());
    for (std::size_t i = 0; i < space_->size(); ++i) {
      const bool crosses = random.uniform() < crossover || i == forced;
      const double first = random.uniform();
      const double second = random.uniform();
      if (!space_->is_active(i, point)) continue;
      const bool inherits = !crosses && parents.target.active(i);
      point.set(i, inherits ? parents.target[i] : mutant(i, parents, first, second));
    }
    return point;
  }

  // The mutant's value of hyperparameter i. Two numbers in [0, 1) decide what is random.
  dodona::Cell mutant(std::size_t i, const Parents& parents, double first, double second) const {
    const dodona::Param& param = space_->params()[i];
    const auto& [target, best, plus, minus, factor] = parents;
    if (!target.active(i) && !best.active(i)) return from_unit(param, first);
    const bool differ = plus.active(i) && minus.active(i) && plus[i] != minus[i];
    const dodona::Point& start = target.active(i) ? target : best;
    const bool attracted = target.active(i) && best.active(i);

    const bool is_category = param.type != dodona::ParamType::kInt &&
                             param.type != dodona::ParamType::kFloat && !param.ordered;
    if (is_category) {
      if (differ && first < factor) return from_unit(param, first / factor);
      return attracted && second < factor ? best[i] : start[i];
    }
    const double from = to_unit(param, start[i]);
    double u = from;
    if (attracted) u += factor * (to_unit(param, best[i]) - from);
    if (differ) u += factor * (to_unit(param, plus[i]) - to_unit(param, minus[i]));
    if (u < 0) u = from * first;  // between the bound and where it came from
    if (u > 1) u = 1 - (1 - from) * first;
    return from_unit(param, u);
  }

  std::uint64_t seed_;
  std::size_t population_;
  const dodona::Space* space_ = nullptr;
  dodona::History history_{dodona::Reports::kDropped};
  std::set<std::string> seen_;  // keys of all points that a trial has had
  std::vector<Member> members_;
  std::uint64_t spread_ = 0;    // trials that were to fill the population
  std::uint64_t children_ = 0;  // trials that descend from members
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Evolution>(
    {.id = "org.example.evolution",
     .name = "evolution",
     .description = "differential evolution: children of the best points take their places"},
    dodona::option("population", 12,
                   "number of points that evolve. More: a wider search, which needs more trials",
                   {.low = 4, .high = 1000})))
