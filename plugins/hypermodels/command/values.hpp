// SPDX-License-Identifier: Apache-2.0
//
// The values of a trial as texts for a program: arguments, variables, JSON.
//
// Integers and reals as JSON writes them (a real reads back bit for bit), booleans as true and
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

// In the order of the space, each name once; no value: not active in this trial.
using Values = std::vector<std::pair<std::string, std::optional<dodona::Value>>>;

// Throws Error{kInvalid} for a string with a character of code 0.
Values values_of(dodona::HyperParameters& hp);

std::string to_text(const dodona::Value& value);
// One object of the active ones.
std::string to_json(const Values& values);

// DODONA_HP_LEARNING_RATE of learning_rate or learning-rate.
std::string variable_of(const std::string& name);

}  // namespace command
