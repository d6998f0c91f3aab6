// SPDX-License-Identifier: Apache-2.0
//
// Results of the facade as JSON values; result.hpp has them as text.
//
// Threads: pure.
#pragma once

#include <dodona/result.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::tuner {

// One of the trials of dodona::to_json(std::vector<Result>).
boost::json::object to_json(const Result& result);

// Numbers by name; null for one that is not there.
boost::json::object to_json(
    const std::vector<std::pair<std::string, std::optional<double>>>& named);

// A member of an oracle's note, in words; empty where there is none of that name.
std::string note_member(const std::string& note, std::string_view name);

}  // namespace dodona::tuner
