// SPDX-License-Identifier: Apache-2.0
#include "plugin/oracle.hpp"

#include "base/assert.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "plugin/completed.hpp"
#include "plugin/event_bridge.hpp"
#include "plugin/host_bridge.hpp"
#include "plugin/library.hpp"
#include "plugin/options.hpp"
#include "plugin/running_call.hpp"
#include "plugin/slot_call.hpp"
#include "space/definition.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dodona::plugin {
namespace {

constexpr std::uint64_t kNoteBytesMax = 64 * 1024;
// A share of 1 in 10,000 is found by so many pushes, but for one time in 4 * 10^8.
constexpr std::uint64_t kInfeasibleMax = 200000;

using Push = std::function<void(study::Proposed&&)>;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(DODONA_E_INVALID, "the proposal is refused: " + what);
}

// Turns proposals of one space into events.
class ProposalReader {
 public:
  explicit ProposalReader(const Space& space) : space_(space), point_(space.size()) {}

  study::Proposed read(const dodona_proposal& given, std::uint64_t trial) {
    check_size(given.struct_size, DODONA_PROPOSAL_SIZE_MIN, "the proposal is refused: its struct");
    dodona_proposal in = completed(given);
    if (!DODONA_KNOWS(&given, dodona_proposal, repeat_of)) in.repeat_of = DODONA_NO_TRIAL;
    study::Proposed out;
    read_assignments(in.assignments, out.assignments);
    check_active();
    check_constraints();
    if (in.budget != 0 && in.start_step >= in.budget) {
      refuse("start_step " + std::to_string(in.start_step) + " is not below budget " +
             std::to_string(in.budget));
    }
    if (in.resume_of != DODONA_NO_TRIAL && in.resume_of >= trial) {
      refuse("resume_of " + std::to_string(in.resume_of) + " is not an earlier trial");
    }
    if (in.repeat_of != DODONA_NO_TRIAL && in.repeat_of >= trial) {
      refuse("repeat_of " + std::to_string(in.repeat_of) + " is not an earlier trial");
    }
    out.budget = in.budget;
    out.start_step = in.start_step;
    out.resume_of = in.resume_of;
    out.tag = in.tag;
    out.note = checked_note(in.note);
    out.repeat_of = in.repeat_of;
    return out;
  }

 private:
  void read_assignments(dodona_assignment_span in, std::vector<Assignment>& out) {
    point_.clear(space_.size());
    out.reserve(in.size);
    for (std::uint64_t i = 0; i < in.size; ++i) {
      const dodona_assignment& each = in.data[i];
      if (each.param >= space_.size()) {
        refuse("there is no hyperparameter " + std::to_string(each.param) + "; the space has " +
               std::to_string(space_.size()));
      }
      const Param& param = space_.params()[each.param];
      if (i > 0 && each.param <= in.data[i - 1].param) {
        refuse("\"" + param.name + "\" is out of order: values stand in the order of the space");
      }
      const auto cell = cell_of(param, each.value);
      if (!cell) {
        refuse(space::to_text(from_abi(each.value)) + " is not a value of " +
               space::to_text(param));
      }
      point_.set(each.param, *cell);
      out.push_back({each.param, *cell});
    }
  }

  void check_active() const {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const bool active = space_.is_active(i, point_);
      if (active == point_.active(i)) continue;
      refuse("it gives " + std::string(active ? "no value" : "a value") + " for \"" +
             space_.params()[i].name + "\", which is " + (active ? "" : "not ") + "active there");
    }
  }

  void check_constraints() const {
    const auto broken = space_.broken(point_);
    if (!broken) return;
    throw Error(DODONA_E_INFEASIBLE, "the proposal is refused: its values break the constraint " +
                                         space_.told(*broken, point_));
  }

  static std::string checked_note(dodona_str note) {
    if (note.size > kNoteBytesMax) {
      refuse("its note has " + std::to_string(note.size) + " bytes, more than " +
             std::to_string(kNoteBytesMax));
    }
    if (note.size > 0) base::parse_json(view(note), "note of the proposal");
    return std::string(view(note));
  }

  const Space& space_;
  Point point_;
};

class TableOracle final : public study::Oracle {
 public:
  TableOracle(const dodona_oracle_vtable& table, std::string label, const study::Names& names,
              study::Services& services)
      : table_(completed(table)),
        label_(std::move(label)),
        name_(lasting_name(label_)),
        host_(services, label_),
        events_(names) {}

  ~TableOracle() override {
    const CallScope scope({name_});
    if (owned_) call_last_slot([&] { may_throw(table_.destroy)(self_); });
  }

  // The kinds of definitions that the plugin takes; all of this version unless it is called.
  void set_takes(const Takes& takes) { takes_ = takes; }

  void create(const StudyInfo& info, const OptionsView& options, const Create& make) {
    DODONA_ASSERT(self_ == nullptr);
    const StudyView study(info);
    call([&](dodona_error* error) {
      const dodona_status status =
          make ? make(host_.get(), study.get(), options.get(), &self_, error)
               : may_throw(table_.create)(host_.get(), study.get(), options.get(), &self_, error);
      owned_ = status == DODONA_OK;  // whatever becomes of the call
      return status;
    });
    created_ = true;
  }
  void adopt(void* self) {
    DODONA_ASSERT(!owned_);
    self_ = self;
    created_ = true;
  }

  bool proposes() const override { return table_.propose != nullptr; }
  bool judges() const override { return table_.judge != nullptr; }

  void set_space(const Space& space) override {
    for (const Param& param : space.params()) check_taken(takes_, param, label_);
    auto next = std::make_unique<AbiSpace>(space);
    call([&](dodona_error* error) {
      return may_throw(table_.set_space)(self_, next->get(), error);
    });
    space_ = std::move(next);
    reader_.emplace(space_->space());
    events_.set_space(*space_);
  }

  void observe(std::span<const study::Event> events) override {
    while (!events.empty()) {
      const auto some = events.first(std::min(events.size(), EventBridge::kBlock));
      events = events.subspan(some.size());
      const auto list = events_.convert(some);
      call([&](dodona_error* error) {
        return may_throw(table_.observe)(self_, list.data(), list.size(), error);
      });
    }
  }

  study::Answer propose(std::uint64_t trial, const Push& push) override {
    if (!proposes()) throw Error(DODONA_E_UNSUPPORTED, label_ + " only judges");
    Turn turn{*this, trial, push};
    const dodona_request request{sizeof request, 0, trial};
    const dodona_proposal_sink sink{sizeof sink, 0, &turn, take};
    const dodona_status status = call(
        [&](dodona_error* error) {
          return may_throw(table_.propose)(self_, &request, &sink, error);
        },
        {DODONA_E_WAIT, DODONA_E_EXHAUSTED, DODONA_E_CANCELLED});
    if (turn.taken != (status == DODONA_OK)) {
      throw Error(DODONA_E_PLUGIN, label_ + (turn.taken ? " proposes and says that it does not"
                                                        : " says that it proposes and does not"));
    }
    if (status == DODONA_OK) return study::Answer::kProposed;
    return status == DODONA_E_EXHAUSTED ? study::Answer::kExhausted : study::Answer::kWait;
  }

  study::Verdict judge(const study::Event& report) override {
    const auto list = events_.convert({&report, 1});
    dodona_verdict verdict = 0;
    call(
        [&](dodona_error* error) {
          return may_throw(table_.judge)(self_, list[0], &verdict, error);
        },
        {}, report.trial);
    if (verdict == 0) throw Error(DODONA_E_PLUGIN, label_ + " judges without a verdict");
    // One to come: all of them stop something.
    const bool known = verdict >= DODONA_CONTINUE && verdict <= DODONA_STOP_STUDY;
    return known ? static_cast<study::Verdict>(verdict) : study::Verdict::kStopTrial;
  }

  // [any]: touches nothing but its own locals.
  std::optional<Cell> fill(std::uint64_t trial, const Param& param) override {
    if (table_.fill == nullptr) return std::nullopt;
    AbiParams params;
    params.add(param);
    dodona_value value{};
    const dodona_status status = call(
        [&](dodona_error* error) {
          return may_throw(table_.fill)(self_, trial, params.pointers().front(), &value, error);
        },
        {DODONA_E_UNSUPPORTED}, trial);
    if (status != DODONA_OK) return std::nullopt;
    const auto cell = cell_of(param, value);
    if (!cell) {
      throw Error(DODONA_E_PLUGIN, label_ + " fills in " + space::to_text(from_abi(value)) +
                                       ", which is not a value of " + space::to_text(param));
    }
    return cell;
  }

  std::optional<std::vector<study::Estimate>> estimate(std::span<const Point> points) override {
    const auto* surrogate = extension<dodona_surrogate_extension>(DODONA_EXTENSION_SURROGATE);
    if (surrogate == nullptr || !space_) return std::nullopt;
    check_size(surrogate->struct_size, DODONA_SURROGATE_EXTENSION_SIZE_MIN,
               label_ + " offers " DODONA_EXTENSION_SURROGATE ": its struct");
    std::vector<std::vector<dodona_assignment>> values;
    for (const Point& point : points) values.push_back(assignments_of(space_->space(), point));
    std::vector<dodona_assignment_span> spans;
    for (const auto& each : values) spans.push_back({each.data(), each.size()});
    std::vector<dodona_estimate> answers(points.size());
    const dodona_status status = call(
        [&](dodona_error* error) {
          return may_throw(surrogate->estimate)(self_, spans.data(), spans.size(), answers.data(),
                                                error);
        },
        {DODONA_E_STATE});
    if (status == DODONA_E_STATE) return std::nullopt;
    std::vector<study::Estimate> out;
    for (const dodona_estimate& each : answers) {
      if (!std::isfinite(each.mean) || !(each.deviation >= 0.0)) {
        throw Error(DODONA_E_PLUGIN, label_ + " estimates " + space::to_text(Value(each.mean)) +
                                         " with the deviation " +
                                         space::to_text(Value(each.deviation)));
      }
      out.push_back({each.mean, each.deviation});
    }
    return out;
  }

 private:
  // The table of an optional feature, or nullptr.
  template <class Table>
  const Table* extension(const char* id) const {
    if (table_.get_extension == nullptr) return nullptr;
    const void* found = nullptr;
    call([&](dodona_error*) {
      found = may_throw(table_.get_extension)(self_, id);
      return dodona_status{DODONA_OK};
    });
    return static_cast<const Table*>(found);
  }

  // One call of propose: what its push is for.
  struct Turn {
    TableOracle& oracle;
    std::uint64_t trial;
    const Push& push;
    bool taken = false;
    std::uint64_t infeasible = 0;  // pushes that broke a constraint
  };

  static study::Proposed read(Turn& turn, const dodona_proposal& proposal) {
    try {
      return turn.oracle.reader_->read(proposal, turn.trial);
    } catch (const Error& error) {
      if (error.code() != DODONA_E_INFEASIBLE || ++turn.infeasible < kInfeasibleMax) throw;
      // An oracle that pushes until it is taken ends with another code.
      throw Error(DODONA_E_FAILED,
                  std::to_string(turn.infeasible) +
                      " proposals in a row broke a constraint; the last one: " + error.what());
    }
  }

  static dodona_status take(void* impl, const dodona_proposal* proposal, std::uint64_t* trial,
                            dodona_error* error) noexcept {
    return guard(error, [&] {
      Turn& turn = *static_cast<Turn*>(impl);
      if (turn.taken) refuse("it is the second one of a single request");
      if (!turn.oracle.reader_) throw Error(DODONA_E_STATE, "there is no space yet");
      turn.push(read(turn, *proposal));
      turn.taken = true;
      *trial = turn.trial;
    });
  }

  template <class Function>
  dodona_status call(Function&& function, std::initializer_list<dodona_status> answers = {},
                     std::uint64_t trial = study::kNoTrial) const {
    const CallScope scope({name_, trial});
    try {
      return call_slot(label_, std::forward<Function>(function), answers);
    } catch (const Error& error) {
      // A mistake of the oracle is not the study file's fault.
      if (error.code() != DODONA_E_INVALID || !created_) throw;
      throw Error(DODONA_E_PLUGIN, error.what());
    }
  }

  const dodona_oracle_vtable table_;
  Takes takes_{};
  std::string label_;
  const char* const name_;
  HostBridge host_;
  void* self_ = nullptr;
  bool owned_ = false;
  bool created_ = false;  // before that, options may be wrong
  std::unique_ptr<AbiSpace> space_;
  std::optional<ProposalReader> reader_;  // borrows of space_
  EventBridge events_;
};

}  // namespace

std::unique_ptr<study::Oracle> make_oracle(const Descriptor& descriptor, const StudyInfo& info,
                                           const boost::json::object& options,
                                           study::Services& services) {
  const OptionsView view(check_options(descriptor, options));
  const dodona_descriptor& loaded = load(descriptor, services);
  const auto* table = static_cast<const dodona_oracle_vtable*>(loaded.vtable);
  auto oracle = std::make_unique<TableOracle>(*table, label(descriptor), info.names, services);
  oracle->set_takes(takes_of(loaded));
  oracle->create(info, view, descriptor.create);
  return oracle;
}

std::unique_ptr<study::Oracle> make_oracle(const dodona_oracle_vtable* table, void* self,
                                           std::string label, const study::Names& names,
                                           study::Services& services) {
  auto oracle = std::make_unique<TableOracle>(*table, std::move(label), names, services);
  oracle->adopt(self);
  return oracle;
}

}  // namespace dodona::plugin
