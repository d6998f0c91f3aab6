// SPDX-License-Identifier: Apache-2.0
//
// Trials that the page knows in full: the best, the last, and those that failed.
//
// Threads: plain values.
#pragma once

#include "pages/axes.hpp"

#include <dodona/study.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace dodona::pages {

// The greatest numbers of trials of each kind.
inline constexpr std::size_t kExactMax = 500;

// All, or of more than three times as many the best, the last, and the last that failed.
std::set<std::uint64_t> exact_trials(std::span<const Result> trials, std::span<const Result> best);

// A sentence for each kind of thing that was cut.
using LeftOut = std::vector<std::string>;

// A trial: values in the order of the axes, metrics, notes and all else. Counts texts that it cuts.
boost::json::object exact_row(const Result& trial, std::span<const Axis> axes, std::size_t& cuts);

// An object a trial: values in the order of the axes, metrics, notes and all else.
boost::json::array exact_rows(const std::set<std::uint64_t>& chosen, std::span<const Result> trials,
                              std::span<const Explanation> explanations, std::span<const Axis> axes,
                              LeftOut& left_out);

// The curves of the last attempt of each, an object an execution. Long ones are thinned.
boost::json::array exact_curves(const std::set<std::uint64_t>& chosen,
                                std::span<const Report> reports, LeftOut& left_out);

}  // namespace dodona::pages
