// SPDX-License-Identifier: Apache-2.0
#include "tuner/expectations.hpp"

#include "document/document.hpp"
#include "insight/observations.hpp"

#include <filesystem>

namespace dodona::tuner {

std::string place_of(const std::string& directory) {
  return directory.empty() ? "" : std::filesystem::absolute(directory).lexically_normal().string();
}

Expectations::Expectations(study::Store& log, const study::State& state,
                           const std::string& directory, const PluginSources& plugins)
    : catalogue_(document::catalogue_of(plugins)),
      services_({}),
      made_(make_logged_oracle({state.document(), state.plugins()}, state, place_of(directory), log,
                               catalogue_, services_)) {
  made_.oracle->set_space(insight::space_of(state));
  study::read_below(log, state.events(), [this](const study::Event& event) {
    made_.oracle->observe({&event, 1});
  });
}

}  // namespace dodona::tuner
