// SPDX-License-Identifier: Apache-2.0
//
// Sink `tensorboard`: event files that TensorBoard shows, with scalars for each step of each metric
// and all that its HParams tab needs.
//
// Each execution of a trial is a run. The root run holds the experiment. A rerun or retry of an
// execution replaces its run. Every event counts once, crashes included. TensorBoard keeps the
// first experiment that it reads until it is started anew. So the experiment is written only once
// the metrics are known: when the first trial ends well, or at the end of the search.
//
// Cost: about 10 us for a report; two directories and a file for each run.
#include "names.hpp"
#include "record.hpp"
#include "state.hpp"

#include <dodona/plugin.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace fs = std::filesystem;
using dodona::view;
using tensorboard::Moment;
using tensorboard::Status;
using tensorboard::Values;

fs::path place(const dodona::StudyContext& context) {
  const fs::path path = context.options.get<std::string>("directory");
  const std::string_view project = view(context.study.directory);
  if (project.empty()) {
    throw dodona::Error(DODONA_E_INVALID,
                        "a study with the store \"memory\" has no directory for event files");
  }
  const fs::path normal = path.lexically_normal();
  if (path.empty() || path.is_absolute() || *normal.begin() == ".." || *normal.begin() == ".") {
    throw dodona::Error(
        DODONA_E_INVALID,
        "option \"directory\": \"" + path.string() +
            "\" should name a directory below the study's own, such as \"tensorboard\"");
  }
  return fs::path(project) / path;
}

tensorboard::TrialRuns::Scalars list(dodona_metric_span metrics) {
  tensorboard::TrialRuns::Scalars out;
  for (const dodona_metric& metric : dodona::list(metrics)) {
    out.emplace_back(view(metric.name), metric.value);
  }
  return out;
}

Moment moment(const dodona_event& event) {
  return {event.trial, event.sequence, event.unix_nanos};
}

class TensorBoard {
 public:
  explicit TensorBoard(const dodona::StudyContext& context)
      : directory_(place(context)), state_(tensorboard::SinkState::load(directory_)) {
    const std::uint64_t count = context.study.objective_count;
    for (std::uint64_t i = 0; i < count; ++i) {
      const dodona_objective& objective = *context.study.objectives[i];
      const std::string name(view(objective.name));
      scores_.push_back({count > 1 ? "dodona/score/" + name : "dodona/score", name,
                         objective.direction == DODONA_MAXIMIZE});
    }
  }

  void set_space(const dodona::Space& space) {
    space_ = &space;
    changed_ = true;
  }

  void consume(const dodona_event& event) {
    if (const auto* created = dodona::body_of<dodona_created_event>(event)) begin(event, *created);
    if (event.sequence < state_.next) return;
    if (event.sequence > state_.next) {
      throw dodona::Error(
          DODONA_E_STATE,
          directory_.path().string() + " lacks events " + std::to_string(state_.next) + " to " +
              std::to_string(event.sequence - 1) +
              ", which were in it; put it back, or give another \"directory\", which begins with "
              "the first event");
    }
    state_.next = event.sequence + 1;
    tell(event);
  }

  void flush() {
    for (auto& [id, trial] : state_.trials) trial.write(directory_);
    directory_.sync();
    if (changed_ && state_.ended) write_experiment();
    state_.save(directory_);
    // From now on no crash can make the sink need these files again.
    for (const std::string& file : state_.garbage) directory_.remove(file);
    state_.garbage.clear();
  }

 private:
  // Takes the study's first event. It differs from that of the state if the study is another one.
  void begin(const dodona_event& event, const dodona_created_event& created) {
    if (state_.next > 0 && state_.seed == created.seed && state_.created == event.unix_nanos)
      return;
    directory_.clear();
    state_ = {};
    state_.seed = created.seed;
    state_.created = event.unix_nanos;
    changed_ = true;
  }

  void tell(const dodona_event& event) {
    if (dodona::body_of<dodona_stopped_event>(event) != nullptr) state_.ended = true;
    if (event.trial == DODONA_NO_TRIAL) return;
    if (const auto* proposed = dodona::body_of<dodona_proposed_event>(event)) {
      state_.trials[event.trial].propose(values(proposed->assignments), proposed->start_step);
    } else if (const auto* started = dodona::body_of<dodona_started_event>(event)) {
      const std::uint64_t from = DODONA_KNOWS(started, dodona_started_event, start_step)
                                     ? started->start_step
                                     : UINT64_MAX;
      state_.trials[event.trial].start(moment(event), started->execution, from, directory_,
                                       state_.garbage);
    } else if (const auto* filled = dodona::body_of<dodona_filled_event>(event)) {
      state_.trials[event.trial].fill(moment(event), values({&filled->assignment, 1}), directory_,
                                      state_.garbage);
    } else if (const auto* reported = dodona::body_of<dodona_reported_event>(event)) {
      note_metrics(reported->metrics);
      state_.trials[event.trial].report(moment(event), reported->execution, reported->step,
                                        list(reported->metrics));
    } else if (const auto* finished = dodona::body_of<dodona_finished_event>(event)) {
      finish(event, *finished);
    }
  }

  void finish(const dodona_event& event, const dodona_finished_event& finished) {
    note_metrics(finished.metrics);
    tensorboard::TrialRuns::Scalars scores;
    for (std::size_t i = 0; i < std::min<std::size_t>(scores_.size(), finished.objectives.size);
         ++i) {
      const double objective = finished.objectives.data[i];
      scores.emplace_back(scores_[i].tag, scores_[i].maximizes ? -objective : objective);
    }
    const bool well = finished.state == DODONA_COMPLETED || finished.state == DODONA_STOPPED;
    const auto trial = state_.trials.try_emplace(event.trial).first;
    trial->second.finish(moment(event), values(finished.assignments), finished.best_step,
                         list(finished.metrics), scores, well ? Status::kSuccess : Status::kFailure,
                         directory_, state_.garbage);
    state_.trials.erase(trial);
    state_.ended |= well;
  }

  void note_metrics(dodona_metric_span metrics) {
    for (const dodona_metric& metric : dodona::list(metrics)) {
      const std::string_view name = view(metric.name);
      auto& known = state_.metrics;
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      known.emplace_back(name);
      changed_ = true;
    }
  }

  Values values(dodona_assignment_span assignments) const {
    Values out;
    for (const dodona_assignment& each : dodona::list(assignments)) {
      if (space_ == nullptr || each.param >= space_->size()) continue;
      out[space_->params()[each.param].name] = tensorboard::encoded(dodona::from_abi(each.value));
    }
    return out;
  }

  void write_experiment() {
    const dodona::Space nothing;
    const std::string bytes =
        tensorboard::record(tensorboard::file_version(state_.created).encoded()) +
        tensorboard::record(tensorboard::experiment(state_.created,
                                                    space_ != nullptr ? *space_ : nothing,
                                                    state_.metrics, scores_)
                                .encoded());
    const std::string file = tensorboard::experiment_file(state_.created);
    if (directory_.read(file) != bytes) directory_.replace(file, bytes);
    changed_ = false;
  }

  tensorboard::Directory directory_;
  tensorboard::SinkState state_;
  const dodona::Space* space_ = nullptr;
  std::vector<tensorboard::Score> scores_;  // by each of the objectives
  bool changed_ = true;                     // true: the experiment has changed since it was written
};

}  // namespace

DODONA_PLUGIN(dodona::sink<TensorBoard>(
    {.id = "org.dodona.tensorboard",
     .name = "tensorboard",
     .description = "event files for TensorBoard: scalars of every step, and its HParams tab"},
    dodona::option("directory", "tensorboard",
                   "where the event files lie, seen from the study's directory and below it")))
