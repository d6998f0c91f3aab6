// SPDX-License-Identifier: Apache-2.0
//
// Checks of constraints against the hyperparameters that they are about.
//
// Errors:  Error{kInvalid} that names the constraint and the column of the fault.
// Threads: pure functions.
#pragma once

#include <dodona/constraint.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace dodona::space {

// kOpen: hyperparameters may join that nobody knows yet.
enum class Names : std::uint8_t { kComplete = 1, kOpen };

// Throws for values of kinds that do not fit, for a text that no definition of the name has that it
// is compared with, and, where names are complete, for a name that has no definition.
void check_constraint(const Constraint& constraint, std::span<const Param> params, Names names);

// The number of draws by which a constraint is judged.
inline constexpr std::uint32_t kJudgingDraws = 10000;

// The faults that a constraint has whatever the values are.
enum class Refuse : std::uint8_t {
  kConstant = 1,  // it is broken for all values, or kept for all of them
  kNever          // it is broken for all values
};
// Throws if constraint i is, as far as the ends of all ranges and kJudgingDraws seeded draws tell.
// A constraint passes if it names what the space does not have. Cost: some milliseconds.
void check_values(const Space& space, std::size_t i, Refuse refuse);

}  // namespace dodona::space
