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

#include <dodona/abi/scalars.h>

#include <stdexcept>
#include <string>

namespace dodona {

// The status codes by their C++ names: `catch (const dodona::Error& error)` and then
// `error.code() == dodona::kState`. A code that is none of them counts as kFailed.
enum ErrorCode : dodona_status {
  kFailed = DODONA_E_FAILED,
  kInvalid = DODONA_E_INVALID,
  kUnsupported = DODONA_E_UNSUPPORTED,
  kCancelled = DODONA_E_CANCELLED,
  kState = DODONA_E_STATE,
  kExhausted = DODONA_E_EXHAUSTED,
  kSpaceConflict = DODONA_E_SPACE_CONFLICT,
  kNoMemory = DODONA_E_NO_MEMORY,
  kException = DODONA_E_EXCEPTION,
  kWait = DODONA_E_WAIT,
  kIo = DODONA_E_IO,
  kPlugin = DODONA_E_PLUGIN,
  kInfeasible = DODONA_E_INFEASIBLE
};

// A failure: a code for programs, a message for people.
class __attribute__((visibility("default"))) Error : public std::runtime_error {
 public:
  Error(dodona_status code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  dodona_status code() const noexcept { return code_; }

 private:
  dodona_status code_;
};

}  // namespace dodona
