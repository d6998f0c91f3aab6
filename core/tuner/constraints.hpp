// SPDX-License-Identifier: Apache-2.0
//
// The constraints of a study: those of the study file and those that its hypermodel requires.
//
// Errors:  Error{kInvalid} that names the entry of `constraints`, or says that the hypermodel
//          requires it; nothing was added then.
// Threads: one.
#pragma once

#include "space/constraints.hpp"
#include "tuner/open_study.hpp"

#include <dodona/space.hpp>
#include <dodona/study_options.hpp>

#include <string>
#include <vector>

namespace dodona::tuner {

// Adds those that the study's space does not have yet, once they were checked. `names`: whether the
// hypermodel may ask for more than the space has.
void add_constraints(OpenStudy& study, const std::vector<std::string>& required,
                     space::Names names);

// A warning of names in constraints that no hyperparameter has by now.
void tell_of_unknown_names(OpenStudy& study);

// The constraint that values break whatever those are that they leave out, and how; empty if there
// is none, as far as many seeded draws of the others tell.
std::string constraint_broken_by(const Space& space, const NamedValues& values);

}  // namespace dodona::tuner
