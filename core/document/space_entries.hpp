// SPDX-License-Identifier: Apache-2.0
//
// Definitions of hyperparameters as JSON: the `space` list of a study file, and what the facade
// shows.
//
//   {"name": "lr", "type": "float", "min_value": 1e-5, "max_value": 0.1, "sampling": "log",
//    "default": 0.001, "when": {"optimizer": ["adam", "sgd"]}}
//
// A whole number is a fine float, also beside real numbers in the values of a choice; a float is
// never an int. Left out: sampling is linear, default is min_value, the first of the values, or
// false, and `ordered` is true for numbers. `when` lists for each parent the values under which the
// hyperparameter exists; all of them must hold.
//
// Errors:  Error{kInvalid} with file:line:column, path, and what would be right.
// Threads: pure.
#pragma once

#include "base/json_reader.hpp"
#include "space/search_space.hpp"

#include <dodona/result.hpp>
#include <dodona/space.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <vector>

namespace dodona::document {

// The entries of a list. A parent that stands in the list must be able to have the values that a
// `when` says; one that does not is taken to be the hypermodel's.
std::vector<space::Override> parse_space(const base::JsonReader& list);

// A number, a boolean or a text.
Value read_scalar(const base::JsonReader& from);

// The list again, complete: parse_space gives the same entries for it.
boost::json::array space_to_json(const std::vector<space::Override>& entries);

// JSON Schema of the list.
boost::json::object space_schema();

// For entries that are the whole space: throws Error{DODONA_E_INVALID} for a `when` whose parent no
// entry before it defines.
void check_parents(const std::vector<space::Override>& entries);

// Throws Error{kInvalid} for an entry that is none of the hypermodel's `definitions`.
void check_asked_for(const std::vector<space::Override>& entries,
                     const std::vector<space::Definition>& definitions);

std::vector<HyperParameter> to_facade(const std::vector<Param>& params);

boost::json::value to_json(const HyperParameterValue& value);

}  // namespace dodona::document
