// SPDX-License-Identifier: Apache-2.0
//
// The kernel's HyperModel over the C table of a plugin or of the application.
//
//   build -> load (when it resumes) -> fit -> evaluate -> release
//
// release follows every successful build, whatever fails after it.
//
// Errors:  an Error with the code and text of a failing status. Those of declare and create name
//          the hypermodel; a trial keeps its own message as it is.
// Threads: as study::HyperModel: execute runs concurrently.
#pragma once

#include "plugin/descriptor.hpp"
#include "plugin/study_info.hpp"
#include "study/roles.hpp"

#include <dodona/abi.h>

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace dodona::plugin {

// Loads the library if need be, checks the options and creates the object. `services` outlives it.
std::unique_ptr<study::HyperModel> make_hypermodel(const Descriptor& descriptor,
                                                   const StudyInfo& info,
                                                   const boost::json::object& options,
                                                   study::Services& services);

// Throws Error{kInvalid} for more trials at a time in this process than the hypermodel takes.
void check_parallel(const Descriptor& descriptor, std::uint32_t parallel_trials);

// Over an object that the application made and keeps; create and destroy of `table` are not called.
// `label` stands in messages.
std::unique_ptr<study::HyperModel> make_hypermodel(const dodona_hypermodel_vtable* table,
                                                   void* self, std::string label,
                                                   study::Services& services);

}  // namespace dodona::plugin
