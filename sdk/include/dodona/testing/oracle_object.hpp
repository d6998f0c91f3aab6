// SPDX-License-Identifier: Apache-2.0
//
// One object of an oracle or of a stopper, made and driven through its C table.
//
// Errors:  functions throw Error with the code and the text of a slot that fails, and an Error of
//          their own for an answer that no oracle may give.
// Threads: one.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/event.hpp>
#include <dodona/guard.hpp>
#include <dodona/limits.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/event_log.hpp>
#include <dodona/testing/fake_host.hpp>
#include <dodona/visibility.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// The study and the options for which an oracle is created.
struct OracleSettings {
  std::uint64_t seed = 1;
  std::uint32_t parallel_trials = 1;
  std::uint64_t max_trials = 0;
  std::uint64_t max_steps = 0;
  std::vector<std::pair<std::string, Value>> options{};  // all other options have their defaults
  std::string options_json = "{}";
  std::uint64_t objectives = 1;
  std::vector<Limit> limits{};
  Shape shape = Shape::kCurrent;
};

enum class Answer { kProposed = 1, kWait, kExhausted };

// A proposal as the kernel keeps it.
struct Proposal {
  Point point;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  std::uint64_t resume_of = DODONA_NO_TRIAL;
  std::uint64_t repeat_of = DODONA_NO_TRIAL;
  std::uint64_t tag = 0;
  std::string note;
};

// An object of an oracle; it is destroyed with this one.
class OracleObject {
 public:
  OracleObject(const dodona_descriptor& descriptor, const OracleSettings& settings)
      : table_(static_cast<const dodona_oracle_vtable*>(descriptor.vtable)),
        shaper_(settings.shape),
        host_(settings.shape),
        options_(descriptor, Values(settings.options.begin(), settings.options.end()),
                 settings.options_json, settings.shape) {
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < settings.objectives; ++i) {
      names.push_back(i == 0 ? "loss" : "loss" + std::to_string(i));
    }
    std::vector<const dodona_objective*> objectives;
    for (const std::string& name : names) {
      dodona_objective objective{sizeof objective, DODONA_MINIMIZE, to_abi(name)};
      made_.push_back(objective);
    }
    for (const dodona_objective& each : made_) {
      objectives.push_back(shaper_.of<const dodona_objective>(each));
    }
    std::vector<dodona_limit> bounds;
    for (const Limit& each : settings.limits) {
      bounds.push_back({sizeof(dodona_limit), 0, to_abi(each.metric), each.low, each.high});
    }
    std::vector<const dodona_limit*> limits;
    for (const dodona_limit& each : bounds) limits.push_back(shaper_.of<const dodona_limit>(each));
    dodona_study study{};
    study.struct_size = sizeof study;
    study.parallel_trials = settings.parallel_trials;
    study.seed = settings.seed;
    study.objectives = objectives.data();
    study.objective_count = objectives.size();
    study.limits = limits.data();
    study.limit_count = limits.size();
    study.max_trials = settings.max_trials;
    study.max_steps = settings.max_steps;
    study.id[0] = static_cast<std::uint8_t>(settings.seed);
    const dodona_study* const given = shaper_.of<const dodona_study>(study);
    call([&](dodona_error* error) {
      return table_->create(host_.get(), given, options_.get(), &self_, error);
    });
    shaper_.clear();
  }
  OracleObject(const OracleObject&) = delete;
  OracleObject& operator=(const OracleObject&) = delete;
  ~OracleObject() {
    if (self_ != nullptr) table_->destroy(self_);
  }

  const dodona_oracle_vtable& table() const { return *table_; }
  void* self() const { return self_; }

  // Gives the oracle the first `size` definitions of `space`.
  void set_space(const Space& space, std::size_t size) {
    // The former one is valid until the slot returns.
    auto next = std::make_unique<ToldSpace>(space, size, shaper_.shape());
    call([&](dodona_error* error) { return table_->set_space(self_, next->get(), error); });
    space_ = std::move(next);
  }

  // Gives the oracle `count` events of the log.
  void observe(const EventLog& log, std::uint64_t from, std::uint64_t count) {
    std::vector<const dodona_event*> events;
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(&log[from + i]);
    observe(std::move(events));
  }
  void observe(std::vector<const dodona_event*> events) {
    for (const dodona_event*& event : events) event = shaper_.of_event(*event);
    call([&](dodona_error* error) {
      return table_->observe(self_, events.data(), events.size(), error);
    });
    shaper_.clear();
  }

  dodona_verdict judge(const dodona_event& report) {
    dodona_verdict verdict = 0;
    call([&](dodona_error* error) {
      return table_->judge(self_, shaper_.of_event(report), &verdict, error);
    });
    shaper_.clear();
    return verdict;
  }

  // The answer to a question for trial `id`, about the first `size` definitions of the space.
  Answer propose(const Space& space, std::size_t size, std::uint64_t id, Proposal& out) {
    Turn turn{space, size, id, out};
    const dodona_request request{sizeof request, 0, id};
    const dodona_proposal_sink sink{sizeof sink, 0, &turn, take};
    ErrorBuffer error;
    const dodona_status status =
        table_->propose(self_, shaper_.of<const dodona_request>(request),
                        shaper_.of<const dodona_proposal_sink>(sink), error.get());
    shaper_.clear();
    if (!turn.fault.empty()) throw Error(DODONA_E_PLUGIN, turn.fault);
    if (status == DODONA_E_WAIT || status == DODONA_E_EXHAUSTED) {
      if (turn.taken != 0) throw Error(DODONA_E_PLUGIN, "it proposes and says that it does not");
      return status == DODONA_E_WAIT ? Answer::kWait : Answer::kExhausted;
    }
    if (status != DODONA_OK) throw Error(status, error.text());
    if (turn.taken != 1) throw Error(DODONA_E_PLUGIN, "it answers OK without one push");
    return Answer::kProposed;
  }

  // The value that the oracle fills in; the default if it leaves that to the kernel.
  Cell fill(std::uint64_t trial, const Param& param) {
    if (table_->fill == nullptr) return param.initial;
    AbiParams params;
    params.add(param);
    dodona_value value{};
    ErrorBuffer error;
    const dodona_status status =
        table_->fill(self_, trial, shaper_.of<const dodona_param>(*params.pointers().front()),
                     &value, error.get());
    if (status == DODONA_E_UNSUPPORTED) return param.initial;
    if (status != DODONA_OK) throw Error(status, error.text());
    const auto cell = cell_of(param, value);
    if (!cell) {
      throw Error(DODONA_E_PLUGIN, "it fills \"" + param.name + "\" with an illegal value");
    }
    return *cell;
  }

  // The table of dodona.surrogate/1, or nullptr where the oracle does not offer it.
  const dodona_surrogate_extension* surrogate() const {
    if (!DODONA_HAS(table_, dodona_oracle_vtable, get_extension)) return nullptr;
    return static_cast<const dodona_surrogate_extension*>(
        table_->get_extension(self_, DODONA_EXTENSION_SURROGATE));
  }
  // The expectations of the oracle's model at points of the first `size` definitions of the space. Throws
  // Error{DODONA_E_STATE} where it has none yet. Only where surrogate() is one.
  std::vector<dodona_estimate> estimate(const Space& space, const std::vector<Point>& points) {
    std::vector<std::vector<dodona_assignment>> values;
    for (const Point& point : points) values.push_back(assignments_of(space, point));
    std::vector<dodona_assignment_span> spans;
    for (const auto& each : values) spans.push_back({each.data(), each.size()});
    std::vector<dodona_estimate> out(points.size());
    call([&](dodona_error* error) {
      return surrogate()->estimate(self_, spans.data(), spans.size(), out.data(), error);
    });
    return out;
  }

 private:
  struct Turn {
    const Space& space;
    std::size_t size;
    std::uint64_t id;
    Proposal& out;
    int taken = 0;
    std::string fault{};
  };

  static dodona_status take(void* impl, const dodona_proposal* in, std::uint64_t* id,
                            dodona_error* error) noexcept {
    Turn& turn = *static_cast<Turn*>(impl);
    return guard(error, [&]() -> dodona_status {
      turn.fault = fault_of(turn, *in);
      if (!turn.fault.empty()) throw Error(DODONA_E_INVALID, turn.fault);
      if (const auto broken = turn.space.broken(turn.out.point)) {
        const std::string text =
            "the values break the constraint " + turn.space.told(*broken, turn.out.point);
        return fill_error(error, DODONA_E_INFEASIBLE, text.c_str());
      }
      ++turn.taken;
      turn.out.budget = in->budget;
      turn.out.start_step = in->start_step;
      turn.out.resume_of = in->resume_of;
      turn.out.repeat_of = repeat_of(*in);
      turn.out.tag = in->tag;
      turn.out.note = view(in->note);
      *id = turn.id;
      return DODONA_OK;
    });
  }

  static std::uint64_t repeat_of(const dodona_proposal& in) {
    return DODONA_KNOWS(&in, dodona_proposal, repeat_of) ? in.repeat_of : DODONA_NO_TRIAL;
  }

  // The rule that a proposal breaks, or nothing. Keeps its point.
  static std::string fault_of(Turn& turn, const dodona_proposal& in) {
    if (turn.taken != 0) return "a second proposal of one request";
    if (in.struct_size < DODONA_PROPOSAL_SIZE_MIN) return "a proposal that is too short";
    turn.out.point.clear(turn.size);
    std::uint64_t next = 0;
    for (const dodona_assignment& each : list(in.assignments)) {
      if (each.param >= turn.size) return "a hyperparameter that does not exist";
      const std::string& name = turn.space.params()[each.param].name;
      if (each.param < next) return "\"" + name + "\" is given twice, or not in the space's order";
      next = std::uint64_t{each.param} + 1;
      const auto cell = cell_of(turn.space.params()[each.param], each.value);
      if (!cell) return "an illegal value of \"" + name + "\"";
      turn.out.point.set(each.param, *cell);
    }
    for (std::size_t i = 0; i < turn.size; ++i) {
      const bool active = turn.space.is_active(i, turn.out.point);
      if (active == turn.out.point.active(i)) continue;
      return "\"" + turn.space.params()[i].name +
             (active ? "\" is active and has no value" : "\" is not active and has a value");
    }
    if (in.budget != 0 && in.start_step >= in.budget) return "start_step is not below budget";
    if (in.resume_of != DODONA_NO_TRIAL && in.resume_of >= turn.id) {
      return "resume_of is no earlier trial";
    }
    if (repeat_of(in) != DODONA_NO_TRIAL && repeat_of(in) >= turn.id) {
      return "repeat_of is no earlier trial";
    }
    if (in.note.size > std::uint64_t{64} * 1024) return "a note of more than 64 KiB";
    return {};
  }

  const dodona_oracle_vtable* table_;
  Shaper shaper_;
  FakeHost host_;
  FakeOptions options_;
  std::vector<dodona_objective> made_;
  std::unique_ptr<ToldSpace> space_;  // the last one that it was given
  void* self_ = nullptr;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
