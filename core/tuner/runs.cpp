// SPDX-License-Identifier: Apache-2.0
#include "tuner/runs.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace dodona::tuner {
namespace {

// The word in a role such as dodona.oracle/1.
std::string word_of(const std::string& role) {
  const std::size_t begin = role.rfind('.') + 1;
  return role.substr(begin, role.find('/', begin) - begin);
}

}  // namespace

std::vector<TrialRun> runs_of(study::Store& log, const study::State& state) {
  std::vector<TrialRun> runs;
  std::vector<std::size_t> last(state.trials().size(), SIZE_MAX);  // the run of each trial
  study::read_below(log, state.events(), [&](const study::Event& event) {
    if (event.trial >= last.size()) return;  // of the study, not of a trial
    std::size_t& run = last[event.trial];
    if (const auto* started = std::get_if<study::Started>(&event.body)) {
      const bool anew = started->start_step == study::kNoStep;
      run = runs.size();
      runs.push_back({event.trial, started->execution, started->attempt,
                      anew ? state.trials()[event.trial].start_step : started->start_step,
                      started->runner, event.unix_nanos, event.unix_nanos, "", ""});
      return;
    }
    if (run == SIZE_MAX) return;
    if (const auto* noted = std::get_if<study::Noted>(&event.body)) {
      if (noted->key == study::kDevicesNote) runs[run].devices = noted->value;
      return;
    }
    runs[run].ended_unix_nanos = std::max(runs[run].ended_unix_nanos, event.unix_nanos);
    if (const auto* lost = std::get_if<study::Lost>(&event.body)) runs[run].lost = lost->why;
  });
  return runs;
}

StudyOrigin origin_of(study::Store& log, const study::State& state) {
  StudyOrigin origin;
  const study::StudyId& id = state.id();
  origin.id = base::to_hex(std::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
  log.read(0, [&](const study::Event& event) {
    if (const auto* created = std::get_if<study::Created>(&event.body)) {
      origin.version = created->version;
      origin.created_unix_nanos = event.unix_nanos;
    }
    return false;
  });
  for (const study::PluginIdentity& plugin : state.plugins()) {
    origin.plugins.push_back({word_of(plugin.role), plugin.id, plugin.version, plugin.build_id});
  }
  for (const study::Noted& note : state.notes()) {
    const auto same = std::find_if(origin.notes.begin(), origin.notes.end(),
                                   [&](const auto& known) { return known.first == note.key; });
    if (same != origin.notes.end()) {
      same->second = note.value;
    } else {
      origin.notes.emplace_back(note.key, note.value);
    }
  }
  return origin;
}

}  // namespace dodona::tuner
