// SPDX-License-Identifier: Apache-2.0
//
// Whether a definition of a hyperparameter is possible, and how it reads.
#pragma once

#include <dodona/space.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dodona::space {

// Throws Error{kInvalid} that names the hyperparameter, the value and the bound.
void check(const Param& param);

// One line, for example: float lr in [1e-05, 0.1], log, default 0.001, when optimizer is adam
std::string to_text(const Param& param);
std::string to_text(const Value& value);
std::string to_text(const std::vector<Condition>& conditions);

// Why a value cannot be read: its parents have other values, or nobody defined it.
Error not_active(const Param& param);
Error not_there(std::string_view name);

}  // namespace dodona::space
