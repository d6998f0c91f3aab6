// SPDX-License-Identifier: Apache-2.0
//
// Writing an oracle: it proposes values of hyperparameters.
//
//   struct Random {
//     explicit Random(const dodona::StudyContext& context);       // or a default constructor
//     void set_space(const dodona::Space& space);                 // again when it grows
//     void observe(const dodona_event& event);                    // every event, in order
//     void propose(std::uint64_t trial, dodona::Proposals& out);  // push one, wait or exhausted
//     // optional:
//     dodona_verdict judge(const dodona_event& report);           // stop a trial early
//     std::optional<dodona::Cell> fill(std::uint64_t trial, const dodona::Param&) const;
//     std::vector<dodona_estimate> estimate(std::span<const dodona::Point>);  // by its model
//   };
//
// An oracle without propose is a stopper: a study file names it beside the oracle. It still gets
// every event through observe. history.hpp keeps what most oracles need of the events, and
// random.hpp has the random numbers.
//
// An oracle is a fold over the log: its state depends on study, space and the events so far alone.
// The randomness of a proposal depends on the study's seed and the trial alone (RandomStream). An
// oracle does not remember its pushes: a proposal is a trial only once its event was observed. The
// kernel may make a proposal before it needs one, drop it, and ask for the same trial again.
// Objectives in events are signed: smaller is better.
//
// `estimate` answers what the model expects of the first objective, signed, at each point: the mean
// and the deviation of the mean. It throws Error{DODONA_E_STATE} while there is no model. It is the
// extension dodona.surrogate/1; abi/extensions.h has the rules. The kernel asks it for the best
// configuration under noise.
//
// A class with optional features of its own has `const void* extension(std::string_view id)`, which
// answers the table of a feature or nullptr; any thread may call it. abi/extensions.h lists the ids.
//
// Order of calls:
//
//   set_space  first of all, with a space that may be empty; later before the first event that
//              uses a new hyperparameter
//   observe    each event once, in portions of any size; never twice, even after an exception
//   propose    after the events that the trial has to rest on
//   judge      before its report is in the log; observe brings the same report later
//
// When the study goes on, a new object observes the whole log again. In a study with a lag, events
// come trial by trial, so their sequences need not rise. There, a class that proposes and judges
// has several objects: one proposes, the others judge.
//
// Errors:  an exception ends the search with its text. No trial begins any more. Trials that run go
//          on without being judged, and keep their results.
// Threads: one call at a time, each perhaps on another thread; judge runs on a trial's thread.
//          `fill` from any thread, also while another call runs.
// Lifetime: the space is valid until the next set_space, an event until observe or judge returns.
// Cost:    workers without a trial wait while propose runs, and a trial waits for judge. Long work
//          asks Host::cancelled and may use Host::parallel_for.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/error.hpp>
#include <dodona/event.hpp>
#include <dodona/host.hpp>
#include <dodona/members.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// A proposal beyond its values. The kernel refuses a start_step that is not below the budget, and a
// resume_of or repeat_of that is not an earlier trial, and a repetition with other values. It also
// refuses a note that is not JSON or is longer than 64 KiB. A budget beyond the study's max_steps, or none, becomes max_steps. If that leaves no steps
// to do, a trial with the values of resume_of keeps the score of that one; any other proposal is
// refused. An oracle that sets resume_of has DODONA_FLAG_RESUMES; without it the kernel keeps no
// states to go on from.
struct Proposal {
  std::uint64_t budget = 0;                   // step at which the trial must end; 0: none
  std::uint64_t start_step = 0;               // steps that `resume_of` has done for it
  std::uint64_t resume_of = DODONA_NO_TRIAL;  // the trial from whose checkpoint it goes on
  std::uint64_t tag = 0;                      // the oracle's own mark, handed back in the event
  std::string_view note{};                    // JSON, handed back in the event
  std::uint64_t repeat_of = DODONA_NO_TRIAL;  // the trial whose values it has once more
};

// Takes the answer to propose: one push, or wait(), or exhausted(). No answer counts as wait(). It
// is valid until propose returns.
class Proposals {
 public:
  Proposals(const Space& space, const dodona_proposal_sink* sink) : space_(space), sink_(sink) {}

  // Proposes the active cells of a point and answers the trial's id. The point gives a value for
  // each hyperparameter that is active there, and for no other. Nothing is kept by reference.
  //
  // Errors: Error{DODONA_E_INVALID} for illegal values; nothing is proposed then, and another push
  //         may follow. The same for a second push in one call of propose; the first one stands.
  // Cost:   O(n) for n hyperparameters of the space.
  std::uint64_t push(const Point& point, const Proposal& more = {}) {
    const std::vector<dodona_assignment> assignments = assignments_of(space_, point);
    dodona_proposal proposal{};
    proposal.struct_size = DODONA_SIZE_TO(dodona_proposal, repeat_of);
    proposal.assignments = {assignments.data(), assignments.size()};
    proposal.budget = more.budget;
    proposal.start_step = more.start_step;
    proposal.resume_of = more.resume_of;
    proposal.tag = more.tag;
    proposal.note = to_abi(more.note);
    proposal.repeat_of = more.repeat_of;
    std::uint64_t trial = DODONA_NO_TRIAL;
    call([&](dodona_error* error) { return sink_->push(sink_->impl, &proposal, &trial, error); });
    answer_ = DODONA_OK;
    return trial;
  }
  // Answers that there is no proposal before a running trial ends. The kernel asks again then. It
  // is an error if no trial runs. Not after a push.
  void wait() { answer_ = DODONA_E_WAIT; }
  // Answers that there will never be another proposal: the search ends once its trials have ended.
  // Not after a push.
  void exhausted() { answer_ = DODONA_E_EXHAUSTED; }

  // The last of these answers, as the C table returns it.
  dodona_status answer() const { return answer_; }

 private:
  const Space& space_;
  const dodona_proposal_sink* sink_;
  dodona_status answer_ = DODONA_E_WAIT;
};

namespace detail {

// The types that judge may return: not bool, whose two values are none of the verdicts.
template <class T>
concept Verdict = std::convertible_to<T, dodona_verdict> && !std::same_as<T, bool>;

// The point of `space` that has the values. Throws Error{DODONA_E_INVALID} where one is not legal,
// or where an active hyperparameter has none or an inactive one has one.
inline Point point_of(const Space& space, dodona_assignment_span values) {
  Point point(space.size());
  for (const dodona_assignment& each : list(values)) {
    if (each.param >= space.size()) {
      throw Error(DODONA_E_INVALID, "there is no hyperparameter " + std::to_string(each.param) +
                                        "; the space has " + std::to_string(space.size()));
    }
    const Param& param = space.params()[each.param];
    const auto cell = cell_of(param, each.value);
    if (!cell) throw Error(DODONA_E_INVALID, "this is not a value of \"" + param.name + '"');
    point.set(each.param, *cell);
  }
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_active(i, point) == point.active(i)) continue;
    throw Error(DODONA_E_INVALID,
                '"' + space.params()[i].name + "\" is " +
                    (point.active(i) ? "not active and has a value" : "active and has no value"));
  }
  return point;
}

}  // namespace detail

// The C table of a class of the form above. Every slot is noexcept: an exception of the class
// becomes a status with its text. The adapter keeps the space to which the class has a reference.
template <class T>
struct OracleAdapter {
  // The user's oracle, and the space that it was told.
  struct Object {
    explicit Object(const StudyContext& context)
        : made(detail::make<T>(context)), user(made.get()) {}
    // For a kernel that an application gives objects of its own: of a function that answers one, and
    // of one that stays the application's.
    template <class Make>
    Object(const StudyContext& context, const Make& make)
        : made(new T(make(context))), user(made.get()) {}
    explicit Object(T& given) : user(&given) {}
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object() = default;
    Space space;
    const std::unique_ptr<T> made;  // gone before the space, which it may refer to
    T* const user;
  };

  static dodona_status create(const dodona_host* host, const dodona_study* study,
                              const dodona_options* options, void** self,
                              dodona_error* error) noexcept {
    if constexpr (detail::kMakes<T, StudyContext>) {
      return guard(error, [&] {
        // guard catches an exception of `new`. NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
        *self = new Object(StudyContext{Host(host), Options(options), *study});
      });
    } else {  // its application makes it, see dodona/objects.hpp
      return fill_error(error, DODONA_E_UNSUPPORTED, "no plugin can make this object");
    }
  }
  static void destroy(void* self) noexcept { delete static_cast<Object*>(self); }

  static dodona_status set_space(void* self, const dodona_space* space,
                                 dodona_error* error) noexcept {
    return guard(error, [&] {
      auto* object = static_cast<Object*>(self);
      object->space = from_abi(*space);
      object->user->set_space(object->space);
    });
  }

  static dodona_status observe(void* self, const dodona_event* const* events, std::uint64_t count,
                               dodona_error* error) noexcept {
    return guard(error, [&] {
      auto* object = static_cast<Object*>(self);
      for (std::uint64_t i = 0; i < count; ++i) object->user->observe(*events[i]);
    });
  }

  static dodona_status propose(void* self, const dodona_request* request,
                               const dodona_proposal_sink* sink, dodona_error* error) noexcept {
    return guard(error, [&] {
      auto* object = static_cast<Object*>(self);
      Proposals out(object->space, sink);
      object->user->propose(request->trial, out);
      return out.answer();
    });
  }

  static constexpr bool kProposes = requires(T & t, Proposals& out) {
    { t.propose(std::uint64_t{}, out) } -> std::same_as<void>;
  };
  static constexpr bool kJudges = requires(T & t, const dodona_event& e) {
    { t.judge(e) } -> detail::Verdict;
  };
  static constexpr bool kEstimates = requires(T & t, std::span<const Point> points) {
    { t.estimate(points) } -> std::convertible_to<std::vector<dodona_estimate>>;
  };
  static constexpr bool kFills = requires(const T& t, const Param& p) {
    { t.fill(std::uint64_t{}, p) } -> std::convertible_to<std::optional<Cell>>;
  };

  // Refuses a class that lacks what an oracle has, or whose members would be passed over.
  static constexpr void check_members() {
    static_assert(
        requires(T & t, const Space& s) {
          { t.set_space(s) } -> std::same_as<void>;
        },
        "an oracle needs: void set_space(const dodona::Space&)");
    static_assert(
        requires(T & t, const dodona_event& e) {
          { t.observe(e) } -> std::same_as<void>;
        },
        "an oracle needs: void observe(const dodona_event&)");
    static_assert(
        kProposes || kJudges || detail::names_propose<T>() || detail::names_judge<T>(),
        "an oracle needs: void propose(std::uint64_t trial, dodona::Proposals&), or, as a "
        "stopper, dodona_verdict judge(const dodona_event&)");
    static_assert(kProposes || !detail::names_propose<T>(),
                  "propose of an oracle is: void propose(std::uint64_t trial, dodona::Proposals&)");
    static_assert(kJudges || !detail::names_judge<T>(),
                  "judge of an oracle is: dodona_verdict judge(const dodona_event&)");
    static_assert(kFills || !detail::names_fill<T>(),
                  "fill of an oracle is: std::optional<dodona::Cell> fill(std::uint64_t trial, "
                  "const dodona::Param&) const");
    static_assert(kEstimates || !detail::names_estimate<T>(),
                  "estimate of an oracle is: std::vector<dodona_estimate> "
                  "estimate(std::span<const dodona::Point>)");
    static_assert(detail::kExtends<T> || !detail::names_extension<T>(),
                  "extension of a plugin's class is: const void* extension(std::string_view id)");
    if constexpr (!kProposes) detail::spelt_propose<T, std::uint64_t, Proposals&>();
    if constexpr (!kJudges) detail::spelt_judge<T, const dodona_event&>();
    if constexpr (!kFills) detail::spelt_fill<T, std::uint64_t, const Param&>();
  }

  static dodona_status estimate(void* self, const dodona_assignment_span* points,
                                std::uint64_t count, dodona_estimate* out,
                                dodona_error* error) noexcept {
    return guard(error, [&] {
      auto* object = static_cast<Object*>(self);
      std::vector<Point> asked;
      for (std::uint64_t i = 0; i < count; ++i) {
        asked.push_back(detail::point_of(object->space, points[i]));
      }
      const std::vector<dodona_estimate> answers = object->user->estimate(asked);
      if (answers.size() != asked.size()) {
        throw Error(DODONA_E_FAILED, std::to_string(answers.size()) + " estimates for " +
                                         std::to_string(asked.size()) + " points");
      }
      std::copy(answers.begin(), answers.end(), out);
    });
  }
  static constexpr dodona_surrogate_extension make_surrogate() {
    dodona_surrogate_extension table{};
    table.struct_size = sizeof table;
    if constexpr (kEstimates) table.estimate = estimate;
    return table;
  }
  static constexpr dodona_surrogate_extension kSurrogate = make_surrogate();

  static constexpr dodona_oracle_vtable make_table() {
    check_members();
    dodona_oracle_vtable slots{};
    slots.struct_size = DODONA_SIZE_TO(dodona_oracle_vtable, get_extension);
    slots.create = create;
    slots.destroy = destroy;
    slots.set_space = set_space;
    slots.observe = observe;
    if constexpr (kProposes) slots.propose = propose;
    if constexpr (kJudges) {
      slots.judge = [](void* self, const dodona_event* report, dodona_verdict* out,
                       dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&] { *out = static_cast<Object*>(self)->user->judge(*report); });
      };
    }
    if constexpr (kFills) {
      slots.fill = [](void* self, std::uint64_t trial, const dodona_param* raw, dodona_value* out,
                      dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&]() -> dodona_status {
          const Param param = from_abi(*raw);
          const std::optional<Cell> cell = static_cast<Object*>(self)->user->fill(trial, param);
          if (!cell) return DODONA_E_UNSUPPORTED;
          // A string must outlive this call, so it is that of the caller's definition.
          const bool chosen = param.type == ParamType::kChoice || param.type == ParamType::kFixed;
          *out = chosen ? raw->choices[cell->whole()] : to_abi(param, *cell);
          return DODONA_OK;
        });
      };
    }
    if constexpr (kEstimates || detail::kExtends<T>) {
      slots.get_extension = [](void* self, const char* id) noexcept -> const void* {
        if constexpr (kEstimates) {
          if (id == std::string_view(DODONA_EXTENSION_SURROGATE)) return &kSurrogate;
        }
        if constexpr (detail::kExtends<T>) {
          return detail::extension_of(*static_cast<Object*>(self)->user, id);
        }
        return nullptr;
      };
    }
    return slots;
  }

  static constexpr dodona_oracle_vtable kTable = make_table();
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
