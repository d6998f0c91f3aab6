// SPDX-License-Identifier: Apache-2.0
#include "common/search/bayesian_search.hpp"

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/search/assert.hpp"
#include "common/search/gp_fit.hpp"
#include "common/search/output_warp.hpp"
#include "common/search/sobol.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

// 20 points were the best number in the prototype (mean log regret -2.60 to -2.67 together with the
// noise floor, 5 dimensions, 100 trials). Fewer where there are fewer hyperparameters, and at most
// a fifth of the trials, so that a small study has a model: not measured one by one.
constexpr std::size_t kInitialByDimension = 2;
constexpr std::size_t kInitialMin = 6;
constexpr std::size_t kInitialMax = 20;
constexpr std::size_t kInitialOfTrials = 5;  // one part in so many
constexpr std::size_t kInitialMinOfTrials = 3;
constexpr std::uint64_t kScoresForModel = 2;

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

// The most results that a note has room for; beyond, each proposal fits anew.
constexpr Index kNotedMax = 1000;

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
    const auto& known = results_.objectives();
    const auto scores =
        std::count_if(known.begin(), known.end(), [](double y) { return std::isfinite(y); });
    const bool enough = static_cast<std::uint64_t>(scores) >= kScoresForModel;
    if (!enough || features_.shape().size() == 0)
      throw Error(DODONA_E_STATE, "there are too few results for a model");
    surrogate_.update(past, features_, results_, adopted_);
    const OutputWarp warp(results_.at(surrogate_.active()));
    std::vector<dodona_estimate> out;
    for (const Point& point : points) {
      const auto posterior = surrogate_.gp().predict(features_.of(point));
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
  const bool tabular = features_.few().size() == features_.columns().size();
  if (every > 0 && tabular) ++every;
  const bool local = every > 0 && trial % every == every - 1;
  std::optional<Choice> choice = initial_choice(past, trial);
  if (!choice && local) choice = region_.step(past, features_, results_, trial / every);
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
  if (past.space().size() != space_size_ || history.imports() != imports_) {
    forget();
    space_size_ = past.space().size();
    features_ = Features(past.space());
    for (const ImportedTrial& trial : history.imported()) {
      results_.add(features_.of(trial.point), trial.objective);
    }
    imported_ = history.imported().size();
    imports_ = history.imports();
  }
  for (; ended_ < history.ended().size(); ++ended_) {
    const std::uint64_t id = history.ended()[ended_];
    const PastTrial& trial = history.trials()[id];
    results_.add(features_.of(trial.point), trial.objective);
    region_.follow(trial, features_.of(trial.point));
  }
  DODONA_ASSERT(static_cast<std::size_t>(results_.size()) == imported_ + ended_);
  for (; noted_ < history.trials().size(); ++noted_) {
    const std::string& note = history.trials()[noted_].note;
    const std::vector<double> theta = theta_of(note);
    const auto rows = read_number(note, "fitted_to");
    if (!rows || theta.empty()) continue;
    adopted_.theta = VectorXd::Map(theta.data(), static_cast<Index>(theta.size()));
    adopted_.rows = static_cast<Index>(*rows);
  }
}

// The hyperparameters of the process that a note tells of, or nothing.
std::vector<double> BayesianSearch::theta_of(const std::string& note) const {
  std::vector<double> theta = read_numbers(note, "theta");
  if (static_cast<Index>(theta.size()) != features_.shape().theta_size()) theta.clear();
  return theta;
}

bool BayesianSearch::is_noisy(const std::vector<double>& theta) const {
  return theta[static_cast<std::size_t>(features_.shape().noise())] > kNoisyAbove;
}

std::size_t BayesianSearch::initial_points(const Past& past) const {
  if (options_.initial_points > 0) return static_cast<std::size_t>(options_.initial_points);
  const auto by_dimension = std::clamp<std::size_t>(
      kInitialByDimension * features_.columns().size(), kInitialMin, kInitialMax);
  if (past.max_trials == 0) return by_dimension;
  return std::min<std::size_t>(
      by_dimension, std::max<std::size_t>(kInitialMinOfTrials, past.max_trials / kInitialOfTrials));
}

std::optional<Choice> BayesianSearch::initial_choice(const Past& past, std::uint64_t trial) const {
  const auto scores_below = [&](std::size_t count) {
    const auto begin = results_.objectives().begin();
    return static_cast<std::uint64_t>(std::count_if(begin,
                                                    begin + static_cast<std::ptrdiff_t>(count),
                                                    [](double y) { return std::isfinite(y); }));
  };
  // Results of another study are as good as those of an initial design.
  const std::uint64_t given = scores_below(imported_);
  const bool enough = scores_below(results_.objectives().size()) >= kScoresForModel;
  if (trial + given >= initial_points(past) && enough) return std::nullopt;
  const Sobol sobol(past.space().size(), past.seed);
  const Point point = sobol_point(past.space(), sobol, trial);
  if (past.seen().contains(point)) return std::nullopt;
  return Choice{point, Note("initial design"), Origin::kInitial};
}

// ---- the process --------------------------------------------------------------------------------

std::optional<Choice> BayesianSearch::model_choice(const Past& past, std::uint64_t trial,
                                                   bool local) {
  if (features_.shape().size() == 0 || results_.size() < static_cast<Index>(kScoresForModel))
    return std::nullopt;
  const bool fitted_now = surrogate_.update(past, features_, results_, adopted_);
  Choice choice = best_climb(past, trial, fitted_now, local);
  if (choice.point.size() == 0) return std::nullopt;
  return choice;
}

BayesianSearch::Found BayesianSearch::find(const Past& past, std::uint64_t trial, bool local,
                                           const Surrogate::Pending& pending, double best,
                                           double noise, const VectorXd& y) {
  const GaussianProcess& gp = surrogate_.gp();
  RandomStream random(past.seed, trial, Purpose::kProposal);
  const VectorXd targets = results_.warped(surrogate_.active());
  Acquisition acquisition(gp, best, noise);
  const auto climb_all = [&](const VectorXd& values) {
    return climbs(past, features_, acquisition, surrogate_.candidates(), values, targets, random);
  };
  VectorXd values = surrogate_.candidates().values(past.host, acquisition, pending.settled());
  std::vector<Climb> found = climb_all(values);
  DODONA_ASSERT(!found.empty());
  double margin = 0;
  const bool converged = found.front().value < kConverged;
  std::optional<OtherValue> other;
  if (!features_.few().empty()) {
    if (local || (converged && random.below(kOtherValueOf) != 0)) {
      other = other_value(past, features_, gp, y, noise, random);
    }
  } else if (converged && random.below(kMarginOf) == 0) {
    // Where it is has nothing more to give: look for what is better by a margin.
    margin = std::pow(10.0, kMarginExponentMin + kMarginExponents * random.uniform());
    acquisition = Acquisition(gp, best - margin, noise);
    values = surrogate_.candidates().values(past.host, acquisition, pending.settled());
    found = climb_all(values);
  }
  return {std::move(found), std::move(other), acquisition, std::move(values), margin};
}

Choice BayesianSearch::best_climb(const Past& past, std::uint64_t trial, bool fitted_now,
                                  bool local) {
  GaussianProcess& gp = surrogate_.gp();
  Surrogate::Pending pending(gp);
  const std::vector<double> theta(surrogate_.fit().theta.begin(), surrogate_.fit().theta.end());
  const bool noisy = is_noisy(theta);
  const double noise = noisy ? gp.kernel().noise() : 0;
  const VectorXd y = noisy ? gp.fitted() : results_.warped(surrogate_.active());
  double best = y.minCoeff();
  // The believed result of a running trial is no improvement for the next one.
  for (const std::uint64_t id : past.history().running()) {
    const VectorXd row = features_.of(past.history().trials()[id].point);
    best = std::min(best, gp.predict(row).mean);
    pending.add(row);
  }
  const Found found = find(past, trial, local, pending, best, noise, y);

  Choice choice{Point(), Note("Gaussian process"), Origin::kModel};
  Acquisition acquisition = found.acquisition;
  const bool dense = features_.all_continuous();
  const auto take = [&](const Point& point) {
    const VectorXd row = features_.of(point);
    const bool fresh =
        !past.seen().contains(point) && (!dense || is_apart(gp.points(), row, kDistinct));
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

void BayesianSearch::explain(const Space& space, const Acquisition& acquisition,
                             const VectorXd& row, double margin, bool fitted_now,
                             Note& note) const {
  const auto posterior = acquisition.gp().predict(row);
  note.number("log_expected_improvement", acquisition.at(posterior.mean, posterior.variance))
      .number("mean", posterior.mean)
      .number("deviation", std::sqrt(posterior.variance));
  if (margin > 0) note.number("margin", margin);
  const VectorXd& theta = surrogate_.fit().theta;
  if (!fitted_now || theta.size() > kNotedMax) return;
  note.number("fitted_to", static_cast<double>(surrogate_.fit().rows));
  std::vector<std::pair<std::string_view, double>> scales;
  for (Index c = 0; c < features_.shape().numeric; ++c) {
    const std::size_t param = features_.columns()[static_cast<std::size_t>(c)].param;
    scales.emplace_back(space.params()[param].name, std::exp(theta[c]));
  }
  // Members that are read back come first: a hyperparameter may have any name.
  note.numbers("theta", theta).members("length_scales", scales);
}

}  // namespace dodona::common
