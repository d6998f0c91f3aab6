// SPDX-License-Identifier: Apache-2.0
//
// Oracle `hyperband`: many trials for few epochs, and the best of them for more and more.
//
// A bracket starts random trials in its round 0. A trial is promoted to the next round as soon as
// it is certain to be among the best of its round. It goes on from its last checkpoint, so no
// epoch is trained twice. When no trial of the open brackets can run, the next bracket begins, so
// brackets overlap if trials run in parallel. The largest bracket comes first. After the smallest
// one the next iteration begins.
//
// The best is by how far a trial is from keeping the study's limits, then by the front that it is of
// among those that may yet be promoted, then by the room around it there.
//
// A trial that failed, was stopped early or has no finite objective is a loser of its round. A
// round gets fewer trials than planned if the round before had too few good ones, or if a finite
// space has no points left. Every bracket ends.
//
// Cost: O(log n) for an event; a proposal looks at the open brackets, and at all of a round if there
//       are several objectives. In a finite space without points left a proposal costs O(trials).
#include "brackets.hpp"
#include "common/oracle/fresh_points.hpp"
#include "common/oracle/standing.hpp"

#include <dodona/convert.hpp>
#include <dodona/history.hpp>
#include <dodona/pareto.hpp>
#include <dodona/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

// The place of a trial in the table. Its tag is never 0: trials of other origin have that tag.
struct Place {
  std::uint64_t bracket_index = 0;  // brackets of all iterations, in the order of opening
  std::uint64_t round = 0;

  std::uint64_t tag() const { return (bracket_index + 1) << 8 | round; }
  static Place of(std::uint64_t tag) { return {(tag >> 8) - 1, tag & 0xFF}; }
};

// A good trial; the best ones come first if there is one objective, and the earliest of equal ones.
using Ready = std::tuple<double, double, std::uint64_t>;  // violation, first objective, id

struct Round {
  std::uint64_t members = 0;
  std::uint64_t ended = 0;
  std::uint64_t good = 0;
  std::uint64_t promoted = 0;
  std::set<Ready> ready{};  // good and not promoted
};

std::uint64_t max_epochs_of(const dodona::StudyContext& context) {
  const auto given = static_cast<std::uint64_t>(context.options.get<std::int64_t>("max_epochs"));
  const std::uint64_t max_steps = context.study.max_steps;
  if (given == 0) return max_steps != 0 ? max_steps : 100;
  if (max_steps != 0 && given > max_steps) {
    throw dodona::Error(DODONA_E_INVALID, "option \"max_epochs\" " + std::to_string(given) +
                                              " is above \"max_steps\" " +
                                              std::to_string(max_steps) + " of the study");
  }
  return given;
}

std::uint64_t option(const dodona::StudyContext& context, const char* name) {
  return static_cast<std::uint64_t>(context.options.get<std::int64_t>(name));
}

class Hyperband {
 public:
  explicit Hyperband(const dodona::StudyContext& context)
      : seed_(context.study.seed),
        objectives_(context.study.objective_count),
        limits_(dodona::limits_of(context.study).size()),
        table_(max_epochs_of(context), option(context, "factor")),
        iterations_(option(context, "hyperband_iterations")) {}

  void set_space(const dodona::Space& space) {
    space_ = &space;
    history_.set_space(space);
  }

  void observe(const dodona_event& event) {
    const std::size_t proposed = history_.trials().size();
    const std::size_t ended = history_.ended().size();
    history_.observe(event);
    if (history_.trials().size() > proposed) join(event.trial);
    if (history_.ended().size() > ended) end(event.trial);
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dry_ = false;
    while (first_open_ < brackets_.size() && is_finished(first_open_)) ++first_open_;
    for (std::uint64_t index = first_open_; index < brackets_.size(); ++index) {
      if (propose_in(index, trial, out)) return;
    }
    const bool last = iterations_ != 0 && brackets_.size() / table_.count() >= iterations_;
    if (!last && start_trial(brackets_.size(), trial, out)) return;
    if (!running_.empty()) {
      out.wait();
    } else {
      out.exhausted();
    }
  }

 private:
  using Bracket = std::vector<Round>;

  // The bracket of an index: an iteration opens its brackets from the largest down.
  std::uint64_t bracket_of(std::uint64_t index) const {
    return table_.count() - 1 - index % table_.count();
  }

  // The place of a trial that this oracle proposed. A log may also have trials of the user, and of
  // another oracle or other options of an earlier configuration: they have no place.
  std::optional<Place> place_of(const dodona::PastTrial& trial) const {
    if (trial.tag >> 8 == 0) return std::nullopt;
    const Place place = Place::of(trial.tag);
    if (place.bracket_index > brackets_.size()) return std::nullopt;
    const std::uint64_t bracket = bracket_of(place.bracket_index);
    if (place.round > bracket) return std::nullopt;
    if (trial.budget != table_.epochs(bracket, place.round)) return std::nullopt;
    if ((place.round > 0) != (trial.resume_of != DODONA_NO_TRIAL)) return std::nullopt;
    return place;
  }

  void join(std::uint64_t id) {
    const dodona::PastTrial& trial = history_.trials()[id];
    seen_.insert(trial.point);
    const auto place = place_of(trial);
    if (!place) return;
    if (place->bracket_index == brackets_.size()) {
      brackets_.emplace_back(bracket_of(place->bracket_index) + 1);
    }
    Bracket& bracket = brackets_[place->bracket_index];
    ++bracket[place->round].members;
    running_.emplace(id, *place);
    if (place->round == 0) return;
    Round& before = bracket[place->round - 1];
    before.promoted += before.ready.erase(ready(trial.resume_of));
  }

  void end(std::uint64_t id) {
    const dodona::PastTrial& trial = history_.trials()[id];
    seen_.insert(trial.point);
    const auto ours = running_.find(id);
    if (ours == running_.end()) return;
    Round& round = brackets_[ours->second.bracket_index][ours->second.round];
    running_.erase(ours);
    ++round.ended;
    if (!trial.succeeded()) return;
    ++round.good;
    round.ready.insert(ready(id));
  }

  Ready ready(std::uint64_t id) const {
    const dodona::PastTrial& trial = history_.trials()[id];
    return {dodona::common::standing_of(trial, limits_, objectives_).violation, trial.objective,
            id};
  }

  // The values of a trial for a promotion. Hyperparameters that joined the space after it take their
  // defaults.
  dodona::Point continued(std::uint64_t id) const {
    return dodona::common::completed(*space_, history_.trials()[id].point);
  }

  // Without the trials whose values break what the space has come to require.
  std::set<Ready> promotable(const Round& round) const {
    std::set<Ready> ready = round.ready;
    if (space_->constraint_count() == 0) return ready;
    std::erase_if(ready, [&](const Ready& each) {
      return !space_->is_feasible(continued(std::get<2>(each)));
    });
    return ready;
  }

  // The trial to promote, of those that come nearest to keeping all limits.
  std::uint64_t best_of(const std::set<Ready>& ready) const {
    if (objectives_ < 2) return std::get<2>(*ready.begin());
    std::vector<std::uint64_t> ids;
    std::vector<double> rows;
    for (const auto& [violation, objective, id] : ready) {
      if (violation != std::get<0>(*ready.begin())) break;
      ids.push_back(id);
      const std::vector<double> row =
          dodona::common::standing_of(history_.trials()[id], limits_, objectives_).objectives;
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return ids[dodona::front_order({rows, objectives_}).order.front()];
  }

  // True if no trial will ever join the bracket.
  bool is_finished(std::uint64_t index) const {
    const std::uint64_t bracket = bracket_of(index);
    std::uint64_t size = table_.size(bracket, 0);
    for (std::uint64_t at = 0; at <= bracket; ++at) {
      const Round& round = brackets_[index][at];
      if (round.ended != size) return false;
      if (at < bracket) size = std::min(table_.size(bracket, at + 1), round.good);
    }
    return true;
  }

  bool propose_in(std::uint64_t index, std::uint64_t trial, dodona::Proposals& out) {
    const Bracket& rounds = brackets_[index];
    const std::uint64_t bracket = bracket_of(index);
    std::uint64_t size = table_.size(bracket, 0);
    if (rounds[0].members < size) {
      if (start_trial(index, trial, out)) return true;
      size = rounds[0].members;
    }
    for (std::uint64_t next = 1; next <= bracket; ++next) {
      const Round& round = rounds[next - 1];
      const std::uint64_t planned = table_.size(bracket, next);
      const bool closed = round.members == size && round.ended == size;
      const std::uint64_t places = closed ? std::min(planned, round.good) : planned;
      const std::uint64_t losers = size > planned ? size - planned : 0;
      const bool certain = round.ended - round.promoted > losers;
      if (rounds[next].members < places && certain) {
        const std::set<Ready> ready = promotable(round);
        if (!ready.empty()) {
          push(continued(best_of(ready)), {index, next}, best_of(ready), out);
          return true;
        }
      }
      size = places;
    }
    return false;
  }

  bool start_trial(std::uint64_t index, std::uint64_t trial, dodona::Proposals& out) {
    if (dry_) return false;
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    dodona::Point point;
    dry_ = !dodona::common::draw_fresh(*space_, seen_, random, point);
    if (!dry_) push(point, {index, 0}, DODONA_NO_TRIAL, out);
    return !dry_;
  }

  void push(const dodona::Point& point, Place place, std::uint64_t parent,
            dodona::Proposals& out) const {
    const std::uint64_t bracket = bracket_of(place.bracket_index);
    const std::string note =
        "{\"iteration\":" + std::to_string(place.bracket_index / table_.count()) +
        ",\"bracket\":" + std::to_string(bracket) + ",\"round\":" + std::to_string(place.round) +
        "}";
    dodona::Proposal more;
    more.budget = table_.epochs(bracket, place.round);
    if (place.round > 0) more.start_step = table_.epochs(bracket, place.round - 1);
    more.resume_of = parent;
    more.tag = place.tag();
    more.note = note;
    out.push(point, more);
  }

  std::uint64_t seed_;
  std::uint64_t objectives_;
  std::size_t limits_;
  hyperband::Brackets table_;
  std::uint64_t iterations_;  // 0: without end
  const dodona::Space* space_ = nullptr;
  dodona::History history_{dodona::Reports::kDropped};
  dodona::common::SeenPoints seen_;
  std::vector<Bracket> brackets_;
  std::uint64_t first_open_ = 0;            // all brackets before it are finished
  std::map<std::uint64_t, Place> running_;  // running trials of this oracle
  bool dry_ = false;                        // true: this proposal found no new point
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Hyperband>(
    {.id = "org.dodona.hyperband",
     .name = "hyperband",
     .description = "many random trials for few epochs, the best of them for more and more",
     .flags = DODONA_FLAG_RESUMES | DODONA_FLAG_ENDS | DODONA_FLAG_OBJECTIVES},
    dodona::option("max_epochs", 0,
                   "epochs of a trial that wins its bracket; 0: max_steps of the study, else 100. "
                   "A power of factor makes the brackets even",
                   {.low = 0}),
    dodona::option("factor", 3,
                   "how many times fewer trials each round keeps, for as many times more epochs. "
                   "Larger: sooner decisions, and fewer brackets",
                   {.low = 2}),
    dodona::option(
        "hyperband_iterations", 1,
        "how often all brackets run; 0: until the study ends otherwise. Each costs about "
        "max_epochs * (log_factor(max_epochs) + 1)^2 epochs",
        {.low = 0})))
