// SPDX-License-Identifier: Apache-2.0
#include "plugin/event_bridge.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <variant>

namespace dodona::plugin {

static_assert(std::variant_size_v<study::Body> == DODONA_EVENT_LOST);
static_assert(static_cast<int>(study::Outcome::kInfeasible) == DODONA_OUTCOME_INFEASIBLE);
static_assert(static_cast<int>(study::Verdict::kStopStudy) == DODONA_STOP_STUDY);

AbiSpace::AbiSpace(const Space& space) : space_(space) {
  for (const Param& param : space_.params()) params_.add(param);
  for (std::size_t i = 0; i < space_.constraint_count(); ++i) {
    constraints_.push_back(to_abi(space_.constraint(i).text()));
  }
  raw_.struct_size = sizeof raw_;
  raw_.revision = static_cast<std::uint32_t>(space_.size() + constraints_.size());
  raw_.params = params_.pointers().data();
  raw_.count = space_.size();
  raw_.constraints = {constraints_.data(), constraints_.size()};
}

// One function an event type: writes the body that `out` points to.
struct EventBridge::Filler {
  EventBridge& bridge;
  Body& out;

  void operator()(const study::Created& in) const {
    out.created = {sizeof out.created, 0, in.seed, to_abi(in.version), {}};
    static_assert(sizeof out.created.study_id == sizeof in.id);
    std::copy(in.id.begin(), in.id.end(), out.created.study_id);
  }
  void operator()(const study::Configured& in) const {
    const auto& plugins =
        *bridge.identities_.emplace_back(std::make_unique<Identities>(in.plugins));
    out.configured = {sizeof out.configured, 0, to_abi(in.document), plugins.pointers.data(),
                      plugins.pointers.size()};
  }
  void operator()(const study::SpaceGrown& in) const {
    const auto& params = bridge.grown_.emplace_back(std::make_unique<AbiParams>());
    for (const Param& param : in.params) params->add(param);
    std::vector<dodona_str>& texts = bridge.texts_.emplace_back();
    for (const std::string& each : in.constraints) texts.push_back(to_abi(each));
    out.space_grown = {sizeof out.space_grown,
                       in.first,
                       params->pointers().data(),
                       in.params.size(),
                       {texts.data(), texts.size()}};
  }
  void operator()(const study::Enqueued& in) const {
    out.enqueued = {sizeof out.enqueued, 0, bridge.assignments(in.assignments)};
  }
  void operator()(const study::Imported& in) const {
    out.imported = {sizeof out.imported,
                    state_of(in.state),
                    bridge.assignments(in.assignments),
                    bridge.metrics(in.metrics),
                    numbers(in.objectives),
                    to_abi(in.source),
                    in.trial,
                    numbers(in.excesses)};
  }
  void operator()(const study::Noted& in) const {
    out.noted = {sizeof out.noted, 0, to_abi(in.key), to_abi(in.value)};
  }
  void operator()(const study::Proposed& in) const {
    out.proposed = {sizeof out.proposed,
                    0,
                    bridge.assignments(in.assignments),
                    in.budget,
                    in.start_step,
                    in.resume_of,
                    in.tag,
                    in.seen,
                    in.enqueued,
                    to_abi(in.note),
                    in.repeat_of};
  }
  void operator()(const study::Started& in) const {
    out.started = {sizeof out.started, in.execution,     in.attempt, 0,
                   in.start_step,      to_abi(in.runner)};
  }
  void operator()(const study::Filled& in) const {
    out.filled = {sizeof out.filled, 0, bridge.assignment(in.assignment)};
  }
  void operator()(const study::Reported& in) const {
    out.reported = {sizeof out.reported,
                    in.execution,
                    in.step,
                    bridge.metrics(in.metrics),
                    numbers(in.objectives),
                    static_cast<dodona_verdict>(in.verdict),
                    0,
                    numbers(in.excesses)};
  }
  void operator()(const study::Finished& in) const {
    out.finished = {sizeof out.finished,
                    state_of(in.state),
                    bridge.assignments(in.assignments),
                    bridge.metrics(in.metrics),
                    numbers(in.objectives),
                    in.best_step,
                    to_abi(in.message),
                    numbers(in.excesses),
                    static_cast<dodona_outcome>(in.outcome),
                    0,
                    in.seconds,
                    {in.executions.data(), in.executions.size()}};
  }
  void operator()(const study::Stopped& in) const {
    out.stopped = {sizeof out.stopped, 0, to_abi(in.reason)};
  }
  void operator()(const study::Lost& in) const {
    out.lost = {sizeof out.lost, in.execution, to_abi(in.why)};
  }

  static dodona_trial_state state_of(study::TrialState state) {
    return static_cast<int>(state) | (study::is_final(state) ? DODONA_FINAL : 0);
  }
  static dodona_number_span numbers(const study::Numbers& in) { return {in.data(), in.size()}; }
};

static_assert((static_cast<int>(study::TrialState::kInvalid) | DODONA_FINAL) == DODONA_INVALID);

EventBridge::Identities::Identities(const std::vector<study::PluginIdentity>& in) {
  all.reserve(in.size());
  for (const study::PluginIdentity& each : in) {
    all.push_back({sizeof(dodona_plugin_identity), 0, to_abi(each.role), to_abi(each.id),
                   to_abi(each.version), to_abi(each.build_id)});
    pointers.push_back(&all.back());
  }
}

EventBridge::EventBridge(const study::Names& names)
    : names_(names), events_(kBlock), pointers_(kBlock), bodies_(kBlock) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    events_[i].struct_size = sizeof events_[i];
    events_[i].body = &bodies_[i];
    pointers_[i] = &events_[i];
  }
}

std::span<const dodona_event* const> EventBridge::convert(std::span<const study::Event> events) {
  DODONA_ASSERT(events.size() <= kBlock);
  grown_.clear();
  identities_.clear();
  texts_.clear();
  assignments_used_ = 0;
  metrics_used_ = 0;
  make_room(events);
  std::size_t count = 0;
  for (const study::Event& in : events) {
    dodona_event& out = events_[count];
    out.type = static_cast<dodona_event_type>(in.body.index() + 1);
    out.sequence = in.sequence;
    out.trial = in.trial;
    out.unix_nanos = in.unix_nanos;
    std::visit(Filler{*this, bodies_[count++]}, in.body);
  }
  return {pointers_.data(), count};
}

// The spans of earlier events must not move while later ones are written.
void EventBridge::make_room(std::span<const study::Event> events) {
  std::size_t assignments = 0;
  std::size_t metrics = 0;
  for (const study::Event& event : events) {
    std::visit(
        [&](const auto& body) {
          if constexpr (requires { body.assignments; }) assignments += body.assignments.size();
          if constexpr (requires { body.metrics; }) metrics += body.metrics.size();
        },
        event.body);
  }
  if (assignments_.size() < assignments) assignments_.resize(assignments);
  if (metrics_.size() < metrics) metrics_.resize(metrics);
}

dodona_str EventBridge::name(std::uint32_t index) {
  while (name_cache_.size() <= index) {
    name_cache_.push_back(to_abi(names_[static_cast<std::uint32_t>(name_cache_.size())]));
  }
  return name_cache_[index];
}

dodona_assignment EventBridge::assignment(const Assignment& in) const {
  DODONA_ASSERT(space_ != nullptr && in.param < space_->space().size());
  return {in.param, 0, to_abi(space_->space().params()[in.param], in.cell)};
}

dodona_assignment_span EventBridge::assignments(const std::vector<Assignment>& in) {
  dodona_assignment* first = assignments_.data() + assignments_used_;
  for (std::size_t i = 0; i < in.size(); ++i) first[i] = assignment(in[i]);
  assignments_used_ += in.size();
  return {first, in.size()};
}

dodona_metric_span EventBridge::metrics(const std::vector<study::MetricValue>& in) {
  dodona_metric* first = metrics_.data() + metrics_used_;
  for (std::size_t i = 0; i < in.size(); ++i) first[i] = {name(in[i].name), in[i].value, 0};
  metrics_used_ += in.size();
  return {first, in.size()};
}

}  // namespace dodona::plugin
