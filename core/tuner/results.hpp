// SPDX-License-Identifier: Apache-2.0
//
// Results of the facade as JSON values; result.hpp has them as text.
//
// Threads: pure.
#pragma once

#include <dodona/result.hpp>

#include <boost/json/object.hpp>

namespace dodona::tuner {

// One of the trials of dodona::to_json(std::vector<Result>).
boost::json::object to_json(const Result& result);

}  // namespace dodona::tuner
