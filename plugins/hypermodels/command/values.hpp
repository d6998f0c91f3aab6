// SPDX-License-Identifier: Apache-2.0
//
// The values of a trial as texts for a program: arguments, variables, JSON.
//
// Integers and reals are written as in JSON (a real reads back bit for bit), booleans as true and
// false, strings as they are.
//
// Threads: pure.
#pragma once

#include <dodona/hyperparameters.hpp>
#include <dodona/space.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace command {

// Names and values in the order of the space, each name once. No value: not active in this trial.
using Values = std::vector<std::pair<std::string, std::optional<dodona::Value>>>;

// The values of a trial. Throws Error{DODONA_E_INVALID} for a string with a character of code 0.
Values values_of(dodona::HyperParameters& hp);

std::string to_text(const dodona::Value& value);
// An object of the active values.
std::string to_json(const Values& values);

// The name of a variable: DODONA_HP_LEARNING_RATE for learning_rate and for learning-rate.
std::string variable_of(const std::string& name);

}  // namespace command
