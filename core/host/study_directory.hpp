// SPDX-License-Identifier: Apache-2.0
//
// The DIR of `dodona trials DIR`: the directory of a project, and what may be meant where it is
// none.
#pragma once

#include <dodona/study.hpp>

#include <string>

namespace dodona::host {

// Throws as open_study() does for what is not the directory of a study; reads nothing of one.
void check_study_directory(const std::string& directory);

// Opens the study in `directory`. Throws Error{kInvalid} for a study file and for a directory of
// projects, and what dodona::open throws, with what is right where that can be told.
Study open_study(const std::string& directory, Study::Damage damage = Study::Damage::kThrown);

}  // namespace dodona::host
