// SPDX-License-Identifier: Apache-2.0
//
// The message of an expected Error of an expected code.
#pragma once

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dodona::support {

// The message of the Error that `action` throws, or a text that no error has.
template <class Action>
std::string error_of(dodona_status code, Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace dodona::support
