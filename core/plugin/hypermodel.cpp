// SPDX-License-Identifier: Apache-2.0
#include "plugin/hypermodel.hpp"

#include "base/assert.hpp"
#include "plugin/completed.hpp"
#include "plugin/host_bridge.hpp"
#include "plugin/library.hpp"
#include "plugin/model_output.hpp"
#include "plugin/options.hpp"
#include "plugin/running_call.hpp"
#include "plugin/slot_call.hpp"
#include "plugin/trial_bridge.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

#include <optional>
#include <utility>

namespace dodona::plugin {
namespace {

class TableHyperModel final : public study::HyperModel {
 public:
  TableHyperModel(const dodona_hypermodel_vtable& table, std::string label,
                  study::Services& services, const TrialLimits& limits = {})
      : table_(completed(table)),
        label_(std::move(label)),
        name_(lasting_name(label_)),
        limits_(limits),
        host_(services, label_),
        complainant_(services, label_) {}

  ~TableHyperModel() override {
    const CallScope scope({name_});
    if (owned_) call_last_slot([&] { may_throw(table_.destroy)(self_); });
  }

  void create(const StudyInfo& info, const OptionsView& options) {
    DODONA_ASSERT(self_ == nullptr);
    const StudyView study(info);
    const CallScope scope({name_});
    call_slot(label_, [&](dodona_error* error) {
      return may_throw(table_.create)(host_.get(), study.get(), options.get(), &self_, error);
    });
    owned_ = true;
  }
  void adopt(void* self) {
    DODONA_ASSERT(!owned_);
    self_ = self;
  }

  bool declares() const override { return table_.declare != nullptr; }

  void declare(study::Asker& asker) override {
    if (!declares()) throw Error(DODONA_E_UNSUPPORTED, label_ + " does not declare its space");
    HpBridge hp(asker);
    const CallScope scope({name_});
    call_slot(label_, [&](dodona_error* error) {
      return may_throw(table_.declare)(self_, hp.get(), error);
    });
    hp.check();
  }

  std::vector<study::ToldMetric> metrics() override {
    struct Told {
      std::vector<study::ToldMetric> metrics;
      dodona_status status = DODONA_OK;  // the first failure
      ErrorBuffer error;
    } told;
    if (table_.metrics == nullptr) return {};
    const auto push = [](void* ctx, dodona_str name, dodona_direction direction) noexcept {
      Told& to = *static_cast<Told*>(ctx);
      if (to.status != DODONA_OK) return;
      to.status = guard(to.error.get(), [&] {
        const bool known = direction == DODONA_MINIMIZE || direction == DODONA_MAXIMIZE;
        to.metrics.push_back(
            {std::string(view(name)),
             known ? std::optional(static_cast<study::Direction>(direction)) : std::nullopt});
      });
    };
    const CallScope scope({name_});
    call_slot(label_, [&](dodona_error* error) {
      return may_throw(table_.metrics)(self_, push, &told, error);
    });
    if (told.status != DODONA_OK) throw slot_error(label_, told.status, told.error.text());
    return std::move(told.metrics);
  }

  bool execute(study::Run& run) override {
    Build build(*this, run);
    try {
      const bool finished = table_.run != nullptr ? build.run_function()
                                                  : build.make() && build.load() && build.fit();
      build.check();
      return finished;
    } catch (const Error& error) {
      if (!build.limit()) throw;
      throw study::RunFailed(*build.limit(), label_ + " " + error.what());
    }
  }

  bool saves() const override { return table_.run != nullptr || table_.save != nullptr; }
  bool goes_on() const override {
    return table_.run != nullptr || (table_.save != nullptr && table_.load != nullptr);
  }

  std::shared_ptr<void> make(study::Run& run) override {
    const auto build = std::make_shared<Build>(*this, run);
    if (table_.run != nullptr) {
      build->run_function();
    } else if (build->make()) {
      if (run.resume_directory.empty()) build->fit();
      build->load();
    }
    build->check();
    return build->object() == nullptr ? nullptr : std::shared_ptr<void>(build, build->object());
  }

  std::vector<study::ModelLayer> layers(study::Run& run) override {
    struct Told {
      std::vector<study::ModelLayer> layers;
      dodona_status status = DODONA_OK;  // the first failure
      ErrorBuffer error;
    } told;
    const auto& offered = offered_by<dodona_summary_extension>(
        DODONA_EXTENSION_SUMMARY, DODONA_SUMMARY_EXTENSION_SIZE_MIN, "tell its layers");
    const auto push = [](void* ctx, const dodona_layer* layer) noexcept {
      Told& to = *static_cast<Told*>(ctx);
      if (to.status != DODONA_OK) return;
      to.status = guard(to.error.get(), [&] { to.layers.push_back(layer_of(*layer)); });
    };
    use(run, [&](Build& build, dodona_error* error) {
      return may_throw(offered.layers)(self_, build.object(), push, &told, error);
    });
    if (told.status != DODONA_OK) throw slot_error(label_, told.status, told.error.text());
    return std::move(told.layers);
  }

  void evaluate_on(study::Run& run, const std::string& data, study::Evaluation& out) override {
    const auto& offered = offered_by<dodona_evaluate_extension>(
        DODONA_EXTENSION_EVALUATE, DODONA_EVALUATE_EXTENSION_SIZE_MIN, "evaluate a model on data");
    EvaluationBridge bridge(out);
    use(run, [&](Build& build, dodona_error* error) {
      return may_throw(offered.evaluate)(self_, build.object(), build.trial(), to_abi(data),
                                         bridge.get(), error);
    });
    bridge.check();
  }

  void predict(study::Run& run, const std::string& input, study::Rows& out) override {
    const auto& offered = offered_by<dodona_predict_extension>(
        DODONA_EXTENSION_PREDICT, DODONA_PREDICT_EXTENSION_SIZE_MIN, "predict");
    TableBridge bridge(out);
    use(run, [&](Build& build, dodona_error* error) {
      return may_throw(offered.predict)(self_, build.object(), build.trial(), to_abi(input),
                                        bridge.get(), error);
    });
    bridge.check();
  }

 private:
  class Build;

  // The table of an optional feature.
  template <class Table>
  const Table& offered_by(const char* id, std::uint32_t size_min, const char* what) const {
    const void* found = nullptr;
    const CallScope scope({name_});
    call_slot(label_, [&](dodona_error*) {
      if (table_.get_extension != nullptr) found = may_throw(table_.get_extension)(self_, id);
      return dodona_status{DODONA_OK};
    });
    if (found == nullptr)
      throw Error(DODONA_E_UNSUPPORTED, label_ + " cannot " + what + ": it does not offer " + id);
    const auto* table = static_cast<const Table*>(found);
    check_size(table->struct_size, size_min, label_ + " offers " + id + ": its struct");
    return *table;
  }

  // Builds the model of a run, loads it where it resumes, and calls `slot` with it.
  template <class Slot>
  void use(study::Run& run, Slot&& slot) {
    Build build(*this, run);
    if (!build.make() || !build.load()) throw Cancelled();
    build.call([&](dodona_error* error) { return slot(build, error); });
    build.check();
  }

  // One run of a model: what `build` made of it, for as long as it is needed. Members answer false
  // where the run was cancelled.
  class Build {
   public:
    Build(TableHyperModel& maker, study::Run& run)
        : maker_(maker),
          table_(maker.table_),
          run_(run),
          trial_(run, &maker.complainant_, maker.limits_),
          call_{maker.name_, run.trial, true} {}
    Build(const Build&) = delete;
    Build& operator=(const Build&) = delete;
    ~Build() {
      const CallScope scope(call_);
      if (built_) call_last_slot([&] { may_throw(table_.release)(maker_.self_, object_); });
    }

    void* object() const { return built_ ? object_ : nullptr; }
    std::optional<study::Outcome> limit() const { return trial_.limit(); }
    dodona_trial* trial() { return trial_.get(); }
    // Calls a slot of an extension for the model.
    template <class Slot>
    void call(Slot&& slot) const {
      const CallScope scope(call_);
      call_slot(maker_.label_, std::forward<Slot>(slot));
    }

    bool run_function() {
      return went_on([&](dodona_error* error) {
        return may_throw(table_.run)(maker_.self_, trial_.get(), error);
      });
    }
    bool make() {
      DODONA_ASSERT(!built_);
      if (!run_.resume_directory.empty() && table_.load == nullptr) {
        throw Error(DODONA_E_UNSUPPORTED, maker_.label_ + " cannot load a checkpoint");
      }
      went_on([&](dodona_error* error) {
        const dodona_status status =
            may_throw(table_.build)(maker_.self_, trial_.hp(), trial_.get(), &object_, error);
        built_ = status == DODONA_OK;  // whatever becomes of the call
        return status;
      });
      if (built_ && table_.save != nullptr) {
        trial_.save_by([this](const std::string& directory) {
          const CallScope scope(call_);
          call_slot("save", [&](dodona_error* error) {
            return may_throw(table_.save)(maker_.self_, object_, to_abi(directory), error);
          });
        });
      }
      return built_;
    }
    bool load() {
      return run_.resume_directory.empty() || went_on([&](dodona_error* error) {
               return may_throw(table_.load)(maker_.self_, object_, to_abi(run_.resume_directory),
                                             error);
             });
    }
    bool fit() {
      const bool fitted = went_on([&](dodona_error* error) {
        return may_throw(table_.fit)(maker_.self_, object_, trial_.get(), error);
      });
      if (!fitted) return false;
      if (table_.evaluate != nullptr && !went_on([&](dodona_error* error) {
            return may_throw(table_.evaluate)(maker_.self_, object_, trial_.get(), error);
          })) {
        return false;
      }
      trial_.save_if_asked();
      return true;
    }
    // Throws the model's own mistake, if it made one on the way.
    void check() { trial_.check(); }

   private:
    template <class Function>
    bool went_on(Function&& function) const {
      const CallScope scope(call_);
      return call_slot("", std::forward<Function>(function), {DODONA_E_CANCELLED}) == DODONA_OK;
    }

    TableHyperModel& maker_;
    const dodona_hypermodel_vtable& table_;
    study::Run& run_;
    TrialBridge trial_;
    const RunningCall call_;
    void* object_ = nullptr;
    bool built_ = false;
  };

  const dodona_hypermodel_vtable table_;
  std::string label_;
  const char* const name_;
  const TrialLimits limits_;
  HostBridge host_;
  const Complainant complainant_;
  void* self_ = nullptr;
  bool owned_ = false;
};

}  // namespace

void check_parallel(const Descriptor& descriptor, std::uint32_t parallel_trials) {
  if ((descriptor.flags & DODONA_FLAG_SERIAL) == 0 || parallel_trials <= 1) return;
  throw Error(DODONA_E_INVALID, label(descriptor) +
                                    " runs one trial at a time in a process; give "
                                    "parallel_trials 1 instead of " +
                                    std::to_string(parallel_trials));
}

std::unique_ptr<study::HyperModel> make_hypermodel(const Descriptor& descriptor,
                                                   const StudyInfo& info,
                                                   const boost::json::object& options,
                                                   study::Services& services) {
  const OptionsView view(check_options(descriptor, options));
  check_parallel(descriptor, info.parallel_trials);
  const auto* table =
      static_cast<const dodona_hypermodel_vtable*>(load(descriptor, services).vtable);
  const bool keeps_limits = (descriptor.flags & DODONA_FLAG_LIMITS) != 0;
  auto model = std::make_unique<TableHyperModel>(*table, label(descriptor), services,
                                                 keeps_limits ? info.trial_limits : TrialLimits());
  model->create(info, view);
  return model;
}

std::unique_ptr<study::HyperModel> make_hypermodel(const dodona_hypermodel_vtable* table,
                                                   void* self, std::string label,
                                                   study::Services& services) {
  auto model = std::make_unique<TableHyperModel>(*table, std::move(label), services);
  model->adopt(self);
  return model;
}

}  // namespace dodona::plugin
