// SPDX-License-Identifier: Apache-2.0
//
// Hypermodels that run in processes of their own: what a study says of it, and both ends of the
// greeting between an owner and its runners.
//
// Errors:  as said.
#pragma once

#include "base/json_reader.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/study_info.hpp"
#include "study/roles.hpp"

#include <dodona/kernel.hpp>
#include <dodona/study_options.hpp>

#include <boost/json/object.hpp>

#include <memory>

namespace dodona::tuner {

// True if the trials of a plugin's hypermodel run in processes of their own: as the study says, else
// as the plugin asks for. Throws Error{kInvalid} where the study wants what cannot be.
bool is_isolated(const StudyOptions& settings, const plugin::Descriptor& descriptor,
                 study::Services& services);
// Throws Error{kInvalid} if the study wants that of an object of the application, or limits that it
// cannot be held to.
void check_not_isolated(const StudyOptions& settings);

// A hypermodel in runners. Nothing of the plugin is loaded here. Throws what it fails with when it
// is created there, and Error{kIo} where there is no program for runners.
std::unique_ptr<study::HyperModel> make_isolated(const plugin::Descriptor& descriptor,
                                                 const plugin::StudyInfo& info,
                                                 const boost::json::object& options,
                                                 const PluginSources& sources,
                                                 const StudyOptions& settings,
                                                 study::Services& services);

// Makes the hypermodel of a greeting, and tells of it in `answer`.
std::unique_ptr<study::HyperModel> make_served(const base::JsonReader& greeting,
                                               boost::json::object& answer,
                                               study::Services& services);

}  // namespace dodona::tuner
