// SPDX-License-Identifier: Apache-2.0
//
// A point that one part of a search chose, with the note that explains it.
#pragma once

#include "common/oracle/note.hpp"
#include "common/oracle/past.hpp"

#include <dodona/space.hpp>

namespace dodona::common {

struct Choice {
  Point point;  // without hyperparameters: nothing was found
  Note note;
  Origin origin;
};

}  // namespace dodona::common
