// SPDX-License-Identifier: Apache-2.0
#include "common/features.hpp"

#include <algorithm>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

constexpr std::uint64_t kFewValues = 16;

Cell only_value(const Param& param) {
  return param.type == ParamType::kFloat || param.type == ParamType::kInt ? param.low
                                                                          : Cell::whole(0);
}

}  // namespace

Features::Features(const Space& space) : column_of_(space.size(), -1), space_(&space) {
  for (const bool categorical : {false, true}) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      const Param& param = space.params()[i];
      conditional_ = conditional_ || !param.conditions.empty();
      const std::uint64_t values = cardinality(param);
      if (values == 1 || is_category(param) != categorical) continue;
      column_of_[i] = static_cast<Index>(columns_.size());
      columns_.push_back({i, values, categorical});
      ++(categorical ? shape_.categorical : shape_.numeric);
    }
  }
}

bool Features::continuous(Index column) const {
  const Column& c = columns_[static_cast<std::size_t>(column)];
  return !c.categorical && (c.values == 0 || c.values > kFewValues);
}

bool Features::all_continuous() const {
  return std::all_of(columns_.begin(), columns_.end(),
                     [](const Column& c) { return !c.categorical && c.values == 0; });
}

VectorXd Features::of(const Point& point) const {
  VectorXd row(shape_.size());
  for (Index c = 0; c < row.size(); ++c) {
    const Column& column = columns_[static_cast<std::size_t>(c)];
    const bool active = point.active(column.param);
    if (column.categorical) {
      row[c] = active ? static_cast<double>(point[column.param].whole()) : -1.0;
    } else {
      row[c] = active ? to_unit(space_->params()[column.param], point[column.param]) : 0.5;
    }
  }
  return row;
}

Point Features::at(const Space& space, const PointRow& row) const {
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    const Param& param = space.params()[i];
    const Index column = column_of_[i];
    if (column < 0) {
      point.set(i, only_value(param));
    } else if (!columns_[static_cast<std::size_t>(column)].categorical) {
      point.set(i, from_unit(param, row[column]));
    } else {
      const double code = row[column];
      point.set(i, code < 0 ? param.initial : Cell::whole(static_cast<std::int64_t>(code)));
    }
  }
  return point;
}

Point Features::at_unit(const Space& space, const PointRow& units) const {
  VectorXd row = units;
  for (Index c = shape_.numeric; c < row.size(); ++c) {
    const Param& param = space.params()[columns_[static_cast<std::size_t>(c)].param];
    row[c] = static_cast<double>(from_unit(param, units[c]).whole());
  }
  return at(space, row);
}

}  // namespace dodona::common
