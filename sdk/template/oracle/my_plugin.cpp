// SPDX-License-Identifier: Apache-2.0
//
// The oracle my_plugin: it proposes the values of trials.
//
// Its state is a function of the study, the space and the observed events alone: `observe` changes
// it, and `propose` does not. The random numbers of a proposal come from the study's seed and the
// trial. <dodona/oracle.hpp> says when each member is called.
#include <dodona/plugin.hpp>
#include <dodona/random.hpp>

#include <limits>

class MyPlugin {
 public:
  explicit MyPlugin(const dodona::StudyContext& context)
      : seed_(context.study.seed), explore_(context.options.get<double>("explore")) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  // Keeps the best values so far. Smaller objectives are better, whatever the study's direction.
  void observe(const dodona_event& event) {
    const auto* finished = dodona::body_of<dodona_finished_event>(event);
    if (finished == nullptr || finished->objectives.size == 0) return;
    const double objective = finished->objectives.data[0];
    if (!(objective < best_objective_)) return;
    best_objective_ = objective;
    best_.clear(space_->size());
    dodona::assign(*space_, finished->assignments, best_);
  }

  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    dodona::Point point = draw(random);
    for (int draws = 1; draws < 10000 && !space_->is_feasible(point); ++draws) point = draw(random);
    out.push(point);
  }

 private:
  // FILL IN: a better idea than to draw some values anew and to keep the others of the best trial.
  dodona::Point draw(dodona::RandomStream& random) const {
    dodona::Point point(space_->size());
    for (std::size_t i = 0; i < space_->size(); ++i) {
      const double u = random.uniform();
      const bool draws = random.uniform() < explore_ || !best_.active(i);
      if (!space_->is_active(i, point)) continue;
      point.set(i, draws ? dodona::from_unit(space_->params()[i], u) : best_[i]);
    }
    return point;
  }

  const std::uint64_t seed_;
  const double explore_;
  const dodona::Space* space_ = nullptr;
  dodona::Point best_;
  double best_objective_ = std::numeric_limits<double>::infinity();
};

DODONA_PLUGIN(dodona::oracle<MyPlugin>(
    {.id = "org.example.my_plugin", .name = "my_plugin", .description = "FILL IN: what it does"},
    dodona::option("explore", 0.5,
                   "the share of values that are drawn anew; more explores, less refines",
                   {.low = 0, .high = 1})))
