// SPDX-License-Identifier: Apache-2.0
#include "plugin/hypermodel.hpp"

#include "plugin/host_bridge.hpp"
#include "plugin/library.hpp"
#include "plugin/options.hpp"
#include "plugin/slot_call.hpp"
#include "plugin/trial_bridge.hpp"

#include <dodona/convert.hpp>

#include <utility>

namespace dodona::plugin {
namespace {

class TableHyperModel final : public study::HyperModel {
 public:
  TableHyperModel(const dodona_hypermodel_vtable& table, std::string label,
                  study::Services& services)
      : table_(table), label_(std::move(label)), host_(services, label_) {}

  ~TableHyperModel() override {
    if (owned_) table_.destroy(self_);
  }

  void create(const OptionsView& options) {
    call_slot(label_, [&](dodona_error* error) {
      return table_.create(host_.get(), options.get(), &self_, error);
    });
    host_.check();
    owned_ = true;
  }
  void adopt(void* self) { self_ = self; }

  bool declares() const override { return table_.declare != nullptr; }

  void declare(study::Asker& asker) override {
    if (!declares()) throw Error(DODONA_E_UNSUPPORTED, label_ + " does not declare its space");
    HpBridge hp(asker);
    call_slot(label_, [&](dodona_error* error) { return table_.declare(self_, hp.get(), error); });
    hp.check();
    host_.check();
  }

  bool execute(study::Run& run) override {
    TrialBridge trial(run);
    const bool finished =
        table_.run != nullptr
            ? went_on([&](dodona_error* error) { return table_.run(self_, trial.get(), error); })
            : build_and_fit(run, trial);
    trial.check();
    host_.check();
    return finished;
  }

 private:
  // What build made, for as long as it is needed.
  struct Model {
    const TableHyperModel& maker;
    void* object = nullptr;
    bool built = false;
    ~Model() {
      if (built) maker.table_.release(maker.self_, object);
    }
  };

  // Calls a slot of a trial; false where it was cancelled.
  template <class Function>
  static bool went_on(Function&& function) {
    return call_slot("", std::forward<Function>(function), {DODONA_E_CANCELLED}) == DODONA_OK;
  }

  bool build_and_fit(study::Run& run, TrialBridge& trial) const {
    if (!run.resume_directory.empty() && table_.load == nullptr) {
      throw Error(DODONA_E_UNSUPPORTED, label_ + " cannot load a checkpoint");
    }
    Model model{*this};
    model.built = went_on([&](dodona_error* error) {
      return table_.build(self_, trial.hp(), trial.get(), &model.object, error);
    });
    if (!model.built) return false;
    if (table_.save != nullptr) {
      trial.save_by([&](const std::string& directory) {
        call_slot("save", [&](dodona_error* error) {
          return table_.save(self_, model.object, to_abi(directory), error);
        });
      });
    }
    if (!run.resume_directory.empty() && !went_on([&](dodona_error* error) {
          return table_.load(self_, model.object, to_abi(run.resume_directory), error);
        })) {
      return false;
    }
    if (!went_on([&](dodona_error* error) {
          return table_.fit(self_, model.object, trial.get(), error);
        })) {
      return false;
    }
    return table_.evaluate == nullptr || went_on([&](dodona_error* error) {
             return table_.evaluate(self_, model.object, trial.get(), error);
           });
  }

  const dodona_hypermodel_vtable& table_;
  std::string label_;
  HostBridge host_;
  void* self_ = nullptr;
  bool owned_ = false;
};

}  // namespace

std::unique_ptr<study::HyperModel> make_hypermodel(const Descriptor& descriptor,
                                                   const boost::json::object& options,
                                                   study::Services& services) {
  const OptionsView view(check_options(descriptor, options));
  const auto* table = static_cast<const dodona_hypermodel_vtable*>(load(descriptor).vtable);
  auto model = std::make_unique<TableHyperModel>(*table, label(descriptor), services);
  model->create(view);
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
