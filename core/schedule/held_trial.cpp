// SPDX-License-Identifier: Apache-2.0
#include "schedule/held_trial.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace dodona::schedule {

HeldTrial::HeldTrial(const space::Overrides& overrides, const space::Growth& known,
                     std::size_t kept)
    : space_(overrides), known_(known.params.size()), constraints_(known.constraints.size()) {
  space_.restore(known.params, known.constraints);
  space_.keep(std::min(kept, known.params.size()));
}

// A later execution of the trial fills the same definition with the same value.
void HeldTrial::fill(const Assignment& assignment) {
  DODONA_ASSERT(!ended());
  const auto same = [&](const Assignment& known) { return known.param == assignment.param; };
  if (std::none_of(filled_.begin(), filled_.end(), same)) filled_.push_back(assignment);
}

double HeldTrial::join(std::uint64_t trial, space::SearchSpace& space, Journal& journal) {
  DODONA_ASSERT(result_.has_value());
  try {
    add_definitions(trial, space, journal);
  } catch (const Error& error) {
    const bool own = error.code() == DODONA_E_SPACE_CONFLICT || error.code() == DODONA_E_INVALID;
    if (!own) throw;
    result_->state = study::TrialState::kFailed;
    result_->outcome = study::Outcome::kModelError;
    result_->objectives = study::kNoScore;
    result_->message = error.what();
  }
  const auto snapshot = space.snapshot();
  for (const Assignment& each : moved(filled_, snapshot->space)) {
    journal.append(trial, study::Filled{each});
  }
  result_->assignments = moved(result_->assignments, snapshot->space);
  const double objective = result_->objectives.first();
  journal.wait_durable(journal.append(trial, std::move(*result_)));
  return objective;
}

void HeldTrial::add_definitions(std::uint64_t trial, space::SearchSpace& space,
                                Journal& journal) const {
  const auto own = space_.snapshot();
  std::vector<space::Definition> definitions;
  for (std::size_t i = known_; i < own->space.size(); ++i) {
    const Param* asked = own->asked[i];
    definitions.push_back(
        {asked != nullptr ? std::optional(*asked) : std::nullopt, own->space.params()[i]});
  }
  std::vector<std::string> constraints;
  for (std::size_t i = constraints_; i < own->space.constraint_count(); ++i) {
    constraints.push_back(own->space.constraint(i).text());
  }
  space.add(
      definitions, [&](const space::Growth& growth) { journal.append(trial, growth); },
      constraints);
}

// The same values, by the study's places; what the study does not know is left out.
std::vector<Assignment> HeldTrial::moved(const std::vector<Assignment>& own,
                                         const Space& space) const {
  const auto mine = space_.snapshot();
  std::vector<Assignment> result;
  for (Assignment each : own) {
    const Param& param = mine->space.params()[each.param];
    const auto place = space.find(param.name, param.conditions);
    if (!place || space.params()[*place] != param) continue;
    each.param = static_cast<std::uint32_t>(*place);
    result.push_back(each);
  }
  std::sort(result.begin(), result.end(),
            [](const Assignment& a, const Assignment& b) { return a.param < b.param; });
  return result;
}

}  // namespace dodona::schedule
