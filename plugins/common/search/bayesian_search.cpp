// SPDX-License-Identifier: Apache-2.0
#include "common/search/bayesian_search.hpp"

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/search/assert.hpp"
#include "common/search/gp_fit.hpp"
#include "common/search/opening.hpp"
#include "common/search/output_warp.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr std::uint64_t kScoresForModel = 2;

// Up to so many dimensions the quadratic has every second proposal, beyond every third one.
constexpr std::size_t kFewDims = 7;

// Log expected improvement, in deviations of the results, from which on little is expected. Then
// another value gets three proposals of four, or half of the climbs seek more than the best by a
// margin of 10^U(-2, -0.3) deviations. Chosen on tests/bench/quality; not measured one by one.
const double kConverged = std::log(1e-4);
constexpr std::uint64_t kOtherValueOf = 4;
constexpr std::uint64_t kMarginOf = 2;
constexpr double kMarginExponentMin = -2;
constexpr double kMarginExponents = 1.7;

// A process counts as noisy when its noise is e times what it may be at least.
constexpr double kNoisyAbove = kLogNoiseFloor + 1;

// The most hyperparameters that a note has room for; beyond, each proposal fits anew.
constexpr Index kNotedMax = 1000;

// The best results in whose neighbourhood climbs start: as in the prototype, and of a front. The
// latter is not measured.
constexpr std::size_t kCentres = 5;
constexpr std::size_t kCentresOfFront = 10;

// A step of the quadratic is worth a trial where it keeps the limits with this probability.
const double kLeastLogProbability = std::log(0.5);

// The name of a process's hyperparameters in notes.
std::string theta_name(std::size_t process) {
  return process == 0 ? "theta" : "theta_" + std::to_string(process + 1);
}

}  // namespace

void BayesianSearch::propose(const Past& past, std::uint64_t trial, Proposals& out) {
  std::optional<Choice> choice;
  try {
    choice = choose(past, trial);
  } catch (...) {
    forget();  // parts of it may be half done
    throw;
  }
  if (!choice) return nothing_left(past, out);
  const std::string note = past.explain(std::move(choice->note));
  out.push(choice->point, {.tag = static_cast<std::uint64_t>(choice->origin), .note = note});
}

std::vector<dodona_estimate> BayesianSearch::estimate(const Past& past,
                                                      std::span<const Point> points) {
  try {
    catch_up(past);
    if (!has_model()) throw Error(DODONA_E_STATE, "there are too few results for a model");
    surrogate_.update(past, features_, results_, adopted_);
    const OutputWarp warp(results_.at(0, surrogate_.active()));
    std::vector<dodona_estimate> out;
    for (const Point& point : points) {
      const auto posterior = surrogate_.gp(0).predict(features_.of(point));
      const double deviation = std::sqrt(posterior.variance);
      const double above = warp.objective_at(posterior.mean + deviation);
      const double below = warp.objective_at(posterior.mean - deviation);
      out.push_back({warp.objective_at(posterior.mean), (above - below) / 2});
    }
    return out;
  } catch (...) {
    forget();
    throw;
  }
}

void BayesianSearch::forget() {
  const Options options = options_;
  *this = BayesianSearch(options);
}

std::optional<Choice> BayesianSearch::choose(const Past& past, std::uint64_t trial) {
  catch_up(past);
  auto every = static_cast<std::uint64_t>(options_.local_every);
  // A few dimensions make a better quadratic, and another value is no model at all.
  const std::size_t few = features_.few().size(), all = features_.columns().size();
  if (every > 1 && few == 0 && all <= kFewDims) --every;
  if (every > 0 && few == all) ++every;
  const bool local = every > 0 && trial % every == every - 1;
  std::optional<Choice> choice = initial_choice(past, trial);
  if (!choice && local) choice = local_step(past, trial / every);
  if (!choice) choice = model_choice(past, trial, local);
  if (choice) return choice;
  RandomStream random(past.seed, trial, Purpose::kProposal);
  Choice drawn{Point(), Note("random"), Origin::kRandom};
  if (!draw_fresh(past.space(), past.seen(), random, drawn.point)) return std::nullopt;
  return drawn;
}

// ---- the past -----------------------------------------------------------------------------------

void BayesianSearch::catch_up(const Past& past) {
  const History& history = past.history();
  const Space& space = past.space();
  if (space.size() != space_size_ || space.constraint_count() != constraints_ ||
      history.revision() != revision_) {
    forget();
    space_size_ = space.size();
    constraints_ = space.constraint_count();
    features_ = Features(past.space());
    results_ = Results(past.objectives, past.limits);
    for (const ImportedTrial& trial : history.imported()) {
      results_.add(features_.of(trial.point), trial);
    }
    imported_ = history.imported().size();
    revision_ = history.revision();
  }
  for (; ended_ < history.ended().size(); ++ended_) {
    const std::uint64_t id = history.ended()[ended_];
    const PastTrial& trial = history.trials()[id];
    results_.add(features_.of(trial.point), trial);
    const bool keeps = results_.keeps(results_.size() - 1);
    region_.follow(trial, keeps ? trial.objective : std::nan(""), features_.of(trial.point));
  }
  DODONA_ASSERT(static_cast<std::size_t>(results_.size()) == imported_ + ended_);
  for (; noted_ < history.trials().size(); ++noted_) {
    adopt(history.trials()[noted_].note);
  }
}

// Takes over the fit that a note tells of, if it does.
void BayesianSearch::adopt(const std::string& note) {
  const auto rows = read_number(note, "fitted_to");
  if (!rows) return;
  ProcessFit fit{{}, static_cast<Index>(*rows)};
  for (std::size_t i = 0; i <= results_.objectives() + results_.limits(); ++i) {
    const std::vector<double> theta = read_numbers(note, theta_name(i));
    if (static_cast<Index>(theta.size()) != features_.shape().theta_size()) break;
    fit.thetas.emplace_back(VectorXd::Map(theta.data(), static_cast<Index>(theta.size())));
  }
  if (!fit.thetas.empty()) adopted_ = std::move(fit);
}

// Only once the processes are fitted.
bool BayesianSearch::is_noisy(std::size_t process) const {
  return surrogate_.fit().thetas[process][features_.shape().noise()] > kNoisyAbove;
}

std::optional<Choice> BayesianSearch::initial_choice(const Past& past, std::uint64_t trial) const {
  // Results of another study are as good as those of an initial design.
  const std::uint64_t given = results_.scores(static_cast<Index>(imported_));
  const bool enough = results_.scores(results_.size()) >= kScoresForModel;
  const std::uint64_t wanted = options_.initial_points > 0
                                   ? static_cast<std::uint64_t>(options_.initial_points)
                                   : opening_size(past, features_);
  if (trial + given >= wanted && enough) return std::nullopt;
  const Point point = opening_point(past, features_, results_, trial);
  if (past.seen().contains(point) || !past.space().is_feasible(point)) return std::nullopt;
  return Choice{point, Note("initial design"), Origin::kInitial};
}

// ---- the process --------------------------------------------------------------------------------

bool BayesianSearch::has_model() const {
  return features_.shape().size() > 0 && results_.scores(results_.size()) >= kScoresForModel;
}

std::optional<Choice> BayesianSearch::model_choice(const Past& past, std::uint64_t trial,
                                                   bool local) {
  if (!has_model()) return std::nullopt;
  const bool fitted_now = surrogate_.update(past, features_, results_, adopted_);
  Choice choice = best_climb(past, trial, fitted_now, local);
  if (choice.point.size() == 0) return std::nullopt;
  return choice;
}

// The step of the quadratic, unless the trial would likely fail or break a limit.
std::optional<Choice> BayesianSearch::local_step(const Past& past, std::uint64_t turn) {
  if (past.objectives != 1) return std::nullopt;
  std::optional<Choice> choice = region_.step(past, features_, results_, turn);
  if (!choice || results_.columns() == 1 || !has_model()) return choice;
  surrogate_.update(past, features_, results_, adopted_);
  const Acquisition acquisition(surrogate_.gps(), past.objectives, nullptr);
  const auto posteriors = acquisition.posteriors(features_.of(choice->point));
  if (acquisition.log_probability(posteriors) < kLeastLogProbability) return std::nullopt;
  return choice;
}

// Under noise a result counts as the process fits it.
Goal BayesianSearch::goal() const {
  const std::vector<Index>& active = surrogate_.active();
  MatrixXd values(static_cast<Index>(active.size()), static_cast<Index>(results_.objectives()));
  for (std::size_t k = 0; k < results_.objectives(); ++k) {
    values.col(static_cast<Index>(k)) =
        is_noisy(k) ? surrogate_.gp(k).fitted() : results_.targets(k, active);
  }
  std::vector<char> keeps;
  for (const Index i : active) keeps.push_back(results_.keeps(i) ? 1 : 0);
  const bool augmented = results_.objectives() == 1 && is_noisy(0);
  return {std::move(values), std::move(keeps), augmented ? surrogate_.gp(0).kernel().noise() : 0};
}

// The rows of the best results, in whose neighbourhood the search looks.
MatrixXd BayesianSearch::centres(RandomStream& random) const {
  const std::vector<Index>& active = surrogate_.active();
  const bool ranked = results_.objectives() > 1 || results_.limits() > 0;
  VectorXd keys = ranked ? results_.merits(active) : results_.targets(0, active);
  if (results_.objectives() > 1) {
    for (double& each : keys) each += random.uniform();  // any of a front
  }
  const std::vector<Index> order = order_by(keys);
  const std::size_t most = results_.objectives() > 1 ? kCentresOfFront : kCentres;
  const std::vector<Index> few(order.begin(),
                               order.begin() + static_cast<Index>(std::min(most, order.size())));
  return surrogate_.gp(0).points()(few, Eigen::all);
}

BayesianSearch::Found BayesianSearch::find(const Past& past, std::uint64_t trial, bool local,
                                           const Surrogate::Pending& pending, const Goal& goal) {
  RandomStream random(past.seed, trial, Purpose::kProposal);
  Acquisition acquisition(surrogate_.gps(), past.objectives, goal.utility(random));
  const MatrixXd near = centres(random);
  // Under noise the top of the acquisition is often a corner of the cube of which nothing is known.
  const bool stay = past.objectives == 1 && is_noisy(0) && features_.few().empty();
  VectorXd values;
  const auto look = [&] {
    values = surrogate_.candidates().values(past.host, acquisition, pending.settled());
    return climbs(past, features_, acquisition, surrogate_.candidates(), values, near, stay,
                  random);
  };
  std::vector<Climb> found = look();
  double margin = 0;
  const bool converged = !found.empty() && found.front().value < kConverged;
  std::optional<OtherValue> other;
  if (!features_.few().empty()) {
    if (local || (converged && random.below(kOtherValueOf) != 0)) {
      other = other_value(past, features_, acquisition, goal, home(goal, random), random);
    }
  } else if (past.objectives == 1 && converged && random.below(kMarginOf) == 0) {
    // Where it is has nothing more to give: look for what is better by a margin.
    margin = std::pow(10.0, kMarginExponentMin + kMarginExponents * random.uniform());
    acquisition = acquisition.with(goal.utility(random, margin));
    found = look();
  }
  return {std::move(found), std::move(other), acquisition, std::move(values), margin};
}

// The result from which another value is tried: the best one, or any of the front.
Index BayesianSearch::home(const Goal& goal, RandomStream& random) const {
  const std::vector<Index> front = goal.front();
  if (front.empty()) {
    Index best = 0;
    results_.merits(surrogate_.active()).minCoeff(&best);
    return best;
  }
  return front.size() == 1 ? front.front() : front[random.below(front.size())];
}

Choice BayesianSearch::best_climb(const Past& past, std::uint64_t trial, bool fitted_now,
                                  bool local) {
  Goal improved = goal();
  const auto& running = past.history().running();
  MatrixXd rows(static_cast<Index>(running.size()), features_.shape().size());
  Index filled = 0;
  for (const std::uint64_t id : running) {
    const VectorXd row = features_.of(past.history().trials()[id].point);
    believe(row, improved);
    rows.row(filled++) = row.transpose();
  }
  const Surrogate::Pending pending(surrogate_, rows);
  const Found found = find(past, trial, local, pending, improved);

  Choice choice{Point(), Note("Gaussian process"), Origin::kModel};
  Acquisition acquisition = found.acquisition;
  const bool dense = features_.all_continuous();
  const std::vector<const GaussianProcess*> gps = surrogate_.gps();
  const auto take = [&](const Point& point) {
    const VectorXd row = features_.of(point);
    const bool fresh =
        !past.seen().contains(point) &&
        (!dense || std::all_of(gps.begin(), gps.end(), [&](const GaussianProcess* gp) {
          return is_apart(gp->points(), row, kDistinct);
        }));
    if (fresh) choice.point = point;
    return fresh;
  };
  const bool moved = found.other && take(found.other->climb.point);
  if (moved) {
    choice.note = Note("Gaussian process at another value");
    acquisition = found.other->acquisition;
  }
  const bool climbed = moved || std::any_of(found.climbs.begin(), found.climbs.end(),
                                            [&](const Climb& c) { return take(c.point); });
  if (!climbed) {
    const std::vector<Index> order = order_by(-found.values);
    static_cast<void>(std::any_of(order.begin(), order.end(), [&](Index i) {
      return take(surrogate_.candidates().point(static_cast<std::size_t>(i)));
    }));
  }
  if (choice.point.size() != 0) {
    explain(past.space(), acquisition, features_.of(choice.point), found.margin, fitted_now,
            choice.note);
  }
  return choice;
}

// Adds the expected result of a running trial, if it is expected to keep the limits.
void BayesianSearch::believe(const VectorXd& row, Goal& goal) const {
  VectorXd values(static_cast<Index>(results_.objectives()));
  for (std::size_t k = 0; k < surrogate_.size(); ++k) {
    const double mean = surrogate_.gp(k).mean_at(row);
    if (k < results_.objectives()) {
      values[static_cast<Index>(k)] = mean;
    } else if (mean > 0) {
      return;
    }
  }
  goal.believe(values);
}

void BayesianSearch::explain(const Space& space, const Acquisition& acquisition,
                             const VectorXd& row, double margin, bool fitted_now,
                             Note& note) const {
  const std::vector<GaussianProcess::Posterior> posteriors = acquisition.posteriors(row);
  const std::size_t objectives = results_.objectives();
  VectorXd means(static_cast<Index>(objectives)), deviations(static_cast<Index>(objectives));
  for (std::size_t k = 0; k < objectives; ++k) {
    means[static_cast<Index>(k)] = posteriors[k].mean;
    deviations[static_cast<Index>(k)] = std::sqrt(posteriors[k].variance);
  }
  const double log_probability = acquisition.log_probability(posteriors);
  if (acquisition.has_utility()) {
    note.number(objectives == 1 ? "log_expected_improvement" : "log_expected_front_improvement",
                acquisition.at(posteriors) - log_probability);
  }
  if (acquisition.limits() > 0) note.number("log_probability_feasible", log_probability);
  if (objectives == 1) {
    // In units of the objective, for people.
    const OutputWarp warp(results_.at(0, surrogate_.active()));
    const double above = warp.objective_at(means[0] + deviations[0]);
    const double below = warp.objective_at(means[0] - deviations[0]);
    note.number("expected", warp.objective_at(means[0])).number("deviation", (above - below) / 2);
  } else {
    note.numbers("mean", means).numbers("deviation", deviations);
  }
  if (margin > 0) note.number("margin", margin);
  const std::vector<VectorXd>& thetas = surrogate_.fit().thetas;
  const auto noted = static_cast<Index>(thetas.size()) * thetas.front().size();
  if (!fitted_now || noted > kNotedMax) return;
  note.number("fitted_to", static_cast<double>(surrogate_.fit().rows));
  // Members that are read back come first: a hyperparameter may have any name.
  for (std::size_t k = 0; k < thetas.size(); ++k) note.numbers(theta_name(k), thetas[k]);
  std::vector<std::pair<std::string_view, double>> scales;
  for (Index c = 0; c < features_.shape().numeric; ++c) {
    const std::size_t param = features_.columns()[static_cast<std::size_t>(c)].param;
    scales.emplace_back(space.params()[param].name, std::exp(thetas.front()[c]));
  }
  note.members("length_scales", scales);
}

}  // namespace dodona::common
