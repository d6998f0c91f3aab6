// SPDX-License-Identifier: Apache-2.0
#include "common/search/bayesian_search.hpp"

#include "common/oracle/fresh_points.hpp"
#include "common/oracle/note.hpp"
#include "common/search/gp_fit.hpp"
#include "common/search/normal.hpp"
#include "common/search/output_warp.hpp"
#include "common/search/sobol.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace dodona::common {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr Index kActiveMax = 600;        // results that the process sees at a fit
constexpr Index kFitMax = 300;           // of which the fit sees
constexpr std::uint32_t kGlobal = 1024;  // candidates kept between fits
constexpr int kClimbs = 6;
constexpr int kOtherStarts = 64;
const double kConverged = std::log(1e-4);  // log expected improvement, in deviations of the results
constexpr double kDistinct = 1e-7;         // in the unit cube
constexpr double kSmallRadius = 0.03;      // of the trust region
constexpr double kSameBowl = 1e-3;         // a bottom that is this near to a result is known
constexpr std::uint32_t kCandidateLane = 1;
constexpr Index kNotedMax = 1000;    // what a note has room for; beyond, each proposal fits anew
constexpr Index kLocalDimsMax = 20;  // beyond, the quadratic has too many unknowns

std::vector<Index> order_by(const VectorXd& keys) {
  std::vector<Index> order(static_cast<std::size_t>(keys.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return keys[a] < keys[b]; });
  return order;
}

bool is_apart(const PointRows& rows, const PointRow& x, double distance = kDistinct) {
  for (Index i = 0; i < rows.rows(); ++i) {
    if ((rows.row(i).transpose() - x).lpNorm<Eigen::Infinity>() <= distance) return false;
  }
  return true;
}

}  // namespace

void BayesianSearch::Data::add(const VectorXd& row, double objective) {
  if (rows.rows() <= size() || rows.cols() != row.size()) {
    rows.conservativeResize(2 * size() + 64, row.size());
  }
  rows.row(size()) = row.transpose();
  objectives.push_back(objective);
}

void BayesianSearch::propose(const Past& past, std::uint64_t trial, Proposals& out) {
  catch_up(past);
  auto every = static_cast<std::uint64_t>(options_.local_every);
  const bool tabular = features_.few().size() == features_.columns().size();
  if (every > 0 && tabular) ++every;
  const bool local = every > 0 && trial % every == every - 1;
  std::optional<Choice> choice = initial_choice(past, trial);
  if (!choice && local) choice = local_choice(past, trial / every);
  if (!choice) choice = model_choice(past, trial, local);
  if (!choice) {
    RandomStream random(past.seed, trial, Purpose::kProposal);
    choice = Choice{Point(), Note("random"), Origin::kRandom};
    if (!draw_fresh(past.space(), past.seen(), random, choice->point)) {
      return nothing_left(past, out);
    }
  }
  const std::string note = past.explain(std::move(choice->note));
  out.push(choice->point, {.tag = static_cast<std::uint64_t>(choice->origin), .note = note});
}

// ---- the past -----------------------------------------------------------------------------------

void BayesianSearch::catch_up(const Past& past) {
  const History& history = past.history();
  if (past.space().size() != space_size_ || history.imported().size() != data_.imported) {
    const Options options = options_;
    *this = BayesianSearch(options);
    space_size_ = past.space().size();
    features_ = Features(past.space());
    for (const ImportedTrial& trial : history.imported()) {
      data_.add(features_.of(trial.point), trial.objective);
    }
    data_.imported = history.imported().size();
  }
  for (; data_.ended < history.ended().size(); ++data_.ended) {
    const std::uint64_t id = history.ended()[data_.ended];
    const PastTrial& trial = history.trials()[id];
    data_.add(features_.of(trial.point), trial.objective);
    focus_.follow(trial, features_.of(trial.point));
  }
  for (; noted_ < history.trials().size(); ++noted_) {
    const std::string& note = history.trials()[noted_].note;
    const std::vector<double> theta = theta_of(note);
    const auto rows = read_number(note, "fitted_to");
    if (!rows || theta.empty()) continue;
    adopted_.theta = VectorXd::Map(theta.data(), static_cast<Index>(theta.size()));
    adopted_.rows = static_cast<Index>(*rows);
  }
}

// The trust region follows how well its steps were foreseen.
void BayesianSearch::Focus::follow(const PastTrial& trial, const VectorXd& at) {
  const bool own = trial.tag == static_cast<std::uint64_t>(Origin::kLocal);
  if (own) {
    const double predicted = read_number(trial.note, "predicted").value_or(0);
    const double from = read_number(trial.note, "best").value_or(0);
    const bool at_edge = read_number(trial.note, "at_edge").value_or(0) != 0;
    const double ratio = (from - trial.objective) / (from - predicted);
    if (!(ratio >= 0.1)) radius = std::max(radius / 2, 1e-6);
    if (ratio > 0.5 && at_edge) radius = std::min(radius * 2, 0.5);
  }
  if (!(trial.objective < best)) return;
  if (row.size() == at.size() && !own) {
    // Somewhere else, the old radius means less.
    const double jump = (at - row).lpNorm<Eigen::Infinity>();
    if (jump > 4 * radius) radius = std::min(std::sqrt(jump * radius), 0.2);
  }
  best = trial.objective;
  row = at;
}

// The hyperparameters of the process that a note tells of, or nothing.
std::vector<double> BayesianSearch::theta_of(const std::string& note) const {
  std::vector<double> theta = read_numbers(note, "theta");
  if (static_cast<Index>(theta.size()) != features_.shape().theta_size()) theta.clear();
  return theta;
}

bool BayesianSearch::is_noisy(const std::vector<double>& theta) const {
  return theta[static_cast<std::size_t>(features_.shape().noise())] > kLogNoiseFloor + 1;
}

std::size_t BayesianSearch::initial_points(const Past& past) const {
  if (options_.initial_points > 0) return static_cast<std::size_t>(options_.initial_points);
  const auto by_dimension = std::clamp<std::size_t>(2 * features_.columns().size(), 6, 20);
  if (past.max_trials == 0) return by_dimension;
  return std::min<std::size_t>(by_dimension, std::max<std::size_t>(3, past.max_trials / 5));
}

std::optional<BayesianSearch::Choice> BayesianSearch::initial_choice(const Past& past,
                                                                     std::uint64_t trial) const {
  const auto scores_below = [&](std::size_t count) {
    const auto begin = data_.objectives.begin();
    return static_cast<std::uint64_t>(std::count_if(begin,
                                                    begin + static_cast<std::ptrdiff_t>(count),
                                                    [](double y) { return std::isfinite(y); }));
  };
  // Results of another study are as good as those of an initial design.
  const std::uint64_t given = scores_below(data_.imported);
  const bool enough = scores_below(data_.objectives.size()) >= 2;
  if (trial + given >= initial_points(past) && enough) return std::nullopt;
  const Sobol sobol(past.space().size(), past.seed);
  const Point point = sobol_point(past.space(), sobol, trial);
  if (past.seen().contains(point)) return std::nullopt;
  return Choice{point, Note("initial design"), Origin::kInitial};
}

// ---- the local model ----------------------------------------------------------------------------

std::optional<BayesianSearch::Choice> BayesianSearch::local_choice(const Past& past,
                                                                   std::uint64_t turn) const {
  const Index d = features_.shape().numeric;
  if (!features_.all_continuous() || features_.conditional() || d > kLocalDimsMax) {
    return std::nullopt;
  }
  MatrixXd rows(data_.size(), d);
  VectorXd objectives(data_.size());
  Index n = 0;
  for (Index i = 0; i < data_.size(); ++i) {
    const double y = data_.objectives[static_cast<std::size_t>(i)];
    if (!std::isfinite(y)) continue;
    rows.row(n) = data_.rows.row(i);
    objectives[n++] = y;
  }
  const auto step = quadratic_step(rows.topRows(n), objectives.head(n), focus_.radius);
  if (turn % 2 == 0 && focus_.radius < kSmallRadius && !(step && step->whole)) {
    // Steps from the best point fail: it may sit in a ripple of something wider.
    const auto x = bowl_bottom(rows.topRows(n), objectives.head(n));
    if (x && is_apart(rows.topRows(n), *x, kSameBowl)) {
      const Point point = features_.at(past.space(), *x);
      if (!past.seen().contains(point)) {
        return Choice{point, Note("quadratic over the best results"), Origin::kBowl};
      }
    }
  }
  if (!step || !is_apart(rows.topRows(n), step->x)) return std::nullopt;
  for (const std::uint64_t id : past.history().running()) {
    const PastTrial& trial = past.history().trials()[id];
    // One at a time: a second one would be the same.
    if (trial.tag == static_cast<std::uint64_t>(Origin::kLocal)) return std::nullopt;
    const VectorXd row = features_.of(trial.point);
    if ((row - step->x).lpNorm<Eigen::Infinity>() <= kDistinct) return std::nullopt;
  }
  // The last digits are not worth a trial.
  VectorXd sorted = objectives.head(n);
  std::nth_element(sorted.begin(), sorted.begin() + n / 2, sorted.end());
  const double best = objectives.head(n).minCoeff();
  if (best - step->predicted < 1e-9 * (sorted[n / 2] - best)) return std::nullopt;
  const Point point = features_.at(past.space(), step->x);
  if (past.seen().contains(point)) return std::nullopt;
  Note note("quadratic around the best");
  if (!step->whole) note.number("radius", focus_.radius);
  note.number("predicted", step->predicted)
      .number("best", best)
      .number("at_edge", step->at_edge ? 1 : 0);
  return Choice{point, std::move(note), Origin::kLocal};
}

// ---- the process --------------------------------------------------------------------------------

// Of the first `count` results those that the process shall see, in rising order.
std::vector<Index> BayesianSearch::select_rows(Index count) const {
  std::vector<Index> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), Index{0});
  if (count <= kActiveMax) return rows;
  VectorXd keys(count);
  for (Index i = 0; i < count; ++i) {
    const double y = data_.objectives[static_cast<std::size_t>(i)];
    keys[i] = std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
  }
  std::vector<char> taken(static_cast<std::size_t>(count), 0);
  const auto take = [&](const std::vector<Index>& order, Index quota) {
    for (Index k = 0; k < quota; ++k)
      taken[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])] = 1;
  };
  const std::vector<Index> by_value = order_by(keys);
  take(by_value, kActiveMax / 4);
  const auto best = data_.rows.row(by_value.front());
  keys = (data_.rows.topRows(count).rowwise() - best).rowwise().squaredNorm();
  take(order_by(keys), kActiveMax / 3);
  auto left = kActiveMax - std::count(taken.begin(), taken.end(), 1);
  for (Index i = count; i-- > 0 && left > 0;) {
    char& mark = taken[static_cast<std::size_t>(i)];
    if (mark == 0) mark = 1, --left;
  }
  std::erase_if(rows, [&](Index i) { return taken[static_cast<std::size_t>(i)] == 0; });
  return rows;
}

VectorXd BayesianSearch::warped(const std::vector<Index>& rows) const {
  VectorXd y(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    y[static_cast<Index>(i)] = data_.objectives[static_cast<std::size_t>(rows[i])];
  }
  return warp_objectives(y);
}

void BayesianSearch::build(const Past& past, const Fitted& fit) {
  surrogate_ = Surrogate();
  surrogate_.fit = fit;
  surrogate_.active = select_rows(fit.rows);
  surrogate_.base = surrogate_.active.size();
  surrogate_.gp.emplace(features_.shape(), fit.theta, data_.rows(surrogate_.active, Eigen::all));
  RandomStream random(past.seed, static_cast<std::uint64_t>(fit.rows), Purpose::kProposal,
                      kCandidateLane);
  const Index dims = features_.shape().size();
  const Sobol sobol(static_cast<std::size_t>(dims), random.bits());
  std::vector<Point> points;
  MatrixXd rows(kGlobal, dims);
  VectorXd units(dims);
  for (std::uint32_t i = 0; i < kGlobal; ++i) {
    sobol.point(i, {units.data(), static_cast<std::size_t>(dims)});
    points.push_back(features_.at_unit(past.space(), units));
    rows.row(i) = features_.of(points.back()).transpose();
  }
  surrogate_.candidates = Candidates(past.host, std::move(points), rows, *surrogate_.gp);
}

void BayesianSearch::grow() {
  const Index first =
      surrogate_.fit.rows + static_cast<Index>(surrogate_.active.size() - surrogate_.base);
  for (Index i = first; i < data_.size(); ++i) {
    surrogate_.active.push_back(i);
    surrogate_.gp->append(data_.rows.row(i).transpose());
  }
  surrogate_.gp->set_targets(warped(surrogate_.active));
}

// Whether it is worth fitting again: much came in, or the newest result was a surprise.
bool BayesianSearch::is_stale() const {
  const std::size_t n = surrogate_.active.size();
  const std::size_t fresh = n - surrogate_.base;
  if (fresh * 10 >= n) return true;
  const VectorXd& z = surrogate_.gp->whitened();
  return fresh * 20 >= n && fresh >= 3 && std::abs(z[z.size() - 1]) > 3;
}

bool BayesianSearch::refit(const Past& past) {
  const std::vector<Index> active = select_rows(data_.size());
  const VectorXd y = warped(active);
  std::vector<Index> chosen(active.size());
  std::iota(chosen.begin(), chosen.end(), Index{0});
  if (static_cast<Index>(chosen.size()) > kFitMax) {
    // The best half, and of the others every so many-th.
    const std::vector<Index> order = order_by(y);
    const std::size_t half = static_cast<std::size_t>(kFitMax) / 2;
    chosen.assign(order.begin(), order.begin() + static_cast<Index>(half));
    std::vector<Index> others(order.begin() + static_cast<Index>(half), order.end());
    for (std::size_t k = 0; k < half; ++k) chosen.push_back(others[k * others.size() / half]);
    std::sort(chosen.begin(), chosen.end());
  }
  std::vector<Index> rows;
  for (const Index i : chosen) rows.push_back(active[static_cast<std::size_t>(i)]);
  const Fit fit = fit_hyperparameters(features_.shape(), data_.rows(rows, Eigen::all), y(chosen),
                                      adopted_.theta);
  if (!fit.succeeded) {
    past.host.log(
        DODONA_WARN,
        "the Gaussian process could not be fitted: it goes on with default length scales");
  }
  build(past, {fit.theta, data_.size()});
  grow();
  return true;
}

std::optional<BayesianSearch::Choice> BayesianSearch::model_choice(const Past& past,
                                                                   std::uint64_t trial,
                                                                   bool local) {
  if (features_.shape().size() == 0 || data_.size() < 2) return std::nullopt;
  bool fitted_now = false;
  if (adopted_.rows == 0 || adopted_.rows > data_.size()) {
    fitted_now = refit(past);
  } else {
    if (!surrogate_.gp || !(surrogate_.fit == adopted_)) build(past, adopted_);
    grow();
    if (is_stale()) fitted_now = refit(past);
  }
  Choice choice = best_climb(past, trial, fitted_now, local);
  if (choice.point.size() == 0) return std::nullopt;
  return choice;
}

// ---- the acquisition ----------------------------------------------------------------------------

namespace {

// Random neighbours of the best results: numbers move by a Gaussian of random width, categories at
// times to another one. In many dimensions each moves a few.
std::vector<Point> neighbours(const Space& space, const Features& features, const MatrixXd& centres,
                              int count, RandomStream& random) {
  std::vector<Point> out;
  const auto dims = static_cast<double>(features.shape().size());
  const double moved = std::min(1.0, 20 / dims);
  for (int k = 0; k < count; ++k) {
    VectorXd row = centres.row(k % centres.rows()).transpose();
    const double width = std::pow(10.0, -3.5 + 3 * random.uniform());
    for (Index c = 0; c < row.size(); ++c) {
      const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
      const double u = random.uniform(), move = random.uniform();
      if (column.categorical) {
        if (move < 1.5 / dims) row[c] = std::floor(u * static_cast<double>(column.values));
      } else if (row[c] == kInactive) {
        row[c] = u;  // for when it becomes active
      } else if (move < moved) {
        row[c] = std::clamp(row[c] + width * normal_quantile(std::max(u, 1e-16)), 0.0, 1.0);
      }
    }
    out.push_back(features.at(space, row));
  }
  return out;
}

// Places of the largest value, and of `count` more by roulette on its exponential.
std::vector<std::size_t> spin(const VectorXd& values, int count, RandomStream& random) {
  Index top = 0;
  const double largest = values.maxCoeff(&top);
  std::vector<std::size_t> out{static_cast<std::size_t>(top)};
  const VectorXd weights = (values.array() - largest).exp();
  const double sum = weights.sum();
  for (int k = 0; k < count; ++k) {
    double left = random.uniform() * sum;
    Index i = 0;
    while (i + 1 < weights.size() && left >= weights[i]) left -= weights[i++];
    out.push_back(static_cast<std::size_t>(i));
  }
  return out;
}

}  // namespace

namespace {

// The larger the process, the fewer of them a climb may cost.
int evaluations_for(double size) {
  return static_cast<int>(std::clamp(1e6 / (size * size), 6.0, 40.0));
}

}  // namespace

// Climbs from the best of many points: the best one first.
std::vector<Climb> BayesianSearch::climbs(const Past& past, const Acquisition& acquisition,
                                          const VectorXd& values, RandomStream& random) const {
  const GaussianProcess& gp = acquisition.gp();
  const std::vector<Index> by_value = order_by(warped(surrogate_.active));
  const auto best_few = static_cast<Index>(std::min<std::size_t>(5, by_value.size()));
  const std::vector<Index> few(by_value.begin(), by_value.begin() + best_few);
  const auto n = static_cast<double>(gp.size());
  const int count = static_cast<int>(std::clamp(2e7 / (n * n), 16.0, 100.0));
  const std::vector<Point> near =
      neighbours(past.space(), features_, MatrixXd(gp.points()(few, Eigen::all)), count, random);
  VectorXd near_values(count);
  past.host.parallel_for(near.size(), 8, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t i = begin; i < end; ++i) {
      near_values[static_cast<Index>(i)] = acquisition.at(features_.of(near[i]));
    }
  });

  std::vector<Point> starts;
  for (const std::size_t i : spin(values, kClimbs - 3, random)) {
    starts.push_back(surrogate_.candidates.point(i));
  }
  for (const std::size_t i : spin(near_values, 1, random)) starts.push_back(near[i]);
  // Under noise the top of the acquisition is often a corner of the cube of which nothing is known.
  const bool stay = acquisition.noisy() && features_.few().empty();
  const int evaluations = stay ? 0 : evaluations_for(n);
  std::vector<Climb> out(starts.size());
  past.host.parallel_for(starts.size(), 1, [&](std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t i = begin; i < end; ++i) {
      out[i] = climb(acquisition, past.space(), features_, starts[i], evaluations);
    }
  });
  std::stable_sort(out.begin(), out.end(),
                   [](const Climb& a, const Climb& b) { return a.value > b.value; });
  return out;
}

namespace {

// Each other value of a column that has few of them and is active at `row`.
std::vector<std::pair<Index, double>> other_values(const Space& space, const Features& features,
                                                   const VectorXd& row) {
  std::vector<std::pair<Index, double>> out;
  for (const Index c : features.few()) {
    if (row[c] == kInactive) continue;
    const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
    const Param& param = space.params()[column.param];
    for (std::uint64_t k = 0; k < column.values; ++k) {
      const double there =
          column.categorical ? static_cast<double>(k) : to_unit(param, value_at(param, k));
      if (there != row[c]) out.emplace_back(c, there);
    }
  }
  return out;
}

// Moves what is continuous: around where it is, by a Gaussian of random width, or anywhere. What
// was inactive is anywhere.
void move_continuous(const Features& features, bool anywhere, RandomStream& random, VectorXd& row) {
  const double width = std::pow(10.0, -3.5 + 3 * random.uniform());
  for (Index c = 0; c < row.size(); ++c) {
    const Features::Column& column = features.columns()[static_cast<std::size_t>(c)];
    const double u = random.uniform();
    if (row[c] == kInactive) {
      row[c] = column.categorical ? std::floor(u * static_cast<double>(column.values)) : u;
    } else if (features.continuous(c)) {
      row[c] =
          anywhere ? u : std::clamp(row[c] + width * normal_quantile(std::max(u, 1e-16)), 0.0, 1.0);
    }
  }
}

// Whether row i agrees with `row` in columns of few values, as far as both have them.
bool agrees(const std::vector<Index>& few, const PointRows& rows, Index i, const VectorXd& row) {
  return std::all_of(few.begin(), few.end(), [&](Index c) {
    return rows(i, c) == row[c] || rows(i, c) == kInactive || row[c] == kInactive;
  });
}

}  // namespace

// From the best point one hyperparameter of few values goes to another one, the least tried, the
// others of few values stay, and what is continuous goes where the most improvement is expected
// over the best known result with these: a model that is sure of what it hardly saw finds nothing
// to improve there.
std::optional<Climb> BayesianSearch::other_value_climb(const Past& past, const VectorXd& y,
                                                       double noise, RandomStream& random,
                                                       Acquisition& acquisition) const {
  const GaussianProcess& gp = *surrogate_.gp;
  Index best = 0;
  y.minCoeff(&best);
  const VectorXd home = gp.points().row(best).transpose();
  const std::vector<Index> few = features_.few();
  VectorXd from;
  std::pair<Index, std::uint64_t> least{gp.size() + 1, 0};
  for (const auto& [column, there] : other_values(past.space(), features_, home)) {
    VectorXd row = home;
    row[column] = there;
    Index tried = 0;  // or running
    for (Index i = 0; i < gp.size(); ++i) tried += agrees(few, gp.points(), i, row);
    const std::pair key(tried, random.bits());
    if (!(key < least)) continue;
    least = key;
    from = std::move(row);
  }
  if (from.size() == 0) return std::nullopt;
  Climb top;
  for (int k = 0; k < kOtherStarts; ++k) {
    VectorXd row = from;
    move_continuous(features_, k % 2 == 1, random, row);
    Point point = features_.at(past.space(), row);
    row = features_.of(point);
    const auto posterior = gp.predict(row);
    const double bound = std::sqrt(posterior.variance) - posterior.mean;
    if (k == 0 || bound > top.value) top = {std::move(point), std::move(row), bound};
  }
  double known = y.maxCoeff();
  for (Index i = 0; i < y.size(); ++i) {
    if (agrees(few, gp.points(), i, top.row)) known = std::min(known, y[i]);
  }
  acquisition = Acquisition(gp, known, noise);
  return climb(acquisition, past.space(), features_, top.point,
               evaluations_for(static_cast<double>(gp.size())), true);
}

BayesianSearch::Choice BayesianSearch::best_climb(const Past& past, std::uint64_t trial,
                                                  bool fitted_now, bool local) {
  GaussianProcess& gp = *surrogate_.gp;
  const Index settled = gp.size();
  const std::vector<double> theta(surrogate_.fit.theta.begin(), surrogate_.fit.theta.end());
  const bool noisy = is_noisy(theta);
  const double noise = noisy ? gp.kernel().noise() : 0;
  const VectorXd y = noisy ? gp.fitted() : warped(surrogate_.active);
  double best = y.minCoeff();
  // What a running trial is believed to reach is no improvement for the next one.
  for (const std::uint64_t id : past.history().running()) {
    const VectorXd row = features_.of(past.history().trials()[id].point);
    best = std::min(best, gp.predict(row).mean);
    gp.append(row);
  }
  RandomStream random(past.seed, trial, Purpose::kProposal);
  Acquisition acquisition(gp, best, noise);
  VectorXd values = surrogate_.candidates.values(past.host, acquisition, settled);
  std::vector<Climb> found = climbs(past, acquisition, values, random);
  double margin = 0;
  const bool converged = found.front().value < kConverged;
  std::optional<Climb> other;
  Acquisition at_other = acquisition;
  if (!features_.few().empty()) {
    if (local || (converged && random.below(4) != 0)) {
      other = other_value_climb(past, y, noise, random, at_other);
    }
  } else if (converged && random.below(2) == 0) {
    // Where it is has nothing more to give: look for what is better by a margin.
    margin = std::pow(10.0, -2 + 1.7 * random.uniform());
    acquisition = Acquisition(gp, best - margin, noise);
    values = surrogate_.candidates.values(past.host, acquisition, settled);
    found = climbs(past, acquisition, values, random);
  }

  Choice choice{Point(), Note("Gaussian process"), Origin::kModel};
  const bool dense = features_.all_continuous();
  const auto take = [&](const Point& point) {
    const VectorXd row = features_.of(point);
    const bool fresh = !past.seen().contains(point) && (!dense || is_apart(gp.points(), row));
    if (fresh) choice.point = point;
    return fresh;
  };
  const bool moved = other && take(other->point);
  if (moved) {
    choice.note = Note("Gaussian process at another value");
    acquisition = at_other;
  }
  const bool climbed = moved || std::any_of(found.begin(), found.end(),
                                            [&](const Climb& c) { return take(c.point); });
  if (!climbed) {
    const std::vector<Index> order = order_by(-values);
    static_cast<void>(std::any_of(order.begin(), order.end(), [&](Index i) {
      return take(surrogate_.candidates.point(static_cast<std::size_t>(i)));
    }));
  }
  if (choice.point.size() != 0) {
    explain(past.space(), acquisition, features_.of(choice.point), margin, fitted_now, choice.note);
  }
  gp.truncate(settled);
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
  const VectorXd& theta = surrogate_.fit.theta;
  if (!fitted_now || theta.size() > kNotedMax) return;
  note.number("fitted_to", static_cast<double>(surrogate_.fit.rows));
  std::vector<std::pair<std::string_view, double>> scales;
  for (Index c = 0; c < features_.shape().numeric; ++c) {
    const std::size_t param = features_.columns()[static_cast<std::size_t>(c)].param;
    scales.emplace_back(space.params()[param].name, std::exp(theta[c]));
  }
  // What is read back comes first: a hyperparameter may have any name.
  note.numbers("theta", theta).members("length_scales", scales);
}

}  // namespace dodona::common
