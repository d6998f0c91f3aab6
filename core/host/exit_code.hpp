// SPDX-License-Identifier: Apache-2.0
//
// How the program ends, as `dodona --help` lists it.
#pragma once

#include <dodona/error.hpp>

namespace dodona::host {

enum ExitCode : int {
  kDone = 0,
  kNoResult = 1,      // nothing completed, too many failures, or a store, lock, disk or data error
  kUsage = 2,         // bad usage or a bad study file
  kPlugin = 3,        // a plugin could not be loaded
  kNoOwner = 4,       // nobody searches the study that is to be paused, stopped or set
  kInterrupted = 130  // saved: the search can go on
};

inline ExitCode exit_code(const Error& error) {
  switch (error.code()) {
    case DODONA_E_INVALID:
    case DODONA_E_SPACE_CONFLICT:  // the space of a study file is another than the study's
      return kUsage;
    case DODONA_E_PLUGIN:
      return kPlugin;
    default:
      return kNoResult;
  }
}

}  // namespace dodona::host
