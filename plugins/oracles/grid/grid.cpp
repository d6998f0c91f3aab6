// SPDX-License-Identifier: Apache-2.0
//
// Oracle `grid`: every combination of values once, in a fixed order.
//
// The order is KerasTuner's: an odometer over the space, the last hyperparameter fastest. Each
// hyperparameter has its default first and its other values in rising order. A continuous float,
// and an integer on a log scale without step, have the middles of the ten tenths of their range.
//
// The next trial is the first point of that order which no trial had, so the log alone decides. A
// hyperparameter met mid-trial takes its default there. With it the space has new points between
// the old ones, and the new ones are next. Points that break a constraint are skipped.
//
// Cost: O(n) for a proposal with n hyperparameters; O(n * trials) once whenever the space grew.
#include "common/oracle/odometer.hpp"
#include "common/oracle/seen_points.hpp"

#include <dodona/history.hpp>
#include <dodona/plugin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kTenths = 10;
// So many points in a row take some seconds to skip.
constexpr std::uint64_t kSkipsMax = 20000000;

// The values of a definition: the default, then the others.
class Axis {
 public:
  explicit Axis(const dodona::Param& param) : param_(param) {
    const std::uint64_t count = cardinality(param);
    const bool is_int = param.type == dodona::ParamType::kInt;
    const bool bent = is_int && !param.step && param.sampling != dodona::Sampling::kLinear;
    if (count == 0 || (bent && count > kTenths)) {
      list_tenths();
    } else {
      default_ = index_of(param, param.initial);
      size_ = count;
    }
  }

  std::uint64_t size() const { return size_; }

  dodona::Cell at(std::uint64_t k) const {
    if (k == 0) return param_.initial;
    const std::uint64_t rising = k <= default_ ? k - 1 : k;
    return listed_.empty() ? value_at(param_, rising) : listed_[rising];
  }

  std::uint64_t index(dodona::Cell cell) const {
    if (cell == param_.initial) return 0;
    const std::uint64_t rising = listed_.empty() ? index_of(param_, cell) : find(cell);
    return rising < default_ ? rising + 1 : rising;
  }

 private:
  void list_tenths() {
    for (std::uint64_t i = 0; i < kTenths; ++i) {
      const double middle = (static_cast<double>(i) + 0.5) / static_cast<double>(kTenths);
      const dodona::Cell cell = from_unit(param_, middle);
      if (listed_.empty() || !(listed_.back() == cell)) listed_.push_back(cell);
    }
    default_ = find(param_.initial);
    size_ = listed_.size() + (default_ == listed_.size() ? 1 : 0);
  }

  std::uint64_t find(dodona::Cell cell) const {
    const auto found = std::find(listed_.begin(), listed_.end(), cell);
    return static_cast<std::uint64_t>(found - listed_.begin());
  }

  dodona::Param param_;
  std::vector<dodona::Cell> listed_;  // empty: all values of the definition
  std::uint64_t default_ = 0;         // index of the default in rising order
  std::uint64_t size_ = 0;
};

class Grid {
 public:
  void set_space(const dodona::Space& space) {
    space_ = &space;
    history_.set_space(space);
    for (std::size_t i = axes_.size(); i < space.size(); ++i) axes_.emplace_back(space.params()[i]);
    stale_ = true;
  }

  void observe(const dodona_event& event) {
    history_.observe(event);
    if (event.type == DODONA_EVENT_FILLED) stale_ = true;  // the point of a trial has changed
  }

  void propose(std::uint64_t, dodona::Proposals& out) {
    see_trials();
    const auto axis = [this](std::size_t i) -> const Axis& { return axes_[i]; };
    std::uint64_t skipped = 0;
    while (!came_around_ && (seen_.contains(point_) || !space_->is_feasible(point_))) {
      came_around_ = !dodona::common::next_point(*space_, axis, point_);
      if (++skipped == kSkipsMax) give_up();
    }
    if (!came_around_) {
      out.push(point_);
    } else if (!history_.running().empty()) {
      out.wait();  // a running trial may yet meet a new hyperparameter
    } else {
      out.exhausted();
    }
  }

  std::optional<dodona::Cell> fill(std::uint64_t, const dodona::Param& param) const {
    return param.initial;
  }

 private:
  [[noreturn]] static void give_up() {
    throw dodona::Error(DODONA_E_INFEASIBLE,
                        "of " + std::to_string(kSkipsMax) +
                            " points in a row none is new and keeps all constraints; give a "
                            "smaller space, or one in which more of them do");
  }

  // Brings seen_ up to date. Until the space grows, all points before point_ are in it.
  void see_trials() {
    if (stale_) {
      seen_ = {};
      counted_ = 0;
      point_ = dodona::common::completed(*space_, dodona::Point());
      came_around_ = false;
      stale_ = false;
    }
    for (; counted_ < history_.trials().size(); ++counted_) {
      seen_.insert(dodona::common::completed(*space_, history_.trials()[counted_].point));
    }
  }

  const dodona::Space* space_ = nullptr;
  dodona::History history_{dodona::Reports::kDropped};
  std::vector<Axis> axes_;
  dodona::common::SeenPoints seen_;
  std::size_t counted_ = 0;  // number of trials whose points are in seen_
  dodona::Point point_;
  bool came_around_ = false;
  bool stale_ = true;
};

}  // namespace

DODONA_PLUGIN(dodona::oracle<Grid>(
    {.id = "org.dodona.grid",
     .name = "grid",
     .description = "every combination of values once, the last hyperparameter fastest",
     .flags = DODONA_FLAG_ENDS | DODONA_FLAG_OBJECTIVES}))
