// SPDX-License-Identifier: Apache-2.0
#include "state.hpp"

#include "names.hpp"
#include "record.hpp"

#include <dodona/error.hpp>

namespace tensorboard {
namespace {

SinkState decoded(std::string_view bytes) {
  SinkState state;
  for (WireReader in(bytes); in.next();) {
    switch (in.field()) {
      case 1:
        state.next = in.natural();
        break;
      case 2:
        state.seed = in.natural();
        break;
      case 3:
        state.created = static_cast<std::int64_t>(in.natural());
        break;
      case 4:
        state.ended = in.natural() != 0;
        break;
      case 5:
        state.metrics.emplace_back(in.bytes());
        break;
      case 6: {
        WireReader part(in.bytes());
        std::uint64_t id = 0;
        while (part.next()) {
          if (part.field() == 1) id = part.natural();
          if (part.field() == 2) state.trials[id] = TrialRuns::decoded(part.bytes());
        }
        break;
      }
      case 7:
        state.garbage.emplace_back(in.bytes());
        break;
      default:
        break;
    }
  }
  return state;
}

}  // namespace

SinkState SinkState::load(Directory& directory) {
  const std::string file = directory.read(std::string(kStateFile));
  if (file.empty()) return {};
  const auto payload = payload_of(file);
  if (!payload) {
    throw dodona::Error(DODONA_E_INVALID, (directory.path() / kStateFile).string() +
                                              " is damaged; give another \"directory\", which "
                                              "begins with the first event");
  }
  SinkState state = decoded(*payload);
  for (const auto& [id, trial] : state.trials) trial.restore(directory);
  for (const std::string& name : state.garbage) directory.remove(name);
  state.garbage.clear();
  return state;
}

void SinkState::save(Directory& directory) const {
  Message out;
  out.natural(1, next).natural(2, seed).natural(3, static_cast<std::uint64_t>(created));
  out.natural(4, ended ? 1 : 0);
  for (const std::string& name : metrics) out.bytes(5, name);
  for (const auto& [id, trial] : trials) {
    out.message(6, Message().natural(1, id).bytes(2, trial.encoded()));
  }
  for (const std::string& name : garbage) out.bytes(7, name);
  directory.replace(std::string(kStateFile), record(out.encoded()));
}

}  // namespace tensorboard
