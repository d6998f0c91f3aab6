// SPDX-License-Identifier: Apache-2.0
//
// JSON as Python writes it: NaN, Infinity and -Infinity stand bare in it, which JSON does not allow.
//
// Errors:  Error{kInvalid} with file:line:column, path, and what would be right.
// Threads: pure.
#pragma once

#include "base/json_reader.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dodona::import {

// The same text as JSON. Each of the three words becomes a string of as many bytes that nobody else
// writes, so that all else keeps its place.
std::string strict_json(std::string text);

// A number of such a text, the three words included. `python_number` answers nothing for any other
// value.
std::optional<double> python_number(const boost::json::value& value);
double number(const base::JsonReader& at);

// A value of such a text as people read it: a string is itself, all else is JSON.
std::string plain_text(const boost::json::value& value);

// A member that is there and not null.
std::optional<base::JsonReader> given(const base::JsonReader& at, std::string_view key);

}  // namespace dodona::import
