// SPDX-License-Identifier: Apache-2.0
//
// Short ways to write definitions in tests.
#pragma once

#include <dodona/space.hpp>

#include <string>
#include <utility>
#include <vector>

namespace dodona::support {

inline Param integer(std::string name, std::int64_t low, std::int64_t high,
                     std::vector<Condition> when = {}) {
  Param param;
  param.type = ParamType::kInt;
  param.name = std::move(name);
  param.low = param.initial = Cell::whole(low);
  param.high = Cell::whole(high);
  param.conditions = std::move(when);
  return param;
}

inline Param real(std::string name, double low, double high, std::vector<Condition> when = {}) {
  Param param;
  param.type = ParamType::kFloat;
  param.name = std::move(name);
  param.low = param.initial = Cell::real(low);
  param.high = Cell::real(high);
  param.conditions = std::move(when);
  return param;
}

inline Param choice(std::string name, std::vector<Value> values, std::vector<Condition> when = {}) {
  Param param;
  param.type = ParamType::kChoice;
  param.name = std::move(name);
  param.choices = std::move(values);
  param.conditions = std::move(when);
  return param;
}

inline Param boolean(std::string name, std::vector<Condition> when = {}) {
  Param param;
  param.type = ParamType::kBoolean;
  param.name = std::move(name);
  param.conditions = std::move(when);
  return param;
}

inline Value text(const char* value) {
  return std::string(value);
}

}  // namespace dodona::support
