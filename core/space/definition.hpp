// SPDX-License-Identifier: Apache-2.0
//
// Checks definitions of hyperparameters, and writes them for messages.
#pragma once

#include <dodona/space.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dodona::space {

// Throws Error{DODONA_E_INVALID} for an impossible definition. The message names hyperparameter,
// value and bound.
void check(const Param& param);

// One line such as: float lr in [1e-05, 0.1], log, default 0.001, when optimizer is adam
std::string to_text(const Param& param);
std::string to_text(const Value& value);
std::string to_text(const std::vector<Condition>& conditions);
// `; the nearest is 0.25`, for a message about a cell that a range does not have. Empty where the
// values are no range.
std::string nearest_text(const Param& param, Cell cell);

// The errors of reading a value: its parents have other values, or it was never defined.
Error not_active(const Param& param);
Error not_there(std::string_view name);

}  // namespace dodona::space
