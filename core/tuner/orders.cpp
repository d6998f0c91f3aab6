// SPDX-License-Identifier: Apache-2.0
//
// Orders that count also where no process owns the study: they go into its log then.
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "project/project.hpp"
#include "schedule/journal.hpp"
#include "tuner/enqueued.hpp"
#include "tuner/requests.hpp"
#include "tuner/status.hpp"

#include <dodona/space.hpp>
#include <dodona/status.hpp>

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace dodona {
namespace {

namespace json = boost::json;

// Appends an event of a trial or of the study, as its owner for the moment.
void append(const std::string& directory, std::uint64_t trial,
            const std::function<study::Body(const study::State&)>& make) {
  const auto store = project::open_to_write(directory);
  project::Folded folded = project::fold(*store);
  const base::SystemClock clock;
  schedule::Journal journal(*store, folded.state, clock);
  journal.wait_durable(journal.append(trial, make(folded.state)));
}

Space space_of(const study::State& state) {
  Space space;
  for (const Param& param : state.params()) space.add(param);
  for (const std::string& text : state.constraints()) space.add_constraint(text);
  return space;
}

}  // namespace

bool stop_trial(const std::string& project_directory, std::uint64_t trial) {
  return tuner::ask_owner(project_directory, {{"request", "stop_trial"}, {"trial", trial}})
      .has_value();
}

void enqueue_values(const std::string& project_directory, const std::string& values) {
  const base::JsonDocument document = base::parse_json(values, "values");
  const NamedValues named = tuner::read_values(base::JsonReader(document));
  if (tuner::ask_owner(project_directory, {{"request", "enqueue"}, {"values", document.root}})) {
    return;
  }
  append(project_directory, study::kNoTrial,
         [&](const study::State& state) { return tuner::enqueued_in(space_of(state), named); });
}

void keep_note(const std::string& project_directory, std::optional<std::uint64_t> trial,
               const std::string& text) {
  tuner::check_note(text);
  json::object request{{"request", "note"}, {"text", text}};
  if (trial) request["trial"] = *trial;
  if (tuner::ask_owner(project_directory, std::move(request))) return;
  append(project_directory, trial.value_or(study::kNoTrial), [&](const study::State&) {
    return study::Noted{tuner::kNoteKey, text};
  });
}

}  // namespace dodona
