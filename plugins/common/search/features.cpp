// SPDX-License-Identifier: Apache-2.0
#include "common/search/features.hpp"

#include "common/search/assert.hpp"

#include <algorithm>

namespace dodona::common {

using Eigen::Index;
using Eigen::VectorXd;

namespace {

// Kinds of columns, in the order of the columns.
enum class Kind : std::uint8_t { kNumber = 1, kGatedNumber, kCategory };

Cell only_value(const Param& param) {
  return param.type == ParamType::kFloat || param.type == ParamType::kInt ? param.low
                                                                          : Cell::whole(0);
}

}  // namespace

Features::Features(const Space& space) : column_of_(space.size(), -1), space_(&space) {
  const auto kind_of = [](const Param& param) {
    return is_category(param)         ? Kind::kCategory
           : param.conditions.empty() ? Kind::kNumber
                                      : Kind::kGatedNumber;
  };
  for (const Kind kind : {Kind::kNumber, Kind::kGatedNumber, Kind::kCategory}) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      const Param& param = space.params()[i];
      conditional_ = conditional_ || !param.conditions.empty();
      const std::uint64_t values = cardinality(param);
      if (values == 1 || kind_of(param) != kind) continue;
      column_of_[i] = static_cast<Index>(columns_.size());
      columns_.push_back({i, values, kind == Kind::kCategory});
      ++(kind == Kind::kCategory ? shape_.categorical : shape_.numeric);
      if (kind == Kind::kGatedNumber) ++shape_.gated;
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

std::vector<Index> Features::few() const {
  std::vector<Index> out;
  for (Index c = 0; c < shape_.size(); ++c) {
    if (!continuous(c)) out.push_back(c);
  }
  return out;
}

VectorXd Features::of(const Point& point) const {
  VectorXd row(shape_.size());
  for (Index c = 0; c < row.size(); ++c) {
    const Column& column = columns_[static_cast<std::size_t>(c)];
    const bool active = point.active(column.param);
    if (column.categorical) {
      row[c] = active ? static_cast<double>(point[column.param].whole()) : kInactive;
    } else {
      const double absent = c < shape_.numeric - shape_.gated ? 0.5 : kInactive;
      row[c] = active ? to_unit(space_->params()[column.param], point[column.param]) : absent;
    }
  }
  return row;
}

Eigen::MatrixXd Features::rows_of(std::span<const Point> points) const {
  Eigen::MatrixXd out(static_cast<Index>(points.size()), shape_.size());
  for (Index i = 0; i < out.rows(); ++i) {
    out.row(i) = of(points[static_cast<std::size_t>(i)]).transpose();
  }
  return out;
}

Point Features::at(const Space& space, const PointRow& row) const {
  DODONA_ASSERT(space.size() == column_of_.size() && row.size() == shape_.size());
  Point point(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.is_active(i, point)) continue;
    const Param& param = space.params()[i];
    const Index column = column_of_[i];
    if (column < 0) {
      point.set(i, only_value(param));
    } else if (!columns_[static_cast<std::size_t>(column)].categorical) {
      point.set(i, from_unit(param, row[column] < 0 ? 0.5 : row[column]));
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
