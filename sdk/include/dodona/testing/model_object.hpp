// SPDX-License-Identifier: Apache-2.0
//
// One object of a hypermodel, made and driven through its C table.
//
//   ModelObject object(descriptor, options);
//   ModelCourse course = object.run({.seed = 7, .budget = 3});
//
// Errors:  the constructor throws Error with the code and the text of create.
// Threads: `run` from any thread, as the kernel runs trials.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/fake_host.hpp>
#include <dodona/testing/fake_trial.hpp>
#include <dodona/testing/option_text.hpp>
#include <dodona/visibility.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// One execution, as it is asked of a hypermodel.
struct ModelRequest {
  std::uint64_t seed = 1;
  std::uint64_t budget = 0;
  std::uint64_t start_step = 0;
  bool defaults = false;  // true: the values are the defaults; else the seed chooses them
  std::uint64_t values_seed = 1;
  std::string directory{};
  std::string load_from{};  // a saved state, or empty
  std::string save_to{};    // where the state is written after step `save_at`
  std::uint64_t save_at = 0;
  std::uint64_t stop_at = UINT64_MAX;  // the step whose report is answered by STOP_TRIAL
  bool cancelled = false;              // from the beginning
  std::function<dodona_status(const char* function)> refuse{};
  Shape shape = Shape::kCurrent;
};

// The course that the execution took.
struct ModelCourse {
  dodona_status status = DODONA_OK;
  std::string text;                  // of a status other than DODONA_OK
  const char* slot = "";             // the last one that was called
  std::shared_ptr<FakeTrial> trial;  // with the reports; its handle is over

  const std::vector<FakeTrial::Report>& reports() const { return trial->reports; }
  std::string blame() const {
    return std::string(slot) + " answers status " + std::to_string(status) +
           (text.empty() ? "" : ": " + text);
  }
};

// An object of a hypermodel; it is destroyed with this one.
class ModelObject {
 public:
  ModelObject(const dodona_descriptor& descriptor, const CompleteOptions& options,
              Shape shape = Shape::kCurrent)
      : table_(static_cast<const dodona_hypermodel_vtable*>(descriptor.vtable)),
        host_(shape),
        options_(descriptor, options.values, options.json, shape),
        shaper_(shape) {
    const dodona_study* const study = shaper_.of<const dodona_study>(*host_.study());
    call([&](dodona_error* error) {
      return table_->create(host_.get(), study, options_.get(), &self_, error);
    });
  }
  ModelObject(const ModelObject&) = delete;
  ModelObject& operator=(const ModelObject&) = delete;
  ~ModelObject() {
    if (self_ != nullptr) table_->destroy(self_);
  }

  const dodona_hypermodel_vtable& table() const { return *table_; }
  void* self() const { return self_; }
  FakeHost& host() { return host_; }
  bool declares() const { return DODONA_HAS(table_, dodona_hypermodel_vtable, declare); }
  bool runs() const { return DODONA_HAS(table_, dodona_hypermodel_vtable, run); }
  bool saves() const { return !runs() && DODONA_HAS(table_, dodona_hypermodel_vtable, save); }

  // Hyperparameters of a study file, with their values: one if the model describes none of its own
  // and asks for those of the study, else none.
  const Values& entries() {
    std::call_once(probed_, [&] {
      if (!declares()) return;
      bool asked = false;
      FakeHp hp;
      hp.set_discovering();
      hp.refuse = [&](const char* function) {
        asked = asked || std::string(function) == "each";
        return dodona_status{DODONA_OK};
      };
      ErrorBuffer error;
      const dodona_status status = table_->declare(self_, hp.get(), error.get());
      if (status == DODONA_E_INVALID && asked) entries_ = {{"x", 0.5}};
    });
    return entries_;
  }

  void declare(FakeHp& hp) {
    hp.set_discovering();
    call([&](dodona_error* error) { return table_->declare(self_, hp.get(), error); });
  }

  // Values that depend on the seed and the name alone.
  static std::function<Value(const Param&)> chooser(std::uint64_t seed) {
    return [seed](const Param& param) {
      RandomStream random(seed, name_hash(param.name), Purpose::kFill);
      return value_of(param, from_unit(param, random.uniform()));
    };
  }

  // One execution from build to release, or of run.
  ModelCourse run(const ModelRequest& request) {
    ModelCourse out;
    out.trial = std::make_shared<FakeTrial>(entries(), request.shape);
    FakeTrial& trial = *out.trial;
    trial.raw.seed = request.seed;
    trial.raw.budget = request.budget;
    trial.raw.start_step = request.start_step;
    trial.raw.directory = to_abi(request.directory);
    trial.raw.resume_directory = to_abi(request.load_from);
    trial.stop_at = request.stop_at;
    trial.cancel = request.cancelled;
    trial.refuse = trial.hp.refuse = request.refuse;
    if (!request.defaults) trial.hp.choose = chooser(request.values_seed);
    runs() ? run_function(trial, out) : run_slots(trial, request, out);
    trial.over = true;
    trial.raw.directory = trial.raw.resume_directory = {};  // they go with the request
    keep(out.trial);
    return out;
  }

 private:
  // Keeps the last trials for calls that come too late.
  void keep(std::shared_ptr<FakeTrial> trial) {
    constexpr std::size_t most = 8;
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(trial));
    if (kept_.size() > most) kept_.pop_front();
  }

  template <class Slot>
  bool step(ModelCourse& out, const char* name, Slot&& slot) {
    out.slot = name;
    ErrorBuffer error;
    out.status = slot(error.get());
    if (out.status != DODONA_OK) out.text = error.text();
    return out.status == DODONA_OK;
  }

  void run_function(FakeTrial& trial, ModelCourse& out) {
    step(out, "run", [&](dodona_error* e) { return table_->run(self_, trial.get(), e); });
  }

  void run_slots(FakeTrial& trial, const ModelRequest& request, ModelCourse& out) {
    void* model = nullptr;
    dodona_trial* const handle = trial.get();
    if (!step(out, "build", [&](dodona_error* e) {
          return table_->build(self_, handle->hp, handle, &model, e);
        })) {
      return;
    }
    dodona_status saved = DODONA_OK;
    std::string save_text;
    trial.on_report = [&](std::uint64_t at) {
      if (request.save_to.empty() || at != request.save_at) return;
      ErrorBuffer error;
      saved = table_->save(self_, model, to_abi(request.save_to), error.get());
      if (saved != DODONA_OK) save_text = error.text();
    };
    const bool ready = request.load_from.empty() || step(out, "load", [&](dodona_error* e) {
                         return table_->load(self_, model, to_abi(request.load_from), e);
                       });
    if (ready &&
        step(out, "fit", [&](dodona_error* e) { return table_->fit(self_, model, handle, e); }) &&
        DODONA_HAS(table_, dodona_hypermodel_vtable, evaluate)) {
      step(out, "evaluate",
           [&](dodona_error* e) { return table_->evaluate(self_, model, handle, e); });
    }
    table_->release(self_, model);
    trial.on_report = nullptr;
    if (saved == DODONA_OK) return;
    out.slot = "save";
    out.status = saved;
    out.text = save_text;
  }

  const dodona_hypermodel_vtable* table_;
  FakeHost host_;
  FakeOptions options_;
  Shaper shaper_;
  std::once_flag probed_;
  Values entries_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<FakeTrial>> kept_;
  void* self_ = nullptr;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
