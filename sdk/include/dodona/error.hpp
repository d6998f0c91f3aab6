// SPDX-License-Identifier: Apache-2.0
//
// The one exception class of Dodona: a status code of abi.h with a message.
//
// A message is lower case, without a full stop, and names the value and the bound, for example
// `hyperparameter "lr": min_value 0.1 is above max_value 0.01`.
//
// It has default visibility, unlike the rest of the C++ layer, so that an application can catch
// what libdodona throws; plugins keep their own copy behind their version script.
#pragma once

#include <dodona/abi.h>

#include <stdexcept>
#include <string>

namespace dodona {

class __attribute__((visibility("default"))) Error : public std::runtime_error {
 public:
  Error(dodona_status code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  dodona_status code() const noexcept { return code_; }

 private:
  dodona_status code_;
};

}  // namespace dodona
