// SPDX-License-Identifier: Apache-2.0
//
// A study's objective against the metrics that its hypermodel says that it reports.
//
// Threads: pure.
#pragma once

#include "study/roles.hpp"

#include <dodona/study_options.hpp>

#include <vector>

namespace dodona::document {

// Throws Error{DODONA_E_INVALID} for an objective with a term that is not in `told`, naming what
// is. A hypermodel that told nothing may report anything.
void check_told(const StudyOptions& options, const std::vector<study::ToldMetric>& told);

}  // namespace dodona::document
