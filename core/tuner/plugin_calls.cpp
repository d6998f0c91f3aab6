// SPDX-License-Identifier: Apache-2.0
#include "plugin/running_call.hpp"
#include "project/witness.hpp"

#include <dodona/plugin_calls.hpp>

namespace dodona {

static_assert(kNoTrial == study::kNoTrial);

PluginCall plugin_call() noexcept {
  const plugin::RunningCall call = plugin::running_call();
  return {call.plugin, call.trial};
}

std::size_t running_trials(std::uint64_t* trials, std::size_t most) noexcept {
  return plugin::running_trials({trials, most});
}

void leave_witness(const char* project_directory, const char* how) noexcept {
  project::leave_witness(project_directory, how);
}

}  // namespace dodona
