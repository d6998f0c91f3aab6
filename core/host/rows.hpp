// SPDX-License-Identifier: Apache-2.0
//
// The rows and columns of a table of trials: the choice of trials, their order, their facts.
//
// A name means the first of: a fact of the trial (trial, state, outcome, score, rank, best_step,
// spread, runs, expected, deviation, budget, attempt, losses, seconds, message), a hyperparameter, an
// objective, a metric, a note. `values.NAME`, `metrics.NAME` and `notes.NAME` mean one of these alone.
//
// Errors:  Error{kInvalid} for a name that no trial has, with the nearest one, and for an expression
//          that cannot be read.
// Threads: pure.
#pragma once

#include <dodona/result.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::host {

struct RowChoice {
  std::string count{};  // a whole number; empty or 0: all
  std::vector<std::string> states{};
  std::string sort{};                  // a name; with - before it the greatest first
  std::vector<std::string> columns{};  // names; empty: the usual ones
  std::string where{};                 // an expression as of constraints
};

// The options --state, --sort, --columns and --where.
void add_choice(CLI::App& command, RowChoice& choice);

// The meaning of a name in a trial; nothing where the trial has none.
std::optional<HyperParameterValue> named(const Result& trial, std::string_view name);

// The trials in question, in order. A trial that lacks a name of `where` is left out, and one that
// lacks the name of `sort` comes last.
std::vector<Result> chosen(std::vector<Result> trials, const RowChoice& choice);

// A table of the named columns.
std::string columns_text(const std::vector<Result>& trials, const std::vector<std::string>& names,
                         std::size_t width_max);

}  // namespace dodona::host
