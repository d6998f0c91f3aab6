// SPDX-License-Identifier: Apache-2.0
//
// Answers a hypermodel with the values of a trial, one session an execution.
//
// A definition that the proposal did not know is resolved in the search space and filled. Where no
// value of it keeps the constraints, the trial is infeasible: define() throws
// Error{DODONA_E_INFEASIBLE}.
//
// Threads: one, of the trial; the search space behind it is shared.
// Cost:    a comparison of names where questions come in the order of the space.
#pragma once

#include "space/asker.hpp"
#include "space/scopes.hpp"
#include "space/search_space.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace dodona::space {

class Session : public Asker {
 public:
  // Gives a value to a definition first met in this trial, and records it. `fits` tells whether a
  // value keeps the constraints beside those that the trial has.
  using Fits = std::function<bool(Cell cell)>;
  using Fill = std::function<Cell(std::uint32_t param, const Param& definition, const Fits& fits)>;

  Session(SearchSpace& space, const std::vector<Assignment>& assignments, Fill fill,
          SearchSpace::OnGrowth on_growth);

  bool discovering() const override { return false; }
  std::optional<Known> known(std::string_view name) override;
  Known define(Param asked) override;
  Known get(std::string_view name) override;
  bool enter(Condition condition) override;
  void leave() override { scopes_.leave(); }
  void each(const Visit& visit) override;
  void require(std::string_view expression) override;

  // Throws Error{DODONA_E_INFEASIBLE} where the values break a constraint of the space.
  void check_constraints();
  // That error, once it was thrown.
  const std::optional<Error>& infeasible() const { return infeasible_; }
  // The values that were asked for or read so far, in space order.
  std::vector<Assignment> used() const { return used_.assignments(); }

 private:
  const SearchSpace::Snapshot& at() const { return *snapshots_.back(); }
  std::optional<std::size_t> locate(std::string_view name) const;
  Known answer(std::size_t index);
  void refresh();

  SearchSpace& space_;
  Fill fill_;
  SearchSpace::OnGrowth on_growth_;
  // All that were read: answers point into them.
  std::vector<std::shared_ptr<const SearchSpace::Snapshot>> snapshots_;
  Scopes scopes_;
  Point values_;  // proposed and filled
  Point used_;
  std::size_t next_ = 0;
  std::optional<Error> infeasible_;
};

}  // namespace dodona::space
