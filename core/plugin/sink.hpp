// SPDX-License-Identifier: Apache-2.0
//
// The kernel's Sink over the C table of a plugin or of the application.
//
// Errors:  an Error with the sink's name and text for a failing status.
// Threads: one call at a time.
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
std::unique_ptr<study::Sink> make_sink(const Descriptor& descriptor, const StudyInfo& info,
                                       const boost::json::object& options,
                                       study::Services& services);

// Over an object that the application made and keeps; create and destroy of `table` are not called.
// `label` stands in messages. `names` outlives the sink.
std::unique_ptr<study::Sink> make_sink(const dodona_sink_vtable* table, void* self,
                                       std::string label, const study::Names& names,
                                       study::Services& services);

}  // namespace dodona::plugin
