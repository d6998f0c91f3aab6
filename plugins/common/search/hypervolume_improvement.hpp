// SPDX-License-Identifier: Apache-2.0
//
// The expected growth of the volume that a front dominates below a reference point, for two and
// three objectives: exact, by boxes that fill what nothing dominates.
//
// The expectation in a box is a product of one-dimensional ones, so
//
//   E = sum over boxes of prod_k s_k (h((high_k - mu_k) / s_k) - h((low_k - mu_k) / s_k))
//
// with the h of log_improvement. It is added up as it is, and where that would underflow in
// logarithms.
//
// Source:  Emmerich, Deutz & Klinkenberg (2011), IEEE CEC, 2147-2154 (expectation by boxes). Boxes of
//          three objectives by a sweep over the third: Fonseca, Paquete & Lopez-Ibanez (2006), IEEE
//          CEC, 1157-1163.
// Shapes:  n points of m objectives, 2 <= m <= 3.
// Cost:    n log n to make it, and at most 2 n + 1 boxes; a value about 50 ns for each point and
//          objective.
#pragma once

#include "common/search/utility.hpp"

#include <dodona/pareto.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dodona::common {

class HypervolumeImprovement : public Utility {
 public:
  static constexpr std::size_t kObjectivesMax = 3;

  // `points` may have dominated ones among them, and some that are not better than the reference.
  HypervolumeImprovement(dodona::PointRows points, std::span<const double> reference);

  double log_value(Posteriors posteriors) const override;
  double log_value(Posteriors posteriors, std::span<Factors> factors) const override;

  // The boxes that fill what no point dominates below the reference. For tests.
  struct Box {
    std::array<double, kObjectivesMax> low{}, high{};
  };
  std::vector<Box> boxes() const;

 private:
  // Bounds of a box as places in `bounds_`; place 0 is minus infinity.
  struct Cell {
    std::array<std::uint32_t, kObjectivesMax> low{}, high{};
  };
  // A number for each bound of each objective.
  using Table = std::array<std::vector<double>, kObjectivesMax>;

  void add_box(const Box& box);
  void sweep(std::vector<std::vector<double>> points);
  std::array<double, kObjectivesMax> factors_of(const Cell& cell, const Table& gains) const;
  double plain_value(Posteriors posteriors, Table& gains) const;
  double log_value_by_logs(Posteriors posteriors, std::span<Factors> factors) const;

  std::size_t m_;
  std::vector<double> reference_;
  std::vector<Box> boxes_;
  Table bounds_;
  std::vector<Cell> cells_;
};

}  // namespace dodona::common
