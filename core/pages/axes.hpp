// SPDX-License-Identifier: Apache-2.0
//
// Hyperparameters as the page shows them: an axis a name.
//
// Threads: plain values.
#pragma once

#include <dodona/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <vector>

namespace dodona::pages {

// All definitions of one name, which conditions may tell apart. An axis of numbers has a range, any
// other one has values in an order.
struct Axis {
  std::string name;
  std::string type;  // int, float, choice, boolean or fixed
  std::string sampling;
  std::string when;  // in words; empty: it is always active
  bool numeric = false;
  double low = 0.0;
  double high = 0.0;
  std::vector<std::string> values;
  bool texts = false;  // the values are texts, and no numbers or booleans that are shown as such
};

// In the order of the space.
std::vector<Axis> axes_of(const std::vector<HyperParameter>& space);

// A value as the page reads it: a number, the index of one of the axis' values, or a text where a
// number would lose digits in a browser. Null: it is not active.
boost::json::value axis_value(const Axis& axis, const HyperParameterValue* value);

// The axis, and its values in all trials.
boost::json::object axis_column(const Axis& axis, std::span<const Result> trials);

}  // namespace dodona::pages
