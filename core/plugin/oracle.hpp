// SPDX-License-Identifier: Apache-2.0
//
// The kernel's Oracle over the C table of a plugin or of the application.
//
// Proposals of an oracle are checked here: each value legal, each active definition given, no
// inactive one. The oracle's answer must fit its proposals.
//
// Errors:  an Error with the oracle's name and text for a failing status; Error{kPlugin} where it
//          breaks the contract.
// Threads: as study::Oracle: one call at a time, `fill` from any thread.
// Cost:    50 ns a call of observe with one event, beside the oracle's own.
#pragma once

#include "plugin/descriptor.hpp"
#include "plugin/study_info.hpp"
#include "study/roles.hpp"

#include <dodona/abi.h>

#include <boost/json/object.hpp>

#include <memory>
#include <string>

namespace dodona::plugin {

// Loads the library if need be, checks the options and creates the object. `services` outlives it.
std::unique_ptr<study::Oracle> make_oracle(const Descriptor& descriptor, const StudyInfo& info,
                                           const boost::json::object& options,
                                           study::Services& services);

// Over an object that the application made and keeps; create and destroy of `table` are not called.
// `label` stands in messages. `names` outlives the oracle.
std::unique_ptr<study::Oracle> make_oracle(const dodona_oracle_vtable* table, void* self,
                                           std::string label, const study::Names& names,
                                           study::Services& services);

}  // namespace dodona::plugin
